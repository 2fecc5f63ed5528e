"""Every financing action, in every invoice state and by every role, does what the state table allows.

A refused action leaves no posting, no state change and no audit event of a success.
"""

import copy
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.transaction import atomic, set_rollback
from pytest_django import DjangoDbBlocker

from infactor.core.models import AuditEvent
from infactor.financing.advances import funding, repurchases, settlements, short_payments, write_offs
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget, IncomingPayment
from infactor.financing.corrections import advance_corrections
from infactor.financing.models import Advance, Collection, Offer, Payout, RequestLine
from infactor.financing.origination import acceptance, offers, requests
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.ledger.models import Transaction
from infactor.users.models import User
from tests.support.database.checksums import checksums
from tests.support.database.module_rows import module_rows
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import build_scenario
from tests.support.scenarios.two_suppliers import REFUSALS

pytestmark = pytest.mark.django_db

REQUESTABLE = (State.CREATED, State.ACCEPTED, State.REFUSED, State.PROPOSAL_REJECTED)
SUPPLIER, UNDERWRITER, OPERATIONS = "supplier", "underwriter", "operations"

# Each action: who may perform it, and its state transitions. All other roles and states are refused.
TABLE: dict[str, tuple[set[str], dict[str, str]]] = {
    "request": ({SUPPLIER}, dict.fromkeys(REQUESTABLE, State.REQUESTED)),
    "withdraw the request": ({SUPPLIER}, {State.REQUESTED: State.CREATED}),
    "refuse the request": ({UNDERWRITER}, {State.REQUESTED: State.REFUSED}),
    "offer": ({UNDERWRITER}, {State.REQUESTED: State.PROPOSED}),
    "accept": ({SUPPLIER}, {State.PROPOSED: State.PROPOSAL_ACCEPTED}),
    "decline": ({SUPPLIER}, {State.PROPOSED: State.PROPOSAL_REJECTED}),
    "withdraw the offer": ({UNDERWRITER}, {State.PROPOSED: State.PROPOSAL_REJECTED}),
    "fund": ({OPERATIONS}, {State.PROPOSAL_ACCEPTED: State.PREPAID}),
    "cancel": ({SUPPLIER, OPERATIONS}, {State.PROPOSAL_ACCEPTED: State.CREATED}),
    # The buyer has not paid it: it is closed short, and the invoice stays as it is until the settlement.
    "allow all of it to be short": ({OPERATIONS}, {State.PREPAID: State.PREPAID}),
    "settle": ({OPERATIONS}, {State.PAID: State.COMPLETED}),
    "buy back": ({OPERATIONS}, {State.PREPAID: State.COMPLETED}),
    "write off": ({OPERATIONS}, {State.PREPAID: State.COMPLETED}),
    # A payment or its return is a fact: it is recorded in any state, and changes only these states.
    "record the payment": ({OPERATIONS}, {State.PREPAID: State.PAID}),
    "take the payment back": ({OPERATIONS}, {State.PAID: State.PREPAID, State.COMPLETED: State.PREPAID}),
    "take back what ended it": (
        {OPERATIONS},
        {State.COMPLETED: State.PAID, "repurchased": State.PREPAID, "written off": State.PREPAID},
    ),
}
FACTS = ("record the payment", "take the payment back")
# Scheduled transitions, which no person performs; each is refused from every other state.
CLOCK = {
    "expire": {State.PROPOSED: State.PROPOSAL_REJECTED},
    "drop the request": {State.REQUESTED: State.CREATED},
    "drop the offer": {State.PROPOSED: State.PROPOSAL_REJECTED},
    "drop the advance": {State.PROPOSAL_ACCEPTED: State.CREATED},
}
BY_HAND = (State.DRAFT, State.CREATED, State.REJECTED, State.ACCEPTED)
STAGES = [*State, "repurchased", "written off"]


