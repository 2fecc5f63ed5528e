"""Days and moments in English; a moment names its zone, as everywhere else."""

DATE_FORMAT = "M j, Y"
DATETIME_FORMAT = "M j, Y, H:i T"
