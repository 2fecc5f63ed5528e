"""The WSGI application, and the limit of a query's time in web processes."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infactor.settings.production")
# A person waits: a statement that takes longer ends, and the page says when to come again. Workers have no such limit.
os.environ.setdefault("DATABASE_STATEMENT_SECONDS", "30")
application = get_wsgi_application()
