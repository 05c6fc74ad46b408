"""Days and times on pages: no day in numbers alone, and no time without its zone."""

import datetime
import re

import pytest
from django.utils.formats import date_format
from django.utils.translation import override

MOMENT = datetime.datetime(2026, 11, 29, 16, 5)


@pytest.mark.parametrize(
    ("language", "name", "text"),
    [
        ("en", "DATE_FORMAT", "November 29, 2026"),
        ("en", "SHORT_DATE_FORMAT", "Nov 29, 2026"),
        ("en", "DATETIME_FORMAT", "November 29, 2026, 16:05 (Mexico City)"),
        ("en", "SHORT_DATETIME_FORMAT", "Nov 29, 2026, 16:05 (Mexico City)"),
        ("es", "DATE_FORMAT", "29 de noviembre de 2026"),
        ("es", "SHORT_DATE_FORMAT", "29 nov 2026"),
        ("es", "DATETIME_FORMAT", "29 de noviembre de 2026, 16:05 (Ciudad de México)"),
        ("es", "SHORT_DATETIME_FORMAT", "29 nov 2026, 16:05 (Ciudad de México)"),
    ],
)
def test_formats_of_days_and_times(language, name, text):
    with override(language):
        assert date_format(MOMENT, name) == text
    assert not re.search(r"\d/\d", text)
