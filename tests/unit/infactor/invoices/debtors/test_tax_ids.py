"""Tax ids and email domains are normalized to identify a company."""

import pytest

from infactor.invoices.debtors.email_domains import company_domains
from infactor.invoices.debtors.tax_ids import is_complete, masked, normalized_tax_id


@pytest.mark.parametrize(
    ("number", "whole", "shown"),
    [
        ("12-3456789", True, "••••6789"),
        ("DE 123.456.789", True, "••••6789"),
        ("MX123456X", True, "••••456x"),
        ("XXXXXX56789", False, "••••6789"),
        ("***-**-6789", False, "••••6789"),
        ("resale", False, "••••"),
        ("1234", False, "••••"),
        ("", False, ""),
    ],
)
def test_a_number_is_whole_or_not_and_shown_by_its_end_only(number: str, whole: bool, shown: str) -> None:
    assert (is_complete(number), masked(number)) == (whole, shown)


def test_numbers_are_compared_without_what_stands_between_their_signs() -> None:
    assert normalized_tax_id("DE 123.456-789") == normalized_tax_id("de123456789")


@pytest.mark.parametrize(
    ("text", "domains"),
    [
        ("ap@acme.example", ["acme.example"]),
        ("AP <ap@ACME.example>; me@gmail.com, x@bolt.example.", ["acme.example", "bolt.example"]),
        ("ap@acme.example ap2@acme.example", ["acme.example"]),
        ("me@gmail.com", []),
        ("nobody", []),
        ("", []),
    ],
)
def test_only_domains_of_their_own_say_who_somebody_is(text: str, domains: list[str]) -> None:
    assert company_domains(text) == domains
