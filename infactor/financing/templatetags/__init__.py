"""Tags of staff's home page."""