class Case:
    """One invoice in one state, and the latest row of each kind for it."""

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.scenario = scenario = build_scenario()
        scenario.terms()
        self.invoice = scenario.invoice(scenario.buyer())
        # An earlier, cancelled advance gives every action a row to be tried on.
        earlier = scenario.accepted(self.invoice)
        funding.cancel(advance=earlier, by=scenario.owner, at=scenario.now, reason="Not needed")
        self.paid = scenario.pay(earlier, "10")
        self._lead_to(stage)
        self.invoice.refresh_from_db()
        self.line = RequestLine.objects.select_related("request", "supplier").latest("pk")
        self.offer = Offer.objects.select_related("supplier").latest("pk")
        self.advance = Advance.objects.select_related("supplier", "terms", "offer_line__request_line").latest("pk")
        self.people = {
            SUPPLIER: scenario.owner,
            "another supplier": MembershipFactory().user,
            UNDERWRITER: scenario.underwriter,
            OPERATIONS: scenario.operations,
            "read-only": scenario.reader,
            "who left": MembershipFactory(supplier=scenario.supplier, user__is_active=False).user,
        }

    def _lead_to(self, stage: str) -> None:
        scenario, invoice = self.scenario, self.invoice
        if stage in BY_HAND:
            Invoice.objects.filter(pk=invoice.pk).update(state=stage)
            return
        request = scenario.request(invoice)
        if stage == State.REFUSED:
            requests.refuse(line=request.lines.get(), by=scenario.underwriter, at=scenario.now, reason="No")
        if stage in (State.REQUESTED, State.REFUSED):
            return
        offer = offers.create(request=request, by=scenario.underwriter, at=scenario.now)
        if stage == State.PROPOSAL_REJECTED:
            offers.decline(offer=offer, by=scenario.owner, at=scenario.now)
        if stage in (State.PROPOSED, State.PROPOSAL_REJECTED):
            return
        (advance,) = scenario.accept(offer)
        if stage == State.PROPOSAL_ACCEPTED:
            return
        money_out.leave(scenario, scenario.fund(advance))
        given: Any = {"advance": advance, "value_date": scenario.today, "by": scenario.operations, "at": scenario.now}
        if stage == "repurchased":
            repurchases.repurchase(reason="Late", **given)
        elif stage == "written off":
            write_offs.write_off(reason="Insolvent", **given)
        elif stage != State.PREPAID:
            self.paid = scenario.pay(advance, "1000")
            if stage == State.COMPLETED:
                settlements.settle(**given)

    def act(self, action: str, by: User) -> None:
        """Perform the action, or raise its refusal."""
        scenario, why = self.scenario, {"reason": "Because"}
        who: Any = {"by": by, "at": scenario.now}
        paid: Any = {"value_date": scenario.today, **who}
        arrival = IncomingPayment("USD", self.advance.face, scenario.today, "WIRE-9")
        acts: dict[str, Callable[[], object]] = {
            "request": lambda: requests.submit(supplier=scenario.supplier, invoices=[self.invoice], **who),
            "withdraw the request": lambda: requests.withdraw(line=self.line, **who),
            "refuse the request": lambda: requests.refuse(line=self.line, **who, **why),
            "offer": lambda: offers.create(request=self.line.request, **who),
            "accept": lambda: acceptance.accept(offer=self.offer, disclosure_digest=scenario.shown(self.offer), **who),
            "decline": lambda: offers.decline(offer=self.offer, **who),
            "withdraw the offer": lambda: offers.withdraw(offer=self.offer, **who, **why),
            "fund": lambda: funding.fund(advance=self.advance, **paid),
            "cancel": lambda: funding.cancel(advance=self.advance, **who, **why),
            "allow all of it to be short": lambda: short_payments.accept_short_payment(
                advance=self.advance, amount=self.advance.face, approver=scenario.underwriter, **paid, **why
            ),
            "take back what ended it": lambda: advance_corrections.take_back_closing(
                advance=self.advance, **who, **why
            ),
            "settle": lambda: settlements.settle(advance=self.advance, **paid),
            "buy back": lambda: repurchases.repurchase(advance=self.advance, **paid, **why),
            "write off": lambda: write_offs.write_off(advance=self.advance, **paid, **why),
            "record the payment": lambda: payments.record(
                payment=arrival, targets=[AllocationTarget(arrival.amount, advance=self.advance)], **who
            ),
            "take the payment back": lambda: payments.record_return(collection=self.paid, **paid, **why),
        }
        acts[action]()

    def tick(self, action: str) -> None:
        scenario, later = self.scenario, self.scenario.now + timedelta(days=60)
        acts: dict[str, Callable[[], object]] = {
            "expire": lambda: offers.expire(offer=self.offer, at=later),
            "drop the request": lambda: requests.cancel_by_system(line=self.line, at=scenario.now, reason="Voided"),
            "drop the offer": lambda: offers.withdraw_by_system(offer=self.offer, at=scenario.now, reason="Voided"),
            "drop the advance": lambda: funding.cancel_by_system(
                advance=self.advance, at=scenario.now, reason="Voided"
            ),
        }
        acts[action]()

    def traces(self) -> dict[str, str]:
        """Every row that a successful action leaves."""
        models = (Transaction, AuditEvent, RequestLine, Offer, Advance, Payout)
        return checksums(models, {Invoice: "id, state", Collection: "id, returned_on"})

    def state(self) -> str:
        return Invoice.objects.get(pk=self.invoice.pk).state


