"""Staff take an invoice through admin page by page; each page shows the right figures and acts once."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from infactor.core.models import OutgoingMail
from infactor.financing import holds
from infactor.financing.models import Advance, Approval, Case, FinancingRequest, Offer, Payout, RequestLine
from infactor.ledger import integrity
from tests.support.admin_client import confirm, filled_in, preview, preview_and_confirm
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
DAY = "2026-11-02"
WHY = "because it is so"


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario()
        scenario.terms(dual_control_threshold=Decimal(5000))
        return scenario

    return build


@pytest.fixture
def underwriter(scenario: Scenario) -> Client:
    client = Client()
    client.force_login(scenario.underwriter)
    return client


@pytest.fixture
def operations(scenario: Scenario) -> Client:
    client = Client()
    client.force_login(scenario.operations)
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


def test_a_request_is_priced_for_some_invoices_and_declined_for_others(scenario: Scenario, underwriter: Client) -> None:
    request = scenario.request(scenario.invoice(scenario.buyer("A")), scenario.invoice(scenario.buyer("B"), face="500"))
    first, second = request.lines.order_by("pk")
    page = text_of(underwriter, address_of(request, "offer"))
    for shown in ("$1,500.00", "$1,275.00", "$225.00", "30 $22.50", "90 (past recourse) $67.50"):
        assert shown in page
    typed = {**filled_in(underwriter, address_of(request, "offer")), "lines": [str(first.pk)]}
    assert preview_and_confirm(underwriter, address_of(request, "offer"), **typed).status_code == 302
    offer = Offer.objects.get()
    assert [line.invoice_id for line in offer.lines.all()] == [first.invoice_id]
    assert confirm(underwriter, address_of(request, "decline"), lines=str(second.pk), reason=WHY).status_code == 302
    second.refresh_from_db()
    assert (second.status, second.reason) == (RequestLine.Status.REFUSED, WHY)
    assert "Make an offer" not in underwriter.get(address_of(request)).content.decode()


def test_what_is_not_eligible_any_more_is_told_and_nothing_is_offered(scenario: Scenario, underwriter: Client) -> None:
    invoice = scenario.invoice(scenario.buyer("A"))
    request = scenario.request(invoice)
    type(invoice).objects.filter(pk=invoice.pk).update(balance=Decimal("20.00"))
    typed = {**filled_in(underwriter, address_of(request, "offer")), "lines": [str(request.lines.get().pk)]}
    page = preview(underwriter, address_of(request, "offer"), **typed)
    assert "We finance $100.00 or more" in words(page)
    assert not Offer.objects.exists()


def test_an_offer_is_withdrawn_with_a_reason_that_the_supplier_reads(scenario: Scenario, underwriter: Client) -> None:
    offer = scenario.offer(scenario.invoice(scenario.buyer()))
    assert "This field is required" in words(confirm(underwriter, address_of(offer, "withdraw"), reason=""))
    assert confirm(underwriter, address_of(offer, "withdraw"), reason=WHY).status_code == 302
    offer.refresh_from_db()
    assert offer.status == Offer.Status.WITHDRAWN
    assert WHY in OutgoingMail.objects.latest("pk").body


def test_an_accepted_offer_shows_what_was_shown(scenario: Scenario, operations: Client) -> None:
    offer = scenario.offer(scenario.invoice(scenario.buyer()))
    scenario.accept(offer)
    page = text_of(operations, address_of(offer))
    assert scenario.owner.email in page
    assert scenario.shown(offer) in page
    assert "$850.00" in page


def test_an_advance_is_paid_out_collected_and_settled(scenario: Scenario, operations: Client) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    page = text_of(operations, address_of(advance, "fund"))
    assert "••••6789" in page
    assert "Paid out now $850.00" in page
    assert "Not needed below 5,000.00 USD" in page
    assert confirm(operations, address_of(advance, "fund"), value_date=DAY).status_code == 302
    scenario.pay(advance, "1000.00")
    page = text_of(operations, address_of(advance, "settle"))
    assert "1,000.00 × 1.5% = 15.00 for 0 days" in page
    assert "150.00 - 15.00 = 135.00 USD" in page
    assert confirm(operations, address_of(advance, "settle"), value_date=DAY).status_code == 302
    advance.refresh_from_db()
    assert (advance.status, advance.rebate) == (Advance.Status.SETTLED, Decimal("135.00"))
    page = text_of(operations, address_of(advance))
    for shown in (f"{advance.ledger_owner}:funded", f"{advance.ledger_owner}:settled", "$135.00", "••••6789"):
        assert shown in page
    assert integrity.verify(at=scenario.now).ok


def test_a_page_that_was_opened_before_something_changed_asks_again(scenario: Scenario, operations: Client) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    money_out.leave(scenario, advance)
    address = address_of(advance, "write_off")
    seen = re.search(r'name="preview_token" value="(\w+)"', operations.get(address).content.decode())
    assert seen
    scenario.pay(advance, "400.00")
    page = operations.post(address, {"value_date": DAY, "reason": WHY, "preview_token": seen[1]})
    assert "have changed since you opened this page" in words(page)
    advance.refresh_from_db()
    assert advance.status == Advance.Status.FUNDED


def test_what_cannot_be_paid_out_says_why(scenario: Scenario, operations: Client) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    type(advance.invoice).objects.filter(pk=advance.invoice_id).update(balance=Decimal("900.00"))
    page = words(confirm(operations, address_of(advance, "fund"), value_date=DAY))
    assert page.count("is 900.00 USD, not 1,000.00") == 2
    assert not Payout.objects.exists()


def test_a_large_advance_is_asked_for_by_one_and_paid_out_by_another(
    scenario: Scenario, operations: Client, underwriter: Client
) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer(), face="10000"))
    assert "From 5,000.00 USD up" in text_of(operations, address_of(advance, "fund"))
    answer = operations.get(confirm(operations, address_of(advance, "fund"), value_date=DAY)["Location"])
    assert "This needs a second person" in words(answer)
    advance.refresh_from_db()
    assert advance.status == Advance.Status.ACCEPTED
    approval = Approval.objects.get()
    assert "Approval of this is already requested" in words(
        confirm(operations, address_of(advance, "fund"), value_date=DAY)
    )
    page = text_of(underwriter, address_of(approval, "approve"))
    for shown in ("$8,500.00", scenario.operations.email, "Blockers none", "••••6789"):
        assert shown in page
    assert confirm(underwriter, address_of(approval, "approve")).status_code == 302
    advance.refresh_from_db()
    assert advance.status == Advance.Status.FUNDED


def test_a_refused_approval_does_nothing(scenario: Scenario, operations: Client, underwriter: Client) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer(), face="10000"))
    confirm(operations, address_of(advance, "fund"), value_date=DAY)
    approval = Approval.objects.get()
    assert confirm(underwriter, address_of(approval, "reject"), reason=WHY).status_code == 302
    advance.refresh_from_db()
    assert advance.status == Advance.Status.ACCEPTED
    assert "Rejected" in text_of(operations, address_of(advance))


def test_a_dispute_holds_the_reserve_until_it_is_closed(scenario: Scenario, operations: Client) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    assert confirm(operations, address_of(advance, "dispute"), reason="Two boxes were broken.").status_code == 302
    scenario.pay(advance, "1000.00")
    assert "A dispute is open" in words(operations.get(address_of(advance, "settle"), follow=True))
    case = Case.objects.get()
    closed = confirm(operations, address_of(case, "close"), outcome="rejected", conclusion="They were whole.")
    assert closed.status_code == 302
    assert not holds.is_reserve_held(advance=advance)
    assert confirm(operations, address_of(advance, "settle"), value_date=DAY).status_code == 302


def test_a_short_payment_is_allowed_and_cancelling_gives_up(scenario: Scenario, operations: Client) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    scenario.pay(advance, "900.00")
    assert "$100.00 outstanding, $150.00 in reserve" in text_of(operations, address_of(advance))
    done = confirm(operations, address_of(advance, "short_payment"), amount="100.00", value_date=DAY, reason=WHY)
    assert done.status_code == 302
    advance.refresh_from_db()
    assert advance.status == Advance.Status.CLOSED_SHORT
    other = scenario.accepted(scenario.invoice(scenario.buyer("B")))
    assert confirm(operations, address_of(other, "cancel"), reason=WHY).status_code == 302
    other.refresh_from_db()
    assert other.status == Advance.Status.CANCELLED


def test_buying_back_shows_what_the_supplier_pays_before_it_is_recorded(scenario: Scenario, operations: Client) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    money_out.leave(scenario, advance)
    address = address_of(advance, "repurchase")
    typed = {"value_date": DAY, "reason": WHY}
    looked = operations.post(address, {**typed, "preview": "Preview"})
    assert "Repurchase price $865.00" in words(looked)
    seen = re.search(r'name="preview_token" value="(\w+)"', looked.content.decode())
    assert seen
    # A form that was changed after its preview is previewed again.
    changed = operations.post(address, {**typed, "reason": "something else", "confirm": "x", "preview_token": seen[1]})
    assert "have changed since" in words(changed)
    advance.refresh_from_db()
    assert advance.status == Advance.Status.FUNDED
    assert operations.post(address, {**typed, "confirm": "x", "preview_token": seen[1]}).status_code == 302
    advance.refresh_from_db()
    assert advance.status == Advance.Status.REPURCHASED


def test_a_write_off_shows_the_loss_and_a_payout_that_failed_is_sent_again(
    scenario: Scenario, operations: Client
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payout = advance.payouts.get()
    money_out.send(scenario, payout)
    page = text_of(operations, address_of(payout, "fail"))
    assert "Only for a payout that the bank never debited" in page
    assert confirm(operations, address_of(payout, "fail"), value_date=DAY, code="R16", reason="").status_code == 302
    page = text_of(operations, address_of(payout, "resend"))
    assert "R16: The account is frozen" in page
    assert "What has changed" not in page
    invoice = type(advance.invoice).objects.filter(pk=advance.invoice_id)
    invoice.update(books_status="voided")
    page = text_of(operations, address_of(payout, "resend"))
    assert "What has changed about the invoice since then" in page
    assert "is voided" in page
    assert confirm(operations, address_of(payout, "resend"), value_date=DAY).status_code == 200
    assert not Payout.objects.filter(replaces=payout).exists()
    invoice.update(books_status="open")
    assert confirm(operations, address_of(payout, "resend"), value_date=DAY).status_code == 302
    again = Payout.objects.get(replaces=payout)
    assert again.amount == Decimal("850.00")
    early = words(operations.get(address_of(advance, "write_off"), follow=True))
    assert f"The money has not left: {again} is prepared, to be approved. Take back the funding instead" in early
    money_out.send(scenario, again)
    assert "Loss to infactor $850.00" in text_of(operations, address_of(advance, "write_off"))
    assert confirm(operations, address_of(advance, "write_off"), value_date=DAY, reason=WHY).status_code == 302
    advance.refresh_from_db()
    assert advance.status == Advance.Status.WRITTEN_OFF
    assert integrity.verify(at=scenario.now).ok
