"""infactor: invoice financing for suppliers that keep their books in QuickBooks Online."""

# Imported with Django, so that every process, including the web, uses infactor's broker and not Celery's default.
from infactor.celery import app as celery_app

__all__ = ["celery_app"]
