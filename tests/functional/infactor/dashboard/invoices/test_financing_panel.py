"""What pages say of an invoice that is disputed, late, funded or over: what holds, and nothing that does not."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import OutgoingMail
from infactor.dashboard.invoices.progress_bar import GIVEN, NOT_NEEDED, build_stages
from infactor.financing import payouts
from infactor.financing import scheduled_transitions as following
from infactor.financing.accounting import payoff as settlements
from infactor.financing.advances import cases, repurchases
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.eligibility import recalculation as reckoning
from infactor.financing.models import Advance, Case
from infactor.financing.origination import requests
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus, State
from infactor.suppliers.models import BankAccount, Supplier
from tests.support.factories.suppliers import InvoiceFactory, MembershipFactory
from tests.support.scenarios.financing import House, build_house
from tests.support.scenarios.lifecycle import Midlife

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(client: Client) -> House:
    made = build_house(now=timezone.now() - timedelta(days=60))
    made.terms()
    client.force_login(made.owner)
    return made


def page_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def file_of(client: Client, address: str) -> str:
    return b"".join(client.get(address)).decode()  # type: ignore[arg-type]


def invoice_page(client: Client, invoice: Invoice) -> str:
    return page_of(client, reverse("dashboard:invoice", args=[invoice.public_id]))


def disputed(house: House) -> Advance:
    advance = house.funded(house.invoice(house.buyer(), invoice_no="ARGUED", face="1000"))
    cases.open_dispute(advance=advance, by=house.operations, at=house.now, reason="Half of it is missing.")
    return advance


def test_a_disputed_funded_invoice_says_so_and_what_is_held(client: Client, house: House) -> None:
    advance = disputed(house)
    house.later(60)
    page = invoice_page(client, advance.invoice)
    for said in ("Disputed since", "Half of it is missing.", "held until the dispute is over", "is not released"):
        assert said in page, said
    financing = page_of(client, "/financing/")
    assert "Not known while disputed, due " in financing
    assert "Any day" not in financing
    assert "held: disputed" in financing
    assert "of it is held while disputed" in financing
    home = page_of(client, "/")
    assert "of it is held while disputed" in home
    assert "Late</span>" not in home


def test_a_dispute_that_was_decided_stands_in_the_history_and_holds_nothing(client: Client, house: House) -> None:
    advance = disputed(house)
    case = Case.objects.get(advance=advance)
    cases.close(case=case, outcome="rejected", conclusion="All of it came.", by=house.operations, at=house.now)
    page = invoice_page(client, advance.invoice)
    assert "Disputed since" not in page
    assert "<strong>Dispute rejected" in page
    assert "All of it came." in page


def test_an_invoice_past_its_recourse_date_says_what_buying_it_back_comes_to(client: Client, house: House) -> None:
    advance = house.funded(house.invoice(house.buyer(), face="1000"))
    Advance.objects.filter(pk=advance.pk).update(recourse_on=house.today + timedelta(days=45))
    house.later(60)
    following.follow(at=house.now)
    owed = settlements.repurchase_of(advance=advance, on=house.today)
    page = invoice_page(client, advance.invoice)
    assert f'Today that comes to <bdi class="money">${owed.payment:,.2f}' in page
    assert "To be bought back" in page_of(client, "/financing/")


def test_an_overdue_invoice_is_called_so_on_the_list(client: Client, house: House) -> None:
    house.later(60)
    late = house.today - timedelta(days=3)
    house.invoice(house.buyer(), txn_date=late - timedelta(days=20), payable_date=late)
    reckoning.recalculate(supplier_id=house.supplier.pk, at=house.now)
    page = page_of(client, "/invoices/")
    assert "Not now: overdue" in page
    assert "due too soon" not in page
    assert "Not now: overdue" in file_of(client, "/invoices.csv")


def test_a_funded_invoice_is_not_judged_as_if_it_were_to_be_bought(client: Client, life: Midlife) -> None:
    invoice = life.funded.invoice
    Invoice.objects.filter(pk=invoice.pk).update(books_status=BooksStatus.PARTLY_PAID)
    reckoning.recalculate(supplier_id=life.house.supplier.pk, at=life.house.now)
    page = invoice_page(client, invoice)
    assert "It is funded already." in page
    for not_said in ("Not now", "In the way", "we buy invoices", "Ask the buyer", "Ask anew"):
        assert not_said not in page, not_said


def test_a_completed_invoice_is_neither_in_financing_nor_overdue(client: Client, house: House) -> None:
    settled = house.funded(house.invoice(house.buyer(), face="1000"))
    house.later(60)
    house.pay(settled, "1000")
    house.settle(Advance.objects.get(pk=settled.pk))
    reckoning.recalculate(supplier_id=house.supplier.pk, at=house.now)
    page = invoice_page(client, settled.invoice)
    assert "It was financed, and is completed." in page
    for not_said in ("In financing", "Overdue", "days late", "Ask the buyer"):
        assert not_said not in page, not_said
    assert "days late" not in page_of(client, "/invoices/")


def test_an_invoice_that_was_bought_back_is_the_suppliers_to_collect(client: Client, house: House) -> None:
    advance = house.funded(house.invoice(house.buyer(), face="1000"))
    house.later(60)
    repurchases.repurchase(advance=advance, value_date=house.today, by=house.operations, at=house.now, reason="Paid.")
    page = invoice_page(client, advance.invoice)
    assert "Bought back" in page
    assert "Overdue" not in page.split("<main")[1].split("Invoice items")[0]
    assert "20 days late" in page
    listed = page_of(client, "/invoices/")
    assert "Bought back" in listed
    assert "20 days late" in listed


def test_every_movement_of_the_statement_names_what_it_is_about(client: Client, house: House) -> None:
    advance = house.funded(house.invoice(house.buyer(), invoice_no="NAMED", face="1000"))
    payable, given = AllocationTarget(Decimal(150), supplier=house.supplier), {"at": house.now, "by": house.operations}
    house.arrive("150", targets=[payable], payer="ELM AND OAK", bank_reference="OVER-1")
    passed_on = payouts.pass_on(
        supplier=house.supplier, currency="USD", amount=Decimal(150), value_date=house.today, **given
    )
    for payout in (advance.payouts.get(), passed_on):
        failed = payouts.fail(payout=payout, value_date=house.today, reason="Closed.", **given)
        payouts.send_again(payout=failed, value_date=house.today, **given)
    page = page_of(client, "/statement/")
    assert page.count("Payment OVER-1 from ELM AND OAK") == 1
    assert page.count(f"{passed_on} to account {passed_on.bank_account.masked}") == 3
    assert page.count(">Invoice <bdi>NAMED</bdi>") == 3
    for row in page.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]:
        assert "Invoice <bdi>" in row or "Payment " in row or "Payout " in row, row
    assert "Payment OVER-1 from ELM AND OAK" in file_of(client, "/statement.csv")


def test_what_ended_is_told_the_latest_first_with_requests_that_were_declined(client: Client, life: Midlife) -> None:
    line = life.request.lines.get()
    reason = "The buyer is new to us."
    requests.refuse(line=line, by=life.house.underwriter, at=life.house.now, reason=reason)
    page = page_of(client, "/financing/")
    before = page[page.index('id="before"') :]
    assert reason in before
    assert reverse("dashboard:request_page", args=[life.request.public_id]) in before
    assert before.index("Request for") < before.index("Offer for") < before.index("Settled")


@pytest.mark.parametrize("state", [State.PREPAID, State.PAID, State.COMPLETED])
def test_nobody_is_asked_to_confirm_what_is_bought_already(client: Client, house: House, state: str) -> None:
    invoice = house.invoice(house.buyer())
    Invoice.objects.filter(pk=invoice.pk).update(state=state)
    page = invoice_page(client, invoice)
    assert "Ask the buyer" not in page
    assert "your buyer need not confirm it any more" in page


def test_the_stage_bar_is_honest_about_a_confirmation_that_never_was() -> None:
    funded = [one.status for one in build_stages(State.PREPAID, confirmation=NOT_NEEDED)]
    assert funded == ["done", "skipped", "done", "done", "now"]
    assert [one.status for one in build_stages(State.CREATED, confirmation=NOT_NEEDED)][:3] == [
        "done",
        "skipped",
        "now",
    ]
    assert [one.status for one in build_stages(State.CREATED)][:2] == ["done", "now"]
    assert build_stages(State.PREPAID, confirmation=GIVEN)[1].status == "done"
    assert build_stages(State.REJECTED)[1].note == "rejected by your buyer"


@pytest.mark.parametrize("state", [State.REFUSED, State.PROPOSAL_REJECTED])
def test_the_stage_bar_of_what_came_to_nothing_stands_where_it_can_be_asked_for_again(state: str) -> None:
    bar = build_stages(state, confirmation=NOT_NEEDED)
    assert [one.status for one in bar] == ["done", "skipped", "now", "later", "later"]
    assert bar[2].note == "ask again"


def test_what_was_paid_without_us_is_on_no_way_any_more(client: Client, house: House) -> None:
    invoice = house.invoice(house.buyer())
    assert 'id="stage-title"' in invoice_page(client, invoice)
    Invoice.objects.filter(pk=invoice.pk).update(books_status="paid", balance="0.00")
    assert 'id="stage-title"' not in invoice_page(client, invoice)


def test_home_says_what_is_paid_out_next(client: Client, house: House) -> None:
    house.accepted(house.invoice(house.buyer()))
    page = client.get("/").content.decode()
    assert "Accepted, paid out next, USD" in page


def test_the_page_says_that_no_confirmation_was_needed(client: Client, house: House) -> None:
    advance = house.funded(house.invoice(house.buyer()))
    reckoning.recalculate(supplier_id=house.supplier.pk, at=house.now)
    assert '<span class="stage-note">not needed</span>' in invoice_page(client, advance.invoice)


def test_who_has_invoices_but_no_connection_is_told_that_they_stand_still(client: Client) -> None:
    supplier = MembershipFactory().supplier
    client.force_login(supplier.members.get())
    address = reverse("quickbooks:card")
    assert "every invoice appears here by itself" in page_of(client, address)
    InvoiceFactory(buyer__company_file__supplier=supplier)
    assert "the invoices that are here stay as they are" in page_of(client, address)


def test_who_cannot_be_financed_yet_reads_so_before_asking(client: Client) -> None:
    client.force_login(MembershipFactory().user)
    assert "Your application is not submitted yet." in page_of(client, "/financing/request/")


def test_a_mail_tells_moments_as_the_pages_do(house: House) -> None:
    Supplier.objects.filter(pk=house.supplier.pk).update(time_zone="America/New_York")
    house.offer(house.invoice(house.buyer()))
    mine = OutgoingMail.objects.filter(supplier_id=house.supplier.pk, subject__startswith="Your offer")
    (body,) = mine.values_list("body", flat=True)
    assert re.search(r"holds until \w+ \d+, \d{4}, \d\d:\d\d E[SD]T", body)


def test_an_offer_says_to_which_account_it_is_paid(client: Client, house: House) -> None:
    house.now = timezone.now()
    offer = house.offer(house.invoice(house.buyer()))
    account = BankAccount.objects.get(supplier=house.supplier, status=BankAccount.Status.IN_USE)
    page = client.get(reverse("dashboard:offer", args=[offer.public_id])).content.decode()
    assert f"We pay it to your account <bdi>{account.masked}</bdi> at <bdi>{account.bank_name}</bdi>." in page


def test_an_offer_that_came_to_nothing_is_shown_as_it_was_offered(client: Client, house: House) -> None:
    offer = house.offer(house.invoice(house.buyer()))
    page = page_of(client, reverse("dashboard:offer", args=[offer.public_id]))
    offered = offer.offered_at.astimezone(house.supplier.zone).date()
    assert f'as if it were paid out on <time datetime="{offered.isoformat()}">' in page
