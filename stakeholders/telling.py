"""Telling authors of letters what became of them: each answer, each public change of a linked initiative, each state.

What releases bring is read from the publication log from each author's own cursor, as `notices.py` does it for
followers: an author's message and her cursor are written in one short transaction. What the desk moves between
releases is told by the rows of the moves. Only an address that its owner confirmed is written to.
"""

import datetime
from functools import cached_property

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hled_portal import mail, moments
from hled_portal.jobs import Turn
from hled_portal.models import Mail, Publication, PublicationAction
from initiatives import record

from . import following, published
from .models import Author, Letter, Move, Recommendation, Response, ResponseLink, ToldMove
from .news import Item, News, marker_line
from .querysets import PUT_ASIDE
from .vocabulary import CaseState, FollowKind, MoveAction

EVENT = "letter-news/"
#: How many authors one transaction tells.
BATCH = 20
#: What the desk does to a recommendation that its author is told of when it happens; answers come with releases.
MOVES = (
    MoveAction.CONSIDERED,
    MoveAction.PUBLISHED,
    MoveAction.UNPUBLISHED,
    MoveAction.RESTRICTED,
    MoveAction.UNRESTRICTED,
)


# Who is told


def enrol(turn: Turn | None = None) -> None:
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
    return Author.objects.filter(letters, stopped_at=None).select_related("letter")


# Links


def _signer() -> Signer:
    return Signer(sep=".", salt="stakeholders.telling.stop")


def secret_of(author: Author) -> str:
    return _signer().sign(author.handle)


def author_of(secret: str) -> Author | None:
    """The author that a link was made for; None for what we did not sign, and for a letter that is erased."""
    try:
        return Author.objects.filter(handle=_signer().unsign(secret)).first()
    except BadSignature:
        return None


def stop(author: Author) -> None:
    """Write no more of this letter, what waits in the outbox included. The letter itself stays as it is."""
    with transaction.atomic():
        Author.objects.select_for_update().get(pk=author.pk)
        Mail.objects.waiting().filter(event__startswith=f"{EVENT}{author.handle}/").delete()
        Author.objects.filter(pk=author.pk, stopped_at=None).update(stopped_at=timezone.now())


# Releases


def tell_authors(turn: Turn) -> str | None:
    """One message for each release to each author whom it concerns, and one for what the desk moved meanwhile."""
    enrol()
    _write_anew()
    sent = 0
    while turn.go_on() and (number := _next_number()) is not None:
        sent += _tell(turn, Heard(number))
    if not turn.cut:
        sent += _tell_moves(turn)
    return f"{sent} messages queued" if sent else None


def _next_number() -> int | None:
    low = _authors().aggregate(low=Min("told_up_to"))["low"]
    if low is None:
        return None
    return Publication.objects.filter(number__gt=low).aggregate(number=Min("number"))["number"]


def _tell(turn: Turn, heard: "Heard") -> int:
    """Write to those whom it concerns, a few in each transaction; then move the cursors of all others."""
    sent = 0
    authors = _authors().filter(told_up_to__lt=heard.number)
    concerned = authors.filter(pk__in=heard.authors())
    while turn.go_on() and (batch := list(concerned[:BATCH])):
        messages = {author.pk: heard.message(author) for author in batch}  # The slow part, before any lock.
        with transaction.atomic():
            told = list(authors.select_for_update(of=("self",)).filter(pk__in=messages).values_list("pk", flat=True))
            ready = [messages[key] for key in told if messages[key]]
            mail.store(ready)
            Author.objects.filter(pk__in=told).update(told_up_to=heard.number)
        sent += len(ready)
    if not turn.cut:
        others = authors.exclude(pk__in=heard.authors()).values("pk")
        Author.objects.filter(pk__in=others).update(told_up_to=heard.number)
    return sent


class Heard:
    """What one publication brings to the authors of letters."""

    def __init__(self, number: int):
        self.number = number
        self.news = News(number - 1, number)

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

    def message(self, author: Author) -> Mail | None:
        letter = author.letter
        keys = list(Recommendation.objects.filter(askings__letter=letter).order_by("key").values_list("key", flat=True))
        with translation.override(letter.language):
            items = [item for key in keys if key in self.answers for item in self._answered(key)]
            initiatives = {initiative for key in keys for initiative in self.linked.get(key, ())}
            items += self.news.items({(FollowKind.INITIATIVE.value, initiative) for initiative in initiatives})
        return _message(author, f"{self.number}", items) if items else None

    def _answered(self, key: str) -> list[Item]:
        """The answers of the moment after it, where this publication brought them, and what it withdrew."""
        rows = self.answers[key]
        texts = {row.text for row in rows}
        told = published.answers_to([key], self.news.after).get(key, [])
        found = [_item(key, answer) for answer in told if answer.response.text in texts]
        gone = {row.text for row in rows if row.action == PublicationAction.WITHDRAWN}
        withdrawn = Response.objects.filter(recommendation_key=key, state="withdrawn").with_followed_from()
        for marker in record.markers([row for row in withdrawn if row.text in gone | texts]):
            found.append(Item(_title(key), _("An answer was withdrawn"), [marker_line(marker)]))
        return found


