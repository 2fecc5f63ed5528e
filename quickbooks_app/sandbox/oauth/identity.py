"""OpenID Connect id tokens, signed with an RSA key that the store keeps."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from joserfc import jwt
from joserfc.jwk import KeySet, KeySetSerialization, RSAKey

from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.store import Store

# Intuit's own, wherever the sandbox runs: clients compare it with this text.
ISSUER = "https://oauth.platform.intuit.com/op/v1"
ID_TOKEN_SECONDS = 3600


def public_keys(store: Store) -> KeySetSerialization:
    """Return the JSON Web Key Set that clients verify signatures with."""
    return KeySet([_signing_key(store)]).as_dict(private=False)


def id_token(store: Store, *, client_id: str, email: str, realm: str, granted_at: int, at: datetime) -> str:
    """Return a signed id token of the user who connected the app. `aud` is a list, as at Intuit."""
    key = _signing_key(store)
    seconds = int(at.timestamp())
    claims = {
        "sub": subject(email),
        "aud": [client_id],
        "realmid": realm,
        "auth_time": granted_at,
        "iss": ISSUER,
        "iat": seconds,
        "exp": seconds + ID_TOKEN_SECONDS,
    }
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


def subject(email: str) -> str:
    """Return a stable subject id derived from an email address."""
    digest = hashlib.sha256(email.lower().encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def claims(email: str, *, scopes: Sequence[str]) -> Document:
    """Return what user info tells of a person to an app with these scopes."""
    by_scope: dict[str, Document] = {
        "email": {"email": email, "emailVerified": True},
        "profile": {"givenName": "Rosa", "familyName": "Delgado"},
        "phone": {"phoneNumber": "+1 5035550142", "phoneNumberVerified": False},
        "address": {
            "address": {
                "streetAddress": "418 SE Water Avenue",
                "locality": "Portland",
                "region": "OR",
                "postalCode": "97214",
                "country": "US",
            }
        },
    }
    found: Document = {"sub": subject(email)}
    for scope, told in by_scope.items():
        if scope in scopes:
            found.update(told)
    return found


def _signing_key(store: Store) -> RSAKey:
    pem = store.setting("signing_key")
    if pem is None:
        pem = RSAKey.generate_key(2048).as_pem(private=True).decode()
        store.set_setting(name="signing_key", value=pem)
    key = RSAKey.import_key(pem, {"use": "sig", "alg": "RS256"})
    key.ensure_kid()
    return key
