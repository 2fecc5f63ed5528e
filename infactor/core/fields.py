"""Encrypted text columns, and fingerprints to look up encrypted values."""

import functools
import hashlib
import hmac
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.db import models


class DecryptionError(Exception):
    """A stored value cannot be decrypted with any key of FIELD_ENCRYPTION_KEYS."""


@functools.cache
def _cipher() -> MultiFernet:
    if not settings.FIELD_ENCRYPTION_KEYS:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS is empty: secrets can be neither stored nor read.")
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])


def _clear_cipher_cache(*, setting: str, **kwargs: Any) -> None:
    if setting == "FIELD_ENCRYPTION_KEYS":
        _cipher.cache_clear()


setting_changed.connect(_clear_cipher_cache)


def encrypt(text: str) -> str:
    """`text` encrypted with the first of FIELD_ENCRYPTION_KEYS."""
    return _cipher().encrypt(text.encode()).decode()


def decrypt(ciphertext: str, *, what: str) -> str:
    """The plain text. Raises DecryptionError, naming `what` it is, if no key of FIELD_ENCRYPTION_KEYS fits."""
    try:
        return _cipher().decrypt(ciphertext.encode()).decode()
    except InvalidToken as error:
        raise DecryptionError(f"{what} was encrypted with a key that is no longer in FIELD_ENCRYPTION_KEYS.") from error


class EncryptedTextField(models.TextField):
    """Text that is Fernet ciphertext in the database and plain text in Python. It cannot be searched or ordered.

    The first of FIELD_ENCRYPTION_KEYS encrypts, all of them decrypt. The empty string is stored as it is.
    """

    def get_prep_value(self, value: Any) -> Any:
        if value in (None, ""):
            return value
        return encrypt(str(value))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        if value in (None, ""):
            return value
        return decrypt(value, what=f"{self.model._meta.label}.{self.name}")

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in ("isnull", "exact"):
            raise TypeError(f"{self.name} is encrypted: it cannot be looked up by {lookup_name}.")
        return super().get_lookup(lookup_name)


def fingerprint(*parts: str) -> str:
    """The HMAC-SHA256 of `parts` in hex. Equal for equal values; reveals nothing without FINGERPRINT_KEY."""
    if not settings.FINGERPRINT_KEY:
        raise ImproperlyConfigured("FINGERPRINT_KEY is empty: encrypted values could not be looked up.")
    message = "\x00".join(parts).encode()
    return hmac.new(settings.FINGERPRINT_KEY.encode(), message, hashlib.sha256).hexdigest()