def _item(key: str, answer: published.Answer) -> Item:
    what = f"{answer.whose}: {answer.response.get_outcome_display()}"
    address = following.page_of("recommendation", key) if _is_public(key) else ""
    return Item(_title(key), what, answer.response.words.split("\n\n"), 0, answer.response.basis, address)


def _title(key: str) -> str:
    return _("Recommendation %(key)s") % {"key": key}


def _is_public(key: str) -> bool:
    return published.public(moments.now()).filter(key=key).exists()


def _message(author: Author, what: str, items: list[Item]) -> Mail:
    letter = author.letter
    unsubscribe = following.link(letter.language, "author_stop", secret_of(author))
    context = {"items": items, "number": letter.number, "total": len(items), "unsubscribe": unsubscribe}
    event = f"{EVENT}{author.handle}/{what}"
    return mail.compose(
        event, letter.email, letter.language, "letter_news", context, unsubscribe=unsubscribe, mass=True
    )


def _write_anew() -> None:
    """After a withdrawal, write what still waits for the mail server once more: the words are gone there too."""
    last = Publication.objects.filter(action=PublicationAction.WITHDRAWN).order_by("-position").first()
    if last is None:
        return
    at = datetime.datetime.fromisoformat(last.data["at"]) + datetime.timedelta(seconds=1)  # The log has whole seconds.
    for row in Mail.objects.waiting().filter(event__startswith=EVENT, queued_at__lt=at):
        handle, _slash, number = row.event.removeprefix(EVENT).partition("/")
        if not number.isdigit():
            continue  # It tells of moves, and holds no words of an answer.
        with transaction.atomic():
            row.delete()
            author = _authors().filter(handle=handle).first()
            message = Heard(int(number)).message(author) if author else None
            mail.store([message] if message else [])


# Moves of the desk


def _untold():
    """Moves that authors are to be told of: by the desk, after the address was confirmed."""
    told = ToldMove.objects.filter(move=OuterRef("pk"), author=OuterRef("recommendation__askings__letter__author"))
    return Move.objects.filter(~Exists(told), action__in=MOVES, by__isnull=False)


def _tell_moves(turn: Turn) -> int:
    """One message to each author for all that was moved since the last one."""
    sent = 0
    concerned = _untold().filter(recommendation__askings__letter__author__in=_authors())
    keys = concerned.order_by().values_list("recommendation__askings__letter__author", flat=True).distinct()
    for key in list(keys):
        if not turn.go_on():
            break
        sent += _tell_moves_to(key)
    return sent


def _tell_moves_to(key: int) -> int:
    with transaction.atomic():
        author = _authors().select_for_update(of=("self",)).filter(pk=key).first()
        if author is None:
            return 0
        letter = author.letter
        moves = Move.objects.filter(recommendation__askings__letter=letter, action__in=MOVES, by__isnull=False)
        told = ToldMove.objects.filter(author=author, move=OuterRef("pk"))
        moves = list(moves.filter(~Exists(told)).select_related("recommendation").order_by("pk"))
        ToldMove.objects.bulk_create(ToldMove(author=author, move=move) for move in moves)
        with translation.override(letter.language):
            items = [_moved(move) for move in moves if move.at >= letter.confirmed_at]
        if items:
            mail.store([_message(author, f"m{moves[-1].pk}", items)])
        return bool(items)


def _moved(move: Move) -> Item:
    """What the desk did, without its reasons: those stand on the receipt."""
    row = move.recommendation
    address = following.page_of("recommendation", row.key) if _is_public(row.key) else ""
    lines = []
    if move.action != MoveAction.PUBLISHED and move.after:
        lines = [_("State: %(state)s") % {"state": CaseState(move.after).label}]
    return Item(
        _title(row.key),
        MoveAction(move.action).label[:1].upper() + MoveAction(move.action).label[1:],
        lines,
        0,
        "",
        address,
    )
