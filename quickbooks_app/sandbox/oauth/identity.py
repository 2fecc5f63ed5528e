"""OpenID tokens: one RSA key kept in the store, its public half for clients, and signed statements."""

import base64
import hashlib
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from quickbooks_app.sandbox.runtime.documents import encode
from quickbooks_app.sandbox.runtime.store import Store

ID_TOKEN_SECONDS = 3600


def public_keys(store: Store) -> dict[str, Any]:
    """The key set clients check signatures with."""
    numbers = _key(store).public_key().public_numbers()
    return {
        "keys": [
            {
                "kty": "RSA",
                "use": "sig",
                "alg": "RS256",
                "kid": _key_id(store),
                "n": _integer(numbers.n),
                "e": _integer(numbers.e),
            }
        ]
    }


def id_token(
    store: Store, *, client_id: str, issuer: str, email: str, realm: str, granted_at: int, at: datetime
) -> str:
    """A signed statement of who connected the app; `aud` is a list, as with Intuit."""
    seconds = int(at.timestamp())
    header = {"kid": _key_id(store), "alg": "RS256"}
    claims = {
        "sub": subject(email),
        "aud": [client_id],
        "realmid": realm,
        "auth_time": granted_at,
        "iss": issuer,
        "iat": seconds,
        "exp": seconds + ID_TOKEN_SECONDS,
    }
    body = f"{_text(encode(header))}.{_text(encode(claims))}"
    signature = _key(store).sign(body.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{body}.{_text(signature)}"


def subject(email: str) -> str:
    """A stable id for a person, told from the e-mail address they signed in with."""
    digest = hashlib.sha256(email.lower().encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def _key(store: Store) -> rsa.RSAPrivateKey:
    pem = store.setting("signing_key")
    if pem is not None:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("The signing key in the store is no RSA key.")
        return key
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    written = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    store.set_setting(name="signing_key", value=written.decode())
    return key


def _key_id(store: Store) -> str:
    numbers = _key(store).public_key().public_numbers()
    return f"sandbox-{hashlib.sha256(_integer(numbers.n).encode()).hexdigest()[:12]}"


def _integer(value: int) -> str:
    return _text(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
