"""A vendor and a buyer of the same books: what makes them one company for certain, and what only asks staff."""

from types import SimpleNamespace
from typing import Any

import pytest

from infactor.invoices.contra import matching

BLANK = {"pk": 1, "name": "", "company_name": "", "email": "", "phone": "", "address": "", "tax_id": ""}


def company(**values: Any) -> Any:
    return SimpleNamespace(**{**BLANK, **values})


def kinds(vendor: dict[str, str], buyer: dict[str, str]) -> tuple[str, ...]:
    found = matching.find_pairs(vendors=[company(**vendor)], buyers=[company(**buyer)])
    return found.get((1, 1), ())


@pytest.mark.parametrize(
    ("vendor", "buyer"),
    [
        ({"name": "Night Owl Diners, Inc. (vendor)"}, {"name": "NIGHT OWL DINERS"}),
        ({"name": "Owl V", "company_name": "Night Owl Diners LLC"}, {"name": "Night Owl Diners - customer"}),
        ({"name": "A", "tax_id": "DE 123.456.789"}, {"name": "B", "tax_id": "de123456789"}),
    ],
)
def test_one_name_or_one_tax_id_is_certain(vendor: dict[str, str], buyer: dict[str, str]) -> None:
    assert matching.is_certain(kinds(vendor, buyer))


@pytest.mark.parametrize(
    ("vendor", "buyer", "kind"),
    [
        ({"email": "ap@owl.example"}, {"email": "x@gmail.com; Orders <in@OWL.example>"}, matching.DOMAIN),
        ({"address": "1 Long Wharf Road, Boston"}, {"address": "1 Long Wharf Road; Boston"}, matching.ADDRESS),
        ({"phone": "+1 (503) 555-0199"}, {"phone": "503 555 0199"}, matching.PHONE),
    ],
)
def test_a_shared_mailbox_address_or_telephone_asks_staff(
    vendor: dict[str, str], buyer: dict[str, str], kind: str
) -> None:
    assert kinds(vendor, buyer) == (kind,)
    assert not matching.is_certain((kind,))


@pytest.mark.parametrize(
    ("vendor", "buyer"),
    [
        ({"name": "Cash"}, {"name": "cash"}),
        ({"email": "a@gmail.com", "phone": "555", "address": "Main St"}, {"email": "b@gmail.com", "phone": "555"}),
        ({"tax_id": "XXXXX6789"}, {"tax_id": "XXXXX6789"}),
        ({"name": "(vendor)"}, {"name": ""}),
        ({"name": "Owl"}, {"name": "Owlet"}),
    ],
)
def test_what_many_have_in_common_says_nothing(vendor: dict[str, str], buyer: dict[str, str]) -> None:
    assert kinds(vendor, buyer) == ()


def test_one_name_with_two_tax_ids_asks_staff() -> None:
    found = kinds({"name": "Owl", "tax_id": "12-3456789"}, {"name": "Owl Inc", "tax_id": "98-7654321"})
    assert found == (matching.NAME, matching.TAX_IDS_DIFFER)
    assert not matching.is_certain(found)


def test_the_domain_of_a_provider_asks_nobody() -> None:
    vendors = [company(pk=1, email="a@provider.example")]
    buyers = [company(pk=pk, email=f"b{pk}@provider.example") for pk in range(51)]
    assert matching.find_pairs(vendors=vendors, buyers=buyers) == {}
