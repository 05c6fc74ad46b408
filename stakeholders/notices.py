"""Telling followers what became public: one message for each release, or for each week, with all that concerns them.

Publishing calls nothing here. When the jobs run, the publication log is read from each follower's own cursor
(`told_up_to`), and a follower's message and her cursor are written in one short transaction: killed between any two
steps, nobody is told twice, and nobody misses anything.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.db import transaction
from django.db.models import Max, Min, Q
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from hled_portal import mail, moments
from hled_portal.bilingual import active_language
from hled_portal.jobs import Turn
from hled_portal.models import Mail, Publication, PublicationAction, Release
from hled_portal.moments import Moment
from initiatives import differences, record
from initiatives.filters import InitiativeFilter
from initiatives.models import Edition

from . import following
from .models import Digest, Follow, Follower
from .vocabulary import FollowKind, Rhythm

EVENT = "notice/"
#: How many followers one transaction tells.
BATCH = 20
ITEMS_AT_MOST, LINES_AT_MOST = 40, 15
#: An old and a new value of so many characters together are told; of longer ones the name of the field.
SHORT = 120
#: The weekly message goes out on Mondays from this hour on, in Mexico City.
HOUR = 8

Key = tuple[str, str]


@dataclass(frozen=True)
class Item:
    """What became of one public text, in one language. Without `address` it was withdrawn, and has no words."""

    title: str
    what: str
    lines: list[str] = field(default_factory=list)
    more: int = 0
    basis: str = ""
    address: str = ""


class News:
    """What changed for readers from one publication to another, and whom it concerns.

    Only what is public at this moment has words here: what was withdrawn since is told by its marker.
    """

    def __init__(self, since: int, up_to: int):
        # A release after midnight by one machine's clock may be read before midnight by another's.
        newest = Release.objects.filter(publication__lte=up_to).aggregate(day=Max("public_from"))["day"]
        day = max(moments.today(), newest or moments.today())
        self.before, self.after = Moment(day, since), Moment(day, up_to)
        self.since, self.up_to = since, up_to
        self._items: dict[tuple[str, Key], Item] = {}

    @cached_property
    def logged(self) -> list[Publication]:
        rows = Publication.objects.filter(number__gt=self.since, number__lte=self.up_to)
        return list(rows.exclude(action=PublicationAction.SUPERSEDED))

    @cached_property
    def numbers(self) -> dict[Key, int]:
        """The texts that were released or withdrawn, each with the newest number that names it."""
        found = {}
        for row in self.logged:
            kind, key, _number = row.text.split("/")
            if kind in (FollowKind.INITIATIVE, FollowKind.PILLAR, FollowKind.MEETING):
                found[kind, key] = row.number
        return {key: number for key, number in found.items() if key in self.new or key in self.withdrawn}

    @cached_property
    def new(self) -> dict[Key, Edition]:
        """The newest edition of each text at the end, where that is not the one of the beginning."""
        then = self._editions(self.before)
        found = self._editions(self.after)
        return {key: row for key, row in found.items() if key not in then or then[key].pk != row.pk}

    @cached_property
    def old(self) -> dict[Key, Edition]:
        return self._editions(self.before)

    def _editions(self, at: Moment) -> dict[Key, Edition]:
        keys = {row.text.split("/")[1] for row in self.logged}
        rows = Edition.objects.public(at).filter(subject_key__in=keys)
        return {(row.subject_kind, row.subject_key): row for row in rows}

    @cached_property
    def withdrawn(self) -> dict[Key, list[Edition]]:
        """The editions that were withdrawn meanwhile; none of their words is left but who, when and why."""
        texts = {row.text for row in self.logged if row.action == PublicationAction.WITHDRAWN}
        keys = {text.split("/")[1] for text in texts}
        rows = Edition.objects.filter(state="withdrawn", subject_key__in=keys).defer("content").with_followed_from()
        found: dict[Key, list[Edition]] = {}
        for row in rows:
            if row.text in texts:
                found.setdefault((row.subject_kind, row.subject_key), []).append(row)
        return found

    # Whom it concerns

    def concerned(self, follows):
        """Of these follows, those that something of it concerns."""
        pillars = {key: self.pillars_of(key) for key in self.numbers}
        wanted = Q(kind=FollowKind.SELECTION, query__in=self.queries)
        for kind, key in self.numbers:
            wanted |= Q(kind=kind, key=key)
        wanted |= Q(kind=FollowKind.PILLAR, key__in=set().union(*pillars.values()))
        wanted |= Q(kind=FollowKind.MEETING, key__in=set(self.meetings.values()))
        return follows.filter(wanted, since__lt=self.up_to)

    def keys_for(self, follows: list[Follow]) -> set[Key]:
        """What a follower is told: all that her follows concern and that came after she began."""
        return {key for row in follows for key in self._keys(row) if self.numbers[key] > row.since}

    def _keys(self, row: Follow) -> Iterator[Key]:
        for key in self.numbers:
            if (
                key == (row.kind, row.key)
                or (row.kind == FollowKind.PILLAR and row.key in self.pillars_of(key))
                or (row.kind == FollowKind.MEETING and row.key == self.meetings.get(key))
                or (row.kind == FollowKind.SELECTION and key in self.selected.get(row.query, ()))
            ):
                yield key

    def pillars_of(self, key: Key) -> set[str]:
        """The pillars that an initiative is in, and was in before."""
        if key[0] != FollowKind.INITIATIVE:
            return set()
        rows = [row.pillar_key for row in (self.new.get(key), self.old.get(key)) if row]
        return set(rows) | {row.pillar_key for row in self.withdrawn.get(key, ())} - {""}

    @cached_property
    def meetings(self) -> dict[Key, str]:
        """The meeting whose joint text an edition was entered from."""
        entered = {key: row.source_key for key, row in self.new.items() if row.source_key}
        sources = Edition.objects.public(self.after).of_kind("source").filter(subject_key__in=set(entered.values()))
        meetings = {row.subject_key: row.data["meeting"] for row in sources}
        return {key: meetings[source] for key, source in entered.items() if meetings.get(source)}

    @property
    def queries(self) -> list[str]:
        return [query for query, keys in self.selected.items() if keys]

    @cached_property
    def selected(self) -> dict[str, set[Key]]:
        """For each selection that is followed: what of this fits it, or did before, or was withdrawn out of all."""
        queries = Follow.objects.filter(kind=FollowKind.SELECTION, since__lt=self.up_to)
        return {query: self._selected(query) for query in queries.values_list("query", flat=True).distinct()}

    def _selected(self, query: str) -> set[Key]:
        keys = {key for kind, key in self.numbers if kind == FollowKind.INITIATIVE}
        found = set()
        for at in (self.before, self.after):
            fitting = InitiativeFilter(QueryDict(query), at).qs.filter(subject_key__in=keys)
            found |= {(FollowKind.INITIATIVE.value, key) for key in fitting.values_list("subject_key", flat=True)}
        return found | self._withdrawn_from(QueryDict(query))

    def _withdrawn_from(self, query: QueryDict) -> set[Key]:
        """Withdrawn initiatives that may have fitted a selection: of what they said only the pillar is known still."""
        pillars = query.getlist("pillar")
        rows = [row for rows in self.withdrawn.values() for row in rows if row.subject_kind == FollowKind.INITIATIVE]
        return {(row.subject_kind, row.subject_key) for row in rows if not pillars or row.pillar_key in pillars}

    # In words

    def items(self, keys: set[Key]) -> list[Item]:
        """These changes in the active language, by title."""
        language = active_language()
        for key in keys:
            if (language, key) not in self._items:
                self._items[language, key] = self._item(key)
        return sorted((self._items[language, key] for key in keys), key=lambda item: (not item.address, item.title))

    def _item(self, key: Key) -> Item:
        marks = [_marker_line(marker) for marker in record.markers(self.withdrawn.get(key, ()))]
        edition = self.new.get(key)
        if edition is None:
            return Item("/".join(key), _("Withdrawn"), marks)
        lines = [*marks, *self._changes(key, edition)]
        values = {"number": edition.number, "date": date_format(edition.public_from, "DATE_FORMAT")}
        return Item(
            title=edition.title,
            what=_("Edition %(number)s, public from %(date)s") % values,
            lines=lines[:LINES_AT_MOST],
            more=max(0, len(lines) - LINES_AT_MOST),
            basis=edition.basis,
            address=mail.site() + self._address(key, edition),
        )

    def _changes(self, key: Key, edition: Edition) -> list[str]:
        old = self.old.get(key)
        if old is None:
            first = edition.number == 1
            return [_("First published.") if first else _("Public again, after an earlier edition was withdrawn.")]
        names = record.register(edition.data, self.after)
        parts = differences.between(old.data, edition.data, names.names, names.language)
        return [line for part in parts for line in _lines(part)]

    def _address(self, key: Key, edition: Edition) -> str:
        kind, name = key
        if kind == FollowKind.PILLAR:
            return reverse("pillar", args=[edition.cycle_key, edition.data["number"]])
        return reverse(kind, args=[name])


def _lines(part: differences.Part) -> Iterator[str]:
    """One line for what changed in one part; the page shows the words."""
    name = f"{part.label}: {part.name}" if part.name else part.label
    if part.state == "new":
        yield _("New: %(part)s") % {"part": name}
    elif part.state == "gone":
        yield _("No longer there: %(part)s") % {"part": name}
    else:
        fields = "; ".join(dict.fromkeys(_field(change) for change in part.changes))
        line = _("Changed: %(part)s (%(fields)s)") if name else _("Changed: %(fields)s")
        yield line % {"part": name, "fields": fields}


def _field(change: differences.Change) -> str:
    """The name of a field, with what went and what came where that is short."""
    gone, came = ("; ".join(piece.text for piece in change.pieces if piece.mark == mark) for mark in ("del", "ins"))
    if change.form == "words" or not came or len(gone) + len(came) > SHORT:
        return str(change.label)
    return f"{change.label}: {gone} → {came}" if gone else f"{change.label}: {came}"


def _marker_line(marker: record.Marker) -> str:
    since, until = (date_format(day, "DATE_FORMAT") for day in (marker.since, marker.until))
    values = {"number": marker.number, "since": since, "until": until}
    told = _("Edition %(number)s, public from %(since)s to %(until)s, was withdrawn") % values
    values = {"told": told, "delegation": marker.delegation, "reason": marker.reason}
    line = _("%(told)s by the delegation of %(delegation)s: %(reason)s.") % values
    return f"{line} {marker.words}".strip()


# Telling


def tell_at_once(turn: Turn) -> str | None:
    """One message for each release to each follower whom it concerns."""
    _write_anew()
    sent = 0
    while turn.go_on() and (number := _next_number()) is not None:
        followers = Follower.objects.filter(rhythm=Rhythm.AT_ONCE, told_up_to__lt=number)
        sent += _tell(turn, News(number - 1, number), followers)
    return f"{sent} messages queued" if sent else None


def _next_number() -> int | None:
    """The first publication that somebody who hears at once has not been told of."""
    low = Follower.objects.filter(rhythm=Rhythm.AT_ONCE).aggregate(low=Min("told_up_to"))["low"]
    if low is None:
        return None
    return Publication.objects.filter(number__gt=low).aggregate(number=Min("number"))["number"]


def tell_weekly(turn: Turn) -> str | None:
    """One message for each week, from Monday morning on; the first run of the week decides how far it reaches."""
    monday = _monday(timezone.localtime())
    defaults = {"up_to": moments.newest_publication()}
    digest, _created = Digest.objects.get_or_create(monday=monday, defaults=defaults)
    sent = 0
    weekly = Follower.objects.filter(rhythm=Rhythm.WEEKLY, told_up_to__lt=digest.up_to)
    while turn.go_on() and (since := weekly.aggregate(low=Min("told_up_to"))["low"]) is not None:
        followers = weekly.filter(told_up_to=since)
        sent += _tell(turn, News(since, digest.up_to), followers)
    return f"{sent} messages queued" if sent else None


def _monday(now: datetime.datetime) -> datetime.date:
    """The last Monday whose hour has come."""
    day = (now - datetime.timedelta(hours=HOUR)).date()
    return day - datetime.timedelta(days=day.weekday())


def _tell(turn: Turn, news: News, followers) -> int:
    """Write to those whom it concerns, a few in each transaction; then move the cursors of all others."""
    sent = 0
    concerned = Q(pk__in=news.concerned(Follow.objects).values("follower"))
    while turn.go_on() and (batch := list(followers.filter(concerned).prefetch_related("follows")[:BATCH])):
        messages = {follower.pk: _message(follower, news) for follower in batch}  # The slow part, before any lock.
        with transaction.atomic():
            # Whoever waited for the lock of another process finds these followers told, and leaves them out.
            told = list(followers.select_for_update().filter(pk__in=messages).values_list("pk", flat=True))
            ready = [messages[key] for key in told if messages[key]]
            mail.store(ready)
            Follower.objects.filter(pk__in=told).update(told_up_to=news.up_to)
        sent += len(ready)
    if not turn.cut:
        followers.exclude(concerned).update(told_up_to=news.up_to)
    return sent


def _message(follower: Follower, news: News) -> Mail | None:
    """The message of one follower; none where nothing came after she began to follow."""
    keys = news.keys_for(list(follower.follows.all()))
    if not keys:
        return None
    with translation.override(follower.language):
        items = news.items(keys)
    secret = following.secret_of(follower)
    unsubscribe = following.link(follower.language, "unsubscribe", secret)
    context = {
        "items": items[:ITEMS_AT_MOST],
        "total": len(items),
        "more": max(0, len(items) - ITEMS_AT_MOST),
        "all": following.link(follower.language, "initiatives") + "?sort=published",
        "weekly": follower.rhythm == Rhythm.WEEKLY,
        "manage": following.link(follower.language, "following", secret),
        "unsubscribe": unsubscribe,
    }
    event = f"{EVENT}{news.since}-{news.up_to}"
    return mail.compose(
        event, follower.address, follower.language, "notice", context, unsubscribe=unsubscribe, mass=True
    )


def _write_anew() -> None:
    """After a withdrawal, write what still waits for the mail server once more: the words are gone there too."""
    last = Publication.objects.filter(action=PublicationAction.WITHDRAWN).order_by("-position").first()
    if last is None:
        return
    at = datetime.datetime.fromisoformat(last.data["at"]) + datetime.timedelta(seconds=1)  # The log has whole seconds.
    news: dict[str, News] = {}
    for row in Mail.objects.waiting().filter(event__startswith=EVENT, queued_at__lt=at):
        if row.event not in news:
            news[row.event] = News(*map(int, row.event.removeprefix(EVENT).split("-")))
        with transaction.atomic():
            row.delete()
            follower = Follower.objects.filter(address__iexact=row.recipient).first()
            message = _message(follower, news[row.event]) if follower else None
            mail.store([message] if message else [])
