"""The OAuth authorization flow: begin, complete, confirm or reject another company, disconnect."""

import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit, transitions
from infactor.core.keys import digest_of_random
from infactor.suppliers.access import require_member
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from quickbooks_app import runs, sync_alerts
from quickbooks_app.auth import app_credentials, integrations, oauth_client
from quickbooks_app.connections import emails, grants
from quickbooks_app.connections.grants import Grant, finish_attempt
from quickbooks_app.errors import IntegrationUnavailable, QuickBooksError, Transient
from quickbooks_app.models import Connection, ConsentAttempt, ImportRun, Integration

STATE_LIFETIME = timedelta(minutes=10)
CHOICE_LIFETIME = timedelta(minutes=10)
REALM_ID_PATTERN = re.compile(r"[0-9]{1,32}\Z")
MAX_CODE_LENGTH = 512
WRONG_ENVIRONMENT_CODES = {"130", "3100"}  # of a company that the API of this environment does not have
Outcome = ConsentAttempt.Outcome


class InvalidState(Exception):
    """The OAuth state is unknown, used, another user's or another browser's. infactor has not called Intuit."""


def begin(
    *,
    user: User,
    supplier: Supplier,
    browser: str,
    in_popup: bool,
    at: datetime,
    integration: Integration | None = None,
    reconnecting: Connection | None = None,
) -> tuple[ConsentAttempt, str]:
    """A new attempt, and the URL of the consent page for the browser, which keeps the random text `browser`.

    Without `integration` it is that of the settings.

    With `reconnecting`, a company other than that connection's is connected only after the user confirms it.
    Raises IntegrationUnavailable.
    """
    state = secrets.token_urlsafe(32)
    integration = integration or integrations.from_settings()
    credentials = app_credentials.in_use(integration)
    attempt = ConsentAttempt.objects.create(
        state_digest=digest_of_random("state", state),
        browser_digest=digest_of_random("browser", browser),
        user=user,
        supplier=supplier,
        integration=integration,
        environment=credentials.environment,
        in_popup=in_popup,
        expires_at=at + STATE_LIFETIME,
        expected_connection=reconnecting,
    )
    return attempt, oauth_client.consent_url(credentials=credentials, state=state)


def complete(
    *, user: User, browser: str, query: Mapping[str, str], at: datetime
) -> tuple[ConsentAttempt, ImportRun | None]:
    """Consume the state, exchange the code, verify the company, and connect it. The attempt holds the outcome.

    The state is consumed before the exchange: a second exchange of the same code would revoke the tokens of the first.
    Raises InvalidState if the state is unknown, used, another user's, or of another browser than `browser`: a link that
    somebody else prepared connects nobody to their company.
    """
    attempt = _consume_state(user=user, browser=browser, state=query.get("state", ""), at=at)
    if attempt.expires_at <= at:
        return finish_attempt(attempt, Outcome.EXPIRED), None
    if error := query.get("error"):
        return finish_attempt(attempt, Outcome.DENIED if error == "access_denied" else Outcome.REFUSED), None
    code, realm_id = query.get("code", ""), query.get("realmId", "")
    if not code or len(code) > MAX_CODE_LENGTH or not REALM_ID_PATTERN.match(realm_id):
        return finish_attempt(attempt, Outcome.REFUSED), None
    try:
        credentials = app_credentials.in_use(attempt.integration)
        new_tokens = oauth_client.exchange_code(credentials=credentials, code=code, at=at)
        grant = grants.verify_company(credentials=credentials, realm_id=realm_id, new_tokens=new_tokens, at=at)
    except QuickBooksError as failure:
        return finish_attempt(attempt, _outcome_of(failure)), None
    if _is_other_company(attempt, grant):
        return _await_choice(attempt, grant, at=at), None
    return grants.connect(attempt=attempt, grant=grant, at=at)


