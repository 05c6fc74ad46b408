"""Letters that must not be read, with a mark in every field, and what compares pages before and after them."""

import datetime
import io
import re
import zipfile

from django.core.files.base import ContentFile
from django.utils import timezone

from hled_portal.publishing import clearance, release_plans
from hled_portal.tests import factories as make
from initiatives.models import Initiative
from stakeholders.letters import submission
from stakeholders.models import (
    Attachment,
    Campaign,
    FileOfLetters,
    Letter,
    LetterDraft,
    Recommendation,
    Tag,
)
from stakeholders.triage import consultations, moves, publishing, splitting

#: Stands in everything that a reader of the public pages must not read; what follows it tells which field it was.
MARK = "mirlitonia"
#: Stands beside the mark in words of letters, and is what is searched for: pages tell what was asked.
ASKED = "zurribanda"
PUBLIC = "recomendada"
#: In summaries of the desk, which clearing officers read with an answer; and in answers on their way, which they and
#: auditors read.
SUMMARY = "resumidora"
PROPOSED = "propuestina"
MARKS = re.compile(f"{MARK}|{SUMMARY}|{PROPOSED}", re.IGNORECASE)
#: What differs between two answers to the same question.
PASSING_HEADERS = ("ETag", "Expires", "Content-Length", "X-Request-ID")
PASSING = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"|name="(?:once|shown)" value="[^"]*"'
    r'|name="version_[^"]*" value="\d+"'  # That somebody works on it can be seen, not what is done.
    r"|<updated>[^<]*\.\d+\+00:00</updated>"  # Of a feed without entries.
    r'|value="[0-9a-f]{64}@[^"]*"'  # What was seen of a row, and when.
    r"|<code>[0-9a-f]{32}</code>"  # The reference of an error.
)


# The letters that must not be seen


def marked_letter(name: str, words: str = "", **columns) -> Letter:
    """A letter with a mark in every field; without `words` in its words too."""
    mark = f"{MARK}-{name}"
    columns = {
        "sender_name": f"{mark} name",
        "organization": f"{mark} organization",
        "represented": f"{mark} represented",
        "contact_name": f"{mark} contact",
        "introduction": f"{mark} {ASKED} introduction",
        "email": f"{mark}@example.org",
        "confirmed_at": timezone.now() - datetime.timedelta(minutes=5),
        "sector": "energy",
        "country": "CA",
    } | columns
    letter = make.make_letter(words or f"{mark} {ASKED} words.", **columns)
    for order, side in enumerate(("US", "MX", "joint"), 1):
        letter.parts.create(order=order, text=f"{mark} {ASKED} part {side}", addressed=side)
        letter.corrections.create(text=f"{mark} {ASKED} correction {side}", addressed=side)
        attach(letter, f"{mark}-{side}.txt", side)
    letter.corrections.create(text=f"{mark} {ASKED} correction")
    attach(letter, f"{mark}.txt", "")
    letter.handovers.create(
        name=f"{mark} colleague", email=f"{mark}-c@example.org", secret_digest=submission.digest(mark)
    )
    letter.notes.create(delegation="US", author=officer("ruth"), text=f"{mark} note of US")
    letter.notes.create(delegation="MX", author=officer("rosa"), text=f"{mark} note of MX")
    return letter


def officer(name: str):
    return make.User.objects.get(username=name)


def attach(letter: Letter, name: str, side: str) -> Attachment:
    row = Attachment(letter=letter, name=name, kind="txt", size=9, digest=f"{name}{side}"[:64], addressed=side)
    row.scan = "clean"
    row.file.save("file", ContentFile(f"{MARK} content {side}".encode()), save=False)
    row.save()
    return row


def work_on(recommendation: Recommendation, cast) -> None:
    """What the desk keeps to itself of a recommendation: notes, tag, campaign, drafts of answers, objections."""
    mark = f"{MARK}-{recommendation.key}"
    tag = Tag.objects.get_or_create(key=f"{MARK}-tag", defaults={"name_en": f"{MARK} tag", "name_es": f"{MARK} tag"})
    recommendation.tags.add(tag[0])
    names = {"name_en": f"{MARK} campaign", "name_es": f"{MARK} campaign"}
    recommendation.campaign = Campaign.objects.get_or_create(key=f"{MARK}-campaign", defaults=names)[0]
    recommendation.save()
    for user in (cast.rosa, cast.ruth):
        recommendation.notes.create(delegation=user.delegation, author=user, text=f"{mark} note of {user.delegation}")
        moves.assign(recommendation, user, user)
    for side in ("US", "MX", "joint"):
        texts = {"text_en": f"{mark} draft of {side}", "text_es": f"{mark} draft of {side}"}
        recommendation.drafts.create(side=side, outcome="adopted", **texts)
    initiative = Initiative.objects.first() or make.make_initiative()
    recommendation.links.create(initiative=initiative, shaped=True)
    recommendation.drafts.get(side="joint").initiatives.add(initiative)
    asking = recommendation.askings.first()
    letter = asking.letter
    letter.objections.create(asking=asking, text=f"{mark} objection", answer=f"{mark} heard", once_digest=mark[:64])


def split(letter: Letter, cast, **columns) -> Recommendation:
    summaries = {"summary_en": f"{SUMMARY} {ASKED}", "summary_es": f"{SUMMARY} {ASKED}"}
    return make.make_recommendation(cast.rosa, letter, **(summaries | columns))


