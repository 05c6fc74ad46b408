"""The fixed cast and plain factories.

Ana and Luis speak for Mexico, Beth and Carl for the United States, Zoe for neither.
"""

import datetime
from collections.abc import Iterable
from contextlib import contextmanager
from types import SimpleNamespace

from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from hled_portal.models import User
from hled_portal.publishing import clearance, releasing, triggers
from hled_portal.publishing.canonical_json import canonical, digest
from initiatives import models as record
from initiatives.editions import proposing
from initiatives.editions.snapshot import subject_rows
from stakeholders import models as stakeholders
from stakeholders.models import Follower
from stakeholders.triage import consultations, publishing, similarity, splitting

DELEGATIONS = {"ana": "MX", "luis": "MX", "beth": "US", "carl": "US", "zoe": ""}
DAY = datetime.date(2024, 4, 19)


def make_user(name: str, *roles: str, **columns) -> User:
    """A member of staff with these roles (names of groups); of the delegation of the cast unless told otherwise."""
    return _make_users({name: roles}, **columns)[name]


def _make_users(roles: dict[str, Iterable[str]], **columns) -> dict[str, User]:
    rows = [
        User(username=name, **{"delegation": DELEGATIONS.get(name, ""), "is_staff": True, "password": "!"} | columns)
        for name in roles
    ]
    users = {user.username: user for user in User.objects.bulk_create(rows)}
    held = [(name, role) for name, of_user in roles.items() for role in of_user]
    if held:
        groups = dict(Group.objects.order_by().values_list("name", "pk"))
        joins = User.groups.through
        joins.objects.bulk_create(joins(user_id=users[name].pk, group_id=groups[role]) for name, role in held)
    return users


def make_cast() -> SimpleNamespace:
    """Editors Ana and Beth, officers Luis and Carl, and Zoe, who holds both roles and speaks for nobody."""
    roles = {"ana": ["editor"], "beth": ["editor"], "luis": ["officer"], "carl": ["officer"]}
    roles["zoe"] = ["editor", "officer"]
    return SimpleNamespace(**_make_users(roles))


# Frozen texts


def topic_content(key: str, name: str = "Supply chains") -> str:
    data = {"schema_version": 1, "kind": "topic", "key": key, "name_en": name, "name_es": "Cadenas de suministro"}
    return canonical({**data, "replaced_by": None})


def make_edition(author: User | None = None, key: str = "supply-chains", **columns) -> record.Edition:
    """A proposed edition of a topic."""
    content = columns.pop("content", None) or topic_content(key)
    columns = {"subject_kind": "topic", "subject_key": key, "digest": digest(content), "author": author} | columns
    return record.Edition.objects.create(content=content, **columns)


def make_cleared(cast: SimpleNamespace, key: str = "supply-chains", **columns) -> record.Edition:
    """An edition by Ana with the keys of Luis and Carl."""
    edition = make_edition(cast.ana, key, **columns)
    clearance.clear(edition, cast.luis, edition.digest)
    return clearance.clear(edition, cast.carl, edition.digest)


def make_published(cast: SimpleNamespace, key: str = "supply-chains", **columns) -> record.Edition:
    edition = make_cleared(cast, key, **columns)
    releasing.release([edition], cast.luis)
    edition.refresh_from_db()
    return edition


def make_joint_text(key: str = "supply-chains", day: datetime.date = DAY, **columns) -> record.Edition:
    """A published edition that was entered from a joint text."""
    edition = make_edition(None, key, basis="joint_text", source_key="2024-04-19-fact-sheet", **columns)
    releasing.release_joint_text([edition], day)
    edition.refresh_from_db()
    return edition


def make_fact_sheet(author: User, meeting_key: str = "2024-04-19") -> record.FactSheet:
    """A proposed fact sheet with a title and one sentence."""
    texts = {"en": ("Review", "Both governments met."), "es": ("Revisión", "Ambos gobiernos se reunieron.")}
    sheets = {
        language: {"meeting": meeting_key, "language": language, "title": title, "date": "", "sections": []}
        | {"introduction": [[{"text": text, "records": [], "sources": [], "part": "done"}]], "sources": {}}
        for language, (title, text) in texts.items()
    }
    content = canonical({"languages": sheets})
    return record.FactSheet.objects.create(
        meeting_key=meeting_key, content=content, digest=digest(content), author=author
    )


def keys(edition: record.Edition, us: User, mx: User) -> dict:
    """Key columns as a forger would write them."""
    found = {}
    for side, officer in (("us", us), ("mx", mx)):
        found |= {f"{side}_officer": officer, f"{side}_digest": edition.digest, f"{side}_at": timezone.now()}
    return found


@contextmanager
def without_triggers():
    """Take the triggers down for a while: for tests of what finds a forgery afterwards."""
    connection.check_constraints()  # PostgreSQL drops no trigger of a table with foreign keys still to check.
    triggers.remove(connection)
    try:
        yield
    finally:
        triggers.install(connection)


# The record


