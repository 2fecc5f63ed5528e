"""Management commands of suppliers."""
