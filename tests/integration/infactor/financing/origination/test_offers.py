"""A request becomes an accepted offer: its assessment, the disclosure shown, and the disclosure kept."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from infactor.core.models import OutgoingMail
from infactor.core.transitions import TransitionNotAllowed
from infactor.financing.advances import funding
from infactor.financing.models import Acceptance, Advance, Offer, RequestLine
from infactor.financing.origination import acceptance, offers, requests
from infactor.financing.origination.acceptance import AcceptanceError, ClientInfo, FiguresChanged
from infactor.financing.origination.offers import OfferError
from infactor.financing.origination.requests import RequestError
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus, State
from infactor.suppliers import applications
from infactor.users.roles import NotAllowed
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(scenario: Scenario) -> Invoice:
    return scenario.invoice(scenario.buyer("Cedar"), face="10000")


def state(invoice: Invoice) -> str:
    return Invoice.objects.values_list("state", flat=True).get(pk=invoice.pk)


def test_a_request_waits_and_can_be_taken_back(scenario: Scenario, invoice: Invoice) -> None:
    line = scenario.request(invoice).lines.get()
    assert state(invoice) == State.REQUESTED
    requests.withdraw(line=line, by=scenario.owner, at=scenario.now)
    assert state(invoice) == State.CREATED
    assert scenario.request(invoice).lines.get().status == RequestLine.Status.WAITING


def test_a_refused_invoice_can_be_asked_for_again_and_returns_to_being_refused(
    scenario: Scenario, invoice: Invoice
) -> None:
    line = scenario.request(invoice).lines.get()
    requests.refuse(line=line, by=scenario.underwriter, at=scenario.now, reason="The buyer is new to us.")
    assert state(invoice) == State.REFUSED
    assert "The buyer is new to us." in OutgoingMail.objects.get(key__startswith="financing.request_refused").body
    again = scenario.request(invoice).lines.get()
    requests.withdraw(line=again, by=scenario.owner, at=scenario.now)
    assert state(invoice) == State.REFUSED


def test_what_is_not_eligible_is_refused_with_the_reason(scenario: Scenario) -> None:
    small = scenario.invoice(scenario.buyer("Cedar"), face="99.99")
    with pytest.raises(RequestError, match=str(small)):
        scenario.request(small)
    assert state(small) == State.CREATED


def test_a_supplier_that_is_not_approved_asks_in_vain(scenario: Scenario, invoice: Invoice) -> None:
    applications.hold(
        application=scenario.supplier.application,
        by=scenario.underwriter,
        at=scenario.now,
        reason="One paper is missing.",
    )
    with pytest.raises(RequestError, match="on hold"):
        scenario.request(invoice)


def test_an_offer_with_tax_credits_and_terms_is_what_the_rules_and_the_price_say(scenario: Scenario) -> None:
    taxed = scenario.invoice(scenario.buyer("Cedar"), face="1080", tax="80")
    line = scenario.offer(taxed).lines.get()
    assert (line.face, line.base, line.advance, line.reserve) == (
        Decimal(1080),
        Decimal(1000),
        Decimal(850),
        Decimal(230),
    )
    assert line.deductions == [["tax", "80.00"]]
    assert line.recourse_on == taxed.txn_date + timedelta(days=90)


def test_an_offer_keeps_the_terms_that_it_was_made_under(scenario: Scenario, invoice: Invoice) -> None:
    offer = scenario.offer(invoice)
    scenario.terms(advance_rate=Decimal(50), first_fee_rate=Decimal(3))
    advance = scenario.accept(offer)[0]
    assert advance.amount == Decimal(8500)
    scenario.fund(advance)
    scenario.later(30)
    scenario.pay(advance, "10000")
    assert scenario.settle(Advance.objects.get(pk=advance.pk)).fee == Decimal(150)


def test_what_was_shown_is_kept_to_the_letter_with_who_when_and_from_where(
    scenario: Scenario, invoice: Invoice
) -> None:
    offer = scenario.offer(invoice)
    acceptance.accept(
        offer=offer,
        by=scenario.owner,
        at=scenario.now,
        disclosure_digest=scenario.shown(offer),
        client=ClientInfo("203.0.113.9", "Firefox"),
    )
    kept = Acceptance.objects.get()
    assert (kept.accepted_by, kept.accepted_at, kept.ip_address, kept.user_agent) == (
        scenario.owner,
        scenario.now,
        "203.0.113.9",
        "Firefox",
    )
    assert (kept.disclosure["cash_now"], kept.disclosure["reserve"]) == ("8500.00", "1500.00")
    shown = {one["days"]: (one["fee"], one["rebate"], one["past_recourse"]) for one in kept.disclosure["scenarios"]}
    assert shown == {
        30: ("150.00", "1350.00", False),
        45: ("250.00", "1250.00", False),
        60: ("300.00", "1200.00", False),
        90: ("450.00", "1050.00", True),
    }
    assert kept.terms == offer.terms
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE financing_acceptance SET disclosure = '{}'")


def test_figures_that_were_not_shown_are_not_accepted(scenario: Scenario, invoice: Invoice) -> None:
    offer = scenario.offer(invoice)
    yesterday = scenario.shown(offer)
    scenario.later(1)
    with pytest.raises(FiguresChanged):
        acceptance.accept(offer=offer, by=scenario.owner, at=scenario.now, disclosure_digest=yesterday)
    assert not Advance.objects.exists()
    assert state(invoice) == State.PROPOSED


def test_some_invoices_of_an_offer_can_be_accepted_and_the_others_are_free_again(scenario: Scenario) -> None:
    buyer = scenario.buyer("Cedar")
    one, other = scenario.invoice(buyer, face="2000"), scenario.invoice(buyer, face="3000")
    offer = scenario.offer(one, other)
    line = offer.lines.get(invoice=one)
    from infactor.financing.pricing import disclosure

    shown = disclosure.disclosure_digest(disclosure.offer_disclosure(offer=offer, lines=[line], today=scenario.today))
    accepted = acceptance.accept(offer=offer, by=scenario.owner, at=scenario.now, disclosure_digest=shown, lines=[line])
    assert [advance.face for advance in accepted] == [Decimal(2000)]
    assert (state(one), state(other)) == (State.PROPOSAL_ACCEPTED, State.PROPOSAL_REJECTED)
    assert scenario.request(other).lines.get().face == Decimal(3000)


def test_an_offer_expires_and_is_then_not_accepted(scenario: Scenario, invoice: Invoice) -> None:
    offer = scenario.offer(invoice)
    with pytest.raises(OfferError):
        offers.expire(offer=offer, at=scenario.now)
    scenario.later(7)
    with pytest.raises(AcceptanceError, match="expired"):
        scenario.accept(offer)
    offers.expire(offer=offer, at=scenario.now)
    assert state(invoice) == State.PROPOSAL_REJECTED
    with pytest.raises(TransitionNotAllowed):
        scenario.accept(offer)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"balance": Decimal(0), "books_status": BooksStatus.PAID}, "paid"),
        ({"balance": Decimal(6000), "books_status": BooksStatus.PARTLY_PAID}, "part"),
        ({"balance": Decimal(0), "books_status": BooksStatus.VOIDED}, "void"),
        ({"books_status": BooksStatus.DELETED}, "deleted"),
        ({"invoice_amount": Decimal(9000), "balance": Decimal(9000)}, "less of it"),
    ],
)
def test_books_that_changed_since_the_offer_end_it(
    scenario: Scenario, invoice: Invoice, changed: dict[str, object], why: str
) -> None:
    offer = scenario.offer(invoice)
    Invoice.objects.filter(pk=invoice.pk).update(**changed)
    with pytest.raises(AcceptanceError, match=f"(?i){why}"):
        scenario.accept(offer)
    assert not Advance.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"balance": Decimal(0), "books_status": BooksStatus.PAID},
        {"balance": Decimal(9999), "books_status": BooksStatus.PARTLY_PAID},
        {"balance": Decimal(0), "books_status": BooksStatus.VOIDED},
        {"currency": "EUR"},
    ],
)
def test_books_that_changed_since_the_acceptance_keep_the_money_here(
    scenario: Scenario, invoice: Invoice, changed: dict[str, object]
) -> None:
    advance = scenario.accepted(invoice)
    Invoice.objects.filter(pk=invoice.pk).update(**changed)
    with pytest.raises(funding.FundingError):
        scenario.fund(advance)
    assert Advance.objects.get().status == Advance.Status.ACCEPTED


def test_days_that_pass_do_not_spoil_an_offer_that_still_holds(scenario: Scenario) -> None:
    """The invoice is 50 days old when it is offered, and counts as 50 days old until the offer expires."""
    scenario.terms(max_age_at_purchase_days=50)
    dates = {"txn_date": scenario.today - timedelta(days=50), "payable_date": scenario.today + timedelta(days=8)}
    offer = scenario.offer(scenario.invoice(scenario.buyer("Cedar"), **dates))
    scenario.later(6)
    assert scenario.accept(offer)[0].face == Decimal(1000)


def test_a_limit_counts_what_is_offered_already(scenario: Scenario) -> None:
    scenario.terms(pair_limit=Decimal(1500))
    buyer = scenario.buyer("Cedar")
    newer = scenario.invoice(buyer, payable_date=scenario.today + timedelta(days=50))
    older = scenario.invoice(buyer)
    offer = scenario.offer(newer)
    line = scenario.request(older).lines.get()
    assert line.base == Decimal(500)
    assert scenario.accept(offer)[0].base == Decimal(1000)


def test_the_house_prices_small_requests_by_itself(scenario: Scenario, invoice: Invoice) -> None:
    scenario.terms(auto_offer_limit=Decimal(8500))
    request = scenario.request(invoice)
    offer = Offer.objects.get(request=request)
    assert offer.offered_by is None
    assert state(invoice) == State.PROPOSED


def test_what_is_above_that_waits_for_staff(scenario: Scenario, invoice: Invoice) -> None:
    scenario.terms(auto_offer_limit=Decimal("8499.99"))
    scenario.request(invoice)
    assert not Offer.objects.exists()


def test_either_side_gives_an_accepted_offer_up_before_it_is_funded(scenario: Scenario) -> None:
    buyer = scenario.buyer("Cedar")
    for by in (scenario.owner, scenario.operations):
        invoice = scenario.invoice(buyer)
        advance = scenario.accepted(invoice)
        funding.cancel(advance=advance, by=by, at=scenario.now, reason="Not needed any more")
        assert state(invoice) == State.CREATED
        assert scenario.request(invoice)


def test_another_suppliers_people_can_do_nothing(scenario: Scenario, invoice: Invoice) -> None:
    stranger = build_scenario(name="Stranger").owner
    with pytest.raises(NotAllowed):
        requests.submit(supplier=scenario.supplier, invoices=[invoice], by=stranger, at=scenario.now)
    offer = scenario.offer(invoice)
    with pytest.raises(NotAllowed):
        acceptance.accept(offer=offer, by=stranger, at=scenario.now, disclosure_digest=scenario.shown(offer))
    with pytest.raises(NotAllowed):
        offers.decline(offer=offer, by=stranger, at=scenario.now)
    advance = scenario.accept(offer)[0]
    with pytest.raises(NotAllowed):
        funding.cancel(advance=advance, by=stranger, at=scenario.now, reason="Mine")


def test_another_suppliers_invoice_cannot_be_asked_for(scenario: Scenario) -> None:
    other = build_scenario(name="Stranger")
    with pytest.raises(NotAllowed):
        requests.submit(
            supplier=scenario.supplier,
            invoices=[other.invoice(other.buyer("Cedar"))],
            by=scenario.owner,
            at=scenario.now,
        )


def test_invoices_of_two_currencies_are_not_asked_for_together(scenario: Scenario) -> None:
    buyer = scenario.buyer("Cedar")
    with pytest.raises(RequestError, match="one currency"):
        scenario.request(scenario.invoice(buyer), scenario.invoice(buyer, currency="EUR"))


def test_an_offer_is_made_once(scenario: Scenario, invoice: Invoice) -> None:
    offer = scenario.offer(invoice)
    with pytest.raises(OfferError):
        offers.create(request=offer.request, by=scenario.underwriter, at=scenario.now)


def test_operations_do_not_price(scenario: Scenario, invoice: Invoice) -> None:
    request = scenario.request(invoice)
    for by in (scenario.operations, scenario.reader, scenario.owner):
        with pytest.raises(NotAllowed):
            offers.create(request=request, by=by, at=scenario.now)
