"""Webhook signatures are verified against Intuit's test vector."""

import pytest

from quickbooks_app.webhooks.signature import is_valid_signature
from tests.support.fakes.signed_webhooks import VERIFIER, signature

# Published by Intuit with its .NET SDK: verifier token, body and the signature that belongs to them.
INTUITS_TOKEN = "00faeec4-08d0-4996-bb37-698ae19f0149"
INTUITS_SIGNATURE = "6q+xGyMirJupwKTh2/WBl2NcdxzxqdIbk3sneKTxLWM="
INTUITS_BODY = (
    b'{"eventNotifications":[{"realmId":"1269959970","dataChangeEvent":{"entities":['
    b'{"name":"Vendor","id":"40","operation":"Update","lastUpdated":"2016-10-05T03:09:04.000Z"},'
    b'{"name":"Customer","id":"43","operation":"Create","lastUpdated":"2016-10-05T03:07:04.000Z"}]}}]}'
)


def test_intuits_own_test_vector_has_a_valid_signature() -> None:
    assert is_valid_signature(body=INTUITS_BODY, signature=INTUITS_SIGNATURE, verifier=INTUITS_TOKEN)


def test_intuits_own_test_vector_with_one_byte_changed_has_no_valid_signature() -> None:
    for place in range(0, len(INTUITS_BODY), 7):
        body = bytearray(INTUITS_BODY)
        body[place] ^= 1
        assert not is_valid_signature(body=bytes(body), signature=INTUITS_SIGNATURE, verifier=INTUITS_TOKEN)


@pytest.mark.parametrize("given", ["", "not base64", "é", signature(b"[]", "another key"), signature(b"[]")[:-1]])
def test_a_wrong_signature_is_refused(given: str) -> None:
    assert not is_valid_signature(body=b"[]", signature=given, verifier=VERIFIER)


def test_no_signature_is_valid_without_a_verifier_token() -> None:
    assert not is_valid_signature(body=b"[]", signature=signature(b"[]", ""), verifier="")


def test_both_tokens_are_accepted_while_one_replaces_the_other() -> None:
    for verifier in (f"new-token,{INTUITS_TOKEN}", f"{INTUITS_TOKEN},old-token"):
        assert is_valid_signature(body=INTUITS_BODY, signature=INTUITS_SIGNATURE, verifier=verifier)
    assert not is_valid_signature(body=INTUITS_BODY, signature=INTUITS_SIGNATURE, verifier="new-token,old-token")
    assert not is_valid_signature(body=INTUITS_BODY, signature=INTUITS_SIGNATURE, verifier=",")
