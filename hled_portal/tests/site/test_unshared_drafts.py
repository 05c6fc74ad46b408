"""A side's draft is its own: no page of the desk, file, message or count tells the other side of it.

A marker stands in every text of the drafts of one side. The desk is crawled as each who must not see it, from the
first page along every link, before the drafts are there and after: the pages where rows stand are the same to the
letter. Empty forms are read with the drafts alone.
"""

import datetime
import re
from collections import Counter, deque
from copy import deepcopy
from unittest.mock import patch

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from simple_history.models import HistoricalRecords

from hled_portal.tests import factories as make
from hled_portal.tests.crawler import links, names_in_query
from hled_portal.tests.pages import form_data, get_form, page
from hled_portal.tests.plugin import rolled_back
from initiatives.editions import proposing
from initiatives.models import Citation, DateChange, Edition, Fact, Initiative, Participation, Reading

pytestmark = [pytest.mark.usefixtures("kept_connection"), pytest.mark.django_db]
MARKER = "zebrafish"
OTHER = {"US": "MX", "MX": "US"}
#: Who must not see the drafts of a side; names of the cast below.
BLIND = {"US": ["ana", "luis", "rosa", "for_mx"], "MX": ["beth", "carl", "ruth", "for_us"]}
NEUTRAL = ["sam", "root", "stranger"]
SIDED = ["/admin/log/", "/admin/completeness/"]
SIDED += [f"/admin/initiatives/{name}/" for name in ("fact", "reading", "datechange", "participation", "citation")]
#: Pages where rows stand, and those where they do not.
OTHERS = re.compile(r"^/admin/[^?]*/(add|import)/$")
ROWS = re.compile(r"^/admin/(?!logout/|[^?]*/(add|import)/)")
#: Where facts and their parts are seen.
OF_FACTS = re.compile(
    r"^/admin/($|log/|completeness/|initiatives/(initiative|edition|fact|reading|datechange|participation|citation)/)"
    r"(?![^?]*(add|import)/)"
)
#: These, and what drafts hang on.
OF_SUBJECTS = re.compile(f"{OF_FACTS.pattern}|^/admin/initiatives/(meeting|organization|place|source)/(?!add|import)")
#: What differs between two answers to the same question.
_PASSING = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"|\d{4}-\d\d-\d\dT[\d:.]+(\+\d\d:\d\d|Z)?|[0-9a-f]{64}@[^"]*'
    r"|<code>[0-9a-f]{32}</code>"  # The reference of an error.
)


@pytest.fixture(scope="module")
def lasting_record(django_db_setup, django_db_blocker):
    with rolled_back(django_db_blocker):
        cast = make_readers()
        yield cast, make_shared(cast)


@pytest.fixture
def record(lasting_record, db):
    """Each test has objects of its own, which know nothing of what another did to their rows."""
    return deepcopy(lasting_record)


@pytest.fixture
def cast(record):
    return record[0]


@pytest.fixture
def shared(record):
    """What both sides see: an initiative, a meeting, and facts of each side and of both."""
    return record[1]


def make_readers():
    cast = make.make_cast()
    cast.rosa = make.make_user("rosa", "recommendations", delegation="MX")
    cast.ruth = make.make_user("ruth", "recommendations", delegation="US")
    cast.for_mx = make.make_user("for-mx", "auditor", audits="MX")
    cast.for_us = make.make_user("for-us", "auditor", audits="US")
    cast.joint = make.make_user("joint", "auditor", audits="joint")
    cast.sam = make.make_user("sam", "administrator")
    cast.root = make.make_user("root", is_superuser=True)
    cast.stranger = make.make_user("stranger")
    return cast


def make_shared(cast):
    initiative, meeting = make.make_initiative(), make.make_meeting()
    body, source, place = make.make_organization(), make.make_source(), make.make_place()
    Participation.objects.create(initiative=initiative, role="lead", organization=body)
    Citation.objects.create(initiative=initiative, source=source, locator="p. 1")
    for side in ("US", "MX", "joint"):
        fact = make.make_fact(initiative, f"of-{side.lower()}", side=side)
        Participation.objects.create(fact=fact, role="lead", organization=body)
        figure = make.make_figure(initiative, f"figure-{side.lower()}", side=side)
        Reading.objects.create(fact=figure, order=1, value=60)
    topic = make.agreed(make.make_topic())
    proposing.propose("topic", topic.key, cast.ana)
    initiative.places.add(place)
    return initiative, meeting, body, source


