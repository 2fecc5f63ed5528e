"""Webhooks about further objects are followed where the company pulls them, and ignored elsewhere."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from quickbooks_app import pulls
from quickbooks_app.admin.objects import webhook_rows
from quickbooks_app.models import Connection, Document, Inbox, ObjectPull, WebhookEvent
from quickbooks_app.webhooks import processing
from tests.functional.quickbooks_app.webhooks.conftest import REALM, Company, reads
from tests.support.fakes.signed_webhooks import cloud, cloud_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor(company: Company) -> dict[str, Any]:
    return company.write("create", "Vendor", {"DisplayName": "Kiln & Co"})


def pulled(connection: Connection, entity: str = "Vendor") -> None:
    """The object, as if it had been read whole."""
    pulls.enable(connection=connection, entities=[entity])
    ObjectPull.objects.update(as_of=timezone.now())


def process(connection: Connection) -> list[str]:
    processing.process_pending(connection_id=connection.pk, now=timezone.now)
    return list(WebhookEvent.objects.order_by("pk").values_list("state", flat=True))


def test_a_pulled_object_is_here_after_its_webhook(
    company: Company, connection: Connection, post_webhook: Callable[..., int], vendor: Any
) -> None:
    pulled(connection)
    invoice = company.invoices()[0]
    told = [cloud_event(REALM, vendor["Id"], "qbo.vendor.created.v1"), cloud_event(REALM, invoice["Id"])]
    post_webhook(cloud(*told))
    assert Inbox.objects.get().notified_at is not None
    assert process(connection) == ["handled", "handled"]
    assert Document.objects.get(entity="Vendor").qbk_id == vendor["Id"]
    assert Document.objects.get(entity="Invoice").qbk_id == invoice["Id"]


def test_a_deleted_object_is_marked_after_its_webhook(
    company: Company, connection: Connection, post_webhook: Callable[..., int], vendor: Any
) -> None:
    line = {"Amount": 8, "DetailType": "AccountBasedExpenseLineDetail"}
    line["AccountBasedExpenseLineDetail"] = {"AccountRef": {"value": "11"}}
    bill = company.write("create", "Bill", {"VendorRef": {"value": vendor["Id"]}, "Line": [line]})
    pulled(connection, "Bill")
    post_webhook(cloud(cloud_event(REALM, bill["Id"], "qbo.bill.created.v1")))
    process(connection)
    company.write("delete", "Bill", {"Id": bill["Id"], "SyncToken": bill["SyncToken"]})
    post_webhook(cloud(cloud_event(REALM, bill["Id"], "qbo.bill.deleted.v1")))
    assert process(connection) == ["handled", "handled"]
    assert Document.objects.get(entity="Bill").is_deleted


@pytest.mark.parametrize("row", ["none", "disabled", "another object", "not read yet"])
def test_an_object_that_the_company_does_not_pull_is_ignored(
    connection: Connection, post_webhook: Callable[..., int], vendor: Any, row: str
) -> None:
    if row == "disabled":
        pulled(connection)
        pulls.enable(connection=connection, entities=["Vendor"], is_enabled=False)
    elif row == "another object":
        pulled(connection, "Bill")
    elif row == "not read yet":
        pulls.enable(connection=connection, entities=["Vendor"])
    post_webhook(cloud(cloud_event(REALM, vendor["Id"], "qbo.vendor.created.v1")))
    before = reads(connection)
    assert process(connection) == ["ignored"]
    assert reads(connection) == before
    assert not Document.objects.filter(entity="Vendor").exists()


# Section "Webhooks" of docs/domain/quickbooks.md; those without objects in the books of the test have no row here.
OPERATIONS = ("created", "updated", "deleted", "merged", "void", "voided", "emailed")


def test_every_operation_of_every_object_that_is_pulled_is_followed(
    company: Company, connection: Connection, post_webhook: Callable[..., int], vendor: Any
) -> None:
    rows = company.store.connection().execute(
        "SELECT entity, min(id) AS id FROM objects WHERE realm = ? AND deleted = 0 GROUP BY entity", (REALM,)
    )
    ids = {row["entity"]: row["id"] for row in rows if pulls.can_be_pulled(row["entity"])}
    assert {"Vendor", "Item", "Account", "Term"} <= ids.keys()
    for entity in ids:
        pulled(connection, entity)
    told = [
        cloud_event(REALM, qbk_id, f"qbo.{entity.lower()}.{operation}.v1")
        for entity, qbk_id in ids.items()
        for operation in OPERATIONS
    ]
    post_webhook(cloud(*told))
    for _ in range(3):
        states = process(connection)
    assert set(states) == {"handled"}
    assert len(states) == len(ids) * len(OPERATIONS)
    assert set(Document.objects.values_list("entity", "qbk_id")) == set(ids.items())


def test_what_is_not_followed_is_kept_and_says_why(
    company: Company, connection: Connection, post_webhook: Callable[..., int], vendor: Any
) -> None:
    kinds = ("qbo.vendor.created.v1", "qbo.changeorder.updated.v1", "qbo.preferences.updated.v1")
    post_webhook(cloud(*(cloud_event(REALM, "1", kind) for kind in kinds)))
    post_webhook(cloud(cloud_event("999", "1", "qbo.invoice.emailed.v1")))
    kept = WebhookEvent.objects.order_by("pk").values_list("entity", "operation", "state", "reason")
    assert set(kept) == {
        ("Vendor", "create", "ignored", "not_pulled"),
        ("changeorder", "update", "ignored", "unknown"),
        ("Preferences", "update", "ignored", "unknown"),
        ("Invoice", "emailed", "ignored", "not_connected"),
    }
    rows = webhook_rows(connection)
    assert ("changeorder", "update", "1", "", "", "", "1: infactor does not read this kind of object") in rows
    assert ("Vendor", "create", "1", "", "", "", "1: This object is not pulled for the company") in rows
