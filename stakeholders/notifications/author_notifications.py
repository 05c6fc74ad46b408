"""Telling authors of letters what became of them: each answer, each public change of a linked initiative, each state.

What releases bring is read from the publication log from each letter's own cursor, as `notices.py` does it for
followers: a message and the cursors of the letters that it tells of are written in one short transaction. What the
desk moves between releases is told by the rows of the moves. Only an address that its owner confirmed is written to,
and who wrote several letters under it hears of all of them in one message.
"""

import datetime
from functools import cached_property

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hled_portal.background import mail
from hled_portal.background.jobs import JobRun
from hled_portal.dates import as_of
from hled_portal.models import Mail, Publication, PublicationAction
from initiatives.record import name_lookup
from stakeholders.models import Author, Letter, Move, Recommendation, Response, ResponseLink, ToldMove
from stakeholders.models.querysets import PUT_ASIDE
from stakeholders.public import published
from stakeholders.vocabulary import CaseState, FollowKind, MoveAction

from . import following
from .change_digest import ChangeDigest, DigestItem, marker_line

AUTHOR_MAIL = "letter-news/"
#: How many letters one transaction tells of, those of the same addresses besides.
MESSAGES_A_TRANSACTION = 20
#: What the desk does to a recommendation that its author is told of when it happens; answers come with releases.
MOVES = (
    MoveAction.CONSIDERED,
    MoveAction.PUBLISHED,
    MoveAction.UNPUBLISHED,
    MoveAction.RESTRICTED,
    MoveAction.UNRESTRICTED,
)


# Who is told


def enrol(turn: JobRun | None = None) -> None:
    """Begin to tell each author whose address is confirmed, from the publication after that on."""
    for letter in Letter.objects.filter(confirmed_at__isnull=False, author=None).exclude(email=""):
        Author.objects.get_or_create(letter=letter, defaults={"told_up_to": _newest_by(letter.confirmed_at)})


def _newest_by(at: datetime.datetime) -> int:
    """The publication that was the newest at that time."""
    for row in Publication.objects.order_by("-position").iterator():
        if datetime.datetime.fromisoformat(row.data["at"]) <= at:
            return row.number
    return 0


def _authors():
    """Those that are written to."""
    letters = Q(letter__confirmed_at__isnull=False) & ~Q(letter__email="") & ~Q(letter__state__in=PUT_ASIDE)
    rows = Author.objects.filter(letters, stopped_at=None).select_related("letter")
    return rows.annotate(address=Lower("letter__email")).order_by("pk")


#: The letters of one address, in the order in which they came.
Person = list[Author]


def _next_people(authors) -> list[Person]:
    """The next few, each with all letters of the same address."""
    addresses = {author.address for author in authors[:MESSAGES_A_TRANSACTION]}
    people: dict[str, Person] = {}
    for author in authors.filter(address__in=addresses):
        people.setdefault(author.address, []).append(author)
    return list(people.values())


# Links


def _signer() -> Signer:
    return Signer(sep=".", salt="stakeholders.telling.stop")


def unsubscribe_secret(author: Author) -> str:
    """It names the address besides: who handed a letter over stops no messages to the colleague."""
    return _signer().sign(f"{author.handle}-{_author_address(author)}")


def _author_address(author: Author) -> str:
    return mail.address_digest(author.letter.email)[:16]


def find_author(secret: str) -> Author | None:
    """The author that a link was made for; None for what we did not sign, and for a letter that is erased."""
    try:
        handle, _dash, address = _signer().unsign(secret).rpartition("-")  # A handle may hold dashes.
    except BadSignature:
        return None
    author = Author.objects.filter(handle=handle).select_related("letter").first()
    return author if author and author.letter.email and _author_address(author) == address else None


def author_letters(author: Author) -> list[Letter]:
    """The letters that messages to this address tell of, or told of until they were stopped."""
    rows = Letter.objects.filter(email__iexact=author.letter.email, author__isnull=False)
    return list(rows.exclude(state__in=PUT_ASIDE).order_by("created_at", "pk"))


