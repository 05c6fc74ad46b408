"""What was made public as a feed, read by feedparser: stable identifiers, changes, and markers in place of texts."""

import datetime

import feedparser
import pytest

from hled_portal.dates import as_of
from hled_portal.publishing import clearance, releasing
from hled_portal.tests.factories import make_cast, make_fact, make_initiative, make_meeting, make_source
from initiatives.editions import joint_texts, proposing
from initiatives.exports import feeds
from initiatives.exports.tables import ExportContext
from initiatives.models import Citation, Edition

pytestmark = pytest.mark.django_db
HEAD = feeds.FeedAddresses(
    "https://x.example/en/initiatives.atom",
    "https://x.example/en/initiatives/",
    "en",
    "x.example",
    "/en/initiatives.atom",
)


@pytest.fixture
def cast():
    return make_cast()


def publish(initiative, cast):
    """Agree on every text, then clear and release a new edition, today."""
    rows = [initiative, initiative.pillar, initiative.pillar.cycle, *initiative.facts.all()]
    for row in rows:
        row.agree_translation()
        row.save()
    texts = proposing.propose("initiative", initiative.key, cast.ana)
    for text in texts:
        clearance.clear(text, cast.luis, text.digest)
        clearance.clear(text, cast.carl, text.digest)
    releasing.release(texts, cast.luis)
    return initiative


def written(chosen=None, at=None) -> str:
    frame = ExportContext(at or as_of.now(), "https://x.example")
    chosen = Edition.objects.public(frame.at).initiatives() if chosen is None else chosen
    return feeds.edition_feed(chosen, frame, HEAD).writeString("utf-8")


def read(**more):
    found = feedparser.parse(written(**more))
    assert not found.bozo, found.get("bozo_exception")
    return found


def test_a_feed_says_what_it_is(cast):
    publish(make_initiative(), cast)
    feed = read().feed
    assert feed.title == "Publications of the U.S.-Mexico High-Level Economic Dialogue"
    assert (feed.id, feed.link, feed.language) == (f"tag:x.example,2024:{HEAD.path}", HEAD.page, "en")
    assert feed.rights == "https://creativecommons.org/licenses/by/4.0/"
    assert feed.author == "U.S.-Mexico High-Level Economic Dialogue"


def test_the_first_edition_tells_the_summary(cast):
    publish(make_initiative(summary_en="A <b>new</b> crossing."), cast)
    (entry,) = read().entries
    assert entry.title == "Otay Mesa II: first published"
    assert entry.id == "tag:x.example,2024:initiative/otay-mesa-ii/1"
    assert entry.link == "https://x.example/en/initiatives/otay-mesa-ii/editions/1/"
    assert "&lt;b&gt;new&lt;/b&gt;" in entry.summary, "a text of the record is no markup"
    assert "Text approved by both delegations." in entry.summary
    released = Edition.objects.get(subject_key="otay-mesa-ii").release.released_at
    assert entry.updated_parsed[:6] == released.utctimetuple()[:6]


def test_a_later_edition_tells_what_changed(cast):
    works = make_initiative()
    make_fact(works, date_edtf="2024-12")
    publish(works, cast)
    works.stage = "completed"
    works.save()
    make_fact(works, "second", order=2)
    publish(works, cast)
    newest, first = read().entries
    assert newest.title == "Otay Mesa II: version 2"
    assert newest.id == "tag:x.example,2024:initiative/otay-mesa-ii/2"
    assert first.id == "tag:x.example,2024:initiative/otay-mesa-ii/1"
    assert "Changed: the initiative (status)" in newest.summary
    assert "New: " in newest.summary


def test_a_feed_is_of_its_selection(cast):
    publish(make_initiative("one", stage="completed"), cast)
    publish(make_initiative("two"), cast)
    chosen = Edition.objects.public(as_of.now()).initiatives().filter(stage="completed")
    assert [entry.id for entry in read(chosen=chosen).entries] == ["tag:x.example,2024:initiative/one/1"]