def agreed(row):
    """The row with its translation agreed on the original as it stands."""
    row.agree_translation()
    row.save()
    return row


def make_cycle(key: str = "2021", **columns) -> record.Cycle:
    columns = {"name_en": "Cycle of 2021", "name_es": "Ciclo de 2021", "begins": datetime.date(2021, 9, 9)} | columns
    return record.Cycle.objects.get_or_create(key=key, defaults=columns)[0]


def make_pillar(number: int = 1, cycle: record.Cycle | None = None, **columns) -> record.Pillar:
    cycle = cycle or make_cycle()
    columns = {"name_en": "Building back together", "name_es": "Reconstruir juntos"} | columns
    columns |= {"cycle": cycle, "number": number}
    return record.Pillar.objects.get_or_create(key=f"{cycle.key}-{number}", defaults=columns)[0]


def make_initiative(key: str = "otay-mesa-ii", **columns) -> record.Initiative:
    columns = {
        "title_en": "Otay Mesa II",
        "title_es": "Mesa de Otay II",
        "kind": "works",
        "stage": "under_way",
    } | columns
    columns = {"summary_en": "A new crossing.", "summary_es": "Un nuevo cruce."} | columns
    return record.Initiative.objects.create(key=key, pillar=columns.pop("pillar", None) or make_pillar(), **columns)


def make_fact(initiative: record.Initiative, key: str = "works", side: str = "MX", **columns) -> record.Fact:
    columns = {"kind": "milestone", "action": "begin", "modality": "expected", "date_edtf": "2024-12"} | columns
    columns = {"object_en": "works at the crossing", "object_es": "obras en el cruce"} | columns
    return record.Fact.objects.create(initiative=initiative, key=key, side=side, **columns)


def move_date(fact: record.Fact, edtf: str, modality: str = "expected", **columns) -> record.Fact:
    """Give a fact another date, or another modality, with the reason that readers are told."""
    order = fact.date_changes.count() + 1
    columns = {"reason": "met" if modality == "happened" else "slipped", "changed_on": DAY, "order": order} | columns
    old = {"old_edtf": fact.date_edtf, "old_modality": fact.modality}
    record.DateChange.objects.create(fact=fact, new_edtf=edtf, new_modality=modality, **old, **columns)
    fact.date_edtf, fact.modality = edtf, modality
    fact.save()
    return fact


def make_figure(initiative: record.Initiative, key: str = "progress", side: str = "MX", **columns) -> record.Fact:
    columns = {"kind": "figure", "action": "", "modality": "", "measure": "physical_progress"} | columns
    return make_fact(initiative, key, side, **{"date_edtf": ""} | columns)


def make_meeting(key: str = "2024-04-19", **columns) -> record.Meeting:
    columns = {"name_en": "Mid-year review", "name_es": "Revisión de medio término"} | columns
    columns = {
        "kind": "mid_year_review",
        "date_edtf": key,
        "cycle": columns.pop("cycle", None) or make_cycle(),
    } | columns
    return record.Meeting.objects.create(key=key, **columns)


def make_organization(key: str = "sict", **columns) -> record.Organization:
    name = {"name_en": columns.pop("name_en", key.upper()), "name_es": columns.pop("name_es", key.upper())}
    organization = record.Organization.objects.create(key=key, **{"kind": "ministry", "country": "MX"} | columns)
    record.OrganizationName.objects.create(organization=organization, order=1, **name)
    return organization


def make_place(key: str = "sonora", **columns) -> record.Place:
    columns = {"name_en": key.title(), "name_es": key.title(), "kind": "state", "country": "MX"} | columns
    return record.Place.objects.create(key=key, **columns)


def make_topic(key: str = "supply-chains", **columns) -> record.Topic:
    columns = {"name_en": "Supply chains", "name_es": "Cadenas de suministro"} | columns
    return record.Topic.objects.create(key=key, **columns)


def make_source(key: str = "2024-04-19-fact-sheet", **columns) -> record.Source:
    columns = {"name_en": "Fact sheet", "name_es": "Hoja informativa", "kind": "fact_sheet"} | columns
    return record.Source.objects.create(key=key, **{"date_edtf": "2024-04-19"} | columns)


def publish_with_keys(cast: SimpleNamespace, *subjects):
    """Propose these subjects as they stand, set both keys and release them together."""
    for subject in subjects:
        getattr(subject, "_prefetched_objects_cache", {}).clear()  # Rows may have been added since it was published.
        pillar = getattr(subject, "pillar", None)
        for row in [*subject_rows(subject), *([pillar, pillar.cycle] if pillar else [])]:
            agreed(row)
    record.Fact.objects.update(ready=True)
    texts = []
    for subject in subjects:
        texts += proposing.propose(subject._meta.model_name, subject.key, cast.ana)
    for text in texts:
        clearance.clear(text, cast.luis, text.digest)
        clearance.clear(text, cast.carl, text.digest)
    return releasing.release(texts, cast.carl)


# Stakeholders