def stop(author: Author) -> None:
    """Write no more to this address of any letter, what waits in the outbox included. The letters stay as they are."""
    address = author.letter.email
    with transaction.atomic():
        authors = Author.objects.filter(letter__email__iexact=address)
        keys = list(authors.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
        Mail.objects.waiting().filter(event__startswith=AUTHOR_MAIL, recipient__iexact=address).delete()
        Author.objects.filter(pk__in=keys, stopped_at=None).update(stopped_at=timezone.now())


# Releases


def notify_authors(turn: JobRun) -> str | None:
    """One message for each release to each address that it concerns, and one for what the desk moved meanwhile."""
    enrol()
    _rewrite_unsent()
    sent = 0
    while turn.should_continue() and (number := _next_number()) is not None:
        sent += _notify(turn, AuthorNews(number))
    if not turn.cut:
        sent += _notify_of_moves(turn)
    return f"{sent} messages queued" if sent else None


def _next_number() -> int | None:
    low = _authors().aggregate(low=Min("told_up_to"))["low"]
    if low is None:
        return None
    return Publication.objects.filter(number__gt=low).aggregate(number=Min("number"))["number"]


def _notify(turn: JobRun, heard: "AuthorNews") -> int:
    """Write to those whom it concerns, a few in each transaction; then move the cursors of all others."""
    sent = 0
    authors = _authors().filter(told_up_to__lt=heard.number)
    concerned = authors.filter(pk__in=heard.authors())
    while turn.should_continue() and (people := _next_people(concerned)):
        messages = [(person, heard.message(person)) for person in people]  # The slow part, before any lock.
        sent += _store(messages, authors, heard.number)
    if not turn.cut:
        others = authors.exclude(pk__in=heard.authors()).values("pk")
        Author.objects.filter(pk__in=others).update(told_up_to=heard.number)
    return sent


def _store(messages: list[tuple[Person, Mail | None]], authors, number: int) -> int:
    """Store messages and move the cursors of their letters, all in one transaction."""
    keys = [author.pk for person, _message in messages for author in person]
    with transaction.atomic():
        rows = authors.select_for_update(of=("self",)).filter(pk__in=keys)
        untold = set(rows.values_list("pk", flat=True))
        # Whoever waited for the lock of another process finds letters told; what is left of a person is asked anew.
        whole = [(person, one) for person, one in messages if untold.issuperset(author.pk for author in person)]
        ready = [one for _person, one in whole if one]
        mail.store(ready)
        told = [author.pk for person, _message in whole for author in person]
        Author.objects.filter(pk__in=told).update(told_up_to=number)
    return len(ready)


class AuthorNews:
    """What one publication brings to the authors of letters."""

    def __init__(self, number: int):
        self.number = number
        self.news = ChangeDigest(number - 1, number)

    @cached_property
    def answers(self) -> dict[str, list[Publication]]:
        """What the log says of answers, by recommendation."""
        found: dict[str, list[Publication]] = {}
        for row in self.news.logged:
            kind, key = row.text.split("/")[:2]
            if kind == "response":
                found.setdefault(key, []).append(row)
        return found

    @cached_property
    def linked(self) -> dict[str, set[str]]:
        """The initiatives that changed and that a public answer names, by recommendation."""
        changed = {key for kind, key in self.news.numbers if kind == FollowKind.INITIATIVE}
        found: dict[str, set[str]] = {}
        for at in (self.news.before, self.news.after):
            links = ResponseLink.objects.filter(response__in=Response.objects.public(at), initiative_key__in=changed)
            for key, initiative in links.values_list("response__recommendation_key", "initiative_key"):
                found.setdefault(key, set()).add(initiative)
        return found

    def authors(self):
        """The keys of the authors whom it concerns."""
        keys = set(self.answers) | set(self.linked)
        return Author.objects.filter(letter__askings__recommendation__key__in=keys).order_by().values("pk")

    def told(self, address: str):
        """The letters of an address that its message tells of."""
        row = Publication.objects.filter(number=self.number).first()
        at = datetime.datetime.fromisoformat(row.data["at"]) + datetime.timedelta(seconds=1)  # Whole seconds.
        rows = _authors().filter(letter__email__iexact=address, letter__confirmed_at__lt=at)
        return rows.filter(pk__in=self.authors())

    def message(self, person: Person) -> Mail | None:
        rows = Recommendation.objects.filter(askings__letter__author__in=person).order_by("key").distinct()
        keys = list(rows.values_list("key", flat=True))
        with translation.override(_language(person)):
            items = [item for key in keys if key in self.answers for item in self._answered(key)]
            initiatives = {initiative for key in keys for initiative in self.linked.get(key, ())}
            items += self.news.items({(FollowKind.INITIATIVE.value, initiative) for initiative in initiatives})
        return _message(person, f"{person[0].handle}/{self.number}", items) if items else None

    def _answered(self, key: str) -> list[DigestItem]:
        """The answers of the moment after it, where this publication brought them, and what it withdrew."""
        rows = self.answers[key]
        texts = {row.text for row in rows}
        told = published.answers_to([key], self.news.after).get(key, [])
        found = [_item(key, answer) for answer in told if answer.response.text in texts]
        gone = {row.text for row in rows if row.action == PublicationAction.WITHDRAWN}
        withdrawn = Response.objects.filter(recommendation_key=key, state="withdrawn").with_followed_from()
        for marker in name_lookup.withdrawal_markers([row for row in withdrawn if row.text in gone | texts]):
            found.append(DigestItem(_title(key), _("An answer was withdrawn"), [marker_line(marker)]))
        return found


def _item(key: str, answer: published.Answer) -> DigestItem:
    what = f"{answer.whose}: {answer.response.get_outcome_display()}"
    address = following.absolute_page_url("recommendation", key) if _is_public(key) else ""
    return DigestItem(_title(key), what, answer.response.words.split("\n\n"), 0, answer.response.basis, address)


def _title(key: str) -> str:
    return _("Recommendation %(key)s") % {"key": key}


def _is_public(key: str) -> bool:
    return published.public_recommendations(as_of.now()).filter(key=key).exists()


def _language(person: Person) -> str:
    """That of the newest letter."""
    return person[-1].letter.language


def _message(person: Person, what: str, items: list[DigestItem]) -> Mail:
    language = _language(person)
    unsubscribe = following.localized_url(language, "author_stop", unsubscribe_secret(person[-1]))
    numbers = [author.letter.number for author in person]
    context = {"items": items, "numbers": numbers, "unsubscribe": unsubscribe}
    address = person[-1].letter.email
    return mail.compose(
        AUTHOR_MAIL + what, address, language, "letter_news", context, unsubscribe=unsubscribe, mass=True
    )


def _rewrite_unsent() -> None:
    """After a withdrawal, write what still waits for the mail server once more: the words are gone there too."""
    last = Publication.objects.filter(action=PublicationAction.WITHDRAWN).order_by("-position").first()
    if last is None:
        return
    at = datetime.datetime.fromisoformat(last.data["at"]) + datetime.timedelta(seconds=1)  # The log has whole seconds.
    for row in Mail.objects.waiting().filter(event__startswith=AUTHOR_MAIL, queued_at__lt=at):
        what = row.event.removeprefix(AUTHOR_MAIL)
        number = what.partition("/")[2]
        if not number.isdigit():
            continue  # It tells of moves, and holds no words of an answer.
        with transaction.atomic():
            row.delete()
            heard = AuthorNews(int(number))
            person = list(heard.told(row.recipient))
            message = heard.message(person) if person else None
            if message:
                message.event = row.event
                mail.store([message])


# Moves of the desk


def _untold(letter):
    """Moves of what a letter asks for that its author was not told of: those of the desk alone."""
    moves = Move.objects.filter(recommendation__askings__letter=letter, action__in=MOVES, by__isnull=False)
    told = ToldMove.objects.filter(author__letter=letter, move=OuterRef("pk"))
    return moves.filter(~Exists(told)).select_related("recommendation").order_by("pk")


def _notify_of_moves(turn: JobRun) -> int:
    """One message to each address for all that was moved since the last one."""
    told = ToldMove.objects.filter(author=OuterRef(OuterRef("pk")), move=OuterRef("pk"))
    moves = Move.objects.filter(~Exists(told), action__in=MOVES, by__isnull=False)
    concerned = _authors().filter(Exists(moves.filter(recommendation__askings__letter=OuterRef("letter"))))
    sent = 0
    for address in sorted(set(concerned.values_list("address", flat=True))):
        if not turn.should_continue():
            break
        sent += _notify_address_of_moves(address)
    return sent


def _notify_address_of_moves(address: str) -> int:
    with transaction.atomic():
        person, found = [], {}
        for author in _authors().select_for_update(of=("self",)).filter(address=address):
            untold = list(_untold(author.letter))
            ToldMove.objects.bulk_create(ToldMove(author=author, move=move) for move in untold)
            if later := {move.pk: move for move in untold if move.at >= author.letter.confirmed_at}:
                person.append(author)
                found |= later
        if not person:
            return 0
        with translation.override(_language(person)):
            items = [_move_item(move) for _key, move in sorted(found.items())]
        mail.store([_message(person, f"{person[0].handle}/m{max(found)}", items)])
        return 1


def _move_item(move: Move) -> DigestItem:
    """What the desk did, without its reasons: those stand on the receipt."""
    row = move.recommendation
    address = following.absolute_page_url("recommendation", row.key) if _is_public(row.key) else ""
    lines = []
    if move.action != MoveAction.PUBLISHED and move.after:
        lines = [_("State: %(state)s") % {"state": CaseState(move.after).label}]
    return DigestItem(
        _title(row.key),
        MoveAction(move.action).label[:1].upper() + MoveAction(move.action).label[1:],
        lines,
        0,
        "",
        address,
    )
