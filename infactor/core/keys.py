"""The keys of encrypted columns and fingerprints: several of each during a rotation, of which the first one writes."""

import base64
import binascii
import functools
import hashlib
import hmac
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

KEY_BYTES = 32  # AES-256
NONCE_BYTES = 12
VERSION = "1"


class DecryptionError(Exception):
    """A stored value cannot be decrypted; the message says where and why, and holds no value."""


class UnknownKey(DecryptionError):
    """The value was encrypted with a key that is not in FIELD_ENCRYPTION_KEYS."""


class WrongPlace(DecryptionError):
    """The value was encrypted for another row or column, or was changed."""


def parse_key(text: str) -> bytes:
    """The 32 bytes of a key in URL-safe Base64. Raises ValueError for anything else."""
    try:
        key = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ValueError("not URL-safe Base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"{len(key)} bytes, not {KEY_BYTES}")
    return key


def generate_key() -> str:
    """A new random key for FIELD_ENCRYPTION_KEYS."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def encrypt(text: str, *, place: str) -> str:
    """`text` as AES-256-GCM ciphertext that only `place` decrypts: "1.<key id>.<nonce, ciphertext and tag>"."""
    key_id, cipher = next(iter(_ciphers().items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + cipher.encrypt(nonce, text.encode(), place.encode())
    return f"{VERSION}.{key_id}.{base64.urlsafe_b64encode(sealed).decode()}"


def decrypt(ciphertext: str, *, place: str) -> str:
    """The text that `encrypt` was given. Raises UnknownKey, or WrongPlace unless it was encrypted for `place`."""
    version, _, rest = ciphertext.partition(".")
    key_id, _, encoded = rest.partition(".")
    cipher = _ciphers().get(key_id) if version == VERSION else None
    if cipher is None:
        raise UnknownKey(f"{place} was encrypted with a key that is no longer in FIELD_ENCRYPTION_KEYS.")
    try:
        sealed = base64.urlsafe_b64decode(encoded)
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode()).decode()
    except (binascii.Error, InvalidTag, ValueError) as error:
        raise WrongPlace(f"{place} holds a value that was changed, or copied from another row or column.") from error


def is_current(ciphertext: str) -> bool:
    """Whether the first of FIELD_ENCRYPTION_KEYS encrypted `ciphertext`."""
    return ciphertext.startswith(f"{VERSION}.{next(iter(_ciphers()))}.")


def fingerprint(*parts: str) -> str:
    """The HMAC-SHA256 of `parts` in hex, under FINGERPRINT_KEY. Equal for equal values; reveals nothing without it."""
    return fingerprints(*parts)[0]


def fingerprints(*parts: str) -> list[str]:
    """The fingerprints of `parts` under FINGERPRINT_KEY and each of FINGERPRINT_KEY_FALLBACKS, to look a value up."""
    if not settings.FINGERPRINT_KEY:
        raise ImproperlyConfigured("FINGERPRINT_KEY is empty: encrypted values could not be looked up.")
    message = "\x00".join(parts).encode()
    keys = [settings.FINGERPRINT_KEY, *settings.FINGERPRINT_KEY_FALLBACKS]
    return [hmac.new(key.encode(), message, hashlib.sha256).hexdigest() for key in keys]


def digest_of_random(*parts: str) -> str:
    """The SHA-256 of `parts` in hex. For values of 128 random bits or more, which nobody can guess: it needs no key."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


@functools.cache
def _ciphers() -> dict[str, AESGCM]:
    """The ciphers by key id, in the order of the setting. A key's id is the start of its hash."""
    if not settings.FIELD_ENCRYPTION_KEYS:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS is empty: secrets can be neither stored nor read.")
    keys = [parse_key(key) for key in settings.FIELD_ENCRYPTION_KEYS]
    return {hashlib.sha256(b"infactor key id" + key).hexdigest()[:8]: AESGCM(key) for key in keys}


def _clear_ciphers(*, setting: str, **kwargs: Any) -> None:
    if setting == "FIELD_ENCRYPTION_KEYS":
        _ciphers.cache_clear()


setting_changed.connect(_clear_ciphers)
