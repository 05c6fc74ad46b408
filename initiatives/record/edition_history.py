"""The editions of one subject by their numbers: what each rests on, when it was the newest, and how two differ."""

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language
from hled_portal.i18n.delegations import Delegation
from hled_portal.publishing.published_querysets import NEWEST_FIRST
from hled_portal.publishing.signed_text import State
from initiatives.content import diff
from initiatives.models import Edition

from . import name_lookup


@dataclass(frozen=True)
class PublishedApproval:
    """A delegation's approval; who set it for the delegation is no matter for the public."""

    delegation: Delegation
    day: datetime.date

    @property
    def words(self) -> str:
        day = {"date": date_format(self.day, "DATE_FORMAT")}
        if self.delegation == Delegation.US:
            return _("Approved by the delegation of the United States on %(date)s.") % day
        return _("Approved by the delegation of Mexico on %(date)s.") % day


@dataclass(frozen=True)
class Issue:
    """One edition as lists show it. `until`: the day from which the next one counted; `marker` of a withdrawn one."""

    edition: Edition
    released: datetime.date
    until: datetime.date | None
    keys: list[PublishedApproval]
    marker: name_lookup.Marker | None

    @property
    def number(self) -> int:
        return self.edition.number


def issues(kind: str, key: str, at: Moment) -> list[Issue]:
    """Every edition that the moment knows, the newest first, without contents. One query more for withdrawn ones."""
    editions = Edition.objects.of_kind(kind).filter(subject_key=key).known(at).with_followed_from()
    editions = list(editions.select_related("release").defer("content").order_by(*NEWEST_FIRST))
    withdrawn = name_lookup.withdrawal_markers([edition for edition in editions if edition.state == State.WITHDRAWN])
    markers = {marker.number: marker for marker in withdrawn}
    untils = [None, *(edition.public_from for edition in editions)]
    return [
        Issue(
            edition=edition,
            released=timezone.localdate(edition.release.released_at),
            until=until,
            keys=published_approvals(edition),
            marker=markers.get(edition.number),
        )
        for edition, until in zip(editions, untils, strict=False)
    ]


def published_approvals(edition: Edition) -> list[PublishedApproval]:
    """Which delegations cleared the edition, and on which days; none for one that was entered from a joint text."""
    days = [(Delegation.US, edition.us_at), (Delegation.MX, edition.mx_at)]
    approvals = [PublishedApproval(side, timezone.localdate(at)) for side, at in days if at]
    return sorted(approvals, key=lambda each: each.day)


def edition_moment(edition: Edition) -> Moment:
    """The moment from which the edition counted, as this portal knew the record then: its names never change."""
    return Moment(edition.public_from, edition.publication, read={})


@dataclass(frozen=True)
class Comparison:
    """What changed from one edition to another."""

    old: Edition
    new: Edition
    parts: list[diff.ChangedPart]


def comparison(one: Edition, other: Edition) -> Comparison:
    """The difference of two editions of one subject, with the names of the newer one's day. One query."""
    old, new = sorted((one, other), key=lambda edition: edition.number)
    names = name_lookup.register_names(
        new.data, edition_moment(new), *diff.referenced_subjects(old.data), *diff.referenced_subjects(new.data)
    )
    return Comparison(old, new, diff.compare_contents(old.data, new.data, names.names, active_language()))
