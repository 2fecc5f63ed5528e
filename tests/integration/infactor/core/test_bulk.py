"""Lookups by many keys find exactly these keys, however they are written."""

import pytest

from infactor.core.bulk import InArray
from infactor.invoices.models import Buyer
from tests.support.factories.suppliers import BuyerFactory

ODD = ["1", "NULL", "null", "", " ", "a,b", "{}", 'a"b', "a\\b", "'; --", "ä", "%s"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("wanted", [ODD, *([one] for one in ODD), ["1", 'a"b'], ["a,b", "NULL"], []], ids=repr)
def test_text_keys_are_found_as_they_are(wanted: list[str]) -> None:
    file = BuyerFactory(reference="other").company_file
    for reference in ODD:
        BuyerFactory(reference=reference, company_file=file, supplier=file.supplier)
    found = Buyer.objects.filter(InArray("reference", wanted)).values_list("reference", flat=True)
    assert sorted(found) == sorted(wanted)


def test_numbers_are_found() -> None:
    buyers = [BuyerFactory(), BuyerFactory(), BuyerFactory()]
    wanted = {one.pk for one in buyers[:2]}
    assert set(Buyer.objects.filter(InArray("pk", wanted)).values_list("pk", flat=True)) == wanted
