"""The audit log records sign-ins, sign-outs and every change that staff make by hand."""

import pytest
from django.test import Client
from django.urls import reverse

from infactor.core import audit
from infactor.core.models import AuditEvent
from infactor.invoices.debtors import grouping
from infactor.users.models import User
from tests.support.factories.suppliers import (
    PASSWORD,
    BuyerFactory,
    InvoiceFactory,
    MembershipFactory,
    SupplierFactory,
    UserFactory,
)
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db


def events(subject: object) -> list[str]:
    return list(
        AuditEvent.objects.filter(subject_id=str(subject.pk)).order_by("pk").values_list("event", flat=True)  # type: ignore[attr-defined]
    )


def sign_in(client: Client, email: str, password: str) -> None:
    client.post(reverse("account_login"), {"login": email, "password": password})


def test_signing_in_and_out_is_kept_with_who_and_when(client: Client) -> None:
    user: User = MembershipFactory().user
    sign_in(client, user.email, PASSWORD)
    client.post(reverse("account_logout"))
    assert events(user) == ["user.signed_in", "user.signed_out"]
    assert AuditEvent.objects.get(event="user.signed_in").details == {"shown": ["password"]}


def test_a_wrong_password_is_kept_without_the_password(client: Client) -> None:
    user = UserFactory()
    sign_in(client, user.email.upper(), "wrong-but-secret-password")
    assert events(user) == ["user.sign_in_refused"]
    assert "wrong-but-secret-password" not in str(AuditEvent.objects.values())


def test_a_failed_sign_in_of_an_unknown_address_is_recorded_without_the_address(client: Client) -> None:
    sign_in(client, "nobody@example.com", "some-password")
    event = AuditEvent.objects.get()
    assert (event.event, event.subject_id, event.actor_id) == ("user.sign_in_refused", "", None)
    assert "nobody@example.com" not in str(AuditEvent.objects.values())


def test_what_staff_change_is_kept_by_the_names_of_its_fields(client: Client) -> None:
    staff = User.objects.create_superuser("staff@example.com", PASSWORD)
    client.force_login(staff)
    supplier = SupplierFactory(name="Before")
    form = {
        "name": "After and private",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
    }
    saved = client.post(reverse("admin:suppliers_supplier_change", args=[supplier.pk]), form)
    assert saved.status_code == 302
    event = AuditEvent.objects.get(event="supplier.changed_by_staff")
    assert (event.actor_id, event.subject_id) == (staff.pk, str(supplier.pk))
    assert "company name" in str(event.details).lower()
    assert "After and private" not in str(event.details)


def test_the_history_of_a_row_is_its_audit_trail_in_words(client: Client, staff: User) -> None:
    buyer = BuyerFactory()
    debtor = grouping.join(buyers=[buyer], debtor=None, name="Acme", by=staff, at=NOON)
    grouping.update(debtor=debtor, changes={"note": "x"}, by=staff, at=NOON)
    client.force_login(staff)
    address = reverse("admin:invoices_buyer_history", args=[buyer.pk])
    page = client.get(address, follow=True).content.decode()
    assert f"Only: Buyer {buyer.pk}" in page
    assert "Buyer: joined" in page
    assert "Debtor: amended" not in page.split("<tbody>")[1].split("</tbody>")[0]
    shown = AuditEvent.objects.get(event="debtor.updated")
    told = client.get(reverse("admin:core_auditevent_change", args=[shown.pk])).content.decode()
    assert "fields: <bdi>note</bdi>" in told
    assert f'<a href="{reverse("admin:invoices_debtor_change", args=[debtor.pk])}">Debtor {debtor.pk}</a>' in told


def test_what_the_house_did_and_how_a_state_changed_is_said(client: Client, staff: User) -> None:
    invoice = InvoiceFactory(state="invoice_created")
    audit.record(
        event="invoice.state",
        subject=invoice,
        by=None,
        at=NOON,
        details={"from": "invoice_created", "to": "invoice_accepted"},
    )
    client.force_login(staff)
    page = client.get(reverse("admin:core_auditevent_changelist")).content.decode()
    assert "Awaiting approval → Approved" in page
    assert "system" in page
