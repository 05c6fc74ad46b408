"""The two capitals: a minute is typed in the time of one of them, and told in that of both."""

import datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.delegations import Delegation

ZONES = {Delegation.MX: ZoneInfo("America/Mexico_City"), Delegation.US: ZoneInfo("America/New_York")}
CAPITAL_NAMES = {Delegation.MX: _("Mexico City"), Delegation.US: _("Washington")}


def moment(day: datetime.date, time: datetime.time, capital: str) -> datetime.datetime:
    """The moment at which a clock in that capital shows this day and time.

    Raises ValidationError for a time that its clocks show twice or never.
    """
    with timezone.override(ZONES[Delegation(capital)]):
        try:
            return from_current_timezone(datetime.datetime.combine(day, time))
        except ValidationError as error:
            wrong = {"capital": CAPITAL_NAMES[Delegation(capital)], "time": time_format(time, "H:i")}
            told = _t(
                "Because of the time change, %(time)s in %(capital)s occurs twice or not at all on that "
                "day. Choose another time."
            )
            raise ValidationError(told % wrong) from error


def local(at: datetime.datetime, capital: str) -> datetime.datetime:
    """The moment as a clock in that capital shows it."""
    return at.astimezone(ZONES[Delegation(capital)])


def midnights(day: datetime.date, after: bool = False) -> list[datetime.datetime]:
    """The midnight at which the day begins in each capital, or ends (`after`)."""
    day += datetime.timedelta(days=after)
    return [datetime.datetime.combine(day, datetime.time.min, zone) for zone in ZONES.values()]


def to_text(at: datetime.datetime) -> str:
    """“November 30, 2026, 10:00 in Mexico City and 11:00 in Washington”; both days where they differ."""
    mexico, washington = local(at, Delegation.MX), local(at, Delegation.US)
    names = {
        "day": date_format(mexico, "DATE_FORMAT"),
        "time": time_format(mexico, "H:i"),
        "other_day": date_format(washington, "DATE_FORMAT"),
        "other_time": time_format(washington, "H:i"),
    }
    if mexico.date() == washington.date():
        return _t("%(day)s, %(time)s Mexico City time and %(other_time)s Washington time") % names
    return _t("%(day)s, %(time)s Mexico City time, and %(other_day)s, %(other_time)s Washington time") % names
