"""Email addresses in the free text of the books: which is meant, and never another one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infactor.core.email.addresses import is_usable, usable_addresses


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("ap@buyer.example", ["ap@buyer.example"]),
        (" ap@buyer.example, cfo@buyer.example ", ["ap@buyer.example", "cfo@buyer.example"]),
        ("ap@buyer.example;cfo@buyer.example", ["ap@buyer.example", "cfo@buyer.example"]),
        ("ap@buyer.example cfo@buyer.example", ["ap@buyer.example", "cfo@buyer.example"]),
        ("ap@buyer.example\ncfo@buyer.example", ["ap@buyer.example", "cfo@buyer.example"]),
        ("ap@buyer.example, ap@buyer.example", ["ap@buyer.example"]),
        ("Jane Doe <ap@buyer.example>", ["ap@buyer.example"]),
        ('"Doe, Jane" <ap@buyer.example>; cfo@buyer.example', ["ap@buyer.example", "cfo@buyer.example"]),
        ("Doe, Jane <ap@buyer.example>", ["ap@buyer.example"]),
        ("A <ap@buyer.example> B <cfo@buyer.example>", ["ap@buyer.example", "cfo@buyer.example"]),
        ('"old@buyer.example" <ap@buyer.example>', ["ap@buyer.example"]),
        ("old@buyer.example <ap@buyer.example>", ["ap@buyer.example"]),
        ("<ap@buyer.example>", ["ap@buyer.example"]),
        ("mailto:ap@buyer.example", ["ap@buyer.example"]),
        ("Accounts payable ap@buyer.example", ["ap@buyer.example"]),
        ("ap@buyer.example, broken@", ["ap@buyer.example"]),
        ("broken@, cfo@buyer.example", []),
        ("ap@@buyer.example; cfo@buyer.example", []),
        ("Jane <ap@buyer>, cfo@buyer.example", []),
        ("x" * 250 + "@buyer.example", []),
        ("ask Jane", []),
        ("@", []),
        ("", []),
    ],
)
def test_the_address_that_is_meant_is_found_and_never_another(text: str, addresses: list[str]) -> None:
    assert usable_addresses(text) == addresses


@given(st.text(alphabet='ab@.<>,; "\n', max_size=40))
def test_whatever_is_found_can_be_used_and_stands_in_the_text(text: str) -> None:
    for address in usable_addresses(text):
        assert is_usable(address)
        assert address in text
