"""Whole month names: `April 19, 2024`. Times say whose clock they are read on: the portal runs on that of TIME_ZONE."""

DATE_FORMAT = "F j, Y"
SHORT_DATE_FORMAT = "M j, Y"
YEAR_MONTH_FORMAT = "F Y"
DATETIME_FORMAT = r"F j, Y, H:i (\M\e\x\i\c\o \C\i\t\y)"
SHORT_DATETIME_FORMAT = r"M j, Y, H:i (\M\e\x\i\c\o \C\i\t\y)"
