"""Verification of Intuit's webhook signatures."""

import base64
import hashlib
import hmac


def is_valid_signature(*, body: bytes, signature: str, verifier: str) -> bool:
    """Whether `signature` is the Base64 HMAC-SHA256 of `body` under the verifier token. False without a token.

    The comparison takes constant time: otherwise the response time would reveal how many leading bytes of a guessed
    signature are correct.
    """
    if not verifier:
        return False
    expected = base64.b64encode(hmac.new(verifier.encode(), body, hashlib.sha256).digest())
    return hmac.compare_digest(expected, signature.encode())
