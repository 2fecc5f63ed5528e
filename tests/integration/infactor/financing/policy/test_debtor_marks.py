"""A marked debtor: its offers and availability follow at once, and bankruptcy is a case of each funded advance."""

from datetime import timedelta
from decimal import Decimal

import pytest

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.financing import holds, scheduled_transitions
from infactor.financing.advances import cases
from infactor.financing.advances.funding import FundingError
from infactor.financing.eligibility import recalculation
from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.reassessment import reassess
from infactor.financing.models import Advance, Case, DebtorMark, Eligibility, Offer, RequestLine
from infactor.financing.origination.requests import RequestError
from infactor.financing.policy import debtor_marks
from infactor.financing.policy.authorization import PolicyError
from infactor.invoices.debtors import grouping
from infactor.invoices.models import Debtor, Invoice
from infactor.users.roles import NotAllowed
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
Kind = DebtorMark.Kind


def debtor_of(scenario: Scenario, invoice: Invoice) -> Debtor:
    assert invoice.buyer is not None
    return grouping.get_or_create_debtor(buyer=invoice.buyer, by=scenario.underwriter, at=scenario.now)


def mark(scenario: Scenario, debtor: Debtor, kind: str) -> DebtorMark:
    return debtor_marks.mark(
        debtor=debtor, kind=kind, reason="Insolvency register", by=scenario.underwriter, at=scenario.now
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [(Kind.DO_NOT_BUY, "we do not buy its buyer's invoices"), (Kind.BANKRUPT, "its buyer is insolvent")],
)
def test_offers_requests_and_unpaid_advances_of_the_debtor_end_with_words(
    scenario: Scenario, kind: str, words: str
) -> None:
    buyer = scenario.buyer()
    offered, asked, accepted = (scenario.invoice(buyer, invoice_no=number) for number in ("O-1", "R-1", "A-1"))
    offer, advance = scenario.offer(offered), scenario.accepted(accepted)
    scenario.request(asked)
    mark(scenario, debtor_of(scenario, offered), kind)
    scheduled_transitions.apply_due(at=scenario.now)
    offer.refresh_from_db()
    advance.refresh_from_db()
    assert (offer.status, advance.status) == (Offer.Status.WITHDRAWN, Advance.Status.CANCELLED)
    assert RequestLine.objects.get(invoice=asked).status == RequestLine.Status.WITHDRAWN
    for event in ("offer_withdrawn", "request_cancelled", "advance_cancelled"):
        assert words in OutgoingMail.objects.get(key__startswith=f"financing.{event}:").body
        assert "Insolvency register" not in OutgoingMail.objects.get(key__startswith=f"financing.{event}:").body


@pytest.mark.parametrize("kind", [Kind.DO_NOT_BUY, Kind.BANKRUPT])
def test_nothing_of_the_debtor_is_available_any_more(scenario: Scenario, kind: str) -> None:
    invoice = scenario.invoice(scenario.buyer())
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    debtor = debtor_of(scenario, invoice)
    mark(scenario, debtor, kind)
    assert recalculation.suppliers_due(at=scenario.now) == [scenario.supplier.pk]
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    row = Eligibility.objects.get(invoice=invoice)
    assert (row.decision, row.deciding_rule) == ("ineligible", Rule.DEBTOR_MARK)
    with pytest.raises(RequestError):
        scenario.request(invoice)
    debtor_marks.lift(debtor=debtor, reason="A mistake", by=scenario.underwriter, at=scenario.now)
    scenario.request(invoice)
    assert AuditEvent.objects.filter(event__in=["debtor.marked", "debtor.mark_ended"]).count() == 2


def test_a_watched_debtor_is_financed_by_a_person_only(scenario: Scenario) -> None:
    scenario.terms(auto_offer_limit=Decimal(100000))
    first, second = (scenario.invoice(scenario.buyer()) for _ in range(2))
    mark(scenario, debtor_of(scenario, first), Kind.WATCH)
    result = reassess(supplier=scenario.supplier, invoices=[first], at=scenario.now)[first.pk]
    assert [one.outcome for one in result.results if one.rule is Rule.DEBTOR_MARK] == [Outcome.WARN]
    scenario.request(first)
    scenario.request(second)
    assert list(Offer.objects.values_list("lines__invoice", flat=True)) == [second.pk]


def test_bankruptcy_is_a_case_of_each_funded_advance_until_the_mark_ends(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    debtor = debtor_of(scenario, advance.invoice)
    mark(scenario, debtor, Kind.BANKRUPT)
    scheduled_transitions.apply_due(at=scenario.now)
    assert scheduled_transitions.apply_due(at=scenario.now) == 0
    case = Case.objects.get()
    assert (case.kind, case.holds_reserve, case.holds_offers) == (Case.Kind.BANKRUPT, True, False)
    assert holds.is_reserve_held(advance=advance)
    debtor_marks.lift(debtor=debtor, reason="A mistake", by=scenario.underwriter, at=scenario.now)
    scheduled_transitions.apply_due(at=scenario.now)
    case.refresh_from_db()
    assert case.outcome == Case.Outcome.RESTORED
    mark(scenario, debtor, Kind.BANKRUPT)
    scheduled_transitions.apply_due(at=scenario.now)
    case.refresh_from_db()
    assert case.closed_at is None


def test_nothing_is_paid_out_on_a_marked_debtor(scenario: Scenario) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    mark(scenario, debtor_of(scenario, advance.invoice), Kind.DO_NOT_BUY)
    with pytest.raises(FundingError, match="is marked: do not buy"):
        scenario.fund(advance)


def test_only_an_underwriter_marks_with_a_reason_and_one_mark_is_in_force(scenario: Scenario) -> None:
    debtor = debtor_of(scenario, scenario.invoice(scenario.buyer()))
    given = {"debtor": debtor, "at": scenario.now}
    with pytest.raises(NotAllowed):
        debtor_marks.mark(kind=Kind.WATCH, reason="x", by=scenario.operations, **given)
    with pytest.raises(PolicyError, match="reason"):
        debtor_marks.mark(kind=Kind.WATCH, reason=" ", by=scenario.underwriter, **given)
    with pytest.raises(PolicyError, match="no mark"):
        debtor_marks.lift(reason="x", by=scenario.underwriter, **given)
    mark(scenario, debtor, Kind.WATCH)
    with pytest.raises(PolicyError, match="already"):
        mark(scenario, debtor, Kind.WATCH)
    mark(scenario, debtor, Kind.DO_NOT_BUY)
    assert [(one.kind, one.ended_at is None) for one in DebtorMark.objects.order_by("pk")] == [
        ("watch", False),
        ("do_not_buy", True),
    ]


def test_a_buyer_in_dispute_and_past_due_leaves_none_of_its_invoices_financeable(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    advance = scenario.funded(scenario.invoice(buyer, payable_date=scenario.today + timedelta(days=10)))
    cases.open_dispute(advance=advance, by=scenario.operations, at=scenario.now, reason="Broken")
    other = scenario.invoice(buyer, payable_date=scenario.today + timedelta(days=50))

    def rule() -> str:
        return reassess(supplier=scenario.supplier, invoices=[other], at=scenario.now)[other.pk].deciding_rule

    assert rule() == ""
    scenario.later(11)
    assert rule() == Rule.BUYER_DISPUTE
    cases.close(
        case=Case.objects.get(), outcome="rejected", conclusion="All came", by=scenario.operations, at=scenario.now
    )
    assert rule() == ""
