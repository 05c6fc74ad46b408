"""Two people at the same moment, each in a process of its own: nothing that they did is lost, on both databases."""

import os

import pytest

from hled_portal.publishing import clearance
from hled_portal.publishing.canonical_json import digest
from hled_portal.tests.factories import agreed, make_cast, make_edition, make_initiative, make_topic, make_user
from hled_portal.tests.processes import keep_figures, run_at_once, show_progress
from initiatives.editions import proposing
from initiatives.models import Edition

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
TEXTS = 20
#: Approving against editing; `make attack` does it five hundred times.
RACES = 500 if os.environ.get("ATTACK") else 8
#: Waits for the moment, then goes through the texts in order and says what became of each.
PERSON = """
from hled_portal.publishing import clearance, releasing, review_queue
from hled_portal.models import User
from hled_portal.tests.factories import agreed
from initiatives.editions import proposing
from initiatives.models import Edition, Initiative, Topic
me, texts = User.objects.get(username="{name}"), list(Edition.objects.filter(pk__in={texts}).order_by("pk"))
meet()
for text in texts:
    try:
        {verb}
        print("DONE")
    except clearance.Refused as refused:
        print("REFUSED", refused.messages)
"""
KEY = "review_queue.note_opened(text, me); clearance.clear(text, me, text.digest)"
REPLACE = (
    "Initiative.objects.filter(key=text.subject_key).update(confidence='on_track'); "
    "proposing.propose('initiative', text.subject_key, me, 'A mistake.')"
)
EDIT = (
    "topic = Topic.objects.get(key=text.subject_key); topic.name_en = 'Changed'; agreed(topic); "
    "proposing.propose('topic', text.subject_key, me, 'A mistake.')"
)
RETURN = "clearance.return_text(text, me, 'Not yet.')"


@pytest.fixture
def cast():
    cast = make_cast()
    cast.rosa = make_user("rosa", "officer", delegation="MX")
    return cast


@pytest.fixture
def at_once(tmp_path):
    """Run people against one database; returns what each said, and what asks that database afterwards."""

    def run(**verbs: str):
        texts = list(Edition.objects.values_list("pk", flat=True))
        people = [PERSON.format(name=name, verb=verb, texts=texts) for name, verb in verbs.items()]
        return run_at_once(tmp_path, *people)

    return run


def test_both_keys_stand_on_every_text_that_two_officers_key_at_once(cast, at_once):
    for number in range(TEXTS):
        make_edition(cast.ana, f"topic-{number}")
    said, ask = at_once(luis=KEY, carl=KEY)
    assert [words.count("DONE") for words in said] == [TEXTS, TEXTS]
    keyed = ask("SELECT state, us_officer_id, mx_officer_id FROM initiatives_edition WHERE us_digest = mx_digest")
    assert keyed == [("cleared", cast.carl.pk, cast.luis.pk)] * TEXTS
    assert ask("SELECT count(*) FROM hled_portal_step WHERE action = 'keyed'") == [(2 * TEXTS,)]
    assert ask("SELECT count(*) FROM hled_portal_opening") == [(2 * TEXTS,)]


@pytest.mark.attack
def test_of_two_officers_of_one_side_one_sets_each_key_and_the_other_is_told(cast, at_once):
    for number in range(TEXTS):
        make_edition(cast.ana, f"topic-{number}")
    said, ask = at_once(luis=KEY, rosa=KEY)
    assert sum(words.count("DONE") for words in said) == TEXTS
    assert sum(words.count("Your delegation has already approved this text.") for words in said) == TEXTS
    assert ask("SELECT count(*) FROM hled_portal_step WHERE action = 'keyed'") == [(TEXTS,)]


@pytest.mark.attack
def test_a_key_and_a_return_at_once_both_leave_their_step(cast, at_once):
    for number in range(TEXTS):
        make_edition(cast.ana, f"topic-{number}")
    said, ask = at_once(luis=KEY, carl=RETURN)
    assert said[1].count("DONE") == TEXTS
    keys = said[0].count("DONE")
    assert said[0].count("This text was returned") == TEXTS - keys
    assert set(ask("SELECT state FROM initiatives_edition")) == {("returned",)}
    assert ask("SELECT count(*) FROM initiatives_edition WHERE mx_digest = digest") == [(keys,)]
    assert ask("SELECT count(*) FROM hled_portal_step WHERE action = 'keyed'") == [(keys,)]


def test_a_key_at_the_moment_of_a_new_proposal_stays_on_the_text_that_was_seen(cast, at_once):
    for number in range(6):
        row = agreed(make_initiative(f"works-{number}"))
        agreed(row.pillar), agreed(row.pillar.cycle)
        row.original_language = "es"
        agreed(row)
        proposing.propose("initiative", row.key, cast.ana)
    said, ask = at_once(luis=KEY, beth=REPLACE)
    assert (
        said[0].count("DONE")
        + said[0].count("This text was replaced by a newer proposal and no longer needs approval.")
        == 7
    )
    assert said[1].count("DONE") == 6
    assert ask("SELECT count(*) FROM initiatives_edition WHERE mx_digest NOT IN ('', digest)") == [(0,)]
    open_ = ask("SELECT subject_key, count(*) FROM initiatives_edition WHERE state = 'proposed' GROUP BY subject_key")
    assert {count for _key, count in open_} == {1}


def test_what_is_published_while_it_is_edited_is_what_both_approved(cast, at_once):
    """The second approval and the publication race a new proposal of the same subject."""
    for number in range(RACES):
        agreed(make_topic(f"topic-{number}"))
        (text, *_others) = proposing.propose("topic", f"topic-{number}", cast.ana)
        clearance.clear(text, cast.carl, text.digest)
        show_progress("proposals", number + 1, RACES)
    approve = f"{KEY}; releasing.release([Edition.objects.get(pk=text.pk)], me)"
    said, ask = at_once(luis=approve, beth=EDIT)
    rows = ask("SELECT content, digest, us_digest, mx_digest FROM initiatives_edition WHERE state = 'published'")
    keep_figures(storm="approving against editing", races=RACES, published=len(rows), edits=said[1].count("DONE"))
    assert [row for row in rows if {digest(row[0]), *row[1:]} != {row[1]}] == []
    assert len(rows) == said[0].count("DONE")
    # Published while she was proposing: she is told, and proposes again.
    assert said[1].count("DONE") + said[1].count("has no open proposal to replace.") == RACES
    assert ask("SELECT count(*) FROM initiatives_edition WHERE state = 'cleared'") == [(0,)]
