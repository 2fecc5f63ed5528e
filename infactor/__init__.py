"""infactor: invoices turned into cash."""

# Loaded with Django, so that every process, the web too, rings at our broker and not at Celery's default.
from infactor.celery import app as celery_app

__all__ = ["celery_app"]
