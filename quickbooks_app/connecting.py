"""The consent journey: set out, come back, and be connected or told in plain words why not; and disconnecting."""

import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from infactor.core import audit, transitions
from infactor.core.fields import fingerprint
from infactor.invoices.models import CompanyFile
from infactor.suppliers.models import Supplier
from infactor.suppliers.profile import adopt_time_zone
from infactor.users.models import User
from quickbooks_app import integration as integrations
from quickbooks_app import oauth, runs, tokens
from quickbooks_app.client import Call, QuickBooksClient
from quickbooks_app.errors import QuickBooksError, Transient
from quickbooks_app.mapping import SOURCE
from quickbooks_app.models import ApiCall, Connection, ConsentAttempt, ImportRun
from quickbooks_app.payloads import CompanyInfo

STATE_LIVES = timedelta(minutes=10)
REALM = re.compile(r"[0-9]{1,32}\Z")
LONGEST_CODE = 512
Outcome = ConsentAttempt.Outcome


class StateRefused(Exception):
    """The callback's state is not one that this user may take out (any longer). Nothing was asked of Intuit."""


@dataclass(frozen=True)
class _Company:
    """What the new token shows of the company behind a realm."""

    info: CompanyInfo
    home_currency: str


def begin(*, user: User, supplier: Supplier, in_popup: bool, at: datetime) -> tuple[ConsentAttempt, str]:
    """A new attempt and the address of the consent page to send the browser to."""
    state = secrets.token_urlsafe(32)
    integration = integrations.current()
    attempt = ConsentAttempt.objects.create(
        state_fingerprint=fingerprint("state", state),
        user=user,
        supplier=supplier,
        environment=integration.environment,
        in_popup=in_popup,
        expires_at=at + STATE_LIVES,
    )
    return attempt, oauth.consent_url(integration=integration, state=state)


def complete(*, user: User, query: Mapping[str, str], at: datetime) -> tuple[ConsentAttempt, ImportRun | None]:
    """Take the state out, exchange the code, prove the realm, and connect. The attempt says how it ended.

    The state is spent before the exchange: a second callback with the same code would kill the tokens of the
    first. Raises StateRefused where the state is unknown, another user's, or was taken out before.
    """
    attempt = _take_state(user=user, state=query.get("state", ""), at=at)
    if attempt.expires_at <= at:
        return _ended(attempt, Outcome.EXPIRED), None
    if error := query.get("error"):
        return _ended(attempt, Outcome.DENIED if error == "access_denied" else Outcome.REFUSED), None
    code, realm_id = query.get("code", ""), query.get("realmId", "")
    if not code or len(code) > LONGEST_CODE or not REALM.match(realm_id):
        return _ended(attempt, Outcome.REFUSED), None
    integration = integrations.current()
    try:
        given = oauth.exchange(integration=integration, code=code, at=at)
        company = _prove(integration=integration, realm_id=realm_id, token=given.access_token, at=at)
    except Transient:
        return _ended(attempt, Outcome.UNREACHABLE), None
    except QuickBooksError:
        return _ended(attempt, Outcome.REFUSED), None
    return _connect(attempt=attempt, realm_id=realm_id, given=given, company=company, at=at)


def disconnect(*, connection: Connection, by: User, at: datetime) -> bool:
    """Give the grant back to Intuit and forget the tokens; the invoices stay. True if Intuit confirmed.

    Ends disconnected here whatever Intuit answers. Raises transitions.MoveRefused if it was not connected.
    """
    with transaction.atomic():
        # The one that lives now: a refresh may have replaced the one in memory.
        token = Connection.objects.select_for_update().get(pk=connection.pk).refresh_token
        transitions.move(
            connection,
            to=Connection.Status.DISCONNECTED,
            moves=Connection.MOVES,
            by=by,
            at=at,
            supplier_id=connection.supplier_id,
            reason="Disconnected by the supplier.",
            changes={"disconnected_at": at, "next_sync_at": None, "status_reason": "", **_NO_TOKENS},
        )
        runs.cancel_open(connection=connection, at=at, error="QuickBooks was disconnected.")
    return bool(token) and oauth.revoke(integration=integrations.current(), token=token)


def needs_attention(*, connection: Connection, reason: str, at: datetime) -> None:
    """The grant is dead: say so, forget its tokens, and stop asking until the supplier reconnects.

    `connection` is as it was when the grant was used: if it was connected again since, another grant lives.
    """
    with transaction.atomic(), suppress(transitions.MoveRefused):  # disconnected meanwhile, or known already
        if is_renewed(connection, lock=True):
            return
        transitions.move(
            connection,
            to=Connection.Status.NEEDS_ATTENTION,
            moves=Connection.MOVES,
            by=None,
            at=at,
            supplier_id=connection.supplier_id,
            reason=reason,
            changes={"status_reason": reason, "next_sync_at": None, **_NO_TOKENS},
        )


