"""Matching suggests buyers that look like one company, with reasons, and leaves out others."""

from typing import Any

import pytest

from infactor.invoices.debtors import matching
from infactor.invoices.models import Buyer, Debtor
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, UserFactory

pytestmark = pytest.mark.django_db

ADDRESS = "5647 Cypress Hill Ave., Middlefield, CA"


def proposed() -> list[tuple[list[Buyer], list[str]]]:
    return [(list(one.buyers), list(one.kinds)) for one in matching.find_groups()]


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        ({"name": "Acme"}, {"name": "ACME, Inc."}, ["name"]),
        ({"name": "Acme Plant"}, {"name": "x", "company_name": "The Acme Plant LLC"}, ["name"]),
        ({"tax_id": "12-3456789"}, {"tax_id": "123456789"}, ["tax"]),
        ({"email": "ap@acme.example"}, {"email": "A@b.example; Bills@ACME.example"}, ["domain"]),
        (
            {"tax_id": "XXXXXX56789", "address": ADDRESS},
            {"tax_id": "xxxxxx56789", "address": ADDRESS.upper()},
            ["parts"],
        ),
        (
            {"name": "Acme", "email": "ap@acme.example"},
            {"name": "Acme Ltd", "email": "x@acme.example"},
            ["name", "domain"],
        ),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
def test_what_looks_the_same_is_proposed_with_its_reasons(
    one: dict[str, Any], other: dict[str, Any], reasons: list[str]
) -> None:
    pair = [BuyerFactory(**one), BuyerFactory(**other)]
    BuyerFactory()
    assert proposed() == [(pair, reasons)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"email": "acme@gmail.com"}, {"email": "bolt@gmail.com"}),
        ({"address": ADDRESS}, {"address": ADDRESS}),
        ({"tax_id": "XXXXXX56789"}, {"tax_id": "XXXXXX56789"}),
        ({"tax_id": "1234"}, {"tax_id": "1234"}),
        ({"name": "Cash Customer"}, {"name": "Cash customer"}),
        ({"name": "Acme"}, {"name": "Acme", "is_active": False}),
        ({"name": "Acme"}, {"name": "Acme Bolts"}),
    ],
    ids=str,
)
def test_what_only_seems_so_is_not_proposed(one: dict[str, Any], other: dict[str, Any]) -> None:
    BuyerFactory(**one)
    BuyerFactory(**other)
    assert proposed() == []


def test_two_customers_of_the_same_books_are_those_books_affair() -> None:
    first = BuyerFactory(name="Acme")
    BuyerFactory(name="Acme Inc", company_file=first.company_file)
    assert proposed() == []
    BuyerFactory(name="Acme", company_file=CompanyFileFactory(supplier=first.supplier))
    assert len(proposed()[0][0]) == 3


def test_a_job_is_not_proposed_but_its_top_customer_is() -> None:
    top = BuyerFactory(name="Acme")
    BuyerFactory(name="Bolt", parent=top, company_file=top.company_file)
    BuyerFactory(name="Bolt")
    assert proposed() == []


def test_who_is_joined_is_proposed_no_more_and_whom_others_join_is_said() -> None:
    debtor = Debtor.objects.create(name="Acme", created_by=UserFactory())
    first, second = BuyerFactory(name="Acme", debtor=debtor), BuyerFactory(name="Acme Inc", debtor=debtor)
    assert proposed() == []
    third = BuyerFactory(name="ACME")
    (proposal,) = matching.find_groups()
    assert (proposal.buyers, proposal.debtor_id, proposal.score) == ((first, second, third), debtor.pk, 60)


def test_buyers_of_two_debtors_are_not_proposed() -> None:
    staff = UserFactory()
    for _ in range(2):
        BuyerFactory(name="Acme", debtor=Debtor.objects.create(name="Acme", created_by=staff))
    BuyerFactory(name="Acme")
    assert proposed() == []


def test_a_customer_above_a_joined_one_is_proposed_for_its_debtor() -> None:
    debtor = Debtor.objects.create(name="Acme", created_by=UserFactory())
    top = BuyerFactory(name="Acme Holdings")
    BuyerFactory(name="Acme", debtor=debtor, parent=top, company_file=top.company_file)
    (proposal,) = matching.find_groups()
    assert (proposal.buyers, proposal.debtor_id) == ((top,), debtor.pk)
    assert proposed()[0][1] == ["job"]


def test_the_likeliest_come_first_however_many_there_are(django_assert_max_num_queries: Any) -> None:
    for name in ("Acme", "Bolt"):
        for _ in range(2):
            BuyerFactory(name=name, tax_id="12-3456789" if name == "Bolt" else "")
    with django_assert_max_num_queries(3):
        assert [one.buyers[0].name for one in matching.find_groups()] == ["Bolt", "Acme"]


def test_a_domain_of_a_crowd_says_nothing() -> None:
    for number in range(matching.MAX_GROUP_SIZE + 1):
        BuyerFactory(email=f"a{number}@bills.example")
    assert proposed() == []
