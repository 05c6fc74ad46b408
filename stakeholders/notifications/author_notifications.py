"""Messages to authors of what became of their letters: answers, public changes of linked initiatives, and moves.

Releases are read from the publication log from each letter's own cursor (`delivery.py`); moves of triage between
releases are kept as rows. Only an address that its owner confirmed is written to, and who wrote several letters
under it gets one message about all of them.
"""

import datetime
from functools import cached_property

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hled_portal.background import mail
from hled_portal.background.jobs import JobRun
from hled_portal.dates import as_of
from hled_portal.models import Mail, Publication, PublicationAction, Removal
from initiatives.record import name_lookup
from stakeholders.models import Author, Letter, Move, NotifiedMove, Recommendation, Response, ResponseLink
from stakeholders.models.querysets import PUT_ASIDE
from stakeholders.public import published
from stakeholders.vocabulary import CaseState, FollowKind, MoveAction

from . import delivery
from .change_digest import ChangeDigest, DigestItem, marker_line

#: On the list of removals.
AUTHOR_STOPPED = "author stopped"
AUTHOR_MAIL = "letter-news/"
#: Moves of staff of which the author is notified when they happen; answers come with releases.
MOVES = (
    MoveAction.CONSIDERED,
    MoveAction.PUBLISHED,
    MoveAction.UNPUBLISHED,
    MoveAction.RESTRICTED,
    MoveAction.UNRESTRICTED,
)


# Recipients


def enrol(turn: JobRun | None = None) -> None:
    """Begin to notify each author whose address is confirmed, from the publication after that on."""
    for letter in Letter.objects.filter(confirmed_at__isnull=False, author=None).exclude(email=""):
        Author.objects.get_or_create(letter=letter, defaults={"notified_up_to": _newest_by(letter.confirmed_at)})


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
    addresses = {author.address for author in authors[: delivery.MESSAGES_A_TRANSACTION]}
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
    """The letters that messages to this address are about, or were until they were stopped."""
    rows = Letter.objects.filter(email__iexact=author.letter.email, author__isnull=False)
    return list(rows.exclude(state__in=PUT_ASIDE).order_by("created_at", "pk"))