def draft(shared, side: str, key: str, author) -> list:
    """A draft of a side with all that can hang on it, the marker in every text; who wrote it is known."""
    initiative, meeting, body, source = shared
    texts = {"object_en": f"{MARKER} words", "object_es": f"palabras {MARKER}"}
    HistoricalRecords.context.request = type("Request", (), {"user": author})()
    try:
        fact = make.make_fact(initiative, key, side=side, ready=False, **texts)
        figure = make.make_figure(
            initiative, f"{key}-figure", side=side, ready=False, unit_en=f"{MARKER} units", unit_es=MARKER, **texts
        )
        at_meeting = Fact.objects.create(meeting=meeting, key=key, side=side, ready=False, kind="objective", **texts)
        reading = Reading.objects.create(fact=figure, order=1, value=97531, reporting_body=body)
        rows = [fact, figure, at_meeting, reading]
        rows += [
            Participation.objects.create(fact=fact, role="partner", unnamed_en=f"{MARKER} group", unnamed_es=MARKER),
            Participation.objects.create(fact=fact, order=2, role="lead", organization=body),
            Citation.objects.create(fact=fact, source=source, locator=f"{MARKER} p. 7"),
            Citation.objects.create(reading=reading, source=source, locator=f"{MARKER} p. 8"),
            DateChange.objects.create(
                fact=fact,
                old_edtf="2023",
                old_modality="expected",
                new_edtf="2024-12",
                new_modality="expected",
                reason="slipped",
                text_en=f"{MARKER} reason",
                text_es=MARKER,
                changed_on=datetime.date(2024, 4, 1),
                changed_by=author,
            ),
        ]
        fact.places.add(*initiative.places.all())
        fact.object_en += " changed"
        fact.save()
    finally:
        del HistoricalRecords.context.request
    LogEntry.objects.create(
        user=author,
        content_type=ContentType.objects.get_for_model(Fact),
        object_id=fact.pk,
        object_repr=str(fact),
        action_flag=CHANGE,
    )
    return rows


def crawl(client, most: int = 2, part: re.Pattern = ROWS, starts=(), until=lambda found: False) -> dict[str, str]:
    """Pages of the desk along every link from the first one and from the lists, with what passes left out.

    A part of the desk, with at most so many rows of each kind; `starts` takes the place of the first page and the
    lists, and `until` ends it early. The tables beside each page are those of the first page.
    """
    seen: Counter = Counter()
    waiting = deque([*starts] or ["/admin/", *(page(model, "changelist") for model in admin.site._registry)])
    found: dict[str, str] = {}
    with patch.object(admin.site, "enable_nav_sidebar", False):
        while waiting and not until(found):
            address = waiting.popleft()
            path = address.partition("?")[0]
            kind = re.sub(r"/\d+/", "/0/", path), names_in_query(address)
            if address in found or not part.search(path):
                continue
            seen[kind] += 1
            if seen[kind] > (1 if "?" in address else most):
                continue
            found[address] = text = read(client, address)
            # Sorted and filtered lists are read, and lead nowhere new: each would lead to all the others.
            if "?" not in address:
                waiting += [link for link in links(address, text) if part.search(link) and _is_worth(link)]
    return found


def read(client, address: str) -> str:
    answer = client.get(address)
    text = b"".join(answer).decode("utf-8", "replace")
    return f"{answer.status_code} {answer.get('Location', '')} {_PASSING.sub('', text)}"


def _is_worth(link: str) -> bool:
    """Lists narrowed by a filter where rows of sides stand; no list sorted."""
    path, _mark, query = link.partition("?")
    return not query or (not re.search(r"\bo=|_changelist_filters|_popup", query) and path in SIDED)


@pytest.mark.parametrize(
    ("side", "name", "most", "part"), [("US", "ana", 3, ROWS), ("MX", "carl", 1, OF_SUBJECTS)], ids=["ana", "carl"]
)
def test_the_pages_are_the_same_with_and_without_the_drafts(cast, shared, client, side, name, most, part):
    """One side reads every page; the other, for whom the same code asks, those of facts and of what they hang on."""
    assert name in BLIND[side]
    client.force_login(getattr(cast, name))
    before = crawl(client, most, part)
    author = cast.beth if side == "US" else cast.ana
    draft(shared, side, "draft", author)
    after = crawl(client, most, part)
    assert sorted(before) == sorted(after)
    assert [address for address in before if before[address] != after[address]] == []
    assert len(after) > (100 if name == "ana" else 50)
    assert not [address for address, text in after.items() if MARKER in text]
    # Empty forms show no rows and count none, so that the drafts could only be named.
    others = {link for address, text in after.items() for link in links(address, text) if OTHERS.search(link)}
    assert len(others) > (30 if name == "ana" else 0)
    assert not [address for address in others if MARKER in read(client, address)]


