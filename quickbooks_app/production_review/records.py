"""Checks of what this installation has done with QuickBooks so far."""

from django.core.cache import cache
from django.db.models import Q

from infactor.core.models import AuditEvent
from quickbooks_app import retention
from quickbooks_app.auth import app_credentials, integrations, tokens
from quickbooks_app.errors import IntegrationUnavailable
from quickbooks_app.models import ApiCall, Connection, Integration
from quickbooks_app.production_review.outcomes import Outcome, met, met_if, not_met, to_confirm

CALLS_LOOKED_AT = 200
MIN_LOG_DAYS = 30
YEARLY_REVIEW_FROM = 500  # connections of one app


def tried_in_the_sandbox() -> Outcome:
    """Connecting, disconnecting and reconnecting were done with a company that is no live one."""
    test = Connection.objects.exclude(environment=Integration.Environment.PRODUCTION)
    moves = AuditEvent.objects.filter(
        event="connection.status", subject_id__in=[str(pk) for pk in test.values_list("pk", flat=True)]
    )
    done = {
        "connect": test.exists(),
        "disconnect": moves.filter(details__to=Connection.Status.DISCONNECTED).exists(),
        "reconnect": moves.filter(details__to=Connection.Status.CONNECTED).exists(),
    }
    missing = [name for name, is_done in done.items() if not is_done]
    return met_if(
        not missing,
        "A sandbox company was connected, disconnected and connected again.",
        f"Connect a sandbox company and {', then '.join(missing)}: docs/guide/first-import.md.",
    )


def discovery() -> Outcome:
    """The endpoints come from Intuit's discovery document."""
    known = [_credentials(one) for one in integrations.listed()]
    used = [one for one in known if one is not None and cache.get(one.discovery_key)]
    return met_if(
        bool(used),
        "Read from Intuit's discovery document once a day.",
        "The document was not read yet, or cannot be reached: connect a company, then look again.",
    )


def refresh_on_expiry() -> Outcome:
    """An access token is refreshed when it expires, and not with every call."""
    minutes = int(tokens.EXPIRY_MARGIN.total_seconds() // 60)
    return met(f"Refreshed {minutes} minutes before the hour ends, one process at a time, and saved before use.")


def intuit_tid() -> Outcome:
    """The transaction id of each answer is stored with its call."""
    answered = ApiCall.objects.filter(status__isnull=False).order_by("-pk")[:CALLS_LOOKED_AT]
    with_tid = [bool(tid) for tid in answered.values_list("intuit_tid", flat=True)]
    if not with_tid:
        return to_confirm("No call was made yet. Connect a company, then look again.")
    return met_if(
        any(with_tid),
        f"{sum(with_tid)} of the last {len(with_tid)} answered calls have one; staff search by it under API calls.",
        "QuickBooks' last answers had no intuit_tid. Ask Intuit why.",
    )


def error_log() -> Outcome:
    """Every failed call is stored with what Intuit's support asks for."""
    failed = ApiCall.objects.filter(~Q(status=200) | ~Q(error_code="")).count()
    return met_if(
        retention.RETENTION.days >= MIN_LOG_DAYS,
        f"Each call is a row with time, operation, status, code and intuit_tid for {retention.RETENTION.days} days; "
        f"{failed:,} failed ones are kept now. The overview groups them by cause.",
        "Keep calls for a month or longer.",
    )


def webhooks() -> Outcome:
    """Each enabled integration of live companies has a verifier."""
    missing = [
        one.name
        for one in integrations.listed().filter(environment=Integration.Environment.PRODUCTION)
        if not integrations.asks_for_keys(one) and not integrations.receives_webhooks(one)
    ]
    return met_if(
        not missing,
        "Every signature is verified; unsigned bodies are not parsed.",
        f"Add the verifier token of {', '.join(missing)}: docs/guide/webhooks.md.",
    )


def yearly_review() -> Outcome:
    """Above 500 connections, Intuit reviews an app once a year."""
    live = Connection.objects.filter(
        environment=Integration.Environment.PRODUCTION, status=Connection.Status.CONNECTED
    ).count()
    if live <= YEARLY_REVIEW_FROM:
        return met(f"{live:,} live companies: the yearly review begins above {YEARLY_REVIEW_FROM}.")
    return to_confirm(f"{live:,} live companies: confirm each year that Intuit's review was passed.")


def development_keys_apart() -> Outcome:
    """No client id serves two environments."""
    known: dict[str, set[str]] = {}
    for client_id, environment in Integration.objects.exclude(client_id="").values_list("client_id", "environment"):
        known.setdefault(client_id, set()).add(environment)
    shared = [one for one, environments in known.items() if len(environments) > 1]
    if shared:
        return not_met(f"{len(shared)} client ids stand in two environments. Enter the right keys for one of them.")
    return met("Each environment has keys of its own.")


def _credentials(integration: Integration) -> app_credentials.AppCredentials | None:
    try:
        return app_credentials.of(integration)
    except IntegrationUnavailable:
        return None
