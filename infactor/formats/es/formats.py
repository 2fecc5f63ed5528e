"""Spanish date, time and number formats. A time always shows its time zone. Numbers are written as by Babel."""

DATE_FORMAT = "j b Y"
DATETIME_FORMAT = "j b Y, H:i T"
DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "."
NUMBER_GROUPING = 3