@pytest.mark.parametrize("name", NEUTRAL)
def test_who_speaks_for_nobody_sees_no_draft(cast, shared, client, name):
    """Nothing differs but that a superuser may not delete what a draft hangs on; its name and content stay unsaid."""
    client.force_login(getattr(cast, name))
    before = crawl(client, 1, OF_FACTS)
    rows = draft(shared, "US", "draft", cast.beth)
    after = crawl(client, 1)
    assert set(before) <= set(after)
    assert [address for address in before if before[address] != after[address] and "/delete/" not in address] == []
    assert not [address for address, text in after.items() if MARKER in text]
    if name == "root":
        for model in {type(row) for row in rows}:
            answer = client.post(page(model, "export"), {"form": "json"})
            assert answer.status_code == 200
            assert MARKER.encode() not in b"".join(answer), model


@pytest.mark.parametrize(("side", "name"), [("US", "beth"), ("US", "carl"), ("US", "for_us"), ("MX", "joint")])
def test_the_side_itself_and_its_auditor_see_it(cast, shared, client, side, name):
    fact, *_rows = draft(shared, side, "draft", cast.beth if side == "US" else cast.ana)
    client.force_login(getattr(cast, name))
    for address in (page(Fact, "changelist"), page(Reading, "changelist"), page(Fact, "history", fact.pk)):
        assert MARKER in client.get(address).content.decode(), address


def test_the_crawl_finds_a_marker_where_there_is_one(cast, shared, client):
    draft(shared, "US", "draft", cast.beth)
    client.force_login(cast.beth)
    lists = [page(Fact, "changelist"), page(Reading, "changelist")]
    of_rows = re.compile("/(fact|reading)/")

    def is_seen(found: dict[str, str]) -> bool:
        seen = {address for address, text in found.items() if MARKER in text}
        return seen.issuperset(lists) and any("/history/" in address for address in seen)

    assert is_seen(crawl(client, most=9, part=of_rows, starts=lists, until=is_seen))


@pytest.mark.parametrize("side", ["US", "MX"])
def test_a_ready_fact_that_is_edited_leaves_the_desk_of_the_other_side(cast, shared, client, side):
    fact = Fact.objects.get(key=f"of-{side.lower()}")
    joint = Fact.objects.get(key="of-joint")
    joint.of = fact
    joint.save()
    fact.ready, fact.object_en = False, f"{MARKER} words"
    fact.save()
    client.force_login(getattr(cast, {"US": "for_mx", "MX": "ruth"}[side]))
    assert not [address for address, text in crawl(client, part=OF_FACTS).items() if MARKER in text]
    client.force_login(getattr(cast, BLIND[side][0]))
    address = page(Fact, "change", joint.pk)
    answer = client.get(address)
    assert "not shown" in answer.content.decode()
    assert client.post(address, form_data(answer) | {"object_en": "changed"}).status_code == 302
    joint.refresh_from_db()
    assert (joint.object_en, joint.of_id) == ("changed", fact.pk)


# What is asked by hand


@pytest.fixture(params=["US", "MX"])
def hidden(request, cast, shared, client):
    """The drafts of one side, and an editor of the other signed in."""
    rows = draft(shared, request.param, "draft", cast.beth if request.param == "US" else cast.ana)
    client.force_login(getattr(cast, BLIND[request.param][0]))
    return rows


def test_addresses_of_drafts_tell_nothing(hidden, client):
    absent = {
        (model, name): client.get(page(model, name, 999_999)).status_code
        for model in {type(row) for row in hidden}
        for name in ("change", "delete", "history")
    }
    assert set(absent.values()) <= {302, 403, 404}
    for row in hidden:
        for name in ("change", "delete", "history"):
            assert client.get(page(type(row), name, row.pk)).status_code == absent[type(row), name], (row, name)
        version = row.history.first()
        assert client.post(page(type(row), "revert", row.pk, version.pk)).status_code == 404
        kind = ContentType.objects.get_for_model(row).pk
        assert client.get(f"/admin/r/{kind}/{row.pk}/").status_code == 404


