"""Grants: verify the company, then create a connection, reconnect it, or refuse another supplier's company."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db import IntegrityError, transaction

from infactor.core import audit, keys, transitions
from infactor.invoices.models import CompanyFile
from infactor.suppliers.time_zone import adopt_time_zone
from quickbooks_app import runs
from quickbooks_app.api import circuit_breaker
from quickbooks_app.api.client import QuickBooksClient
from quickbooks_app.api.session import rows_of
from quickbooks_app.api.transport import INTERACTIVE, CallRecord
from quickbooks_app.auth import app_credentials, oauth_client, tokens
from quickbooks_app.errors import IntegrationUnavailable
from quickbooks_app.mapping.invoices import SOURCE
from quickbooks_app.models import ApiCall, Connection, ConsentAttempt, ImportRun, Integration

Outcome = ConsentAttempt.Outcome

RECONCILE_AFTER = timedelta(days=25)  # change data capture covers 30 days


@dataclass(frozen=True)
class Grant:
    """Tokens that were verified to open a company, and facts about that company. Never printed."""

    realm_id: str
    tokens: oauth_client.Tokens
    company_name: str
    home_currency: str
    time_zone: str
    edition: str = ""
    country: str = ""

    def __repr__(self) -> str:
        return "Grant(hidden)"

    def as_text(self) -> str:
        """The grant as text, for an encrypted column."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_text(cls, text: str) -> "Grant":
        """The grant that `as_text` returned."""
        return msgspec.json.decode(text, type=cls)


def verify_company(
    *, credentials: app_credentials.AppCredentials, realm_id: str, new_tokens: oauth_client.Tokens, at: datetime
) -> Grant:
    """Read the company with the new token. The realm id came in a URL, which anyone can forge."""
    calls: list[CallRecord] = []
    client = QuickBooksClient(
        api_base=credentials.api_base,
        realm_id=realm_id,
        token=new_tokens.access_token,
        record=calls.append,
        timeouts=INTERACTIVE,
    )
    try:
        info = client.company_info()
        currencies = client.preferences().CurrencyPrefs
    finally:
        client.close()
        ApiCall.objects.bulk_create(rows_of(calls, environment=credentials.environment, at=at))
    home = currencies.HomeCurrency.value if currencies and currencies.HomeCurrency else ""
    return Grant(
        realm_id=realm_id,
        tokens=new_tokens,
        company_name=(info.CompanyName or info.LegalName or "QuickBooks company")[:200],
        home_currency=home[:3].upper(),
        time_zone=info.DefaultTimeZone or "",
        edition=info.edition,
        country=(info.Country or "")[:3],
    )


def realm_fingerprints(*, environment: str, realm_id: str) -> list[str]:
    """The fingerprints that find a company, because the database stores its id encrypted. The first one is stored."""
    return keys.fingerprints("realm", environment, realm_id)


def revoke(*, integration: Integration, token: str) -> bool:
    """Revoke a grant with both its tokens, also of a disabled integration. False unless Intuit confirmed it."""
    try:
        return bool(token) and oauth_client.revoke(credentials=app_credentials.of(integration), token=token)
    except IntegrationUnavailable:
        return False


def connect(*, attempt: ConsentAttempt, grant: Grant, at: datetime) -> tuple[ConsentAttempt, ImportRun | None]:
    """Save the grant with the company's connection, or with a new one, and request an import."""
    try:
        return _connect(attempt=attempt, grant=grant, at=at)
    except IntegrityError:
        # A concurrent callback for the same realm created the row, so the second attempt finds it.
        return _connect(attempt=attempt, grant=grant, at=at)


def finish_attempt(
    attempt: ConsentAttempt, outcome: "ConsentAttempt.Outcome", connection: Connection | None = None
) -> ConsentAttempt:
    """Save the outcome of the attempt and erase its pending grant."""
    attempt.outcome, attempt.connection = outcome, connection
    attempt.pending_grant, attempt.pending_until = "", None
    attempt.save(update_fields=["outcome", "connection", "pending_grant", "pending_until", "updated_at"])
    return attempt


