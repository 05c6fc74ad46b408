"""Mexico's numbers under the language code `es`: decimal point, thousands comma."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
