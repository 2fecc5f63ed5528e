"""English date and time formats. A time always shows its time zone."""

DATE_FORMAT = "M j, Y"
DATETIME_FORMAT = "M j, Y, H:i T"