def stop(author: Author) -> None:
    """Write no more to this address of any letter, what waits in the outbox included. The letters stay as they are."""
    address = author.letter.email
    with transaction.atomic():
        authors = Author.objects.filter(letter__email__iexact=address)
        keys = list(authors.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
        Mail.objects.waiting().filter(event__startswith=AUTHOR_MAIL, recipient__iexact=address).delete()
        stopped = Author.objects.filter(pk__in=keys, stopped_at=None)
        handles = list(stopped.values_list("handle", flat=True))
        Removal.objects.bulk_create(Removal(kind=AUTHOR_STOPPED, name=handle) for handle in handles)
        stopped.update(stopped_at=timezone.now())


def stop_author_again(name: str, _detail: str) -> None:
    """After a restore: an author who stopped the messages after the backup."""
    Author.objects.filter(handle=name, stopped_at=None).update(stopped_at=timezone.now())


# Releases


def notify_authors(turn: JobRun) -> str | None:
    """One message for each release to each address that it concerns, and one for all moves since the last one."""
    enrol()
    delivery.rewrite_unsent(rf"^{AUTHOR_MAIL}.+/\d+$", _recompose)  # Messages of moves hold no words of answers.
    sent = 0
    while turn.should_continue() and (number := delivery.next_publication(_authors())) is not None:
        sent += _notify(turn, AuthorNews(number))
    if not turn.cut:
        sent += _notify_of_moves(turn)
    return f"{sent} messages queued" if sent else None


def _notify(turn: JobRun, news: "AuthorNews") -> int:
    def compose_batch(concerned) -> list[delivery.Delivery]:
        people = _next_people(concerned)
        return [delivery.Delivery([author.pk for author in person], news.message(person)) for person in people]

    pending = _authors().filter(notified_up_to__lt=news.number)
    return delivery.notify(turn, pending, Q(pk__in=news.authors()), news.number, compose_batch)


class AuthorNews:
    """What one publication brings to the authors of letters."""

    def __init__(self, number: int):
        self.number = number
        self.news = ChangeDigest(number - 1, number)

    @cached_property
    def answers(self) -> dict[str, list[Publication]]:
        """What the log says of answers, by recommendation."""
        by_key: dict[str, list[Publication]] = {}
        for row in self.news.logged:
            kind, key = row.text.split("/")[:2]
            if kind == "response":
                by_key.setdefault(key, []).append(row)
        return by_key

    @cached_property
    def linked(self) -> dict[str, set[str]]:
        """The initiatives that changed and that a public answer names, by recommendation."""
        changed = {key for kind, key in self.news.numbers if kind == FollowKind.INITIATIVE}
        initiatives: dict[str, set[str]] = {}
        for at in (self.news.before, self.news.after):
            links = ResponseLink.objects.filter(response__in=Response.objects.public(at), initiative_key__in=changed)
            for key, initiative in links.values_list("response__recommendation_key", "initiative_key"):
                initiatives.setdefault(key, set()).add(initiative)
        return initiatives

    def authors(self):
        """The keys of the authors whom it concerns."""
        keys = set(self.answers) | set(self.linked)
        return Author.objects.filter(letter__askings__recommendation__key__in=keys).order_by().values("pk")

    def recipients(self, address: str):
        """The letters of an address that its message is about."""
        publication = Publication.objects.filter(number=self.number).first()
        confirmed = _authors().filter(letter__confirmed_at__lt=delivery.end_of_second(publication))
        return confirmed.filter(letter__email__iexact=address, pk__in=self.authors())

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
        answers = published.answers_to([key], self.news.after).get(key, [])
        items = [
            _item(key, answer, self.news.basis(answer.response)) for answer in answers if answer.response.text in texts
        ]
        gone = {row.text for row in rows if row.action == PublicationAction.WITHDRAWN}
        withdrawn = Response.objects.filter(recommendation_key=key, state="withdrawn").with_followed_from()
        for marker in name_lookup.withdrawal_markers([row for row in withdrawn if row.text in gone | texts]):
            items.append(DigestItem(_title(key), _("A response was withdrawn"), [marker_line(marker)]))
        return items


def _item(key: str, answer: published.Answer, basis: str) -> DigestItem:
    what = f"{answer.whose}: {answer.response.get_outcome_display()}"
    address = mail.page_url("recommendation", key) if _is_public(key) else ""
    return DigestItem(_title(key), what, answer.response.words.split("\n\n"), 0, basis, address)


def _title(key: str) -> str:
    return _("Recommendation %(key)s") % {"key": key}


def _is_public(key: str) -> bool:
    return published.public_recommendations(as_of.now()).filter(key=key).exists()


def _language(person: Person) -> str:
    """That of the newest letter."""
    return person[-1].letter.language


def _message(person: Person, what: str, items: list[DigestItem]) -> Mail:
    language = _language(person)
    unsubscribe = mail.page_url("author_stop", unsubscribe_secret(person[-1]), language=language)
    numbers = [author.letter.number for author in person]
    context = {"items": items, "numbers": numbers, "unsubscribe": unsubscribe}
    address = person[-1].letter.email
    return mail.compose(
        AUTHOR_MAIL + what, address, language, "letter_news", context, unsubscribe=unsubscribe, mass=True
    )


def _recompose(row: Mail) -> Mail | None:
    news = AuthorNews(int(row.event.rpartition("/")[2]))
    person = list(news.recipients(row.recipient))
    message = news.message(person) if person else None
    if message:
        message.event = row.event
    return message


# Moves of staff


def _pending_moves(letter):
    """Moves by staff of what a letter asks for, of which its author was not notified."""
    moves = Move.objects.filter(recommendation__askings__letter=letter, action__in=MOVES, by__isnull=False)
    notified = NotifiedMove.objects.filter(author__letter=letter, move=OuterRef("pk"))
    return moves.filter(~Exists(notified)).select_related("recommendation").order_by("pk")


def _notify_of_moves(turn: JobRun) -> int:
    """One message to each address for all that was moved since the last one."""
    notified = NotifiedMove.objects.filter(author=OuterRef(OuterRef("pk")), move=OuterRef("pk"))
    moves = Move.objects.filter(~Exists(notified), action__in=MOVES, by__isnull=False)
    concerned = _authors().filter(Exists(moves.filter(recommendation__askings__letter=OuterRef("letter"))))
    sent = 0
    for address in sorted(set(concerned.values_list("address", flat=True))):
        if not turn.should_continue():
            break
        sent += _notify_address_of_moves(address)
    return sent


def _notify_address_of_moves(address: str) -> int:
    with transaction.atomic():
        person, moves = [], {}
        for author in _authors().select_for_update(of=("self",)).filter(address=address):
            pending = list(_pending_moves(author.letter))
            NotifiedMove.objects.bulk_create(NotifiedMove(author=author, move=move) for move in pending)
            if later := {move.pk: move for move in pending if move.at >= author.letter.confirmed_at}:
                person.append(author)
                moves |= later
        if not person:
            return 0
        with translation.override(_language(person)):
            items = [_move_item(move) for _key, move in sorted(moves.items())]
        mail.store([_message(person, f"{person[0].handle}/m{max(moves)}", items)])
        return 1


def _move_item(move: Move) -> DigestItem:
    """Without the reasons: the receipt shows them."""
    row = move.recommendation
    address = mail.page_url("recommendation", row.key) if _is_public(row.key) else ""
    lines = []
    if move.action != MoveAction.PUBLISHED and move.after:
        lines = [_("Status: %(state)s") % {"state": CaseState(move.after).label}]
    return DigestItem(
        _title(row.key),
        MoveAction(move.action).label[:1].upper() + MoveAction(move.action).label[1:],
        lines,
        0,
        "",
        address,
    )