def tried(case: Case, act: Callable[[], None]) -> str:
    """The state after the action, which is rolled back; "" if it was refused and left nothing."""
    before = case.traces()
    with atomic():
        try:
            act()
        except REFUSALS:
            assert case.traces() == before
            return ""
        assert case.traces() != before
        state = case.state()
        set_rollback(True)
    return state


@pytest.fixture(scope="module", params=STAGES)
def module_case(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Case]:
    with module_rows(lambda: Case(request.param), django_db_blocker) as made:
        yield made


@pytest.fixture
def case(module_case: Case, db: None) -> Case:
    """One invoice at each stage in turn."""
    return copy.deepcopy(module_case)


def test_only_what_the_table_allows_is_done_whoever_asks(case: Case) -> None:
    state = case.state()
    assert case.stage not in State or state == case.stage
    for action, (may, moves) in TABLE.items():
        for role, person in case.people.items():
            wanted = moves.get(case.stage, state if action in FACTS else "") if role in may else ""
            found = tried(case, lambda action=action, person=person: case.act(action, person))  # type: ignore[misc]
            assert found == wanted, f"{role}: {action} from {state} led to {found or 'a refusal'}"


def test_the_clock_ends_only_what_still_waits(case: Case) -> None:
    state = case.state()
    for action, moves in CLOCK.items():
        found = tried(case, lambda action=action: case.tick(action))  # type: ignore[misc]
        assert found == moves.get(state, ""), f"{action} from {state} led to {found or 'a refusal'}"


@pytest.mark.parametrize("module_case", [State.PROPOSED], indirect=True)
def test_an_offer_does_not_expire_before_its_time(case: Case) -> None:
    assert tried(case, lambda: offers.expire(offer=case.offer, at=case.scenario.now) and None) == ""


@pytest.mark.parametrize("module_case", [State.PREPAID], indirect=True)
def test_a_part_of_it_cannot_be_settled_bought_back_or_written_off_where_the_reserve_covers_the_rest(
    case: Case,
) -> None:
    case.scenario.pay(case.advance, "950")
    for action in ("settle", "buy back", "write off", "cancel", "fund"):
        assert tried(case, lambda action=action: case.act(action, case.scenario.operations)) == ""  # type: ignore[misc]
    assert case.advance.reserve > Decimal(50)
