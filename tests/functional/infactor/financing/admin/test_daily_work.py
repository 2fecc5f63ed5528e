"""Staff carry an invoice through admin, page by page: what each shows is right, and each asks once."""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from infactor.core.models import OutgoingMail
from infactor.financing.advances import cases
from infactor.financing.models import Advance, Approval, Case, FinancingRequest, Offer, Payout, RequestLine
from infactor.ledger import integrity as proof
from tests.support.pages.decisions import decide
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db
DAY = "2026-11-02"
WHY = "because it is so"


@pytest.fixture
def house() -> Iterator[House]:
    found = build_house()
    found.terms(dual_control_threshold=Decimal(5000))
    with time_machine.travel(found.now, tick=False):
        yield found


@pytest.fixture
def underwriter(house: House) -> Client:
    client = Client()
    client.force_login(house.underwriter)
    return client


@pytest.fixture
def operations(house: House) -> Client:
    client = Client()
    client.force_login(house.operations)
    return client


def address_of(row: Advance | Offer | FinancingRequest | Case | Payout | Approval, name: str = "change") -> str:
    return reverse(f"admin:financing_{row._meta.model_name}_{name}", args=[row.pk])


def text_of(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return words(page)


def words(page: HttpResponse | object) -> str:
    shown = re.sub(r"<[^>]+>", " ", page.content.decode())  # type: ignore[attr-defined]
    return " ".join(shown.replace("&#x27;", "'").split())


def test_a_request_is_priced_for_some_invoices_and_declined_for_others(house: House, underwriter: Client) -> None:
    request = house.request(house.invoice(house.buyer("A")), house.invoice(house.buyer("B"), face="500"))
    first, second = request.lines.order_by("pk")
    page = text_of(underwriter, address_of(request, "offer"))
    for shown in ("$1,500.00", "$1,275.00", "$225.00", "30 $22.50", "90 (past recourse) $67.50"):
        assert shown in page
    assert decide(underwriter, address_of(request, "offer"), lines=str(first.pk)).status_code == 302
    offer = Offer.objects.get()
    assert [line.invoice_id for line in offer.lines.all()] == [first.invoice_id]
    assert decide(underwriter, address_of(request, "decline"), lines=str(second.pk), reason=WHY).status_code == 302
    second.refresh_from_db()
    assert (second.status, second.reason) == (RequestLine.Status.REFUSED, WHY)
    assert "Make an offer" not in underwriter.get(address_of(request)).content.decode()


def test_what_is_not_eligible_any_more_is_told_and_nothing_is_offered(house: House, underwriter: Client) -> None:
    invoice = house.invoice(house.buyer("A"))
    request = house.request(invoice)
    type(invoice).objects.filter(pk=invoice.pk).update(balance=Decimal("20.00"))
    page = decide(underwriter, address_of(request, "offer"), lines=str(request.lines.get().pk))
    assert "we finance $100.00 or more" in words(page)
    assert not Offer.objects.exists()


def test_an_offer_is_withdrawn_with_a_reason_that_the_supplier_reads(house: House, underwriter: Client) -> None:
    offer = house.offer(house.invoice(house.buyer()))
    assert "This field is required" in words(decide(underwriter, address_of(offer, "withdraw"), reason=""))
    assert decide(underwriter, address_of(offer, "withdraw"), reason=WHY).status_code == 302
    offer.refresh_from_db()
    assert offer.status == Offer.Status.WITHDRAWN
    assert WHY in OutgoingMail.objects.latest("pk").body


def test_an_accepted_offer_shows_what_was_shown(house: House, operations: Client) -> None:
    offer = house.offer(house.invoice(house.buyer()))
    house.accept(offer)
    page = text_of(operations, address_of(offer))
    assert house.owner.email in page
    assert house.shown(offer) in page
    assert "$850.00" in page


def test_an_advance_is_paid_out_collected_and_settled(house: House, operations: Client) -> None:
    advance = house.accepted(house.invoice(house.buyer()))
    page = text_of(operations, address_of(advance, "fund"))
    assert "••••6789" in page
    assert "Paid out now $850.00" in page
    assert "Not needed below 5,000.00 USD" in page
    assert decide(operations, address_of(advance, "fund"), value_date=DAY).status_code == 302
    house.pay(advance, "1000.00")
    page = text_of(operations, address_of(advance, "settle"))
    assert "1,000.00 × 1.5 % = 15.00 for 0 days" in page
    assert "150.00 - 15.00 = 135.00 USD" in page
    assert decide(operations, address_of(advance, "settle"), value_date=DAY).status_code == 302
    advance.refresh_from_db()
    assert (advance.status, advance.rebate) == (Advance.Status.SETTLED, Decimal("135.00"))
    page = text_of(operations, address_of(advance))
    for shown in (f"{advance.owner}:funded", f"{advance.owner}:settled", "$135.00", "••••6789"):
        assert shown in page
    assert proof.verify(at=house.now).ok


def test_a_page_that_was_opened_before_something_changed_asks_again(house: House, operations: Client) -> None:
    advance = house.funded(house.invoice(house.buyer()))
    address = address_of(advance, "write_off")
    seen = re.search(r'name="seen" value="(\w+)"', operations.get(address).content.decode())
    assert seen
    house.pay(advance, "400.00")
    page = operations.post(address, {"value_date": DAY, "reason": WHY, "seen": seen[1]})
    assert "has changed since you opened the page" in words(page)
    advance.refresh_from_db()
    assert advance.status == Advance.Status.FUNDED


def test_what_cannot_be_paid_out_says_why(house: House, operations: Client) -> None:
    advance = house.accepted(house.invoice(house.buyer()))
    type(advance.invoice).objects.filter(pk=advance.invoice_id).update(balance=Decimal("900.00"))
    page = words(decide(operations, address_of(advance, "fund"), value_date=DAY))
    assert page.count("900.00 USD are open, not 1,000.00") == 2
    assert not Payout.objects.exists()


def test_a_large_advance_is_asked_for_by_one_and_paid_out_by_another(
    house: House, operations: Client, underwriter: Client
) -> None:
    advance = house.accepted(house.invoice(house.buyer(), face="10000"))
    assert "From 5,000.00 USD up" in text_of(operations, address_of(advance, "fund"))
    answer = operations.get(decide(operations, address_of(advance, "fund"), value_date=DAY)["Location"])
    assert "This needs a second person" in words(answer)
    advance.refresh_from_db()
    assert advance.status == Advance.Status.ACCEPTED
    approval = Approval.objects.get()
    assert "Somebody has asked for this already" in words(
        decide(operations, address_of(advance, "fund"), value_date=DAY)
    )
    page = text_of(underwriter, address_of(approval, "approve"))
    for shown in ("$8,500.00", house.operations.email, "What stands against it nothing", "••••6789"):
        assert shown in page
    assert decide(underwriter, address_of(approval, "approve")).status_code == 302
    advance.refresh_from_db()
    assert advance.status == Advance.Status.FUNDED


def test_a_refused_approval_does_nothing(house: House, operations: Client, underwriter: Client) -> None:
    advance = house.accepted(house.invoice(house.buyer(), face="10000"))
    decide(operations, address_of(advance, "fund"), value_date=DAY)
    approval = Approval.objects.get()
    assert decide(underwriter, address_of(approval, "refuse"), reason=WHY).status_code == 302
    advance.refresh_from_db()
    assert advance.status == Advance.Status.ACCEPTED
    assert "Refused" in text_of(operations, address_of(advance))


def test_a_dispute_holds_the_reserve_until_it_is_closed(house: House, operations: Client) -> None:
    advance = house.funded(house.invoice(house.buyer()))
    assert decide(operations, address_of(advance, "dispute"), reason="Two boxes were broken.").status_code == 302
    house.pay(advance, "1000.00")
    assert "A dispute is open" in words(decide(operations, address_of(advance, "settle"), value_date=DAY))
    case = Case.objects.get()
    closed = decide(operations, address_of(case, "close"), outcome="rejected", conclusion="They were whole.")
    assert closed.status_code == 302
    assert not cases.is_held(advance=advance)
    assert decide(operations, address_of(advance, "settle"), value_date=DAY).status_code == 302


def test_a_short_payment_is_allowed_and_cancelling_gives_up(house: House, operations: Client) -> None:
    advance = house.funded(house.invoice(house.buyer()))
    house.pay(advance, "900.00")
    assert "$100.00 open, $150.00 held back" in text_of(operations, address_of(advance))
    done = decide(operations, address_of(advance, "short"), amount="100.00", value_date=DAY, reason=WHY)
    assert done.status_code == 302
    advance.refresh_from_db()
    assert advance.status == Advance.Status.COLLECTED
    other = house.accepted(house.invoice(house.buyer("B")))
    assert decide(operations, address_of(other, "cancel"), reason=WHY).status_code == 302
    other.refresh_from_db()
    assert other.status == Advance.Status.CANCELLED


def test_buying_back_shows_what_the_supplier_pays_before_it_is_recorded(house: House, operations: Client) -> None:
    advance = house.funded(house.invoice(house.buyer()))
    address = address_of(advance, "repurchase")
    typed = {"value_date": DAY, "reason": WHY}
    looked = operations.post(address, {**typed, "look": "Look"})
    assert "The supplier has paid $865.00" in words(looked)
    seen = re.search(r'name="seen" value="(\w+)"', looked.content.decode())
    assert seen
    # What was typed after the look is looked at first.
    changed = operations.post(address, {**typed, "reason": "something else", "do": "x", "seen": seen[1]})
    assert "has changed since" in words(changed)
    advance.refresh_from_db()
    assert advance.status == Advance.Status.FUNDED
    assert operations.post(address, {**typed, "do": "x", "seen": seen[1]}).status_code == 302
    advance.refresh_from_db()
    assert advance.status == Advance.Status.REPURCHASED


def test_a_write_off_shows_the_loss_and_a_payout_that_failed_is_sent_again(house: House, operations: Client) -> None:
    advance = house.funded(house.invoice(house.buyer()))
    payout = advance.payouts.get()
    assert decide(operations, address_of(payout, "fail"), value_date=DAY, reason="Account closed").status_code == 302
    page = text_of(operations, address_of(payout, "again"))
    assert "Account closed" in page
    assert "What has changed" not in page
    type(advance.invoice).objects.filter(pk=advance.invoice_id).update(books_status="voided")
    page = text_of(operations, address_of(payout, "again"))
    assert "What has changed about the invoice since it was bought" in page
    assert "is voided" in page
    assert decide(operations, address_of(payout, "again"), value_date=DAY).status_code == 302
    assert Payout.objects.get(replaces=payout).amount == Decimal("850.00")
    assert "Lost to infactor $850.00" in text_of(operations, address_of(advance, "write_off"))
    assert decide(operations, address_of(advance, "write_off"), value_date=DAY, reason=WHY).status_code == 302
    advance.refresh_from_db()
    assert advance.status == Advance.Status.WRITTEN_OFF
    assert proof.verify(at=house.now).ok
