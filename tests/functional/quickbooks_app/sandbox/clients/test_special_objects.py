"""python-quickbooks works unchanged with the objects that are unlike the others: read only, or without an Id."""

import contextlib
import datetime

import pytest
from quickbooks import QuickBooks
from quickbooks.exceptions import QuickbooksException
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

from tests.functional.quickbooks_app.sandbox.conftest import REALM
from tests.functional.quickbooks_app.sandbox.objects.bodies import sold


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
