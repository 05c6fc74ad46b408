"""Mexico's numbers under the language code `es`: decimal point, thousands comma. No day is written in numbers alone."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
SHORT_DATE_FORMAT = "j b Y"
DATETIME_FORMAT = r"j \d\e F \d\e Y, H:i (\C\i\u\d\a\d \d\e \M\é\x\i\c\o)"
SHORT_DATETIME_FORMAT = r"j b Y, H:i (\C\i\u\d\a\d \d\e \M\é\x\i\c\o)"
