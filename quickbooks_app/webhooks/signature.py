"""Verification of Intuit's webhook signatures."""

import base64
import hashlib
import hmac

SIGNATURE_LENGTH = 44  # Base64 of 32 bytes


def is_valid_signature(*, body: bytes, signature: str, verifier: str) -> bool:
    """Whether `signature` is the Base64 HMAC-SHA256 of `body` under the verifier token. False without a token.

    While the token is rotated, `verifier` holds both, separated by a comma.

    The comparison takes constant time: otherwise the response time would reveal how many leading bytes of a guessed
    signature are correct.
    """
    given = signature.encode()
    matches = [hmac.compare_digest(_sign(body, token=token), given) for token in verifier.split(",") if token]
    return any(matches)


def _sign(body: bytes, *, token: str) -> bytes:
    return base64.b64encode(hmac.new(token.encode(), body, hashlib.sha256).digest())
