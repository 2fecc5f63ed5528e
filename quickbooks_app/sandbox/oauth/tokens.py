"""Grants, authorization codes and tokens: issue, lifetime, rotation and revocation."""

import secrets
import string
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection, Row

from quickbooks_app.sandbox.runtime.errors import GatewayFault, unauthenticated
from quickbooks_app.sandbox.runtime.store import Store

CODE_SECONDS = 600
ACCESS_SECONDS = 3600
REFRESH_SECONDS = 8_726_400
ROTATION_SECONDS = 24 * 3600
HARD_LIMIT_SECONDS = 5 * 365 * 24 * 3600

ACCOUNTING = "com.intuit.quickbooks.accounting"


class TokenError(Exception):
    """An error response of the token endpoint, as OAuth 2.0 defines it."""

    def __init__(self, *, error: str, description: str | None = None, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class Tokens:
    """A success response of the token endpoint."""

    access: str
    refresh: str
    refresh_expires_in: int
    hard_expires_in: int
    scope: str
    realm: str
    email: str
    granted_at: int


@dataclass(frozen=True, slots=True)
class AccessGrant:
    """The grant behind an access token."""

    realm: str
    scope: str
    email: str
    client_id: str


def _random(length: int, alphabet: str = string.ascii_lowercase + string.digits) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _new_access() -> str:
    # Shaped like Intuit's: an encrypted token of about a kilobyte that nobody can look into.
    parts = (secrets.token_urlsafe(16), secrets.token_urlsafe(600), secrets.token_urlsafe(16))
    return "eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0.." + ".".join(parts)


def _new_refresh(*, expires_at: int) -> str:
    return f"RT1-{secrets.randbelow(90) + 10}-H0-{expires_at}{_random(20)}"


def grant(store: Store, *, client_id: str, realm: str, scope: str, email: str, redirect_uri: str, at: datetime) -> str:
    """Record that a user connected a company to an app. Returns the code that the app may exchange once."""
    seconds = int(at.timestamp())
    code = "XAB1" + _random(46, string.ascii_letters + string.digits)
    with store.transaction() as connection:
        grant_id = connection.execute(
            "INSERT INTO grants (client_id, realm, scope, email, granted_at) VALUES (?, ?, ?, ?, ?)",
            (client_id, realm, scope, email, seconds),
        ).lastrowid
        connection.execute(
            "INSERT INTO codes VALUES (?, ?, ?, ?, NULL)",
            (code, grant_id, redirect_uri, seconds + CODE_SECONDS),
        )
    return code


def exchange(store: Store, *, client_id: str, code: str, redirect_uri: str, at: datetime) -> Tokens:
    """Exchange a code for tokens. A code used twice revokes the tokens of the first exchange."""
    seconds = int(at.timestamp())
    with store.transaction() as connection:
        row = connection.execute(
            "SELECT codes.*, grants.client_id, grants.revoked_at FROM codes"
            " JOIN grants ON grants.id = codes.grant_id WHERE code = ?",
            (code,),
        ).fetchone()
        reused = row is not None and row["used_at"] is not None
        if reused:
            _end_grant(connection, row["grant_id"], seconds=seconds)
        sound = (
            row is not None
            and not reused
            and row["revoked_at"] is None
            and row["client_id"] == client_id
            and row["redirect_uri"] == redirect_uri
            and seconds < row["expires_at"]
        )
        if sound:
            connection.execute("UPDATE codes SET used_at = ? WHERE code = ?", (seconds, code))
            return _issue_tokens(connection, row["grant_id"], seconds=seconds, refresh=None)
    # Raised after the transaction, so that ending the grant above is kept.
    raise TokenError(error="invalid_grant", description="Token invalid")


def refresh(store: Store, *, client_id: str, token: str, at: datetime) -> Tokens:
    """Issue a new access token. The refresh token rotates once it is a day old."""
    seconds = int(at.timestamp())
    with store.transaction() as connection:
        row = connection.execute(
            "SELECT tokens.*, grants.client_id, grants.revoked_at, grants.granted_at FROM tokens"
            " JOIN grants ON grants.id = tokens.grant_id WHERE token = ? AND kind = 'refresh'",
            (token,),
        ).fetchone()
        if row is None or row["client_id"] != client_id or row["replaced_at"] is not None:
            raise TokenError(error="invalid_grant", description="Incorrect or invalid refresh token")
        over = min(row["expires_at"], row["granted_at"] + HARD_LIMIT_SECONDS)
        if row["revoked_at"] is not None or seconds >= over:
            raise TokenError(error="invalid_grant", description="Token has been expired or revoked.")
        if seconds - row["issued_at"] < ROTATION_SECONDS:
            return _issue_tokens(connection, row["grant_id"], seconds=seconds, refresh=row)
        connection.execute("UPDATE tokens SET replaced_at = ? WHERE token = ?", (seconds, token))
        return _issue_tokens(connection, row["grant_id"], seconds=seconds, refresh=None)


def revoke(store: Store, *, client_id: str, token: str, at: datetime) -> bool:
    """Revoke a token's grant. Returns False if the token is unknown or the grant is revoked already."""
    with store.transaction() as connection:
        row = connection.execute(
            "SELECT grants.id FROM tokens JOIN grants ON grants.id = tokens.grant_id"
            " WHERE token = ? AND client_id = ? AND revoked_at IS NULL AND replaced_at IS NULL",
            (token, client_id),
        ).fetchone()
        if row is None:
            return False
        _end_grant(connection, row["id"], seconds=int(at.timestamp()))
        return True


def verify_access(store: Store, *, token: str, at: datetime) -> AccessGrant:
    """Return the grant of a valid access token. Raises GatewayFault 401 otherwise."""
    row = (
        store.connection()
        .execute(
            "SELECT tokens.expires_at, grants.* FROM tokens JOIN grants ON grants.id = tokens.grant_id"
            " WHERE token = ? AND kind = 'access'",
            (token,),
        )
        .fetchone()
    )
    if row is None:
        raise unauthenticated(detail="Malformed bearer token: too short or too long")
    if row["revoked_at"] is not None:
        raise unauthenticated(detail="Token revoked")
    if at.timestamp() >= row["expires_at"]:
        raise expired_token_fault(token)
    return AccessGrant(realm=row["realm"], scope=row["scope"], email=row["email"], client_id=row["client_id"])


def expired_token_fault(token: str) -> GatewayFault:
    """Return the 401 fault of an expired token. The real gateway echoes the token, so clients must redact it."""
    return unauthenticated(detail=f"Token expired: {token}")


def expire_access_tokens(store: Store, *, at: datetime) -> int:
    """Expire every access token. The grants stay valid, so a refresh works."""
    seconds = int(at.timestamp())
    with store.transaction() as connection:
        return connection.execute(
            "UPDATE tokens SET expires_at = ? WHERE kind = 'access' AND expires_at > ?", (seconds, seconds)
        ).rowcount


def revoke_all_grants(store: Store, *, at: datetime) -> int:
    """Revoke every grant, as a user can inside QuickBooks Online."""
    with store.transaction() as connection:
        return connection.execute(
            "UPDATE grants SET revoked_at = ? WHERE revoked_at IS NULL", (int(at.timestamp()),)
        ).rowcount


def _end_grant(connection: Connection, grant_id: int, *, seconds: int) -> None:
    connection.execute("UPDATE grants SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (seconds, grant_id))


def _issue_tokens(connection: Connection, grant_id: int, *, seconds: int, refresh: Row | None) -> Tokens:
    row = connection.execute("SELECT * FROM grants WHERE id = ?", (grant_id,)).fetchone()
    access_token = _new_access()
    insert = "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, NULL)"
    connection.execute(insert, (access_token, grant_id, "access", seconds, seconds + ACCESS_SECONDS))
    if refresh is None:
        expires_at = seconds + REFRESH_SECONDS
        refresh_token = _new_refresh(expires_at=expires_at)
        connection.execute(insert, (refresh_token, grant_id, "refresh", seconds, expires_at))
    else:
        refresh_token, expires_at = refresh["token"], refresh["expires_at"]
    return Tokens(
        access=access_token,
        refresh=refresh_token,
        refresh_expires_in=expires_at - seconds,
        hard_expires_in=row["granted_at"] + HARD_LIMIT_SECONDS - seconds,
        scope=row["scope"],
        realm=row["realm"],
        email=row["email"],
        granted_at=row["granted_at"],
    )
