"""QuickBooks' mark of inactive customers is no part of a name."""

import pytest

from infactor.invoices.debtors.company_names import normalized_name, without_deleted_mark


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Acme Ltd (deleted)", "Acme Ltd"),
        ("Acme Ltd (deleted-2)", "Acme Ltd"),
        ("Acme (deleted):Plant", "Acme:Plant"),
        ("Acme:Plant (deleted)", "Acme:Plant"),
        ("Undeleted (deleted) Films", "Undeleted (deleted) Films"),
        ("Acme Ltd", "Acme Ltd"),
    ],
)
def test_the_mark_is_taken_off_each_part_of_a_name(name: str, shown: str) -> None:
    assert without_deleted_mark(name) == shown


def test_an_inactive_customer_is_compared_by_its_own_name() -> None:
    assert normalized_name("Acme Ltd (deleted)") == normalized_name("ACME, Ltd.")
