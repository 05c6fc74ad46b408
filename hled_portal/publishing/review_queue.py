"""The queue of a delegation: texts that lack its key, in the order of the work, and what an officer has opened of them.

What was opened is kept for each officer, so that work on many texts goes on
where it ended.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import F

from hled_portal.i18n.delegations import Delegation
from hled_portal.models import Opening

from .signed_text import OPEN, Signed, State


def waiting(model: type[Signed], delegation: str):
    """Texts without the key of this delegation: those whose minute has passed or is near first, then by age."""
    if delegation not in Delegation.values:
        return model._default_manager.none()
    rows = model._default_manager.filter(state=State.PROPOSED, **{f"{delegation.lower()}_digest": ""})
    return rows.select_related("plan", "author").order_by(F("plan__at").asc(nulls_last=True), "proposed_at", "pk")


def opened(model: type[Signed], officer) -> set[tuple[int, str]]:
    """Row and digest of every text that the officer had on the screen. One query."""
    return set(_openings(model, officer))


def _openings(model: type[Signed], officer) -> list[tuple[int, str]]:
    """Row and digest of each text that was opened, the newest last."""
    rows = Opening.objects.filter(officer=officer, table=model._meta.label_lower).order_by("pk")
    return list(rows.values_list("text_pk", "digest"))


def note_opened(text: Signed, officer) -> None:
    """Keep that the officer had the text on the screen. One query where that is known already."""
    same = {"officer": officer, "table": text._meta.label_lower, "text_pk": text.pk}
    if not Opening.objects.filter(**same).exists():
        Opening.objects.get_or_create(**same, defaults={"digest": text.digest})


@dataclass(frozen=True)
class Waiting:
    """One text of the queue. `is_author`: its key is for a colleague to set."""

    text: Signed
    is_opened: bool
    is_author: bool
    facets: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Queue:
    """What waits under the filters; `decided` of the texts on their way have this delegation's key already.

    `on_screen` is the row of the text that the officer opened last.
    """

    rows: list[Waiting]
    decided: int
    on_screen: int | None = None
    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.decided + len(self.rows)

    @property
    def never_opened(self) -> int:
        return sum(not row.is_opened for row in self.rows)

    def next(self, after: int | None = None) -> Signed | None:
        """The text to go on with: the one after this row, else the first that was not opened, else the first.

        Without a row it is the text that was on the screen last, where that still waits. The author's own texts are
        left out.
        """
        mine = [row for row in self.rows if not row.is_author]
        left_open = [row.text for row in mine if after is None and row.text.pk == self.on_screen]
        if left_open:
            return left_open[0]
        places = [place for place, row in enumerate(mine) if row.text.pk == after]
        later = mine[places[0] + 1 :] if places else []
        fresh = [row for row in mine if not row.is_opened and row.text.pk != after]
        left = [row for row in mine if row.text.pk != after]
        found = [row for row in later if not row.is_opened] or later or fresh or left
        return found[0].text if found else None

    def place(self, text: Signed) -> int | None:
        """Which one of all this text is, counted from 1 after those decided; None where it does not wait."""
        places = [place for place, row in enumerate(self.rows) if row.text.pk == text.pk]
        return self.decided + places[0] + 1 if places else None


def build_queue(model: type[Signed], officer, facets_of, asked: dict[str, str]) -> Queue:
    """The queue of the officer's delegation. Three queries.

    `facets_of(text)` gives by the name of each filter the value of the text and its words; `asked` chooses values.
    """
    openings = _openings(model, officer)
    seen = set(openings)
    rows = [
        Waiting(text, (text.pk, text.digest) in seen, text.author_id == officer.pk, facets_of(text))
        for text in waiting(model, officer.delegation)
    ]
    decided = [facets_of(text) for text in _decided(model, officer.delegation)]
    return Queue(
        rows=[row for row in rows if _matches_filters(row.facets, asked)],
        decided=sum(_matches_filters(facets, asked) for facets in decided),
        on_screen=openings[-1][0] if openings else None,
        choices=_choices([*(row.facets for row in rows), *decided]),
    )


def _decided(model: type[Signed], delegation: str):
    """Texts that the delegation keyed and that are not public yet."""
    if delegation not in Delegation.values:
        return []
    keyed = model._default_manager.filter(state__in=OPEN).exclude(**{f"{delegation.lower()}_digest": ""})
    return keyed.select_related("plan")


def _matches_filters(facets: dict[str, tuple[str, str]], asked: dict[str, str]) -> bool:
    return all(not value or facets.get(name, ("", ""))[0] == value for name, value in asked.items())


def _choices(every: Iterable[dict[str, tuple[str, str]]]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for facets in every:
        for name, pair in facets.items():
            found.setdefault(name, set()).update({pair} if pair[0] else ())
    return {name: sorted(pairs, key=lambda pair: pair[1]) for name, pairs in found.items()}
