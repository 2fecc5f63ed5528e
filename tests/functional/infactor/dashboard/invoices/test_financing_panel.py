"""The invoice page says correctly whether an invoice is disputed, overdue, funded or closed."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import OutgoingMail
from infactor.dashboard.invoices.progress_bar import GIVEN, NOT_NEEDED, build_stages
from infactor.financing import payouts, scheduled_transitions
from infactor.financing.accounting import payoff
from infactor.financing.advances import cases, repurchases
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Advance, Case
from infactor.financing.origination import requests
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus, State
from infactor.suppliers.models import BankAccount, Supplier
from tests.support.factories.suppliers import InvoiceFactory, MembershipFactory
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.lifecycle import Lifecycle

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario(now=timezone.now() - timedelta(days=60))
        scenario.terms()
        return scenario

    return build


@pytest.fixture
def scenario(scenario: Scenario, client: Client) -> Scenario:
    """The scenario as of now; its owner is signed in."""
    client.force_login(scenario.owner)
    return scenario


def page_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def file_of(client: Client, address: str) -> str:
    return b"".join(client.get(address)).decode()  # type: ignore[arg-type]


def invoice_page(client: Client, invoice: Invoice) -> str:
    return page_of(client, reverse("dashboard:invoice", args=[invoice.public_id]))


def disputed(scenario: Scenario) -> Advance:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), invoice_no="ARGUED", face="1000"))
    cases.open_dispute(advance=advance, by=scenario.operations, at=scenario.now, reason="Half of it is missing.")
    return advance


def test_a_disputed_funded_invoice_says_so_and_what_is_held(client: Client, scenario: Scenario) -> None:
    advance = disputed(scenario)
    scenario.later(60)
    page = invoice_page(client, advance.invoice)
    for said in (
        "Disputed since",
        "Half of it is missing.",
        "held until the dispute is resolved",
        "We are holding the reserve of",
    ):
        assert said in page, said
    financing = page_of(client, "/financing/")
    assert "On hold (dispute), due " in financing
    assert "Any day" not in financing
    assert "held because of the dispute" in financing
    assert "of it is held" in financing
    home = page_of(client, "/")
    assert "on hold" in home
    assert "Late</span>" not in home


def test_a_dispute_that_was_decided_stands_in_the_history_and_holds_nothing(client: Client, scenario: Scenario) -> None:
    advance = disputed(scenario)
    case = Case.objects.get(advance=advance)
    cases.close(case=case, outcome="rejected", conclusion="All of it came.", by=scenario.operations, at=scenario.now)
    page = invoice_page(client, advance.invoice)
    assert "Disputed since" not in page
    assert "<strong>Dispute rejected" in page
    assert "All of it came." in page


def test_an_invoice_past_its_recourse_date_says_what_buying_it_back_comes_to(
    client: Client, scenario: Scenario
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="1000"))
    money_out.leave(scenario, advance)
    Advance.objects.filter(pk=advance.pk).update(recourse_on=scenario.today + timedelta(days=45))
    scenario.later(60)
    scheduled_transitions.apply_due(at=scenario.now)
    owed = payoff.quote_repurchase(advance=advance, on=scenario.today)
    page = invoice_page(client, advance.invoice)
    assert f'Today this costs <bdi class="money">${owed.payment:,.2f}' in page
    assert "To be bought back" in page_of(client, "/financing/")


def test_an_overdue_invoice_is_called_so_on_the_list(client: Client, scenario: Scenario) -> None:
    scenario.later(60)
    late = scenario.today - timedelta(days=3)
    scenario.invoice(scenario.buyer(), txn_date=late - timedelta(days=20), payable_date=late)
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    page = page_of(client, "/invoices/")
    assert "Overdue</span>" in page
    assert "due too soon" not in page.lower()
    assert "Not eligible: overdue" in file_of(client, "/invoices.csv")


def test_a_funded_invoice_is_not_judged_as_if_it_were_to_be_bought(client: Client, lifecycle: Lifecycle) -> None:
    invoice = lifecycle.funded.invoice
    Invoice.objects.filter(pk=invoice.pk).update(books_status=BooksStatus.PARTLY_PAID)
    recalculation.recalculate(supplier_id=lifecycle.scenario.supplier.pk, at=lifecycle.scenario.now)
    page = invoice_page(client, invoice)
    assert "It is funded already." in page
    for not_said in ("Not eligible", "Not met", "We buy invoices", "Ask buyer to confirm", "Ask buyer again"):
        assert not_said not in page, not_said


def test_a_completed_invoice_is_neither_in_financing_nor_overdue(client: Client, scenario: Scenario) -> None:
    settled = scenario.funded(scenario.invoice(scenario.buyer(), face="1000"))
    scenario.later(60)
    scenario.pay(settled, "1000")
    scenario.settle(Advance.objects.get(pk=settled.pk))
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    page = invoice_page(client, settled.invoice)
    assert "It was financed and is completed." in page
    for not_said in ("In financing", "Overdue", "days late", "Ask buyer to confirm"):
        assert not_said not in page, not_said
    assert "days late" not in page_of(client, "/invoices/")


def test_an_invoice_that_was_bought_back_is_the_suppliers_to_collect(client: Client, scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="1000"))
    scenario.later(60)
    money_out.leave(scenario, advance)
    repurchases.repurchase(
        advance=advance, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Paid."
    )
    page = invoice_page(client, advance.invoice)
    assert "Repurchased" in page
    assert "Overdue" not in page.split("<main")[1].split("Invoice items")[0]
    assert "20 days late" in page
    listed = page_of(client, "/invoices/")
    assert "Repurchased" in listed
    assert "20 days late" in listed


def test_every_movement_of_the_statement_names_what_it_is_about(client: Client, scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), invoice_no="NAMED", face="1000"))
    payable, given = (
        AllocationTarget(Decimal(150), supplier=scenario.supplier),
        {"at": scenario.now, "by": scenario.operations},
    )
    scenario.arrive("150", targets=[payable], payer="ELM AND OAK", bank_reference="OVER-1")
    passed_on = payouts.remit(
        supplier=scenario.supplier, currency="USD", amount=Decimal(150), value_date=scenario.today, **given
    )
    for payout in (advance.payouts.get(), passed_on):
        money_out.confirm(scenario, payout)
        failed = money_out.give_back(scenario, payout)
        payouts.resend(payout=failed, value_date=scenario.today, **given)
    page = page_of(client, "/statement/")
    assert page.count("Payment OVER-1 from ELM AND OAK") == 1
    assert page.count(f"{passed_on} to account {passed_on.bank_account.masked}") == 4
    assert page.count(">Invoice <bdi>NAMED</bdi>") == 4
    for row in page.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]:
        assert "Invoice <bdi>" in row or "Payment " in row or "Payout " in row, row
    assert "Payment OVER-1 from ELM AND OAK" in file_of(client, "/statement.csv")


def test_what_ended_is_told_the_latest_first_with_requests_that_were_declined(
    client: Client, lifecycle: Lifecycle
) -> None:
    line = lifecycle.request.lines.get()
    reason = "The buyer is new to us."
    requests.refuse(line=line, by=lifecycle.scenario.underwriter, at=lifecycle.scenario.now, reason=reason)
    page = page_of(client, "/financing/")
    before = page[page.index('id="history-title"') :]
    assert reason in before
    assert reverse("dashboard:financing_request", args=[lifecycle.request.public_id]) in before
    assert before.index("Request for") < before.index("Offer for") < before.index("Settled")


@pytest.mark.parametrize("state", [State.PREPAID, State.PAID, State.COMPLETED])
def test_nobody_is_asked_to_confirm_what_is_bought_already(client: Client, scenario: Scenario, state: str) -> None:
    invoice = scenario.invoice(scenario.buyer())
    Invoice.objects.filter(pk=invoice.pk).update(state=state)
    page = invoice_page(client, invoice)
    assert "Ask buyer to confirm" not in page
    assert "your buyer no longer needs to confirm it" in page


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
    assert bar[2].note == "request again"


def test_what_was_paid_without_us_is_on_no_way_any_more(client: Client, scenario: Scenario) -> None:
    invoice = scenario.invoice(scenario.buyer())
    assert 'id="stage-title"' in invoice_page(client, invoice)
    Invoice.objects.filter(pk=invoice.pk).update(books_status="paid", balance="0.00")
    assert 'id="stage-title"' not in invoice_page(client, invoice)


def test_home_says_what_is_paid_out_next(client: Client, scenario: Scenario) -> None:
    scenario.accepted(scenario.invoice(scenario.buyer()))
    page = client.get("/").content.decode()
    assert "Accepted, payout pending" in page


def test_the_page_says_that_no_confirmation_was_needed(client: Client, scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    assert '<span class="stage-note">not needed</span>' in invoice_page(client, advance.invoice)


def test_who_has_invoices_but_no_connection_is_told_that_they_stand_still(client: Client) -> None:
    supplier = MembershipFactory().supplier
    client.force_login(supplier.members.get())
    address = reverse("quickbooks:card")
    assert "your invoices appear here automatically" in page_of(client, address)
    InvoiceFactory(buyer__company_file__supplier=supplier)
    assert "Your invoices stay here but are not updated." in page_of(client, address)


def test_who_cannot_be_financed_yet_reads_the_next_step_before_asking(client: Client) -> None:
    client.force_login(MembershipFactory().user)
    page = page_of(client, "/financing/request/")
    assert "Nothing to finance yet" in page
    assert "Connect QuickBooks" in page


def test_a_mail_tells_moments_as_the_pages_do(scenario: Scenario) -> None:
    Supplier.objects.filter(pk=scenario.supplier.pk).update(time_zone="America/New_York")
    scenario.offer(scenario.invoice(scenario.buyer()))
    mine = OutgoingMail.objects.filter(supplier_id=scenario.supplier.pk, subject__startswith="Your offer")
    body = mine.get().body
    assert re.search(r"valid until \w+ \d+, \d{4}, \d\d:\d\d E[SD]T", body)


def test_an_offer_says_to_which_account_it_is_paid(client: Client, scenario: Scenario) -> None:
    scenario.now = timezone.now()
    offer = scenario.offer(scenario.invoice(scenario.buyer()))
    account = BankAccount.objects.get(supplier=scenario.supplier, status=BankAccount.Status.IN_USE)
    page = client.get(reverse("dashboard:offer", args=[offer.public_id])).content.decode()
    assert f"We pay to your account <bdi>{account.masked}</bdi> at <bdi>{account.bank_name}</bdi>." in page


def test_an_offer_that_came_to_nothing_is_shown_as_it_was_offered(client: Client, scenario: Scenario) -> None:
    offer = scenario.offer(scenario.invoice(scenario.buyer()))
    page = page_of(client, reverse("dashboard:offer", args=[offer.public_id]))
    offered = offer.offered_at.astimezone(scenario.supplier.zone).date()
    assert f'Calculated for a payout on <time datetime="{offered.isoformat()}">' in page
