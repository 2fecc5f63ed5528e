"""Staff preview what they write, write exactly that, and read what came of it."""

import pytest
from django.test import Client

from infactor.core.models import AuditEvent
from infactor.users.models import User
from quickbooks_app.models import Connection, Push, RateLimitState
from quickbooks_app.pushes import requests
from tests.functional.quickbooks_app.pushes.test_pushes import work
from tests.functional.quickbooks_app.sync.conftest import Company
from tests.support.admin_client import confirm, preview, preview_and_confirm, visible_text
from tests.support.factories.suppliers import UserFactory

pytestmark = pytest.mark.django_db
REASON = "The supplier asked for it."


def address_of(connection: Connection) -> str:
    return f"/admin/quickbooks_app/connection/{connection.pk}/push/"


def order(company: Company) -> str:
    """A purchase order in the books, which infactor has not stored."""
    kind = "AccountBasedExpenseLineDetail"
    lines = [{"Amount": 12.5, "DetailType": kind, kind: {"AccountRef": {"value": expense_account(company)}}}]
    vendor = company.write("Vendor", {"DisplayName": "Hicks Hardware"})["Id"]
    return str(company.write("PurchaseOrder", {"VendorRef": {"value": vendor}, "Line": lines})["Id"])


def expense_account(company: Company) -> str:
    return next(one["Id"] for one in company.all("Account") if one["Classification"] == "Expense")


def test_a_purchase_order_gets_a_custom_field_by_its_definition(
    staff_client: Client, writable: Connection, company: Company
) -> None:
    number = order(company)
    typed = {"entity": "PurchaseOrder", "operation": "update", "qbk_id": number, "reason": REASON}
    lines = "CustomField.1 = C-77\nMemo = Thank you"
    shown = visible_text(preview(staff_client, address_of(writable), **typed, lines=lines))
    assert "C-77" in shown
    assert "Memo Thank you" in shown
    assert not Push.objects.exists()
    assert preview_and_confirm(staff_client, address_of(writable), **typed, lines=lines).status_code == 302
    RateLimitState.objects.update(next_call_at=None)  # the page knows today, the worker of this test another day
    work(company)
    push = Push.objects.get()
    assert push.state == "done", push.error
    written = company.read("PurchaseOrder", number)
    assert written["Memo"] == "Thank you"
    assert [one["StringValue"] for one in written["CustomField"] if one["DefinitionId"] == "1"] == ["C-77"]
    page = visible_text(staff_client.get(f"/admin/quickbooks_app/push/{push.pk}/change/"))
    assert "Written" in page
    event = AuditEvent.objects.get(event="quickbooks.push_requested")
    assert event.details["fields"] == ["CustomField", "Memo"]
    assert "C-77" not in str(event.details)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"entity": "Customer", "operation": "create", "lines": ""}, "at least one field"),
        ({"entity": "Customer", "operation": "create", "lines": "DisplayName Quay"}, "Line 1 has no"),
        ({"entity": "Customer", "operation": "create", "qbk_id": "1", "lines": "A = b"}, "gives a new object its id"),
        ({"entity": "Customer", "operation": "delete", "qbk_id": "1"}, "it can be made inactive"),
        ({"entity": "Customer", "operation": "update", "qbk_id": "99999", "lines": "A = b"}, "no such object"),
        ({"entity": "Invoice", "operation": "void", "qbk_id": "1", "lines": "A = b"}, "Leave this empty"),
        ({"entity": "Unicorn", "operation": "create", "lines": "A = b"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_written_is_refused_where_it_was_typed(
    staff_client: Client, writable: Connection, typed: dict[str, str], why: str
) -> None:
    assert why in visible_text(preview(staff_client, address_of(writable), **typed, reason=REASON))
    assert preview_and_confirm(staff_client, address_of(writable), **typed, reason=REASON).status_code == 200
    assert not Push.objects.exists()


def test_a_push_that_failed_is_asked_for_again(
    staff_client: Client, writable: Connection, company: Company, staff: User
) -> None:
    name = company.all("Customer")[0]["DisplayName"]
    requests.request_push(
        connection=writable,
        entity="Customer",
        operation="create",
        fields={"DisplayName": name},
        by=staff,
        at=company.clock(),
    )
    work(company)
    failed = Push.objects.get()
    company.edit("Customer", company.all("Customer")[0]["Id"], DisplayName="Somebody else")
    again = f"/admin/quickbooks_app/push/{failed.pk}/ask_again/"
    assert confirm(staff_client, again, reason=REASON).status_code == 302
    work(company)
    assert list(Push.objects.values_list("state", flat=True)) == ["done", "failed"]


def test_without_the_suppliers_word_or_the_permission_the_page_is_closed(
    staff_client: Client, writable: Connection
) -> None:
    Connection.objects.update(writes_allowed_at=None)
    page = staff_client.get(address_of(writable), follow=True)
    assert requests.NOT_ALLOWED in visible_text(page)  # type: ignore[arg-type]
    staff_client.force_login(UserFactory(is_staff=True))
    assert staff_client.get(address_of(writable)).status_code in (302, 403)


def test_a_page_says_that_quickbooks_may_have_written_it_only_where_it_may(
    staff_client: Client, writable: Connection, company: Company
) -> None:
    typed = {"entity": "Customer", "operation": "create", "qbk_id": "", "reason": REASON}
    preview_and_confirm(staff_client, address_of(writable), **typed, lines="DisplayName = Quay & Sons")
    page = f"/admin/quickbooks_app/push/{Push.objects.get().pk}/change/"
    assert "QuickBooks may have written it" not in visible_text(staff_client.get(page))  # type: ignore[arg-type]
    Push.objects.update(may_be_written=True)
    assert "QuickBooks may have written it" in visible_text(staff_client.get(page))  # type: ignore[arg-type]
