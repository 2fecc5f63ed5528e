"""The first import of a company: the rows that it creates, and the calls that it takes."""

import math

import pytest

from infactor.invoices.models import BooksPayment, CreditMemo, InvoiceChange
from quickbooks_app.models import ApiCall, Connection, ImportRun
from quickbooks_app.sandbox.data import generate
from tests.functional.quickbooks_app.sync.conftest import REALM, Company, read

pytestmark = pytest.mark.django_db


def objects(run: ImportRun) -> int:
    return run.customers_seen + run.invoices_seen + run.payments_seen + run.credit_memos_seen


def test_the_first_import_brings_payments_and_credit_memos_and_tells_no_history(
    company: Company, connection: Connection
) -> None:
    run = read(connection, company.clock)
    assert (run.state, run.kind) == ("succeeded", "full")
    company.assert_matches_quickbooks(connection)
    assert run.payments_seen == BooksPayment.objects.count() > 0
    assert run.credit_memos_seen == CreditMemo.objects.count() > 0
    assert not InvoiceChange.objects.exists()


def test_a_small_company_takes_one_call_for_each_kind(company: Company, connection: Connection) -> None:
    run = read(connection, company.clock)
    assert objects(run) < 1000
    assert (run.state, run.api_calls) == ("succeeded", 4)


def test_a_first_import_takes_a_call_for_each_thousand_and_four_more(company: Company, connection: Connection) -> None:
    number = 2_500
    generate.add_invoices(company.store, realm=REALM, count=number, at=company.clock())
    company.clock.advance(minutes=1)
    run = read(connection, company.clock)
    assert run.state == "succeeded"
    assert run.invoices_seen == run.invoices_expected == run.invoices_new > number
    assert run.api_calls <= math.ceil(objects(run) / 1000) + 4
    assert ApiCall.objects.count() == run.api_calls
