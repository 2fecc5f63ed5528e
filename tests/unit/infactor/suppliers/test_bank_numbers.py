"""Bank account numbers are validated by the rules of their country."""

import pytest

from infactor.suppliers import bank_numbers
from infactor.suppliers.bank_numbers import InvalidBankNumber
from tests.support.scenarios.onboarding import IBAN, US_ACCOUNT, US_ROUTING


def read(country: str, account: str, routing: str = "") -> bank_numbers.BankNumbers:
    return bank_numbers.parse(country=country, account_number=account, routing_number=routing)


@pytest.mark.parametrize("typed", [IBAN, "DE89 3704 0044 0532 0130 00", "de89-3704-0044-0532-0130-00", f" {IBAN} "])
def test_an_iban_is_read_however_it_is_typed(typed: str) -> None:
    found = read("DE", typed, "whatever")
    assert (found.account, found.routing, found.last4) == (IBAN, "", "3000")


@pytest.mark.parametrize(
    "typed", ["", "0532013000", "DE88370400440532013000", "DE8937040044053201300", "XX00", "☃" * 22]
)
def test_what_is_no_iban_is_refused_where_the_country_has_them(typed: str) -> None:
    with pytest.raises(InvalidBankNumber) as wrong:
        read("DE", typed)
    assert wrong.value.field == "account_number"


def test_an_iban_of_another_country_is_refused() -> None:
    with pytest.raises(InvalidBankNumber, match="another country"):
        read("FR", IBAN)


def test_an_american_account_needs_a_routing_number_whose_digits_agree() -> None:
    assert read("US", US_ACCOUNT, "1110-0002 5").routing == US_ROUTING
    for wrong in ("", "111000024", "11100002", "abcdefghi", "0" * 10):
        with pytest.raises(InvalidBankNumber) as refused:
            read("US", US_ACCOUNT, wrong)
        assert refused.value.field == "routing_number"


@pytest.mark.parametrize("typed", ["", "12345", "1" * 18, "12345x7"])
def test_an_american_account_number_has_six_to_seventeen_digits(typed: str) -> None:
    with pytest.raises(InvalidBankNumber) as refused:
        read("US", typed, US_ROUTING)
    assert refused.value.field == "account_number"


def test_elsewhere_only_the_shape_is_known() -> None:
    assert read("CA", "1234-5678", "0001-02345").routing == "000102345"
    assert read("JP", "1234567").routing == ""
    for account, routing in (("12345", ""), ("x" * 35, ""), ("1234567", "?"), ("1234567", "1")):
        with pytest.raises(InvalidBankNumber):
            read("CA", account, routing)


def test_equal_accounts_have_equal_fingerprints_and_others_have_not() -> None:
    first = read("US", US_ACCOUNT, US_ROUTING)
    assert first.fingerprint == read("US", "000-123 456789", US_ROUTING).fingerprint
    assert first.fingerprint != read("US", "000123456780", US_ROUTING).fingerprint
    assert US_ACCOUNT not in first.fingerprint


def test_no_number_stands_in_what_is_said_of_an_account() -> None:
    assert US_ACCOUNT not in repr(read("US", US_ACCOUNT, US_ROUTING))
    with pytest.raises(InvalidBankNumber) as wrong:
        read("DE", "DE88370400440532013000")
    assert "3704" not in str(wrong.value)