def note_closed(*, user: User, supplier: Supplier, browser: str, at: datetime) -> None:
    """The window of the last attempt of `user` in this browser is gone, and nobody has come back from QuickBooks.

    Its state stays usable: a browser may tell of a window that is only kept apart.
    """
    begun = ConsentAttempt.objects.filter(
        browser_digest=digest_of_random("browser", browser), user=user, supplier=supplier, expires_at__gt=at
    )
    last = begun.order_by("-pk").values("pk")[:1]
    begun.filter(pk__in=last, used_at=None, outcome=Outcome.PENDING).update(outcome=Outcome.CLOSED, updated_at=at)


def expire_attempts(*, at: datetime) -> int:
    """End the attempts from which nobody came back in time. Returns their number."""
    left = ConsentAttempt.objects.filter(outcome=Outcome.PENDING, used_at=None, expires_at__lte=at)
    return left.update(outcome=Outcome.EXPIRED, updated_at=at)


def pending_company_name(*, attempt: ConsentAttempt, at: datetime) -> str:
    """The name of the other company that the user must confirm; "" if no choice is pending."""
    if attempt.outcome != Outcome.OTHER_PENDING or attempt.pending_until is None or attempt.pending_until <= at:
        return ""
    return Grant.from_text(attempt.pending_grant).company_name


def confirm_other_company(*, user: User, attempt_id: UUID, at: datetime) -> tuple[ConsentAttempt, ImportRun | None]:
    """Connect the other company in addition to the one that the user wanted to reconnect.

    Raises InvalidState if this user has no pending choice.
    """
    with transaction.atomic():
        attempt = _lock_pending_choice(user=user, attempt_id=attempt_id)
        if attempt.pending_until is None or attempt.pending_until <= at:
            return finish_attempt(attempt, Outcome.EXPIRED), None
        return grants.connect(attempt=attempt, grant=Grant.from_text(attempt.pending_grant), at=at)


def reject_other_company(*, user: User, attempt_id: UUID, at: datetime) -> ConsentAttempt:
    """Erase the other company's grant, and revoke it unless that company is connected.

    Raises InvalidState if this user has no pending choice.
    """
    with transaction.atomic():
        attempt = _lock_pending_choice(user=user, attempt_id=attempt_id)
        grant = Grant.from_text(attempt.pending_grant)
        audit.record(
            event="quickbooks.other_company_rejected",
            subject=attempt,
            by=user,
            at=at,
            supplier_id=attempt.supplier_id,
        )
        finish_attempt(attempt, Outcome.OTHER_REJECTED)
    # Intuit holds one grant per company: revoking it would end an existing connection.
    if not Connection.objects.filter(realm_fingerprint__in=_realm_fingerprints(attempt, grant)).exists():
        grants.revoke(integration=attempt.integration, token=grant.tokens.refresh_token)
    return attempt


def expire_pending_choices(*, at: datetime) -> int:
    """Erase the pending grants that users did not confirm or reject in time. Returns their number."""
    return ConsentAttempt.objects.filter(outcome=Outcome.OTHER_PENDING, pending_until__lte=at).update(
        outcome=Outcome.EXPIRED, pending_grant="", pending_until=None
    )


def disconnect(*, connection: Connection, by: User, at: datetime) -> bool:
    """Revoke the grant and erase the tokens; the invoices stay. True if Intuit confirmed the revocation.

    Only an owner may: new invoices stop coming, and with them financing. The connection ends even if Intuit does not
    confirm. Raises transitions.TransitionNotAllowed if it is not connected, and roles.NotAllowed.
    """
    require_member(by=by, supplier=connection.supplier, owner=True)
    with transaction.atomic():
        # Read the current token: a refresh may have replaced the one in memory.
        token = Connection.objects.select_for_update().get(pk=connection.pk).refresh_token
        transitions.move(
            connection,
            to=Connection.Status.DISCONNECTED,
            transitions=Connection.TRANSITIONS,
            by=by,
            at=at,
            supplier_id=connection.supplier_id,
            reason="Disconnected by the supplier.",
            changes={"disconnected_at": at, "next_sync_at": None, "status_reason": "", **_CLEARED_TOKENS},
        )
        runs.cancel_open(connection=connection, at=at, error="QuickBooks was disconnected.")
    return grants.revoke(integration=connection.integration, token=token)


