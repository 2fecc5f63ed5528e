"""The payoff figure is staff's own figure; an account closes only when nothing is outstanding, and its letter stays."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.financing import leaving
from infactor.financing.accounting import payoff, payoff_schedule
from infactor.financing.advances import repurchases
from infactor.financing.corrections import fundings, payment_corrections
from infactor.financing.origination import requests
from infactor.suppliers.models import AccountClosing, Membership, Supplier
from infactor.users import roles
from infactor.users.models import User
from quickbooks_app.models import Connection
from tests.support import admin_client, pdf
from tests.support.delivery import delivered
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import PASSWORD, MembershipFactory, approve_directly
from tests.support.scenarios import money_out, onboarding
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.lifecycle import Lifecycle

pytestmark = pytest.mark.django_db
LEAVE = "/settings/leave/"


@pytest.fixture
def owner(supplier: Supplier) -> User:
    return supplier.members.get()


@pytest.fixture
def boss(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def test_the_payoff_of_an_advance_is_what_staff_would_ask_for_it_on_every_day(lifecycle: Lifecycle) -> None:
    supplier, today = lifecycle.scenario.supplier, lifecycle.scenario.today
    for advance in (lifecycle.late, lifecycle.funded):
        money_out.leave(lifecycle.scenario, advance)
    (figures,) = payoff_schedule.schedule(supplier=supplier, today=today).values()
    assert [one.on for one in figures] == [today + timedelta(days=number) for number in range(31)]
    for figure in (figures[0], figures[9], figures[30]):
        by_advance = {one.advance.pk: one for one in figure.lines}
        for advance in (lifecycle.late, lifecycle.funded):
            quote = payoff.quote_repurchase(advance=advance, on=figure.on)
            assert by_advance[advance.pk].amount == quote.payment
        collected = by_advance[lifecycle.collected.pk]
        settlement = payoff.quote_settlement(advance=lifecycle.collected, with_set_off=False)
        assert collected.amount == -settlement.rebate
        total = sum((one.amount for one in figure.lines), Decimal(0))
        assert figure.amount == total + figure.due_from_supplier - figure.payable_to_supplier
    assert figures[30].fees > figures[0].fees


def test_an_advance_whose_money_has_not_left_costs_nothing_and_is_named(scenario: Scenario, client: Client) -> None:
    scenario.terms()
    advance = scenario.funded(scenario.invoice(scenario.buyer(), invoice_no="INV-41"))

    def schedule() -> dict[str, list[payoff_schedule.PayoffFigure]]:
        return payoff_schedule.schedule(supplier=scenario.supplier, today=scenario.today)

    assert schedule() == {}
    client.force_login(scenario.owner)
    assert "Nothing: no money is outstanding" in client.get(LEAVE).content.decode()
    sent = scenario.funded(scenario.invoice(scenario.buyer(), invoice_no="INV-42"))
    money_out.leave(scenario, sent)
    (figures,) = schedule().values()
    for figure in (figures[0], figures[30]):
        assert [one.advance.pk for one in figure.lines] == [sent.pk]
        assert figure.amount == payoff.quote_repurchase(advance=sent, on=figure.on).payment
        assert [one.pk for one in figure.unsent] == [advance.pk]
    with time_machine.travel(scenario.now):
        page = client.get(LEAVE).content.decode()
        letter = pdf.words(pdf.content(client.get(f"{LEAVE}payoff.pdf")))
    assert "we cancel these when you leave." in page
    assert "INV-41" in page.split("Not counted")[1]
    assert "INV-41" in letter.split("Not counted")[1]
    money_out.leave(scenario, advance)
    money_out.give_back(scenario, advance.payouts.get(), code="R01")
    assert [one.advance.pk for one in schedule()["USD"][0].lines] == [sent.pk]


def test_taking_back_what_has_not_left_comes_to_the_payoff_that_was_shown(scenario: Scenario) -> None:
    scenario.terms()
    debtor = money_out.leave(scenario, scenario.funded(scenario.invoice(scenario.buyer(), face="900")))
    repurchases.repurchase(
        advance=debtor, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="The buyer is gone"
    )
    owed = payoff_schedule.schedule(supplier=scenario.supplier, today=scenario.today)["USD"][0].amount
    netting = scenario.funded(scenario.invoice(scenario.buyer(), face="4000"))
    assert netting.nettings.get().amount == owed
    scenario.pay(netting, "300")
    (shown, *_) = payoff_schedule.schedule(supplier=scenario.supplier, today=scenario.today)["USD"]
    assert (shown.due_from_supplier, shown.payable_to_supplier) == (owed, Decimal(300))
    allocation = netting.allocations.get()
    payment_corrections.unmatch(
        collection=allocation.collection, allocation_ids=[allocation.pk], by=scenario.operations, at=scenario.now,
        reason="Not bought", approver=scenario.approver,
    )  # fmt: skip
    given: Any = {"by": scenario.operations, "at": scenario.now, "approver": scenario.approver}
    fundings.take_back(advance=netting, reason="The supplier leaves", **given)
    (after, *_) = payoff_schedule.schedule(supplier=scenario.supplier, today=scenario.today)["USD"]
    assert (after.lines, after.unsent, after.due_from_supplier) == ([], [], owed)


def test_the_page_shows_the_figure_of_the_chosen_day_and_what_is_in_the_way(
    lifecycle: Lifecycle, client: Client
) -> None:
    supplier = lifecycle.scenario.supplier
    money_out.leave(lifecycle.scenario, lifecycle.late)
    day = lifecycle.scenario.today + timedelta(days=9)
    page = client.get(f"{LEAVE}?on={day.isoformat()}").content.decode()
    (figures,) = payoff_schedule.schedule(supplier=supplier, today=lifecycle.scenario.today).values()
    assert f"{figures[9].amount:,.2f}" in page
    assert "Close the account</button>" not in page
    assert "offer waiting for your answer" in page
    assert client.get(f"{LEAVE}?on=nonsense").status_code == 200
    with pytest.raises(leaving.CannotClose):
        leaving.request(supplier=supplier, reason="", by=lifecycle.scenario.owner, at=timezone.now())
    assert not AccountClosing.objects.exists()


def test_closing_stops_financing_disconnects_quickbooks_and_ends_in_a_letter(
    boss: Client, supplier: Supplier, django_capture_on_commit_callbacks: object
) -> None:
    approve_directly(supplier)
    connection = ConnectionFactory(supplier=supplier)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        boss.post(f"{LEAVE}request", {"reason": "We were sold."})
    connection.refresh_from_db()
    assert connection.status == Connection.Status.DISCONNECTED
    assert "You asked to close this account" in boss.get(LEAVE).content.decode()
    with pytest.raises(requests.RequestError, match="asked to close"):
        requests.submit(supplier=supplier, invoices=_invoices(supplier), by=supplier.members.get(), at=timezone.now())
    assert boss.get(f"{LEAVE}letter/").status_code == 404
    underwriter = onboarding.staff_member(roles.UNDERWRITER)
    closing = AccountClosing.objects.get()
    leaving.release(closing=closing, decision="Nothing is open.", by=underwriter, at=timezone.now())
    letter = boss.get(f"{LEAVE}letter/").content.decode()
    assert f"Released for infactor by <bdi>{underwriter.name or underwriter.email}" in letter
    assert f"The account of {supplier.name} is closed: your release" in [one.subject for one in delivered()]
    assert AuditEvent.objects.filter(event="accountclosing.status", actor=underwriter).exists()
    boss.post(f"{LEAVE}withdraw")
    closing.refresh_from_db()
    assert closing.status == "released"


def test_an_owner_may_change_their_mind_until_staff_decide(boss: Client, supplier: Supplier, owner: User) -> None:
    boss.post(f"{LEAVE}request")
    boss.post(f"{LEAVE}request")
    assert AccountClosing.objects.count() == 1
    boss.post(f"{LEAVE}withdraw")
    assert leaving.current(supplier=supplier) is None
    boss.post(f"{LEAVE}request")
    assert AccountClosing.objects.count() == 2


def test_only_an_owner_asks_and_only_who_has_the_right_releases(supplier: Supplier, owner: User) -> None:
    helper = MembershipFactory(supplier=supplier, role=Membership.Role.FINANCE).user
    with pytest.raises(roles.NotAllowed):
        leaving.request(supplier=supplier, reason="", by=helper, at=timezone.now())
    closing = leaving.request(supplier=supplier, reason="", by=owner, at=timezone.now())
    for person in (owner, onboarding.staff_member(roles.OPERATIONS)):
        with pytest.raises(roles.NotAllowed):
            leaving.release(closing=closing, decision="Yes.", by=person, at=timezone.now())


def test_staff_find_the_request_in_a_queue_and_release_it_in_admin(client: Client, supplier: Supplier) -> None:
    leaving.request(supplier=supplier, reason="", by=supplier.members.get(), at=timezone.now())
    client.force_login(onboarding.staff_member(roles.UNDERWRITER))
    assert "Accounts to close" in client.get("/admin/").content.decode()
    closing = AccountClosing.objects.get()
    page = f"/admin/suppliers/accountclosing/{closing.pk}/release/"
    assert "Nothing is outstanding." in client.get(page).content.decode()
    admin_client.confirm(client, page, reason="Nothing is open, UCC-3 is filed.")
    closing.refresh_from_db()
    assert closing.status == "released"


def _invoices(supplier: Supplier) -> list[object]:
    from tests.support.factories.suppliers import BuyerFactory, InvoiceFactory

    buyer = BuyerFactory(company_file__supplier=supplier)
    return [InvoiceFactory(buyer=buyer, supplier=supplier)]