def seen(recommendation) -> str:
    return publishing.content_digest(
        publishing.public_content(recommendation, publishing.quoted_asking(recommendation))
    )


def publish(recommendation, cast) -> Recommendation:
    for user in (cast.rosa, cast.ruth):
        publishing.clear(recommendation, user, seen(recommendation), "Read.")
    return Recommendation.objects.get(pk=recommendation.pk)


def heard_ones() -> list[Recommendation]:
    """The two of `public`."""
    return list(Recommendation.objects.filter(text__contains=PUBLIC).order_by("pk"))


def unsplit(cast):
    marked_letter("unsplit")


def unpublished(cast):
    work_on(split(marked_letter("unpublished"), cast), cast)


def on_one_key(cast):
    row = split(marked_letter("one-key"), cast)
    publishing.clear(row, cast.rosa, seen(row), "Read.")


def nothing_published(cast):
    split(marked_letter("nothing", consent="nothing"), cast)


def restricted_first(cast):
    moves.restrict(split(marked_letter("restricted-first"), cast), cast.ruth, "other", f"{MARK} reason")


def letter_restricted(cast):
    letter = marked_letter("letter-restricted")
    publish(split(letter, cast), cast)
    moves.restrict(letter, cast.ruth, "other", f"{MARK} reason")


def letter_withdrawn(cast):
    letter = marked_letter("withdrawn")
    publish(split(letter, cast), cast)
    moves.withdraw(letter)


def consent_taken_back(cast):
    letter = marked_letter("taken-back")
    row = publish(split(letter, cast), cast)
    make.make_cleared_answer(cast, row.key, text_en=f"{PROPOSED} {ASKED}", text_es=PROPOSED, word="Read.")
    submission.change_consent(letter, "nothing")


def taken_off(cast):
    row = publish(split(marked_letter("taken-off"), cast), cast)
    publishing.unpublish(row, cast.ruth, f"{MARK} reason")


def of_a_campaign(cast):
    """Letters of a campaign whose senders want nothing published, joined to what is public."""
    heard = heard_ones()[0]
    for number in range(3):
        letter = marked_letter(f"campaign-{number}", consent="nothing")
        splitting.split(
            letter, [splitting.LetterPiece(letter.points.get().text, letter.points.get(), heard)], cast.rosa
        )


def to_a_hidden_call(cast):
    """Calls that nobody knows of yet, one of them proposed and approved by one delegation, with letters."""
    meeting = make.make_meeting()
    for mark in (MARK, PROPOSED):
        texts = dict.fromkeys(("title_en", "title_es", "text_en", "text_es"), f"{mark} {ASKED} call")
        call = make.make_consultation(f"{mark}-call", is_public=False, meeting=meeting, **texts)
        marked_letter(f"{mark}-call", consultation=call)
    proposed = consultations.propose_consultation(make.agreed(call), cast.rosa)
    clearance.clear(proposed, cast.luis, proposed.digest)


def edited_summary(cast):
    """The desk edits the summary of what is public, and one delegation clears it."""
    row = heard_ones()[1]
    row.summary_en = row.summary_es = f"{SUMMARY} {ASKED} anew"
    row.save()
    publishing.clear(row, cast.ruth, seen(row), "Read.")


def answers_on_their_way(cast):
    """Answers that are proposed, and cleared and planned, but not released."""
    row = split(marked_letter("proposed"), cast)
    words = {"text_en": f"{PROPOSED} {ASKED}", "text_es": f"{PROPOSED} {ASKED}"}
    made = make.make_cleared_answer(cast, row.key, word="Read.", **words)
    make.make_cleared_answer(cast, heard_ones()[1].key, side="US", word="Read.", **words)
    plan = release_plans.make(cast.luis, "Spring")
    release_plans.add_texts(plan, [made], cast.luis)


def unfinished(cast):
    """Files of a form with an error, and a file of letters that waits for its officer."""
    draft = LetterDraft.objects.create(secret_digest=submission.digest(MARK))
    row = Attachment(draft=draft, name=f"{MARK}.txt", kind="txt", size=9, digest="d")
    row.file.save("file", ContentFile(MARK.encode()), save=False)
    row.save()
    FileOfLetters.objects.create(owner=cast.ruth, name=f"{MARK}.csv", channel="sheet", content=MARK.encode())


HIDDEN = [
    unsplit,
    unpublished,
    on_one_key,
    nothing_published,
    letter_restricted,
    letter_withdrawn,
    consent_taken_back,
    taken_off,
    restricted_first,
    of_a_campaign,
    to_a_hidden_call,
    edited_summary,
    answers_on_their_way,
    unfinished,
]


def hide_all(cast) -> None:
    for each in HIDDEN:
        each(cast)


def read(client, address: str) -> str:
    """The answer with its headers; archives unpacked."""
    answer = client.get(address)
    body = b"".join(answer) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            # The letter of an office document that says when it was written.
            names = [name for name in archive.namelist() if name != "docProps/core.xml"]
            body = b"\n".join(name.encode() + archive.read(name) for name in names)
    heads = {name: value for name, value in answer.items() if name not in PASSING_HEADERS}
    return PASSING.sub("", f"{answer.status_code} {heads}\n{body.decode('utf-8', 'replace')}")


def differing(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """The addresses whose answers differ, with the first piece that does."""
    found = {}
    for address in before:
        old, new = before[address], after.get(address, "")
        if old != new:
            at = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
            found[address] = f"{old[max(0, at - 80) : at + 80]} != {new[max(0, at - 80) : at + 80]}"
    return found
