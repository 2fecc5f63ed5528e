"""What reading costs: Intuit meters every call, and the free tier has 500,000 a month for all companies together."""

import math
from datetime import timedelta

import pytest

from quickbooks_app.models import ApiCall, Connection, ImportRun
from quickbooks_app.sandbox.data import generate as generator
from tests.functional.quickbooks_app.sync.conftest import REALM, Company, read

pytestmark = pytest.mark.django_db


def objects(run: ImportRun) -> int:
    return run.customers_seen + run.invoices_seen + run.payments_seen + run.credit_memos_seen


def test_a_small_company_takes_one_call_for_each_kind(company: Company, connection: Connection) -> None:
    run = read(connection, company.clock)
    assert objects(run) < 1000
    assert (run.state, run.api_calls) == ("succeeded", 4)


@pytest.mark.parametrize("number", [2_500, 10_000])
def test_a_first_import_takes_a_call_for_each_thousand_and_four_more(
    company: Company, connection: Connection, number: int
) -> None:
    generator.add_invoices(company.store, realm=REALM, count=number, at=company.clock())
    company.clock.advance(minutes=1)
    run = read(connection, company.clock)
    assert run.state == "succeeded"
    assert run.invoices_seen == run.invoices_expected == run.invoices_new > number
    assert run.api_calls <= math.ceil(objects(run) / 1000) + 4
    assert ApiCall.objects.count() == run.api_calls


def test_a_quiet_company_costs_one_call_a_run(company: Company, imported: Connection) -> None:
    before = ApiCall.objects.filter(error_code="").count()
    for _ in range(5):
        company.clock.advance(days=1)
        assert read(imported, company.clock).api_calls == 1
    assert ApiCall.objects.filter(error_code="").count() == before + 5


def test_a_comparison_of_a_small_company_takes_two_calls_for_each_kind(company: Company, imported: Connection) -> None:
    company.clock.advance(days=31)
    run = read(imported, company.clock)
    assert (run.kind, run.api_calls) == ("reconcile", 8)
    assert company.clock() - timedelta(hours=1) < Connection.objects.get().reconciled_at  # type: ignore[operator]
