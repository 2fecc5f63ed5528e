"""From a request to an accepted offer: what is asked, judged, shown, and kept."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from infactor.core.models import OutgoingMail
from infactor.core.transitions import TransitionNotAllowed
from infactor.financing.advances import funding
from infactor.financing.models import Acceptance, Advance, Offer, RequestLine
from infactor.financing.origination import acceptance as accepting
from infactor.financing.origination import offers, requests
from infactor.financing.origination.acceptance import FiguresChanged, NotAccepted, Origin
from infactor.financing.origination.offers import OfferRefused
from infactor.financing.origination.requests import RequestRefused
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus, State
from infactor.suppliers import applications
from infactor.users.roles import NotAllowed
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    house = build_house()
    house.terms()
    return house


@pytest.fixture
def invoice(house: House) -> Invoice:
    return house.invoice(house.buyer("Cedar"), face="10000")


def state(invoice: Invoice) -> str:
    return Invoice.objects.values_list("state", flat=True).get(pk=invoice.pk)


def test_a_request_waits_and_can_be_taken_back(house: House, invoice: Invoice) -> None:
    line = house.request(invoice).lines.get()
    assert state(invoice) == State.REQUESTED
    requests.withdraw(line=line, by=house.owner, at=house.now)
    assert state(invoice) == State.CREATED
    assert house.request(invoice).lines.get().status == RequestLine.Status.WAITING


def test_a_refused_invoice_can_be_asked_for_again_and_returns_to_being_refused(house: House, invoice: Invoice) -> None:
    line = house.request(invoice).lines.get()
    requests.refuse(line=line, by=house.underwriter, at=house.now, reason="The buyer is new to us.")
    assert state(invoice) == State.REFUSED
    assert "The buyer is new to us." in OutgoingMail.objects.get(key__startswith="financing.request_refused").body
    again = house.request(invoice).lines.get()
    requests.withdraw(line=again, by=house.owner, at=house.now)
    assert state(invoice) == State.REFUSED


def test_what_is_not_eligible_is_refused_with_the_reason(house: House) -> None:
    small = house.invoice(house.buyer("Cedar"), face="99.99")
    with pytest.raises(RequestRefused, match=str(small)):
        house.request(small)
    assert state(small) == State.CREATED


def test_a_supplier_that_is_not_approved_asks_in_vain(house: House, invoice: Invoice) -> None:
    applications.hold(
        application=house.supplier.application, by=house.underwriter, at=house.now, reason="One paper is missing."
    )
    with pytest.raises(RequestRefused, match="on hold"):
        house.request(invoice)


def test_an_offer_with_tax_credits_and_terms_is_what_the_rules_and_the_price_say(house: House) -> None:
    taxed = house.invoice(house.buyer("Cedar"), face="1080", tax="80")
    line = house.offer(taxed).lines.get()
    assert (line.face, line.base, line.advance, line.reserve) == (
        Decimal(1080),
        Decimal(1000),
        Decimal(850),
        Decimal(230),
    )
    assert line.deductions == [["tax", "80.00"]]
    assert line.recourse_on == taxed.txn_date + timedelta(days=90)


def test_an_offer_keeps_the_terms_that_it_was_made_under(house: House, invoice: Invoice) -> None:
    offer = house.offer(invoice)
    house.terms(advance_rate=Decimal(50), first_fee_rate=Decimal(3))
    advance = house.accept(offer)[0]
    assert advance.amount == Decimal(8500)
    house.fund(advance)
    house.later(30)
    house.pay(advance, "10000")
    assert house.settle(Advance.objects.get(pk=advance.pk)).fee == Decimal(150)


def test_what_was_shown_is_kept_to_the_letter_with_who_when_and_from_where(house: House, invoice: Invoice) -> None:
    offer = house.offer(invoice)
    accepting.accept(
        offer=offer,
        by=house.owner,
        at=house.now,
        shown=house.shown(offer),
        origin=Origin("203.0.113.9", "Firefox"),
    )
    kept = Acceptance.objects.get()
    assert (kept.by, kept.at, kept.ip_address, kept.user_agent) == (house.owner, house.now, "203.0.113.9", "Firefox")
    assert (kept.figures["cash_now"], kept.figures["reserve"]) == ("8500.00", "1500.00")
    shown = {one["days"]: (one["fee"], one["rebate"], one["past_recourse"]) for one in kept.figures["endings"]}
    assert shown == {
        30: ("150.00", "1350.00", False),
        45: ("250.00", "1250.00", False),
        60: ("300.00", "1200.00", False),
        90: ("450.00", "1050.00", True),
    }
    assert kept.terms == offer.terms
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE financing_acceptance SET figures = '{}'")


def test_figures_that_were_not_shown_are_not_accepted(house: House, invoice: Invoice) -> None:
    offer = house.offer(invoice)
    yesterday = house.shown(offer)
    house.later(1)
    with pytest.raises(FiguresChanged):
        accepting.accept(offer=offer, by=house.owner, at=house.now, shown=yesterday)
    assert not Advance.objects.exists()
    assert state(invoice) == State.PROPOSED


def test_some_invoices_of_an_offer_can_be_accepted_and_the_others_are_free_again(house: House) -> None:
    buyer = house.buyer("Cedar")
    one, other = house.invoice(buyer, face="2000"), house.invoice(buyer, face="3000")
    offer = house.offer(one, other)
    line = offer.lines.get(invoice=one)
    from infactor.financing.pricing import disclosure as showing

    shown = showing.digest(showing.offer_figures(offer=offer, lines=[line], today=house.today))
    accepted = accepting.accept(offer=offer, by=house.owner, at=house.now, shown=shown, lines=[line])
    assert [advance.face for advance in accepted] == [Decimal(2000)]
    assert (state(one), state(other)) == (State.PROPOSAL_ACCEPTED, State.PROPOSAL_REJECTED)
    assert house.request(other).lines.get().face == Decimal(3000)


def test_an_offer_expires_and_is_then_not_accepted(house: House, invoice: Invoice) -> None:
    offer = house.offer(invoice)
    with pytest.raises(OfferRefused):
        offers.expire(offer=offer, at=house.now)
    house.later(7)
    with pytest.raises(NotAccepted, match="expired"):
        house.accept(offer)
    offers.expire(offer=offer, at=house.now)
    assert state(invoice) == State.PROPOSAL_REJECTED
    with pytest.raises(TransitionNotAllowed):
        house.accept(offer)


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
    house: House, invoice: Invoice, changed: dict[str, object], why: str
) -> None:
    offer = house.offer(invoice)
    Invoice.objects.filter(pk=invoice.pk).update(**changed)
    with pytest.raises(NotAccepted, match=f"(?i){why}"):
        house.accept(offer)
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
    house: House, invoice: Invoice, changed: dict[str, object]
) -> None:
    advance = house.accepted(invoice)
    Invoice.objects.filter(pk=invoice.pk).update(**changed)
    with pytest.raises(funding.NotFundable):
        house.fund(advance)
    assert Advance.objects.get().status == Advance.Status.ACCEPTED


def test_days_that_pass_do_not_spoil_an_offer_that_still_holds(house: House) -> None:
    """50 days old when it was offered, and so it stays for as long as the offer."""
    house.terms(max_age_at_purchase_days=50)
    dates = {"txn_date": house.today - timedelta(days=50), "payable_date": house.today + timedelta(days=8)}
    offer = house.offer(house.invoice(house.buyer("Cedar"), **dates))
    house.later(6)
    assert house.accept(offer)[0].face == Decimal(1000)


def test_a_limit_counts_what_is_offered_already(house: House) -> None:
    house.terms(pair_limit=Decimal(1500))
    buyer = house.buyer("Cedar")
    newer = house.invoice(buyer, payable_date=house.today + timedelta(days=50))
    older = house.invoice(buyer)
    offer = house.offer(newer)
    line = house.request(older).lines.get()
    assert line.base == Decimal(500)
    assert house.accept(offer)[0].base == Decimal(1000)


def test_the_house_prices_small_requests_by_itself(house: House, invoice: Invoice) -> None:
    house.terms(auto_offer_limit=Decimal(8500))
    request = house.request(invoice)
    offer = Offer.objects.get(request=request)
    assert offer.offered_by is None
    assert state(invoice) == State.PROPOSED


def test_what_is_above_that_waits_for_staff(house: House, invoice: Invoice) -> None:
    house.terms(auto_offer_limit=Decimal("8499.99"))
    house.request(invoice)
    assert not Offer.objects.exists()


def test_either_side_gives_an_accepted_offer_up_before_it_is_funded(house: House) -> None:
    buyer = house.buyer("Cedar")
    for by in (house.owner, house.operations):
        invoice = house.invoice(buyer)
        advance = house.accepted(invoice)
        funding.cancel(advance=advance, by=by, at=house.now, reason="Not needed any more")
        assert state(invoice) == State.CREATED
        assert house.request(invoice)


def test_another_suppliers_people_can_do_nothing(house: House, invoice: Invoice) -> None:
    stranger = build_house(name="Stranger").owner
    with pytest.raises(NotAllowed):
        requests.ask(supplier=house.supplier, invoices=[invoice], by=stranger, at=house.now)
    offer = house.offer(invoice)
    with pytest.raises(NotAllowed):
        accepting.accept(offer=offer, by=stranger, at=house.now, shown=house.shown(offer))
    with pytest.raises(NotAllowed):
        offers.decline(offer=offer, by=stranger, at=house.now)
    advance = house.accept(offer)[0]
    with pytest.raises(NotAllowed):
        funding.cancel(advance=advance, by=stranger, at=house.now, reason="Mine")


def test_another_suppliers_invoice_cannot_be_asked_for(house: House) -> None:
    other = build_house(name="Stranger")
    with pytest.raises(NotAllowed):
        requests.ask(
            supplier=house.supplier,
            invoices=[other.invoice(other.buyer("Cedar"))],
            by=house.owner,
            at=house.now,
        )


def test_invoices_of_two_currencies_are_not_asked_for_together(house: House) -> None:
    buyer = house.buyer("Cedar")
    with pytest.raises(RequestRefused, match="one currency"):
        house.request(house.invoice(buyer), house.invoice(buyer, currency="EUR"))


def test_an_offer_is_made_once(house: House, invoice: Invoice) -> None:
    offer = house.offer(invoice)
    with pytest.raises(OfferRefused):
        offers.create(request=offer.request, by=house.underwriter, at=house.now)


def test_operations_do_not_price(house: House, invoice: Invoice) -> None:
    request = house.request(invoice)
    for by in (house.operations, house.reader, house.owner):
        with pytest.raises(NotAllowed):
            offers.create(request=request, by=by, at=house.now)
