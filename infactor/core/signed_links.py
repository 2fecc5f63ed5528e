"""Signed links that open one page without an account. They cannot be guessed.

The signature covers the row's public id and a nonce, of which the row stores only a digest. Neither the signing
key nor the database alone gives access to a page. The row, not the link, says when it ends.
"""

import secrets
import uuid
from dataclasses import dataclass

from django.core.signing import BadSignature, TimestampSigner

from infactor.core.keys import digest_of_random

MAX_TOKEN_LENGTH = 200


class UnknownLink(Exception):
    """The link is not valid. The response must reveal nothing about any row."""


@dataclass(frozen=True)
class LinkSigner:
    """Signs the links to one kind of row. `salt` keeps a link of one kind from opening another."""

    salt: str

    def sign(self, *, public_id: uuid.UUID) -> tuple[str, str]:
        """A new token for the row of `public_id`, and the digest that the caller stores with the row."""
        nonce = secrets.token_urlsafe(24)
        return self._signer.sign(f"{public_id.hex}.{nonce}"), self._digest(public_id, nonce)

    def read(self, *, token: str) -> tuple[uuid.UUID, str]:
        """The public id and the digest of `token`. Raises UnknownLink unless it was signed here.

        The caller checks that the row has the digest.
        """
        if len(token) > MAX_TOKEN_LENGTH:
            raise UnknownLink
        try:
            written, _, nonce = self._signer.unsign(token).partition(".")
            public_id = uuid.UUID(hex=written)
        except (BadSignature, ValueError) as error:
            raise UnknownLink from error
        return public_id, self._digest(public_id, nonce)

    @property
    def _signer(self) -> TimestampSigner:
        return TimestampSigner(salt=self.salt, sep=".")  # some e-mail programs end a URL at a colon

    def _digest(self, public_id: uuid.UUID, nonce: str) -> str:
        return digest_of_random(self.salt, public_id.hex, nonce)