def is_renewed(connection: Connection, *, lock: bool = False) -> bool:
    """Whether the supplier has connected again since `connection` was read."""
    rows = Connection.objects.select_for_update() if lock else Connection.objects.all()
    return rows.get(pk=connection.pk).connected_at != connection.connected_at


_NO_TOKENS = {"access_token": "", "refresh_token": "", "access_token_expires_at": None, "refresh_lease_until": None}


def _take_state(*, user: User, state: str, at: datetime) -> ConsentAttempt:
    mine = ConsentAttempt.objects.filter(
        state_fingerprint=fingerprint("state", state),
        user=user,
        supplier__in=user.suppliers.all(),  # who left the company meanwhile connects nothing to it
        taken_at__isnull=True,
    )
    attempt = mine.select_related("supplier").first()
    if attempt is None or not mine.filter(pk=attempt.pk).update(taken_at=at):
        raise StateRefused("This way back from QuickBooks was used before, or was not begun here.")
    attempt.taken_at = at
    return attempt


def _ended(
    attempt: ConsentAttempt, outcome: "ConsentAttempt.Outcome", connection: Connection | None = None
) -> ConsentAttempt:
    attempt.outcome, attempt.connection = outcome, connection
    attempt.save(update_fields=["outcome", "connection", "updated_at"])
    return attempt


def _prove(*, integration: integrations.Integration, realm_id: str, token: str, at: datetime) -> _Company:
    """Read the company with the new token: the realm came in a URL that anybody could have written."""
    calls: list[Call] = []
    client = QuickBooksClient(api_base=integration.api_base, realm_id=realm_id, token=token, record=calls.append)
    try:
        info = client.company_info()
        choices = client.preferences().CurrencyPrefs
    finally:
        client.close()
        ApiCall.objects.bulk_create(ApiCall(at=at, **vars(call)) for call in calls)
    home = choices.HomeCurrency.value if choices and choices.HomeCurrency else ""
    return _Company(info=info, home_currency=home[:3])


def _connect(
    *,
    attempt: ConsentAttempt,
    realm_id: str,
    given: oauth.Tokens,
    company: _Company,
    at: datetime,
    is_second_try: bool = False,
) -> tuple[ConsentAttempt, ImportRun | None]:
    identity = fingerprint("realm", attempt.environment, realm_id)
    try:
        with transaction.atomic():
            connection = _heal(attempt=attempt, identity=identity, given=given, company=company, at=at) or _open(
                attempt=attempt, identity=identity, realm_id=realm_id, given=given, company=company, at=at
            )
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
                return _ended(attempt, Outcome.REALM_TAKEN), None
            adopt_time_zone(supplier=attempt.supplier, name=company.info.DefaultTimeZone or "")
            run = runs.request(connection=connection, by=attempt.user, at=at)
            return _ended(attempt, Outcome.CONNECTED, connection), run
    except IntegrityError:
        if is_second_try:
            raise
        # Two callbacks for one realm at once: the other has made the row, so this one finds it now.
        return _connect(attempt=attempt, realm_id=realm_id, given=given, company=company, at=at, is_second_try=True)


def _heal(
    *, attempt: ConsentAttempt, identity: str, given: oauth.Tokens, company: _Company, at: datetime
) -> Connection | None:
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
            "company_name": _name(company),
            "status_reason": "",
            "connected_by": attempt.user,
            "connected_at": at,
            "disconnected_at": None,
        },
    )
    # Behind the move: the database lets no disconnected row hold a token.
    tokens.store(healed, given)
    return healed


def _open(
    *, attempt: ConsentAttempt, identity: str, realm_id: str, given: oauth.Tokens, company: _Company, at: datetime
) -> Connection:
    books = CompanyFile.objects.create(
        supplier=attempt.supplier, source=SOURCE, name=_name(company), home_currency=company.home_currency
    )
    connection = Connection.objects.create(
        supplier=attempt.supplier,
        company_file=books,
        environment=attempt.environment,
        realm_id=realm_id,
        realm_fingerprint=identity,
        company_name=_name(company),
        connected_by=attempt.user,
        connected_at=at,
        **vars(given),
    )
    audit.record(
        event="quickbooks.connected", subject=connection, by=attempt.user, at=at, supplier_id=attempt.supplier_id
    )
    return connection


def _name(company: _Company) -> str:
    return (company.info.CompanyName or company.info.LegalName or "QuickBooks company")[:200]
