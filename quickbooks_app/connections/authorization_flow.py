"""The consent journey: set out, come back, and be connected or told in plain words why not; and disconnecting."""

import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from infactor.core import audit, transitions
from infactor.core.fields import fingerprint
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from quickbooks_app import runs
from quickbooks_app.auth import app_credentials, oauth_client
from quickbooks_app.connections import emails, grants
from quickbooks_app.connections.grants import Grant, ended
from quickbooks_app.errors import QuickBooksError, Transient
from quickbooks_app.models import Connection, ConsentAttempt, ImportRun

STATE_LIVES = timedelta(minutes=10)
CHOICE_LIVES = timedelta(minutes=10)
REALM = re.compile(r"[0-9]{1,32}\Z")
LONGEST_CODE = 512
Outcome = ConsentAttempt.Outcome


class StateRefused(Exception):
    """The journey is not one that this user may go on with (any longer). Nothing was asked of Intuit."""


def begin(
    *, user: User, supplier: Supplier, in_popup: bool, at: datetime, reconnecting: Connection | None = None
) -> tuple[ConsentAttempt, str]:
    """A new attempt and the address of the consent page to send the browser to.

    With `reconnecting`, another company than that connection's is not connected before the person was asked.
    """
    state = secrets.token_urlsafe(32)
    integration = app_credentials.current()
    attempt = ConsentAttempt.objects.create(
        state_fingerprint=fingerprint("state", state),
        user=user,
        supplier=supplier,
        environment=integration.environment,
        in_popup=in_popup,
        expires_at=at + STATE_LIVES,
        begun_for=reconnecting,
    )
    return attempt, oauth_client.consent_url(integration=integration, state=state)


def complete(*, user: User, query: Mapping[str, str], at: datetime) -> tuple[ConsentAttempt, ImportRun | None]:
    """Take the state out, exchange the code, prove the realm, and connect. The attempt says how it ended.

    The state is spent before the exchange: a second callback with the same code would kill the tokens of the
    first. Raises StateRefused where the state is unknown, another user's, or was taken out before.
    """
    attempt = _take_state(user=user, state=query.get("state", ""), at=at)
    if attempt.expires_at <= at:
        return ended(attempt, Outcome.EXPIRED), None
    if error := query.get("error"):
        return ended(attempt, Outcome.DENIED if error == "access_denied" else Outcome.REFUSED), None
    code, realm_id = query.get("code", ""), query.get("realmId", "")
    if not code or len(code) > LONGEST_CODE or not REALM.match(realm_id):
        return ended(attempt, Outcome.REFUSED), None
    integration = app_credentials.current()
    try:
        given = oauth_client.exchange(integration=integration, code=code, at=at)
        grant = grants.prove(integration=integration, realm_id=realm_id, given=given, at=at)
    except Transient:
        return ended(attempt, Outcome.UNREACHABLE), None
    except QuickBooksError:
        return ended(attempt, Outcome.REFUSED), None
    if _is_another(attempt, grant):
        return _ask(attempt, grant, at=at), None
    return grants.connect(attempt=attempt, grant=grant, at=at)


def asked_about(*, attempt: ConsentAttempt, at: datetime) -> str:
    """The name of the other company that the person is asked about; "" where nothing is asked (any longer)."""
    if attempt.outcome != Outcome.ASKED or attempt.held_until is None or attempt.held_until <= at:
        return ""
    return Grant.from_text(attempt.held).company_name


def use_other(*, user: User, attempt_id: UUID, at: datetime) -> tuple[ConsentAttempt, ImportRun | None]:
    """The person meant the other company: connect it beside the one that was to be reconnected.

    Raises StateRefused where nothing is asked of this user (any longer).
    """
    with transaction.atomic():
        attempt = _asked(user=user, attempt_id=attempt_id)
        if attempt.held_until is None or attempt.held_until <= at:
            return ended(attempt, Outcome.EXPIRED), None
        return grants.connect(attempt=attempt, grant=Grant.from_text(attempt.held), at=at)


def decline_other(*, user: User, attempt_id: UUID, at: datetime) -> ConsentAttempt:
    """The person did not mean the other company: forget it, and give its grant back unless it is connected already.

    Raises StateRefused where nothing is asked of this user (any longer).
    """
    with transaction.atomic():
        attempt = _asked(user=user, attempt_id=attempt_id)
        grant = Grant.from_text(attempt.held)
        audit.record(
            event="quickbooks.other_company_declined",
            subject=attempt,
            by=user,
            at=at,
            supplier_id=attempt.supplier_id,
        )
        ended(attempt, Outcome.DECLINED)
    # Intuit holds one grant a company: giving it back would end a connection that lives by it.
    if not Connection.objects.filter(realm_fingerprint=_identity(attempt, grant)).exists():
        oauth_client.revoke(integration=app_credentials.current(), token=grant.tokens.refresh_token)
    return attempt


def forget_choices(*, at: datetime) -> int:
    """Erase what was held for people who did not say what they meant in time; how many."""
    return ConsentAttempt.objects.filter(outcome=Outcome.ASKED, held_until__lte=at).update(
        outcome=Outcome.EXPIRED, held="", held_until=None
    )


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
    return bool(token) and oauth_client.revoke(integration=app_credentials.current(), token=token)


def needs_attention(*, connection: Connection, reason: str, at: datetime) -> None:
    """The grant is dead: say so, by mail too, forget its tokens, and stop asking until the supplier reconnects.

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
            changes={
                "status_reason": reason,
                "next_sync_at": None,
                "attention_mailed_at": at,
                **_NO_TOKENS,
            },
        )
        emails.attention(connection=connection, reason=reason)


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
    attempt = mine.select_related("supplier", "begun_for").first()
    if attempt is None or not mine.filter(pk=attempt.pk).update(taken_at=at):
        raise StateRefused("This way back from QuickBooks was used before, or was not begun here.")
    attempt.taken_at = at
    return attempt


def _asked(*, user: User, attempt_id: UUID) -> ConsentAttempt:
    """The locked attempt that waits for `user` to say what they meant."""
    attempt = (
        ConsentAttempt.objects.select_for_update(of=("self",))
        .select_related("supplier")
        .filter(public_id=attempt_id, user=user, supplier__in=user.suppliers.all(), outcome=Outcome.ASKED)
        .first()
    )
    if attempt is None:
        raise StateRefused("This choice was made before, or took too long.")
    return attempt


def _identity(attempt: ConsentAttempt, grant: Grant) -> str:
    return grants.identity_of(environment=attempt.environment, realm_id=grant.realm_id)


def _is_another(attempt: ConsentAttempt, grant: Grant) -> bool:
    """Whether another company came back than the one to be reconnected; one of another supplier's is refused anyway."""
    if attempt.begun_for is None or attempt.begun_for.realm_fingerprint == _identity(attempt, grant):
        return False
    held = Connection.objects.filter(realm_fingerprint=_identity(attempt, grant))
    return not held.exclude(supplier=attempt.supplier).exists()


def _ask(attempt: ConsentAttempt, grant: Grant, *, at: datetime) -> ConsentAttempt:
    attempt.outcome = Outcome.ASKED
    attempt.held, attempt.held_until = grant.as_text(), at + CHOICE_LIVES
    attempt.save(update_fields=["outcome", "held", "held_until", "updated_at"])
    return attempt
