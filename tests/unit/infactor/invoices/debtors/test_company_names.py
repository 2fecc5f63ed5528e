"""Company names and invoice numbers are normalized for comparison."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infactor.invoices.debtors.company_names import normalized_name
from infactor.invoices.duplicates import normalized_number


@pytest.mark.parametrize(
    ("number", "compared"),
    [
        ("INV-1037", "1037"),
        ("inv 001037", "1037"),
        ("Invoice No. 1037", "1037"),
        ("Invoice # 01037", "1037"),
        ("INVNO1037", "1037"),
        ("№1037", "1037"),
        ("1037/a", "1037a"),
        ("1037A", "1037a"),
        ("１０３７", "1037"),
        ("2026-0007", "20267"),
        ("NOVA-7", "nova7"),
        ("000", "0"),
        ("Invoice", ""),
        (" - ", ""),
        ("", ""),
    ],
)
def test_a_number_is_compared_without_what_people_write_around_it(number: str, compared: str) -> None:
    assert normalized_number(number) == compared


@pytest.mark.parametrize(
    ("name", "compared"),
    [
        ("Acme Inc.", "acme"),
        ("ACME, L.L.C.", "acme"),
        ("The Acme Company, Ltd", "acme"),
        ("Acme", "acme"),
        ("Müller & Söhne GmbH & Co. KG", "muller and sohne"),
        ("Müller and Söhne", "muller and sohne"),
        ("Café S.A. de C.V.", "cafe"),
        ("Kawa Sp. z o.o.", "kawa"),
        ("Co", "co"),
        ("Inc. Magazine", "inc magazine"),
        ("Cool Cars", "cool cars"),
        ("...", ""),
        ("", ""),
    ],
)
def test_a_name_is_compared_without_its_legal_form(name: str, compared: str) -> None:
    assert normalized_name(name) == compared


@given(st.text(max_size=40))
def test_what_is_compared_stays_as_it_is_when_compared_again(text: str) -> None:
    assert normalized_name(normalized_name(text)) == normalized_name(text)
