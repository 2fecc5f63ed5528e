"""Signed links that open one page without an account. They cannot be guessed.

A token is 64 characters: the row's public id, a nonce of 128 random bits and a signature of 128 bits. The row stores
only a digest of the nonce, so neither the signing key nor the database alone gives access to a page. The row, not the
link, says when it ends.
"""

import base64
import binascii
import secrets
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.utils.crypto import salted_hmac

from infactor.core.keys import digest_of_random

PART = 16  # bytes of the public id, of the nonce and of the signature
TOKEN_LENGTH = 64


class UnknownLink(Exception):
    """The link is not valid. The response must reveal nothing about any row."""


@dataclass(frozen=True)
class LinkSigner:
    """Signs the links to one kind of row. `salt` keeps a link of one kind from opening another."""

    salt: str

    def sign(self, *, public_id: uuid.UUID) -> tuple[str, str]:
        """A new token for the row of `public_id`, and the digest that the caller stores with the row."""
        nonce = secrets.token_bytes(PART)
        signed = public_id.bytes + nonce
        token = base64.urlsafe_b64encode(signed + self._signature(signed, settings.SECRET_KEY)).decode()
        return token, self._digest(public_id, nonce)

    def read(self, *, token: str) -> tuple[uuid.UUID, str]:
        """The public id and the digest of `token`. Raises UnknownLink unless it was signed here.

        The caller checks that the row has the digest.
        """
        if len(token) != TOKEN_LENGTH:
            raise UnknownLink
        try:
            # Strict about the alphabet: the plain decoder drops what it does not know.
            content = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error) as error:
            raise UnknownLink from error
        signed, signature = content[: 2 * PART], content[2 * PART :]
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        if not any(secrets.compare_digest(signature, self._signature(signed, key)) for key in keys):
            raise UnknownLink
        public_id = uuid.UUID(bytes=signed[:PART])
        return public_id, self._digest(public_id, signed[PART:])

    def _signature(self, signed: bytes, key: str) -> bytes:
        return salted_hmac(self.salt, signed, secret=key, algorithm="sha256").digest()[:PART]

    def _digest(self, public_id: uuid.UUID, nonce: bytes) -> str:
        return digest_of_random(self.salt, public_id.hex, nonce.hex())