def make_follower(address: str = "eva@example.org", *subjects: str, **columns) -> Follower:
    """Somebody who follows subjects such as "initiative/otay-mesa-ii"; "selection/…" has a query."""
    follower = Follower.objects.create(address=address, **{"language": "en", "rhythm": "at_once"} | columns)
    for subject in subjects:
        kind, _slash, rest = subject.partition("/")
        named = {"query": rest} if kind == "selection" else {"key": rest}
        follower.follows.create(kind=kind, since=follower.notified_up_to, **named)
    return follower


def make_letter(*points: str, **columns) -> stakeholders.Letter:
    """A letter of a university in Sonora with these points, in Spanish, to be published with its name."""
    columns = {
        "sender_kind": "university",
        "sender_name": "Eva Soto",
        "organization": "Universidad de Sonora",
    } | columns
    columns = {"sector": "education", "country": "MX", "language": "es", "consent": "name"} | columns
    texts = points or ("Que los laboratorios compartan sus equipos con las universidades de la frontera.",)
    letter = stakeholders.Letter.objects.create(text_fingerprint=similarity.fingerprint(texts), **columns)
    for order, text in enumerate(texts, 1):
        letter.points.create(order=order, text=text)
    return letter


def make_officers() -> SimpleNamespace:
    """Rosa and Ruth read recommendations, for Mexico and for the United States."""
    return SimpleNamespace(
        rosa=make_user("rosa", "recommendations", delegation="MX"),
        ruth=make_user("ruth", "recommendations", delegation="US"),
    )


def make_recommendation(
    user: User, letter: stakeholders.Letter | None = None, **columns
) -> stakeholders.Recommendation:
    """What a letter of one point asks for, split by this officer."""
    letter = letter or make_letter()
    point = letter.points.get()
    (made,) = splitting.split(letter, [splitting.LetterPiece(point.text, point)], user)
    columns = {"summary_en": "Share laboratories.", "summary_es": "Compartir laboratorios."} | columns
    for name, value in columns.items():
        setattr(made, name, value)
    made.save()
    return made


def make_consultation(key: str = "standing", is_public: bool = True, **columns) -> stakeholders.Consultation:
    """A standing intake that a joint document announced; with `closes` a consultation that ends."""
    columns = {"title_en": "What should come next?", "title_es": "¿Qué debe seguir?"} | columns
    columns = {"text_en": "Tell both governments.", "text_es": "Díganlo a ambos gobiernos.", "opens": DAY} | columns
    row = stakeholders.Consultation.objects.create(key=key, **columns)
    if is_public:
        text = consultations.freeze_joint_text_consultation(row, "2024-04-19-fact-sheet")
        releasing.release_joint_text([text], DAY)
    return row


def publish_consultation(
    cast: SimpleNamespace, row: stakeholders.Consultation, author: User
) -> stakeholders.ConsultationEdition:
    """The consultation as it stands, proposed by this officer, approved by Luis and Carl, and released."""
    text = consultations.propose_consultation(agreed(row), author)
    clearance.clear(text, cast.luis, text.digest)
    clearance.clear(text, cast.carl, text.digest)
    releasing.release([text], cast.carl)
    text.refresh_from_db()
    return text


def make_heard(
    officers: SimpleNamespace, letter: stakeholders.Letter | None = None, word: str = "", **columns
) -> stakeholders.PublishedRecommendation:
    """A recommendation that Rosa and Ruth made public; with a `word` over what its senders raised."""
    made = make_recommendation(officers.rosa, letter, **columns)
    seen = publishing.content_digest(publishing.public_content(made, publishing.quoted_asking(made)))
    publishing.clear(made, officers.rosa, seen, word)
    return publishing.clear(made, officers.ruth, seen, word)


def make_cleared_answer(cast: SimpleNamespace, key: str, outcome: str = "adopted", side: str = "joint", **columns):
    """An answer to the recommendation with this key; `initiatives` are keys of public ones that it shaped.

    `word`: why it is approved over what senders raised.
    """
    shaped = [{"key": name, "shaped": True} for name in columns.pop("initiatives", ())]
    word = columns.pop("word", "")
    texts = {"text_en": "It is done.", "text_es": "Está hecho."} | columns
    data = {"schema_version": 1, "kind": "response", "recommendation": key, "side": side, "outcome": outcome}
    content = canonical({**data, **texts, "initiatives": shaped})
    answer = stakeholders.Response.objects.create(
        recommendation_key=key, side=side, content=content, digest=digest(content), author=cast.ana
    )
    for officer in (cast.luis, cast.carl):
        clearance.clear(answer, officer, answer.digest, word)
    return answer


def make_answer(cast: SimpleNamespace, key: str, *names: str, **columns) -> stakeholders.Response:
    """A public answer; as `make_cleared_answer` otherwise."""
    answer = make_cleared_answer(cast, key, *names, **columns)
    releasing.release([answer], cast.luis, columns.get("word", ""))
    answer.refresh_from_db()
    return answer
