"""A reference finds the right advance or supplier, or is reported as ambiguous; it never finds a wrong one."""

import pytest

from infactor.financing.advances import funding
from infactor.financing.collections import lookup
from infactor.financing.models import Advance
from tests.support.factories.suppliers import SupplierFactory
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def accepted(scenario: Scenario, number: str) -> Advance:
    return scenario.accepted(scenario.invoice(scenario.buyer(), invoice_no=number))


@pytest.mark.parametrize("form", ["A{}", "a{}", "A#{}", "Advance {}", "advance{}", " advance #{} "])
def test_an_advance_is_found_by_its_number_however_it_is_written(scenario: Scenario, form: str) -> None:
    advance = accepted(scenario, "INV-1")
    assert lookup.find_advance(name=form.format(advance.pk)) == advance


def test_an_advance_is_found_by_its_invoice_and_supplier(scenario: Scenario) -> None:
    advance = accepted(scenario, "1001")
    assert lookup.find_advance(name=" 1001 ") == advance
    assert lookup.find_advance(name="1001", supplier="LARKSPUR coffee roasters") == advance
    with pytest.raises(lookup.NoSingleMatch, match="There is no advance 1001"):
        lookup.find_advance(name="1001", supplier="Nobody")


def test_an_invoice_called_like_an_advance_is_asked_about(scenario: Scenario) -> None:
    advance = accepted(scenario, "INV-1")
    other = accepted(scenario, f"A{advance.pk}")
    with pytest.raises(lookup.NoSingleMatch, match=f"Write the number of one, like Advance {advance.pk}"):
        lookup.find_advance(name=f"A{advance.pk}")
    assert lookup.find_advance(name=f"Advance {advance.pk}") == advance
    assert lookup.find_advance(name=f"Advance {other.pk}") == other


def test_a_cancelled_advance_gives_its_invoice_up(scenario: Scenario) -> None:
    advance = accepted(scenario, "INV-1")
    funding.cancel(advance=advance, by=scenario.operations, at=scenario.now, reason="not needed")
    with pytest.raises(lookup.NoSingleMatch):
        lookup.find_advance(name="INV-1")
    assert lookup.find_advance(name=f"A{advance.pk}") == advance


@pytest.mark.parametrize("named", ["", "A", "A0", "A" + "9" * 30, "17; DROP TABLE", "%", "Advance -1"])
def test_what_nothing_is_called_is_told(scenario: Scenario, named: str) -> None:
    with pytest.raises(lookup.NoSingleMatch, match="There is no advance"):
        lookup.find_advance(name=named)


def test_a_supplier_is_found_by_its_name_if_only_one_has_it(scenario: Scenario) -> None:
    assert lookup.find_supplier(name=" larkspur COFFEE roasters") == scenario.supplier
    SupplierFactory(name="Larkspur coffee Roasters")
    with pytest.raises(lookup.NoSingleMatch, match="Several suppliers"):
        lookup.find_supplier(name="Larkspur Coffee Roasters")
    with pytest.raises(lookup.NoSingleMatch, match="There is no supplier called Nobody"):
        lookup.find_supplier(name="Nobody")
