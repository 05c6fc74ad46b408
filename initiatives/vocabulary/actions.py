"""The closed list of actions that a fact can state.

Each action names the kind of fact that it makes and carries its verb forms in both languages, so that
actor, action, object, place and date make a sentence. The list is versioned with the code: a released
action is never renamed or dropped, because frozen editions contain its key.
"""

from typing import NamedTuple

from django.db import models
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hled_portal.i18n.bilingual import active_language


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
    COMMITTED = "committed", _("committed to")
    DEADLINE = "deadline", _("deadline")


class English(NamedTuple):
    past: str
    gerund: str
    base: str

    @property
    def participle(self) -> str:
        first, space, rest = self.past.partition(" ")
        return _PARTICIPLES.get(first, first) + space + rest

    @property
    def third_person(self) -> str:
        """Present, singular: "completes", "relies on"."""
        first, space, rest = self.base.partition(" ")
        if first.endswith("y") and first[-2] not in "aeiou":
            first = f"{first[:-1]}ie"
        elif first.endswith(("sh", "ch", "s", "x", "z")):
            first += "e"
        return f"{first}s{space}{rest}"


_PARTICIPLES = {"began": "begun", "gave": "given"}


class Spanish(NamedTuple):
    """Third person: past and present, singular and plural, and the infinitive."""

    past: str
    past_plural: str
    present: str
    present_plural: str
    infinitive: str

    def imperfect(self, plural: bool) -> str:
        """ "concluía", "se incorporaban a": all verbs of this list are regular there."""
        first, space, rest = self.infinitive.partition(" ")
        verb = first.removesuffix("se")
        ending = "aba" if verb.endswith("ar") else "ía"
        return f"{'se ' if verb != first else ''}{verb[:-2]}{ending}{'n' if plural else ''}{space}{rest}"


class Verb(NamedTuple):
    kind: FactKind
    en: English
    es: Spanish
    #: Whether it can be said without naming who acts: "was completed", «se concluyó».
    is_passive: bool
    #: A state or a statement, never told in a progressive form: "relies on", not "is relying on".
    is_stative: bool


def _verb(kind: FactKind, english: str, spanish: str, *, passive: bool = True, stative: bool = False) -> Verb:
    return Verb(kind, English(*english.split("|")), Spanish(*spanish.split("|")), passive, stative)


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
        passive=False,
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
        M,
        "benefited|benefiting|benefit",
        "benefició a|beneficiaron a|beneficia a|benefician a|beneficiar a",
        passive=False,
    ),
    "establish": _verb(
        M,
        "established|establishing|establish",
        "estableció|establecieron|establece|establecen|establecer",
    ),
    "create": _verb(M, "created|creating|create", "creó|crearon|crea|crean|crear"),
    "authorize": _verb(M, "authorized|authorizing|authorize", "autorizó|autorizaron|autoriza|autorizan|autorizar"),
    "agree": _verb(
        M, "agreed|agreeing|agree", "acordó|acordaron|acuerda|acuerdan|acordar", passive=False, stative=True
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
    "chair": _verb(E, "chaired|chairing|chair", "presidió|presidieron|preside|presiden|presidir"),
    "send": _verb(E, "sent|sending|send", "envió|enviaron|envía|envían|enviar"),
    "coordinate": _verb(U, "coordinated|coordinating|coordinate", "coordinó|coordinaron|coordina|coordinan|coordinar"),
    "collaborate": _verb(
        U,
        "collaborated on|collaborating on|collaborate on",
        "colaboró en|colaboraron en|colabora en|colaboran en|colaborar en",
        passive=False,
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
    "report": _verb(
        U, "reported|reporting|report", "informó|informaron|informa|informan|informar", passive=False, stative=True
    ),
    "mobilize": _verb(U, "mobilized|mobilizing|mobilize", "movilizó|movilizaron|moviliza|movilizan|movilizar"),
    "help": _verb(U, "helped|helping|help", "ayudó a|ayudaron a|ayuda a|ayudan a|ayudar a", passive=False),
    "strengthen": _verb(
        U, "strengthened|strengthening|strengthen", "fortaleció|fortalecieron|fortalece|fortalecen|fortalecer"
    ),
    "discuss": _verb(U, "discussed|discussing|discuss", "analizó|analizaron|analiza|analizan|analizar"),
    "consult": _verb(
        U,
        "consulted|consulting|consult",
        "consultó a|consultaron a|consulta a|consultan a|consultar a",
        passive=False,
    ),
    "continue": _verb(
        U,
        "continued|continuing|continue",
        "continuó|continuaron|continúa|continúan|continuar",
        passive=False,
        stative=True,
    ),
    "plan": _verb(
        U,
        "planned|planning|plan",
        "contempló|contemplaron|contempla|contemplan|contemplar",
        stative=True,
    ),
    "commit": _verb(
        U,
        "committed|committing|commit",
        "se comprometió a|se comprometieron a|se compromete a|se comprometen a|comprometerse a",
        passive=False,
        stative=True,
    ),
    "rely": _verb(
        U,
        "relied on|relying on|rely on",
        "dependió de|dependieron de|depende de|dependen de|depender de",
        passive=False,
        stative=True,
    ),
    "recognize": _verb(
        U,
        "recognized|recognizing|recognize",
        "reconoció|reconocieron|reconoce|reconocen|reconocer",
        stative=True,
    ),
    "say": _verb(U, "said|saying|say", "señaló|señalaron|señala|señalan|señalar", passive=False, stative=True),
}

#: Actions whose verb says nothing without its object ("gave a course", "made a visit").
LIST_LABELS = {"train": pgettext_lazy("action", "train"), "visit": pgettext_lazy("action", "visit")}


def action_label(key: str) -> str:
    """The base form of the verb in the active language."""
    if key in LIST_LABELS:
        return str(LIST_LABELS[key])
    return VERBS[key].es.infinitive if active_language() == "es" else VERBS[key].en.base


_lazy_label = lazy(action_label, str)
#: Choices of the column, in the reader's language.
CHOICES = [(key, _lazy_label(key)) for key in VERBS]


def fact_kind(action: str) -> FactKind:
    """Return the kind of fact that an action makes. Raises KeyError for an unknown action."""
    return VERBS[action].kind
