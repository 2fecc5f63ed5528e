"""Webhooks are processed together by one worker, and the invoice ends in the state that QuickBooks has."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.db import connections
from django.utils import timezone

from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus
from quickbooks_app import tasks
from quickbooks_app.models import Connection, Inbox, WebhookEvent
from quickbooks_app.sandbox.accounting import merging
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sync import refetch
from quickbooks_app.webhooks import inbox, processing
from tests.functional.quickbooks_app.webhooks.conftest import OTHER_REALM, REALM, Company, reads
from tests.support.fakes.signed_webhooks import change, cloud, cloud_event, envelope

Tell = Callable[..., int]
pytestmark = pytest.mark.django_db


def drain(connection: Connection) -> bool:
    return processing.process_pending(connection_id=connection.pk, now=timezone.now)


def states() -> list[str]:
    return list(WebhookEvent.objects.order_by("pk").values_list("state", flat=True))


def ours(qbk_id: str) -> Invoice:
    return Invoice.objects.get(qbk_invoice_id=qbk_id)


def test_an_edit_in_the_books_is_here_after_its_webhook(
    company: Company, connection: Connection, post_webhook: Tell
) -> None:
    invoice = company.edit(company.invoices()[0], DocNumber="NEW-77")
    post_webhook(cloud(cloud_event(REALM, invoice["Id"])))
    assert drain(connection) is False
    assert ours(invoice["Id"]).invoice_no == "NEW-77"
    assert states() == ["handled"]
    assert Inbox.objects.get().changed_at is not None


@pytest.mark.parametrize("older", [False, True])
def test_a_void_a_delete_and_a_payment_are_followed(
    company: Company, connection: Connection, post_webhook: Tell, older: bool
) -> None:
    voided, deleted, paid = company.invoices()[:3]
    for one in (voided, deleted, paid):
        post_webhook(cloud(cloud_event(REALM, one["Id"])))
    drain(connection)
    company.remove(voided, "void")
    company.remove(deleted)
    payment = company.pay(paid, 1)
    if older:
        told = [change(voided["Id"], operation="Void"), change(deleted["Id"], operation="Delete")]
        told += [change(paid["Id"]), change(payment["Id"], "Payment", "Create")]
        post_webhook(envelope(**{f"r{REALM}": told}))
    else:
        post_webhook(
            cloud(
                cloud_event(REALM, voided["Id"], "qbo.invoice.void.v1"),
                cloud_event(REALM, deleted["Id"], "qbo.invoice.deleted.v1"),
                cloud_event(REALM, paid["Id"], "qbo.invoice.updated.v1"),
                cloud_event(REALM, payment["Id"], "qbo.payment.created.v1"),
            )
        )
    drain(connection)
    assert ours(voided["Id"]).books_status == BooksStatus.VOIDED
    assert ours(deleted["Id"]).books_status == BooksStatus.DELETED
    assert ours(paid["Id"]).books_status == BooksStatus.PARTLY_PAID
    assert ours(paid["Id"]).invoice_amount - ours(paid["Id"]).balance == 1
    assert set(states()) == {"handled"}


def test_a_delete_that_comes_before_its_create_ends_as_deleted(
    company: Company, connection: Connection, post_webhook: Tell
) -> None:
    gone, kept = company.invoices()[:2]
    post_webhook(cloud(*(cloud_event(REALM, one["Id"]) for one in (gone, kept))))
    drain(connection)
    company.remove(gone)
    post_webhook(cloud(cloud_event(REALM, gone["Id"], "qbo.invoice.deleted.v1")))
    drain(connection)
    post_webhook(cloud(cloud_event(REALM, gone["Id"], "qbo.invoice.created.v1")))
    post_webhook(cloud(cloud_event(REALM, kept["Id"], "qbo.invoice.deleted.v1")))
    drain(connection)
    assert ours(gone["Id"]).books_status == BooksStatus.DELETED
    assert ours(kept["Id"]).books_status == BooksStatus.OPEN


def test_an_old_update_that_comes_after_a_new_one_changes_nothing(
    company: Company, connection: Connection, post_webhook: Tell
) -> None:
    invoice = company.invoices()[0]
    old = cloud(cloud_event(REALM, invoice["Id"], time="2020-01-01T00:00:00Z"))
    company.edit(invoice, DocNumber="NEWEST")
    post_webhook(cloud(cloud_event(REALM, invoice["Id"])))
    drain(connection)
    post_webhook(old)
    drain(connection)
    assert ours(invoice["Id"]).invoice_no == "NEWEST"
    assert states() == ["handled", "handled"]


def test_several_companies_in_one_body_are_each_read_from_their_own_books(
    company: Company, connect: Callable[..., Connection], post_webhook: Tell
) -> None:
    first, second = connect(), connect(OTHER_REALM)
    elsewhere = Company(store=company.store, running=company.running, port=company.port, realm=OTHER_REALM)
    here, there = company.invoices()[0]["Id"], elsewhere.invoices()[0]["Id"]
    post_webhook(cloud(cloud_event(REALM, here), cloud_event(OTHER_REALM, there), cloud_event("42", here)))
    for one in (first, second):
        drain(one)
    assert Invoice.objects.get(company_file=first.company_file).qbk_invoice_id == here
    assert Invoice.objects.get(company_file=second.company_file).qbk_invoice_id == there


def test_five_hundred_events_take_as_few_reads_as_there_are_hundreds_of_objects(
    company: Company, connection: Connection, post_webhook: Tell
) -> None:
    ids = [one["Id"] for one in company.invoices()[:25]]
    for _ in range(20):
        post_webhook(cloud(*(cloud_event(REALM, qbk_id) for qbk_id in ids)))
    assert drain(connection) is False
    assert states() == ["handled"] * 500
    assert Invoice.objects.count() == 25
    assert reads(connection) == 1


@pytest.mark.parametrize("deletes", [True, False], ids=["gone", "inactive"])
def test_a_merge_moves_the_documents_of_the_merged_customer(
    company: Company, connection: Connection, post_webhook: Tell, deletes: bool
) -> None:
    stays, gone, invoice = two_customers(company, connection, post_webhook)
    with company.store.transaction() as database:
        merging.merge(Books(database, realm=REALM, at=timezone.now()), kept=stays, merged=gone, deletes=deletes)
    post_webhook(envelope(**{f"r{REALM}": [change(stays, "Customer", "Merge", deletedId=gone)]}))
    drain(connection)
    assert ours(invoice["Id"]).customer_reference == stays
    assert set(states()) == {"handled"}


def test_one_document_that_has_moved_brings_those_that_moved_with_it(
    company: Company, connection: Connection, post_webhook: Tell
) -> None:
    stays, gone, invoice = two_customers(company, connection, post_webhook)
    others = [one["Id"] for one in company.invoices() if one["CustomerRef"]["value"] == gone]
    post_webhook(envelope(**{f"r{REALM}": [change(qbk_id) for qbk_id in others]}))
    drain(connection)
    with company.store.transaction() as database:
        merging.merge(Books(database, realm=REALM, at=timezone.now()), kept=stays, merged=gone)
    post_webhook(envelope(**{f"r{REALM}": [change(invoice["Id"], lastUpdated="2026-10-06T03:09:04.000Z")]}))
    drain(connection)
    assert len(others) > 1
    assert {ours(qbk_id).customer_reference for qbk_id in others} == {stays}


def two_customers(company: Company, connection: Connection, post_webhook: Tell) -> tuple[str, str, Any]:
    """Two customers that infactor has read, and an invoice of the second."""
    stays, invoice = company.invoices()[0]["CustomerRef"]["value"], company.invoices()[1]
    gone = invoice["CustomerRef"]["value"]
    told = [change(one, "Customer") for one in (stays, gone)]
    post_webhook(envelope(**{f"r{REALM}": [*told, change(invoice["Id"])]}))
    drain(connection)
    return stays, gone, invoice


def test_a_task_that_leaves_more_behind_comes_back(
    company: Company, connection: Connection, post_webhook: Tell, notified: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processing, "MAX_EVENTS", 2)
    post_webhook(cloud(*(cloud_event(REALM, one["Id"]) for one in company.invoices()[:3])))
    notified.clear()
    tasks.process_webhooks(connection.pk)
    assert notified == [connection.pk]
    Inbox.objects.update(notified_at=None)
    tasks.process_webhooks(connection.pk)
    assert notified == [connection.pk]
    assert states() == ["handled"] * 3


def test_an_event_that_comes_while_its_object_is_read_is_followed_once_more(
    company: Company, connection: Connection, post_webhook: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice, read = company.invoices()[0], refetch.refetch_objects

    def change_meanwhile(**asked: object) -> object:
        monkeypatch.setattr(refetch, "refetch_objects", read)
        done = read(**asked)  # type: ignore[arg-type]
        company.edit(invoice, DocNumber="MEANWHILE")
        post_webhook(cloud(cloud_event(REALM, invoice["Id"])))
        return done

    monkeypatch.setattr(refetch, "refetch_objects", change_meanwhile)
    post_webhook(cloud(cloud_event(REALM, invoice["Id"])))
    assert drain(connection) is True
    assert drain(connection) is False
    assert ours(invoice["Id"]).invoice_no == "MEANWHILE"


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_once_one_reads_and_the_other_goes(
    company: Company, connection: Connection, post_webhook: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_webhook(cloud(*(cloud_event(REALM, one["Id"]) for one in company.invoices()[:30])))
    inside, free, read = threading.Event(), threading.Event(), refetch.refetch_objects

    def slowly(**asked: object) -> object:
        inside.set()
        assert free.wait(10)
        return read(**asked)  # type: ignore[arg-type]

    monkeypatch.setattr(refetch, "refetch_objects", slowly)

    def work() -> None:
        try:
            drain(connection)
        finally:
            connections.close_all()

    first = threading.Thread(target=work)
    first.start()
    assert inside.wait(10)
    assert drain(connection) is False
    assert reads(connection) == 0
    free.set()
    first.join(20)
    assert reads(connection) == 1
    assert set(states()) == {"handled"}
    assert database.vendor == "postgresql"


def test_the_events_of_a_worker_that_died_are_followed_by_the_next(
    company: Company, connection: Connection, post_webhook: Tell
) -> None:
    post_webhook(cloud(cloud_event(REALM, company.invoices()[0]["Id"])))
    at = timezone.now()
    Inbox.objects.update_or_create(connection=connection, defaults={"lease_until": at + processing.LEASE_DURATION})
    assert drain(connection) is False
    assert states() == ["waiting"]
    later = at + processing.LEASE_DURATION + timedelta(seconds=1)
    assert inbox.due_connection_ids(at=later) == [connection.pk]
    processing.process_pending(connection_id=connection.pk, now=lambda: later)
    assert states() == ["handled"]
