"""The Celery application. It reads Django's settings (DJANGO_SETTINGS_MODULE) and finds the tasks of every app."""

from typing import Any

import django_structlog.celery.steps
from celery import Celery, signals

from infactor import filesystem_broker, redis_broker

filesystem_broker.install()
redis_broker.install()
app = Celery("infactor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(django_structlog.celery.steps.DjangoStructLogInitStep)


@signals.setup_logging.connect
def use_django_logging(**kwargs: Any) -> None:
    """Use Django's LOGGING for Celery's log messages, too."""
    import logging.config

    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
