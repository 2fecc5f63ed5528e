"""Staff's page of forwarded links: who waits for review, and what a decision does."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.users import roles
from infactor.verification import forwards, requests
from infactor.verification.models import Forward
from tests.support.admin_client import confirm, visible_text
from tests.support.factories.suppliers import InvoiceFactory
from tests.support.scenarios.financing import staff_member
from tests.support.scenarios.verification import ask, member_of, token_of

pytestmark = pytest.mark.django_db
LIST = "/admin/verification/forward/"
NOW = timezone.now()
OUTSIDE = "kim@elsewhere.example"
CANARY = "<script>alert(1)</script>"


@pytest.fixture
def waiting() -> Forward:
    """A buyer's forward to an address that is not of its domain."""
    asked = ask(InvoiceFactory(invoice_no="INV-77", company_name=CANARY), at=NOW)
    (made,) = forwards.forward(token=token_of(asked), requests=[asked.pk], to=OUTSIDE, asked_by="Ann Payable", at=NOW)
    return made


def signed_in(client: Client, role: str) -> Client:
    roles.set_up_groups()
    client.force_login(staff_member(role))
    return client


def links() -> list[str]:
    return list(OutgoingMail.objects.filter(key__startswith="verification.forward:").values_list("to", flat=True))


def test_the_queue_shows_who_waits_and_is_found_by_colleague_and_by_invoice(client: Client, waiting: Forward) -> None:
    signed_in(client, roles.READ_ONLY)
    for query in ({"status__exact": "waiting"}, {"q": OUTSIDE}, {"q": "INV-77"}):
        page = client.get(f"{LIST}?{urlencode(query)}").content.decode()
        assert OUTSIDE in page, query
        assert CANARY not in page
    assert OUTSIDE not in client.get(f"{LIST}?status__exact=sent").content.decode()


def test_a_link_is_sent_once_after_a_look_at_who_gets_it(client: Client, waiting: Forward) -> None:
    address = f"{LIST}{waiting.pk}/approve/"
    assert signed_in(client, roles.READ_ONLY).get(address).status_code == 403
    signed_in(client, roles.OPERATIONS)
    page = visible_text(client.get(address))
    for said in ("INV-77", "Ann Payable", OUTSIDE, waiting.verification.to):
        assert said in page
    confirm(client, address)
    client.post(address)
    assert links() == [OUTSIDE]
    waiting.refresh_from_db()
    assert waiting.status == Forward.Status.SENT
    assert waiting.decided_by is not None
    assert AuditEvent.objects.filter(event="forward.status", actor_id=waiting.decided_by_id).exists()


def test_a_refusal_has_a_reason_and_sends_nothing(client: Client, waiting: Forward) -> None:
    signed_in(client, roles.OPERATIONS)
    address = f"{LIST}{waiting.pk}/refuse/"
    confirm(client, address, reason="")
    waiting.refresh_from_db()
    assert waiting.status == Forward.Status.WAITING
    confirm(client, address, reason="Nobody there knows this person.")
    waiting.refresh_from_db()
    assert (waiting.status, links()) == (Forward.Status.REFUSED, [])
    assert "Nobody there knows this person." in client.get(f"{LIST}{waiting.pk}/history/", follow=True).content.decode()


def test_a_request_that_was_withdrawn_meanwhile_is_forwarded_to_nobody(client: Client, waiting: Forward) -> None:
    requests.withdraw(verification=waiting.verification, by=member_of(waiting.verification.invoice), at=NOW)
    signed_in(client, roles.OPERATIONS)
    page = visible_text(confirm(client, f"{LIST}{waiting.pk}/approve/"))
    assert "cannot answer this request any more" in page
    assert links() == []
