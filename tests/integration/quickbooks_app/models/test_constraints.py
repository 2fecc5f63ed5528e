"""Database constraints refuse invalid rows, whoever writes."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db import connection as database

from infactor.invoices.models import Buyer, Invoice
from quickbooks_app.auth import integrations
from quickbooks_app.models import Connection, ConsentAttempt, ImportIssue, ImportRun
from tests.support.factories.quickbooks import ConnectionFactory, RunFactory, create_document
from tests.support.factories.suppliers import BuyerFactory, InvoiceFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db


def set_column(row: Any, column: str, value: object) -> None:
    with database.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET {column} = %s WHERE id = %s", [value, row.pk])


@pytest.mark.parametrize("column", ["invoice_amount", "tax_amount", "balance"])
@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e16"])
def test_an_invoice_holds_no_amount_that_is_no_number(column: str, value: str) -> None:
    with pytest.raises(DatabaseError):
        set_column(InvoiceFactory(), column, value)


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_a_buyer_holds_no_balance_that_is_no_number(value: str) -> None:
    with pytest.raises(DatabaseError):
        set_column(BuyerFactory(), "balance", value)


@pytest.mark.parametrize("amount", ["9999999999999999.99", "0.00", "0.01"])
def test_an_invoice_holds_every_amount_that_books_may_have(amount: str) -> None:
    row = InvoiceFactory(invoice_amount=Decimal(amount), balance=Decimal(amount), tax_amount=None)
    row.refresh_from_db()
    assert str(row.invoice_amount) == amount


@pytest.mark.parametrize(("column", "value"), [("state", "sold"), ("books_status", "lost")])
def test_an_invoice_has_no_state_that_nobody_knows(column: str, value: str) -> None:
    with pytest.raises(IntegrityError):
        set_column(InvoiceFactory(), column, value)


def test_an_invoice_comes_once_in_a_company() -> None:
    known = InvoiceFactory()
    with pytest.raises(IntegrityError):
        InvoiceFactory(buyer=known.buyer, qbk_invoice_id=known.qbk_invoice_id)


def test_a_customer_comes_once_in_a_company() -> None:
    known = BuyerFactory()
    with pytest.raises(IntegrityError):
        BuyerFactory(company_file=known.company_file, reference=known.reference)


def test_a_realm_is_held_once_even_by_a_connection_that_was_ended() -> None:
    held = ConnectionFactory(status=Connection.Status.DISCONNECTED, access_token="", refresh_token="")
    with pytest.raises(IntegrityError):
        ConnectionFactory(realm_id=held.realm_id)


@pytest.mark.parametrize("token", ["access_token", "refresh_token"])
def test_a_connection_that_was_ended_holds_no_token(token: str) -> None:
    tokens = {"access_token": "", "refresh_token": "", token: "eyJ-left"}
    with pytest.raises(IntegrityError):
        ConnectionFactory(status=Connection.Status.DISCONNECTED, **tokens)


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_connection_has_one_open_run(state: str) -> None:
    run = RunFactory()
    with pytest.raises(IntegrityError):
        RunFactory(connection=run.connection, state=state)


@pytest.mark.parametrize("state", ["succeeded", "failed"])
def test_a_run_that_ended_says_when(state: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RunFactory(state=state)
    assert RunFactory(state=state, finished_at=NOON).pk


def test_a_consent_that_ended_says_when_it_was_taken(connection: Connection) -> None:
    with pytest.raises(IntegrityError):
        ConsentAttempt.objects.create(
            state_digest="f",
            user=connection.connected_by,
            supplier=connection.supplier,
            integration=integrations.from_settings(),
            environment="local",
            expires_at=NOON,
            outcome=ConsentAttempt.Outcome.CONNECTED,
        )


def test_a_document_and_an_issue_come_once(connection: Connection) -> None:
    create_document(connection=connection)
    with pytest.raises(IntegrityError), transaction.atomic():
        create_document(connection=connection)
    issue = {"connection": connection, "entity": "Invoice", "qbk_id": "1", "field": "TotalAmt", "code": "missing"}
    ImportIssue.objects.create(**issue, first_seen_at=NOON, last_seen_at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        ImportIssue.objects.create(**issue, first_seen_at=NOON, last_seen_at=NOON)


def test_a_company_with_invoices_cannot_vanish() -> None:
    row = InvoiceFactory()
    with pytest.raises(IntegrityError):
        row.supplier.delete()
    assert Invoice.objects.filter(pk=row.pk).exists()
    assert Buyer.objects.filter(pk=row.buyer_id).exists()
    assert not ImportRun.objects.exists()
