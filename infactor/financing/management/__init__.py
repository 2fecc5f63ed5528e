"""Management commands of financing."""
