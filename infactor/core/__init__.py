"""Floor 0: money, moves, audit, fields, what every admin page shares."""
