"""python-quickbooks, unmodified, works with every object that it knows: create, read, query, update, delete."""

import contextlib
import datetime
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from quickbooks import QuickBooks, objects
from quickbooks.exceptions import ObjectNotFoundException, QuickbooksException
from quickbooks.mixins import DeleteMixin, VoidMixin
from quickbooks.objects.budget import Budget
from quickbooks.objects.company_info import CompanyInfo
from quickbooks.objects.companycurrency import CompanyCurrency
from quickbooks.objects.customertype import CustomerType
from quickbooks.objects.exchangerate import ExchangeRate
from quickbooks.objects.preferences import Preferences
from quickbooks.objects.recurringtransaction import RecurringTransaction
from quickbooks.objects.taxcode import TaxCode
from quickbooks.objects.taxrate import TaxRate
from quickbooks.objects.taxservice import TaxRateDetails, TaxService

from quickbooks_app.sandbox.runtime.entities import ENTITIES
from tests.functional.quickbooks_app.sandbox.conftest import REALM
from tests.functional.quickbooks_app.sandbox.objects.bodies import BODIES, filled, sold

CLASSES: dict[str, Any] = {
    name: found
    for module in iter_modules(objects.__path__)
    for name, found in vars(import_module(f"quickbooks.objects.{module.name}")).items()
    if getattr(found, "qbo_object_name", "") == name and name in BODIES
}
# Seeded, so that another one may not have the same code or name; python-quickbooks cannot create a budget.
LEFT_OUT = {"Budget", "Attachable"}


@pytest.fixture
def made(books: QuickBooks) -> dict[str, Any]:
    """One object of each class, saved by the client."""
    found: dict[str, Any] = {}
    for entity, body in BODIES.items():
        if entity in CLASSES and entity not in LEFT_OUT:
            one = CLASSES[entity].from_json(filled(body, {name: known.Id for name, known in found.items()}))
            found[entity] = one.save(qb=books)
    return found


def test_every_class_creates_reads_queries_updates_and_deletes(books: QuickBooks, made: dict[str, Any]) -> None:
    assert set(CLASSES) >= {name for name in BODIES if name not in ("InventoryAdjustment",)}
    for entity, created in reversed(made.items()):
        kind, row = CLASSES[entity], ENTITIES[entity]
        read = kind.get(created.Id, qb=books)
        assert read.Id == created.Id, entity
        assert [one.Id for one in kind.filter(Id=created.Id, qb=books)] == [created.Id], entity
        assert kind.count(qb=books) >= 1, entity
        if not row.can("U"):
            continue
        if row.can("S"):
            read.Active = False
        elif "PrivateNote" in row.properties:
            read.PrivateNote = "Changed by python-quickbooks"
        else:
            read.Description = "Changed by python-quickbooks"
        changed = read.save(qb=books)
        assert int(changed.SyncToken) > int(created.SyncToken), entity
        if issubclass(kind, VoidMixin):
            changed.void(qb=books)
            changed = kind.get(created.Id, qb=books)
            assert changed.TotalAmt == 0, entity
        if issubclass(kind, DeleteMixin):
            assert row.can("D"), entity
            changed.delete(qb=books)
            with pytest.raises(ObjectNotFoundException):
                kind.get(created.Id, qb=books)


def test_what_can_only_be_read_is_read(books: QuickBooks) -> None:
    assert CompanyInfo.all(qb=books)[0].CompanyName == CompanyInfo.get(REALM, qb=books).CompanyName
    assert Preferences.get(qb=books).CurrencyPrefs.MultiCurrencyEnabled is True
    assert "Hotel" in [one.Name for one in CustomerType.all(qb=books)]
    assert {"TAX", "NON"} <= {one.Id for one in TaxCode.all(qb=books)}
    assert CompanyCurrency.filter(Active=True, qb=books)
    assert Budget.all(qb=books) is not None
    rate = TaxRate.filter(Name="Washington", qb=books)[0]
    assert (rate.RateValue, TaxRate.get(rate.Id, qb=books).AgencyRef.value) == (6.5, "2")


def test_a_tax_code_comes_from_the_tax_service(books: QuickBooks) -> None:
    detail = TaxRateDetails()
    detail.TaxRateName, detail.RateValue, detail.TaxAgencyId = "Harbor tax", "2.5", "1"
    service = TaxService()
    service.TaxCode = "Harbor"
    service.TaxRateDetails.append(detail)
    with contextlib.suppress(AttributeError):
        # The client reads an Id of the answer, which QuickBooks calls TaxCodeId.
        service.save(qb=books)
    (code,) = TaxCode.filter(Name="Harbor", qb=books)
    (listed,) = code.SalesTaxRateList.TaxRateDetail
    assert TaxRate.get(listed.TaxRateRef.value, qb=books).RateValue == 2.5


def test_an_exchange_rate_is_set_by_its_day(books: QuickBooks) -> None:
    rate = ExchangeRate()
    rate.SourceCurrencyCode, rate.Rate, rate.AsOfDate = "EUR", 1.25, "2026-03-04"
    assert rate.save(qb=books).TargetCurrencyCode == "USD"
    assert [one.Rate for one in ExchangeRate.filter(AsOfDate="2026-03-04", qb=books)] == [1.25]
    url = f"{books.api_url}/company/{REALM}/exchangerate"
    found = books.get(url, params={"sourcecurrencycode": "EUR", "asofdate": "2026-03-09"})
    assert found["ExchangeRate"]["Rate"] == 1.25


def test_a_recurring_transaction_is_a_template(books: QuickBooks) -> None:
    inner = {
        "CustomerRef": {"value": "1"},
        "Line": [sold(70)],
        "RecurringInfo": {
            "Name": f"Weekly {datetime.datetime.now(datetime.UTC).timestamp()}",
            "RecurType": "Automated",
            "ScheduleInfo": {"IntervalType": "Weekly", "NumInterval": 1, "StartDate": "2026-12-01"},
        },
    }
    template = RecurringTransaction.from_json({"Invoice": inner})
    saved = template.save(qb=books)
    id = saved.Invoice.Id
    assert RecurringTransaction.get(id, qb=books).Invoice.RecurringInfo.Name == inner["RecurringInfo"]["Name"]
    assert id in [one.Invoice.Id for one in RecurringTransaction.all(qb=books)]
    saved.delete(qb=books)
    with pytest.raises(QuickbooksException):
        RecurringTransaction.get(id, qb=books)