def test_a_marker_takes_the_place_of_a_withdrawn_text(cast):
    """Under the same identifier and with a later hour, so that feed readers let the text go."""
    works = publish(make_initiative(title_en="A secret", summary_en="Secret words."), cast)
    works.title_en = "Harmless"
    works.summary_en = "Other words."
    works.save()
    publish(works, cast)
    first = Edition.objects.get(subject_key="otay-mesa-ii", number=1)
    releasing.withdraw(first, cast.luis, "other", "It named a person.", "Nombraba a una persona.")
    marker, newest = read().entries
    assert marker.id == "tag:x.example,2024:initiative/otay-mesa-ii/1"
    assert marker.title == "initiative/otay-mesa-ii/1 was withdrawn by the delegation of Mexico"
    assert "It named a person." in marker.summary
    assert "ecret" not in written()
    assert newest.title == "Harmless: version 2"
    assert "Changed" not in newest.summary, "a difference would tell what was withdrawn"


def test_a_withdrawn_newest_edition_revives_nothing(cast):
    works = publish(make_initiative(), cast)
    releasing.withdraw(Edition.objects.get(subject_key="otay-mesa-ii"), cast.luis, "error")
    assert works.key
    (marker,) = read().entries
    assert marker.title.startswith("initiative/otay-mesa-ii/1 was withdrawn")


def test_before_anything_was_public_a_feed_is_empty(cast):
    publish(make_initiative(), cast)
    assert read(at=as_of.Moment(datetime.date(2020, 1, 1))).entries == []


def test_a_feed_tells_the_newest_only(cast, monkeypatch):
    monkeypatch.setattr(feeds, "MAX_ENTRIES", 2)
    for number in range(3):
        publish(make_initiative(f"works-{number}"), cast)
    assert [entry.id.rpartition(":")[2] for entry in read().entries] == ["initiative/works-2/1", "initiative/works-1/1"]


def test_characters_that_xml_cannot_hold_do_not_break_a_feed(cast):
    publish(make_initiative(title_en="Otay\x0bMesa"), cast)
    assert read().entries[0].title == "Otay\ufffdMesa: first published"


@pytest.mark.parametrize("count", [1, 6])
def test_a_feed_takes_the_same_queries_for_one_and_for_many(cast, django_assert_num_queries, count):
    for number in range(count):
        publish(make_initiative(f"works-{number}"), cast)
    frame = ExportContext(as_of.now(), "https://x.example")
    with django_assert_num_queries(3):
        feeds.edition_feed(Edition.objects.public(frame.at).initiatives(), frame, HEAD).writeString("utf-8")


def read_pages(client, address: str) -> list:
    """A feed and all older pages, each of which links to the next."""
    pages = []
    while address:
        pages.append(feedparser.parse(client.get(address).content))
        assert not pages[-1].bozo
        address = next((link.href for link in pages[-1].feed.links if link.rel == "next"), "")
    return pages


def test_older_entries_follow_on_pages_of_the_same_feed(client, monkeypatch):
    """Also where all were published at once, and a text was withdrawn."""
    cast, source = make_cast(), make_source(meeting=make_meeting())
    for number in range(4):
        Citation.objects.create(initiative=make_initiative(f"works-{number}"), source=source, locator="item")
    joint_texts.enter_joint_text(source)
    publish(make_initiative("late"), cast)
    releasing.withdraw(Edition.objects.get(subject_key="works-1"), cast.luis, "error")
    (whole,) = read_pages(client, "/en/initiatives.atom?stage=under_way")
    monkeypatch.setattr(feeds, "MAX_ENTRIES", 2)
    pages = read_pages(client, "/en/initiatives.atom?stage=under_way")
    assert [len(page.entries) for page in pages] == [2, 2, 1]
    assert [entry.id for page in pages for entry in page.entries] == [entry.id for entry in whole.entries]
    assert len({entry.id for entry in whole.entries}) == 5
    assert {page.feed.id for page in pages} == {whole.feed.id}
    firsts = [[link.href for link in page.feed.links if link.rel == "first"] for page in pages]
    assert firsts == [[], *[["http://testserver/en/initiatives.atom?stage=under_way"]] * 2]


@pytest.mark.parametrize("before", ["x", "1.2", "1.0.-1", "1.0.1.1", "9" * 17 + ".0.1"])
@pytest.mark.parametrize("path", ["initiatives.atom", "recommendations.atom"])
def test_older_entries_are_requested_by_the_link_alone(client, path, before):
    answer = client.get(f"/en/{path}", {"before": before})
    assert answer.status_code == 400
    assert "before: Use the link to older entries that the feed gives." in answer.content.decode()
    assert client.get(f"/en/{path}", {"before": "9" * 16 + ".9." + "9" * 16}).status_code == 200
