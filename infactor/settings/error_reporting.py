"""Optional error reports to a Sentry server: where an error happened, and nothing of what was being handled.

An event is built anew from the few things that are allowed in it, so that whatever the SDK adds one day stays out.
Messages of exceptions, local variables, requests, users, breadcrumbs and SQL are customers' data, and never leave.
"""

from typing import Any

import sentry_sdk
from django.core.exceptions import ImproperlyConfigured
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import BadDsn

from infactor.settings.environment import env

SENTRY_DSN = env.str("SENTRY_DSN", "")
KEPT = ("event_id", "timestamp", "platform", "level", "release", "environment", "transaction")
KEPT_OF_FRAME = ("module", "function", "filename", "lineno", "in_app")
KEPT_TAGS = ("celery_task_id",)


def start(*, dsn: str, transport: Any = None) -> None:
    """Send unhandled errors of web and workers to `dsn`. Raises ImproperlyConfigured if it is none."""
    try:
        sentry_sdk.init(
            dsn=dsn,
            transport=transport,
            default_integrations=False,
            integrations=[DjangoIntegration(transaction_style="url"), CeleryIntegration()],
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            send_client_reports=False,
            auto_session_tracking=False,
            server_name="infactor",
            before_send=only_where,
        )
    except BadDsn as error:
        raise ImproperlyConfigured("infactor does not start: SENTRY_DSN is no address of a Sentry project.") from error


def only_where(event: Event, hint: Hint) -> Event:
    """The event with the types and places of its errors, and the pattern of the URL or the name of the task."""
    kept: dict[str, Any] = {name: event[name] for name in KEPT if name in event}  # type: ignore[literal-required]
    errors = event.get("exception", {}).get("values", [])
    kept["exception"] = {"values": [_error(error) for error in errors]}
    kept["tags"] = {name: value for name, value in dict(event.get("tags") or {}).items() if name in KEPT_TAGS}
    return kept  # type: ignore[return-value]


def _error(error: dict[str, Any]) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames", [])
    return {
        "type": error.get("type"),
        "module": error.get("module"),
        "stacktrace": {"frames": [{name: frame[name] for name in KEPT_OF_FRAME if name in frame} for frame in frames]},
    }
