"""Template tags and filters for every app."""
