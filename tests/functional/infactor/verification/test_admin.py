"""Staff see which verifications are open; authorized staff record an answer that a buyer gave by phone."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from infactor.invoices.models import Invoice
from infactor.users import roles
from infactor.users.models import User
from infactor.verification.models import Verification
from tests.support.admin_client import confirm
from tests.support.factories.suppliers import InvoiceFactory, UserFactory
from tests.support.scenarios.verification import NOON, ask, token_of

pytestmark = pytest.mark.django_db
Status = Verification.Status
LIST = "/admin/verification/verification/"
CALL = {"answer": "all", "name": "Ann Payable", "phone_number": "+1 510 555 0111", "call_note": "From its website"}
CANARY = "<script>alert(1)</script>"


@pytest.fixture
def asked() -> Verification:
    return ask(InvoiceFactory(invoice_no="INV-77", company_name=CANARY), to="other@buyer.example")


def signed_in(client: Client, role: str) -> Client:
    roles.set_up_groups()
    person: User = UserFactory(is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    client.force_login(person)
    return client


def button(name: str, asked: Verification) -> str:
    return reverse(f"admin:verification_verification_{name}", args=[asked.pk])


def test_the_queue_shows_who_waits_and_marks_another_address(client: Client, asked: Verification) -> None:
    shown = signed_in(client, roles.READ_ONLY).get(LIST, {"address": "changed", "status__exact": "sent"})
    page = shown.content.decode()
    assert "INV-77" in page
    assert CANARY not in page
    assert client.get(LIST, {"q": "INV-77"}).status_code == 200


def test_the_queue_asks_as_often_for_many_as_for_few(
    client: Client, asked: Verification, django_assert_max_num_queries: object
) -> None:
    signed_in(client, roles.READ_ONLY)
    client.get(LIST)
    for _ in range(5):
        ask(InvoiceFactory())
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        client.get(LIST)


def test_the_page_of_a_question_holds_no_link_and_nothing_to_change(client: Client, asked: Verification) -> None:
    page = signed_in(client, roles.UNDERWRITER).get(f"{LIST}{asked.pk}/change/").content.decode()
    assert asked.links[0] not in page
    assert token_of(asked) not in page
    assert 'name="_save"' not in page
    for label in ("Record an answer by phone", "Send again", "Withdraw"):
        assert label in page


@pytest.mark.parametrize("role", [roles.UNDERWRITER, roles.OPERATIONS])
def test_who_may_records_an_answer_by_phone(client: Client, asked: Verification, role: str) -> None:
    response = confirm(signed_in(client, role), button("record", asked), **CALL)
    assert response.status_code == 302
    asked.refresh_from_db()
    assert (asked.status, asked.channel) == (Status.CONFIRMED, "phone")
    assert asked.recorded_by is not None
    assert (asked.phone_number, asked.call_note) == ("+1 510 555 0111", "From its website")


def test_who_may_only_read_sees_no_button_and_changes_nothing(client: Client, asked: Verification) -> None:
    signed_in(client, roles.READ_ONLY)
    assert "Record an answer" not in client.get(f"{LIST}{asked.pk}/change/").content.decode()
    phone = reverse("admin:verification_verification_phone", args=[asked.invoice_id])
    for address in (*(button(name, asked) for name in ("record", "resend", "withdraw")), phone):
        assert client.get(address).status_code == 403
        assert client.post(address, CALL).status_code == 403
    asked.refresh_from_db()
    assert asked.status == Status.SENT


def test_a_call_about_an_invoice_that_nobody_was_asked_about(client: Client) -> None:
    invoice: Invoice = InvoiceFactory()
    phone = reverse("admin:verification_verification_phone", args=[invoice.pk])
    said = {**CALL, "answer": "part", "amount": "500.00", "reason": "Half of it", "name": "Ann"}
    assert confirm(signed_in(client, roles.OPERATIONS), phone, **said).status_code == 302
    recorded = Verification.objects.get()
    assert str(recorded.confirmed_amount) == "500.00"
    page = client.get(f"{LIST}{recorded.pk}/change/").content.decode()
    assert "The answer is recorded." in page
    assert "no longer works" not in page  # no link was ever sent
    assert "+1 510 555 0111" in page


def test_an_answer_that_contradicts_itself_is_told_on_the_same_page(client: Client, asked: Verification) -> None:
    said = {**CALL, "answer": "part", "amount": "1080.00", "reason": "Kept words"}
    page = confirm(signed_in(client, roles.OPERATIONS), button("record", asked), **said).content.decode()
    assert "Enter less than" in page
    assert "Kept words" in page


def test_the_figures_are_those_of_the_moment(client: Client, asked: Verification) -> None:
    signed_in(client, roles.OPERATIONS)
    Invoice.objects.filter(pk=asked.invoice_id).update(balance="70.00")
    assert "$70.00" in client.get(button("record", asked)).content.decode()


def test_staff_send_again_and_withdraw(client: Client, asked: Verification) -> None:
    signed_in(client, roles.OPERATIONS)
    Verification.objects.filter(pk=asked.pk).update(expires_at=NOON.replace(year=2099))
    assert confirm(client, button("resend", asked)).status_code == 302
    assert confirm(client, button("withdraw", asked), reason="Sent by mistake").status_code == 302
    asked.refresh_from_db()
    assert (asked.status, len(asked.links)) == (Status.WITHDRAWN, 2)
    assert client.get(button("resend", asked)).status_code == 302