def _connect(*, attempt: ConsentAttempt, grant: Grant, at: datetime) -> tuple[ConsentAttempt, ImportRun | None]:
    fingerprints = realm_fingerprints(environment=attempt.environment, realm_id=grant.realm_id)
    with transaction.atomic():
        # The attempt first, as whoever confirms another company locks it: docs/architecture.md, "Locks".
        ConsentAttempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
        connection = _reconnect(attempt=attempt, fingerprints=fingerprints, grant=grant, at=at)
        is_new = connection is None
        if connection is None:
            connection = _create_connection(attempt=attempt, realm_fingerprint=fingerprints[0], grant=grant, at=at)
        if connection.supplier_id != attempt.supplier_id:
            # Drop the tokens without revoking them: Intuit holds one grant per company, perhaps the other supplier's.
            audit.record(
                event="quickbooks.realm_refused",
                subject=connection,
                by=attempt.user,
                at=at,
                supplier_id=attempt.supplier_id,
                reason="The company belongs to another supplier.",
            )
            return finish_attempt(attempt, Outcome.REALM_TAKEN), None
        adopt_time_zone(supplier=attempt.supplier, name=grant.time_zone)
        kind = "" if is_new else _run_kind_after_reconnect(connection, at=at)
        run = runs.request(connection=connection, by=attempt.user, at=at, kind=kind, trigger="connect")
        return finish_attempt(attempt, Outcome.CONNECTED, connection), run


def _run_kind_after_reconnect(connection: Connection, *, at: datetime) -> str:
    """The changes, or a reconciliation if the company was away for long or was never reconciled."""
    as_of = connection.company_file.as_of
    if as_of is None:
        return ImportRun.Kind.FULL
    if connection.reconciled_at is None or at - as_of > RECONCILE_AFTER:
        return ImportRun.Kind.RECONCILE
    return ImportRun.Kind.CHANGES


def _reconnect(*, attempt: ConsentAttempt, fingerprints: list[str], grant: Grant, at: datetime) -> Connection | None:
    """The existing connection of the realm, None if there is none. It gets the new tokens if it is this supplier's."""
    existing = Connection.objects.select_for_update().filter(realm_fingerprint__in=fingerprints).first()
    if existing is None or existing.supplier_id != attempt.supplier_id:
        return existing
    connection = transitions.move(
        existing,
        to=Connection.Status.CONNECTED,
        transitions=Connection.TRANSITIONS,
        by=attempt.user,
        at=at,
        supplier_id=attempt.supplier_id,
        reason="Reconnected.",
        changes={
            "integration": attempt.integration,
            "company_name": grant.company_name,
            "edition": grant.edition,
            "country": grant.country,
            "company_read_at": at,
            "status_reason": "",
            "connected_by": attempt.user,
            "connected_at": at,
            "disconnected_at": None,
            "expiry_warned_at": None,
            "attention_emailed_at": None,
        },
    )
    # After the transition: a constraint forbids tokens in a disconnected row.
    tokens.save_tokens(connection, grant.tokens)
    circuit_breaker.record_success(connection_id=connection.pk)
    return connection


def _create_connection(*, attempt: ConsentAttempt, realm_fingerprint: str, grant: Grant, at: datetime) -> Connection:
    company_file = CompanyFile.objects.create(
        supplier=attempt.supplier, source=SOURCE, name=grant.company_name, home_currency=grant.home_currency
    )
    connection = Connection.objects.create(
        supplier=attempt.supplier,
        company_file=company_file,
        integration=attempt.integration,
        environment=attempt.environment,
        realm_id=grant.realm_id,
        realm_fingerprint=realm_fingerprint,
        company_name=grant.company_name,
        edition=grant.edition,
        country=grant.country,
        company_read_at=at,
        connected_by=attempt.user,
        connected_at=at,
        **vars(grant.tokens),
    )
    audit.record(
        event="quickbooks.connected", subject=connection, by=attempt.user, at=at, supplier_id=attempt.supplier_id
    )
    return connection
