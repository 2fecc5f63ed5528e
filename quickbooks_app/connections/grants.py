"""What a grant becomes: a new connection, one that is healed, or a refusal where another supplier holds the company."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db import IntegrityError, transaction

from infactor.core import audit, transitions
from infactor.core.fields import fingerprint
from infactor.invoices.models import CompanyFile
from infactor.suppliers.time_zone import adopt_time_zone
from quickbooks_app import runs
from quickbooks_app.api import circuit_breaker
from quickbooks_app.api.client import Call, QuickBooksClient
from quickbooks_app.auth import app_credentials, oauth_client, tokens
from quickbooks_app.mapping.invoices import SOURCE
from quickbooks_app.models import ApiCall, Connection, ConsentAttempt, ImportRun

Outcome = ConsentAttempt.Outcome

LONG_AWAY = timedelta(days=25)  # changes can be asked for up to 30 days back


@dataclass(frozen=True)
class Grant:
    """Tokens that were proved to open a company, and what they show of it. Never printed."""

    realm_id: str
    tokens: oauth_client.Tokens
    company_name: str
    home_currency: str
    time_zone: str

    def __repr__(self) -> str:
        return "Grant(hidden)"

    def as_text(self) -> str:
        """All of it as text, for an encrypted column."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_text(cls, text: str) -> "Grant":
        """The grant that `as_text` wrote."""
        return msgspec.json.decode(text, type=cls)


def prove(
    *, integration: app_credentials.Integration, realm_id: str, given: oauth_client.Tokens, at: datetime
) -> Grant:
    """Read the company with the new token: the realm came in a URL that anybody could have written."""
    calls: list[Call] = []
    client = QuickBooksClient(
        api_base=integration.api_base, realm_id=realm_id, token=given.access_token, record=calls.append
    )
    try:
        info = client.company_info()
        choices = client.preferences().CurrencyPrefs
    finally:
        client.close()
        ApiCall.objects.bulk_create(ApiCall(at=at, **vars(call)) for call in calls)
    home = choices.HomeCurrency.value if choices and choices.HomeCurrency else ""
    return Grant(
        realm_id=realm_id,
        tokens=given,
        company_name=(info.CompanyName or info.LegalName or "QuickBooks company")[:200],
        home_currency=home[:3],
        time_zone=info.DefaultTimeZone or "",
    )


def identity_of(*, environment: str, realm_id: str) -> str:
    """By what a company is known and kept unique, as its id itself is ciphertext."""
    return fingerprint("realm", environment, realm_id)


def connect(*, attempt: ConsentAttempt, grant: Grant, at: datetime) -> tuple[ConsentAttempt, ImportRun | None]:
    """Store the grant with the connection that holds its company, or a new one, and ask for the company's books."""
    try:
        return _connect(attempt=attempt, grant=grant, at=at)
    except IntegrityError:
        # Two callbacks for one realm at once: the other has made the row, so this one finds it now.
        return _connect(attempt=attempt, grant=grant, at=at)


def ended(
    attempt: ConsentAttempt, outcome: "ConsentAttempt.Outcome", connection: Connection | None = None
) -> ConsentAttempt:
    """Write how the journey ended; whatever it held is gone."""
    attempt.outcome, attempt.connection = outcome, connection
    attempt.held, attempt.held_until = "", None
    attempt.save(update_fields=["outcome", "connection", "held", "held_until", "updated_at"])
    return attempt


def _connect(*, attempt: ConsentAttempt, grant: Grant, at: datetime) -> tuple[ConsentAttempt, ImportRun | None]:
    identity = identity_of(environment=attempt.environment, realm_id=grant.realm_id)
    with transaction.atomic():
        connection = _heal(attempt=attempt, identity=identity, grant=grant, at=at)
        is_new = connection is None
        if connection is None:
            connection = _open(attempt=attempt, identity=identity, grant=grant, at=at)
        if connection.supplier_id != attempt.supplier_id:
            # Its tokens are dropped, not revoked: Intuit holds one grant a company, which may be the other's.
            audit.record(
                event="quickbooks.realm_refused",
                subject=connection,
                by=attempt.user,
                at=at,
                supplier_id=attempt.supplier_id,
                reason="The company belongs to another supplier.",
            )
            return ended(attempt, Outcome.REALM_TAKEN), None
        adopt_time_zone(supplier=attempt.supplier, name=grant.time_zone)
        kind = "" if is_new else _reading_after(connection, at=at)
        run = runs.request(connection=connection, by=attempt.user, at=at, kind=kind, trigger="connect")
        return ended(attempt, Outcome.CONNECTED, connection), run


def _reading_after(connection: Connection, *, at: datetime) -> str:
    """Which reading heals: what changed since; after a long absence, or where it was never done, every id as well."""
    as_of = connection.company_file.as_of
    if as_of is None:
        return ImportRun.Kind.FULL
    if connection.compared_at is None or at - as_of > LONG_AWAY:
        return ImportRun.Kind.COMPARE
    return ImportRun.Kind.CHANGES


def _heal(*, attempt: ConsentAttempt, identity: str, grant: Grant, at: datetime) -> Connection | None:
    """The connection that already holds the realm, with the new tokens if it is this supplier's."""
    known = Connection.objects.select_for_update().filter(realm_fingerprint=identity).first()
    if known is None or known.supplier_id != attempt.supplier_id:
        return known
    healed = transitions.move(
        known,
        to=Connection.Status.CONNECTED,
        moves=Connection.MOVES,
        by=attempt.user,
        at=at,
        supplier_id=attempt.supplier_id,
        reason="Connected again.",
        changes={
            "company_name": grant.company_name,
            "status_reason": "",
            "connected_by": attempt.user,
            "connected_at": at,
            "disconnected_at": None,
            "expiry_warned_at": None,
            "attention_mailed_at": None,
        },
    )
    # Behind the move: the database lets no disconnected row hold a token.
    tokens.store(healed, grant.tokens)
    circuit_breaker.answered(connection_id=healed.pk)
    return healed


def _open(*, attempt: ConsentAttempt, identity: str, grant: Grant, at: datetime) -> Connection:
    books = CompanyFile.objects.create(
        supplier=attempt.supplier, source=SOURCE, name=grant.company_name, home_currency=grant.home_currency
    )
    connection = Connection.objects.create(
        supplier=attempt.supplier,
        company_file=books,
        environment=attempt.environment,
        realm_id=grant.realm_id,
        realm_fingerprint=identity,
        company_name=grant.company_name,
        connected_by=attempt.user,
        connected_at=at,
        **vars(grant.tokens),
    )
    audit.record(
        event="quickbooks.connected", subject=connection, by=attempt.user, at=at, supplier_id=attempt.supplier_id
    )
    return connection
