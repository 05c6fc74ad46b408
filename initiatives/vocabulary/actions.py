"""The closed list of actions that a fact can state.

Each action names the kind of fact that it makes and carries its verb forms in both languages, so that
actor, action, object, place and date make a sentence. The list is versioned with the code: a released
action is never renamed or dropped, because frozen editions contain its key.
"""

from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class FactKind(models.TextChoices):
    MILESTONE = "milestone", _("milestone")
    EVENT = "event", _("event")
    UPDATE = "update", _("update")
    FIGURE = "figure", _("figure")
    OBJECTIVE = "objective", _("objective")


class Modality(models.TextChoices):
    """How the text speaks of the date."""

    HAPPENED = "happened", _("happened")
    UNDER_WAY = "under_way", _("in progress")
    EXPECTED = "expected", _("expected")
    PLANNED = "planned", _("planned")
    DEADLINE = "deadline", _("deadline")


class English(NamedTuple):
    past: str
    gerund: str
    base: str


class Spanish(NamedTuple):
    """Third person: past and present, singular and plural, and the infinitive."""

    past: str
    past_plural: str
    present: str
    present_plural: str
    infinitive: str


class Verb(NamedTuple):
    kind: FactKind
    en: English
    es: Spanish


def _verb(kind: FactKind, english: str, spanish: str) -> Verb:
    return Verb(kind, English(*english.split("|")), Spanish(*spanish.split("|")))


M, E, U = FactKind.MILESTONE, FactKind.EVENT, FactKind.UPDATE

VERBS: dict[str, Verb] = {
    "begin": _verb(M, "began|beginning|begin", "inició|iniciaron|inicia|inician|iniciar"),
    "complete": _verb(M, "completed|completing|complete", "concluyó|concluyeron|concluye|concluyen|concluir"),
    "launch": _verb(M, "launched|launching|launch", "lanzó|lanzaron|lanza|lanzan|lanzar"),
    "relaunch": _verb(M, "relaunched|relaunching|relaunch", "relanzó|relanzaron|relanza|relanzan|relanzar"),
    "sign": _verb(M, "signed|signing|sign", "firmó|firmaron|firma|firman|firmar"),
    "publish": _verb(M, "published|publishing|publish", "publicó|publicaron|publica|publican|publicar"),
    "propose": _verb(
        M,
        "published for comment|publishing for comment|publish for comment",
        "sometió a consulta pública|sometieron a consulta pública|somete a consulta pública"
        "|someten a consulta pública|someter a consulta pública",
    ),
    "enter_into_force": _verb(
        M,
        "put into force|putting into force|put into force",
        "puso en vigor|pusieron en vigor|pone en vigor|ponen en vigor|poner en vigor",
    ),
    "announce": _verb(M, "announced|announcing|announce", "anunció|anunciaron|anuncia|anuncian|anunciar"),
    "join": _verb(
        M,
        "joined|joining|join",
        "se incorporó a|se incorporaron a|se incorpora a|se incorporan a|incorporarse a",
    ),
    "award": _verb(M, "awarded|awarding|award", "adjudicó|adjudicaron|adjudica|adjudican|adjudicar"),
    "deploy": _verb(M, "deployed|deploying|deploy", "desplegó|desplegaron|despliega|despliegan|desplegar"),
    "install": _verb(M, "installed|installing|install", "instaló|instalaron|instala|instalan|instalar"),
    "extend": _verb(M, "extended|extending|extend", "amplió|ampliaron|amplía|amplían|ampliar"),
    "develop": _verb(M, "developed|developing|develop", "elaboró|elaboraron|elabora|elaboran|elaborar"),
    "institutionalize": _verb(
        M,
        "institutionalized|institutionalizing|institutionalize",
        "institucionalizó|institucionalizaron|institucionaliza|institucionalizan|institucionalizar",
    ),
    "benefit": _verb(
        M, "benefited|benefiting|benefit", "benefició a|beneficiaron a|beneficia a|benefician a|beneficiar a"
    ),
    "host": _verb(E, "hosted|hosting|host", "organizó|organizaron|organiza|organizan|organizar"),
    "convene": _verb(E, "convened|convening|convene", "convocó|convocaron|convoca|convocan|convocar"),
    "hold": _verb(E, "held|holding|hold", "celebró|celebraron|celebra|celebran|celebrar"),
    "train": _verb(
        E,
        "gave|giving|give",
        "impartió|impartieron|imparte|imparten|impartir",
    ),
    "visit": _verb(E, "made|making|make", "realizó|realizaron|realiza|realizan|realizar"),
    "send": _verb(E, "sent|sending|send", "envió|enviaron|envía|envían|enviar"),
    "coordinate": _verb(U, "coordinated|coordinating|coordinate", "coordinó|coordinaron|coordina|coordinan|coordinar"),
    "collaborate": _verb(
        U,
        "collaborated on|collaborating on|collaborate on",
        "colaboró en|colaboraron en|colabora en|colaboran en|colaborar en",
    ),
    "promote": _verb(U, "promoted|promoting|promote", "promovió|promovieron|promueve|promueven|promover"),
    "advance": _verb(U, "advanced|advancing|advance", "impulsó|impulsaron|impulsa|impulsan|impulsar"),
    "prepare": _verb(U, "prepared|preparing|prepare", "preparó|prepararon|prepara|preparan|preparar"),
    "provide": _verb(
        U, "provided|providing|provide", "proporcionó|proporcionaron|proporciona|proporcionan|proporcionar"
    ),
    "support": _verb(U, "supported|supporting|support", "apoyó|apoyaron|apoya|apoyan|apoyar"),
    "improve": _verb(U, "improved|improving|improve", "mejoró|mejoraron|mejora|mejoran|mejorar"),
    "consider": _verb(U, "considered|considering|consider", "consideró|consideraron|considera|consideran|considerar"),
    "report": _verb(U, "reported|reporting|report", "informó|informaron|informa|informan|informar"),
    "mobilize": _verb(U, "mobilized|mobilizing|mobilize", "movilizó|movilizaron|moviliza|movilizan|movilizar"),
    "help": _verb(U, "helped|helping|help", "ayudó a|ayudaron a|ayuda a|ayudan a|ayudar a"),
}

#: Actions whose verb says nothing without its object ("gave a course", "made a visit").
LIST_LABELS = {"train": pgettext_lazy("action", "train"), "visit": pgettext_lazy("action", "visit")}

#: Choices of the column; lists show the base form.
CHOICES = [(key, key.replace("_", " ")) for key in VERBS]


def fact_kind(action: str) -> FactKind:
    """Return the kind of fact that an action makes. Raises KeyError for an unknown action."""
    return VERBS[action].kind