def mark_needs_attention(*, connection: Connection, reason: str, at: datetime) -> None:
    """The grant has ended: tell the supplier, also by email, erase its tokens, and stop syncing.

    `connection` is in the state in which its grant was used. If it was reconnected since then, nothing changes.
    """
    with transaction.atomic(), suppress(transitions.TransitionNotAllowed):  # disconnected or marked before
        if was_reconnected(connection, lock=True):
            return
        transitions.move(
            connection,
            to=Connection.Status.NEEDS_ATTENTION,
            transitions=Connection.TRANSITIONS,
            by=None,
            at=at,
            supplier_id=connection.supplier_id,
            reason=reason,
            changes={
                "status_reason": reason,
                "next_sync_at": None,
                "attention_emailed_at": at,
                **_CLEARED_TOKENS,
            },
        )
        emails.enqueue_attention_email(connection=connection, reason=reason)
        sync_alerts.publish_failure(connection=connection, at=at)


def was_reconnected(connection: Connection, *, lock: bool = False) -> bool:
    """Whether the supplier has reconnected since `connection` was read."""
    rows = Connection.objects.select_for_update() if lock else Connection.objects.all()
    return rows.get(pk=connection.pk).connected_at != connection.connected_at


_CLEARED_TOKENS = {
    "access_token": "",
    "refresh_token": "",
    "access_token_expires_at": None,
    "refresh_lease_until": None,
}


def _consume_state(*, user: User, browser: str, state: str, at: datetime) -> ConsentAttempt:
    attempts = ConsentAttempt.objects.filter(
        state_digest=digest_of_random("state", state),
        browser_digest=digest_of_random("browser", browser),
        user=user,
        supplier__in=user.suppliers.all(),  # a user who has left the supplier cannot connect a company to it
        used_at__isnull=True,
    )
    attempt = attempts.select_related("supplier", "expected_connection", "integration").first()
    if attempt is None or not attempts.filter(pk=attempt.pk).update(used_at=at):
        raise InvalidState(_("This return from QuickBooks was used before or was not started here."))
    attempt.used_at = at
    return attempt


def _outcome_of(error: QuickBooksError) -> Outcome:
    """The outcome of an attempt whose code or company QuickBooks refused."""
    if isinstance(error, IntegrationUnavailable):
        return Outcome.REFUSED
    if error.code in WRONG_ENVIRONMENT_CODES:
        return Outcome.WRONG_ENVIRONMENT
    if error.code in ("invalid_client", "unauthorized_client"):
        return Outcome.KEYS_REFUSED
    return Outcome.UNREACHABLE if isinstance(error, Transient) else Outcome.REFUSED


def _lock_pending_choice(*, user: User, attempt_id: UUID) -> ConsentAttempt:
    """The attempt that waits for the choice of `user`, locked."""
    attempt = (
        ConsentAttempt.objects.select_for_update(of=("self",))
        .select_related("supplier")
        .filter(public_id=attempt_id, user=user, supplier__in=user.suppliers.all(), outcome=Outcome.OTHER_PENDING)
        .first()
    )
    if attempt is None:
        raise InvalidState(_("This choice was made before or has expired."))
    return attempt


def _realm_fingerprints(attempt: ConsentAttempt, grant: Grant) -> list[str]:
    return grants.realm_fingerprints(environment=attempt.environment, realm_id=grant.realm_id)


def _is_other_company(attempt: ConsentAttempt, grant: Grant) -> bool:
    """Whether the user chose another company than the expected one. Another supplier's company is refused later."""
    fingerprints = _realm_fingerprints(attempt, grant)
    if attempt.expected_connection is None or attempt.expected_connection.realm_fingerprint in fingerprints:
        return False
    existing = Connection.objects.filter(realm_fingerprint__in=fingerprints)
    return not existing.exclude(supplier=attempt.supplier).exists()


def _await_choice(attempt: ConsentAttempt, grant: Grant, *, at: datetime) -> ConsentAttempt:
    attempt.outcome = Outcome.OTHER_PENDING
    attempt.pending_grant, attempt.pending_until = grant.as_text(), at + CHOICE_LIFETIME
    attempt.save(update_fields=["outcome", "pending_grant", "pending_until", "updated_at"])
    return attempt