def test_searches_and_lookups_find_no_draft(hidden, client):
    for model in {type(row) for row in hidden} | {Initiative}:
        for word in (MARKER, "draft", "97531"):
            assert client.get(page(model, "changelist"), {"q": word}).context["cl"].result_count == 0
    for lookup in ("facts__object_en__contains", "facts__isnull", "facts", "participations__isnull", "citations"):
        asked = {lookup: MARKER if "contains" in lookup else "1"}
        assert client.get(page(Initiative, "changelist"), asked).status_code == 400, lookup


def test_autocompletes_find_no_draft(hidden, client):
    for model, field in [("fact", "of"), ("reading", "fact"), ("citation", "fact"), ("citation", "reading")]:
        asked = {"app_label": "initiatives", "model_name": model, "field_name": field, "term": "draft"}
        assert client.get("/admin/autocomplete/", asked).json()["results"] == []


def test_files_hold_no_draft(hidden, client):
    for model in {type(row) for row in hidden}:
        for form in ("csv", "json"):
            answer = client.post(page(model, "export"), {"form": form})
            text = b"".join(answer).decode("utf-8", "replace")
            assert answer.status_code == 200
            assert MARKER not in text, model
            assert "97531" not in text, model


def test_errors_of_forms_tell_nothing_of_a_draft(hidden, client):
    fact = hidden[0]
    add = page(Fact, "add")
    own = OTHER[fact.side]
    data = form_data(get_form(client, add)) | {
        "initiative": fact.initiative_id,
        "key": "draft",
        "side": own,
        "of": fact.pk,
    }
    data |= {"kind": "objective", "object_en": "words", "order": "1"}
    answer = client.post(add, data)
    assert answer.status_code == 200
    assert MARKER not in answer.content.decode()
    answer = client.post(
        page(Reading, "add"), form_data(get_form(client, page(Reading, "add"))) | {"fact": hidden[1].pk}
    )
    assert "fact" in answer.context["adminform"].form.errors
    assert MARKER not in answer.content.decode()


def test_files_that_name_a_draft_are_told_nothing_of_it(hidden, client):
    rows = {
        Fact: "subject,key,object_en\ninitiative/otay-mesa-ii,draft,mine\n",
        Reading: "fact,order,value\ninitiative/otay-mesa-ii#draft-figure,1,5\n",
        Participation: "of,order,role,unnamed_en\ninitiative/otay-mesa-ii#draft,1,lead,mine\n",
        DateChange: "fact,order,reason\ninitiative/otay-mesa-ii#draft,1,slipped\n",
    }
    for model, text in rows.items():
        file = SimpleUploadedFile("rows.csv", text.encode(), "text/csv")
        answer = client.post(page(model, "import"), {"file": file}, follow=True)
        told = answer.content.decode()
        assert MARKER not in told, model
        assert "97531" not in told, model
    assert not Fact.objects.filter(object_en="mine").exists()


def test_actions_on_drafts_do_nothing(hidden, client):
    for model in {type(row) for row in hidden}:
        rows = [row.pk for row in hidden if type(row) is model]
        actions = get_form(client, page(model, "changelist")).context_data["action_form"]
        for action in dict(actions.fields["action"].choices) if actions else {}:
            chosen = {"action": action, "_selected_action": rows}
            answer = client.post(page(model, "changelist"), chosen, follow=True)
            assert MARKER not in answer.content.decode(), (model, action)
        assert model.objects.filter(pk__in=rows).count() == len(rows)


def test_deleting_what_a_draft_hangs_on_names_it_nowhere(hidden, cast, client):
    client.force_login(cast.root)
    for row in (hidden[0].initiative, hidden[2].meeting, hidden[3].reporting_body):
        answer = client.get(page(type(row), "delete", row.pk))
        assert MARKER not in answer.content.decode()
        client.post(page(type(row), "delete", row.pk), {"post": "yes"})
        assert type(row).objects.filter(pk=row.pk).exists()
    assert Fact.objects.filter(pk__in=[row.pk for row in hidden[:3]]).count() == 3


def test_proposing_tells_nothing_of_a_draft(hidden, client):
    for row in hidden[0].initiative, hidden[2].meeting:
        address = page(type(row), "propose", row.pk)
        for answer in (client.get(address), client.post(address, {"reason": "x", "confirmed": "yes"}, follow=True)):
            assert answer.status_code == 200
            assert MARKER not in answer.content.decode()
    assert not Edition.objects.filter(content__contains=MARKER).exists()
