"""Two suppliers that sell to one buyer in two currencies, and the invariants checked after every action."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F

from infactor.banking.errors import BankingError
from infactor.core.models import AuditEvent
from infactor.core.transitions import TransitionNotAllowed
from infactor.financing.accounting import reconciliation
from infactor.financing.accounting.payoff import PayoffError
from infactor.financing.advances.cases import CaseError
from infactor.financing.advances.funding import FundingError
from infactor.financing.approvals import ApprovalError
from infactor.financing.collections.payments import CollectionError
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.dual_control import ApproverRequired
from infactor.financing.eligibility import utilization
from infactor.financing.models import OPEN_STATUSES, Advance, FundingTerms, Limit
from infactor.financing.notices.issuance import NoticeError
from infactor.financing.origination.acceptance import AcceptanceError
from infactor.financing.origination.offers import OfferError
from infactor.financing.origination.requests import RequestError
from infactor.financing.payouts import PayoutError
from infactor.financing.policy.authorization import PolicyError
from infactor.financing.policy.terms import set_terms
from infactor.financing.value_dates import InvalidValueDate
from infactor.invoices.customer_hierarchy import root_customer
from infactor.invoices.debtors import grouping
from infactor.invoices.models import Buyer, CompanyFile, Debtor, Invoice
from infactor.invoices.states import BooksStatus
from infactor.ledger import integrity_checks
from infactor.ledger.balances import balance
from infactor.ledger.models import Purpose, Transaction
from infactor.suppliers import bank_accounts
from infactor.users.roles import NotAllowed
from tests.support.scenarios import onboarding
from tests.support.scenarios.financing import NOW, Scenario, build_scenario

REFUSALS = (
    BankingError,
    ApprovalError,
    BankingError,
    CaseError,
    CollectionError,
    CorrectionError,
    NoticeError,
    TransitionNotAllowed,
    AcceptanceError,
    NotAllowed,
    PayoffError,
    FundingError,
    OfferError,
    PayoutError,
    RequestError,
    ApproverRequired,
    PolicyError,
    InvalidValueDate,
)
CURRENCIES = ("USD", "CAD")
EASY = {
    "concentration_limit_pct": Decimal(100),
    "verify_first_invoice": False,
    "verify_threshold": Decimal(10**9),
    "verify_sample_pct": Decimal(0),
    "max_payment_terms_days": 400,
    "buyer_limit": Decimal(15_000),
    "pair_limit": Decimal(12_000),
    "supplier_limit": Decimal(18_000),
    "dual_control_threshold": Decimal(10**9),
}


@dataclass
class TwoSuppliers:
    """`scenarios` are the two suppliers with their staff, `shared` is the debtor to whom both sell."""

    scenarios: list[Scenario]
    shared: Debtor
    buyers: list[Buyer]
    now: datetime = NOW
    log: list[str] = field(default_factory=list)

    def later(self, days: int) -> None:
        self.now += timedelta(days=days)
        for scenario in self.scenarios:
            scenario.now = self.now
        CompanyFile.objects.update(as_of=self.now)

    def scenario_of(self, supplier_id: int) -> Scenario:
        return next(scenario for scenario in self.scenarios if scenario.supplier.pk == supplier_id)

    @property
    def staff(self) -> Scenario:
        """The scenario whose staff acts; either would do."""
        return self.scenarios[0]

    def attempt(self, what: str, act: Callable[[], object]) -> bool:
        """Try the action and return whether it was done. A refusal gives a reason and leaves nothing behind."""
        before = Transaction.objects.count(), AuditEvent.objects.count()
        try:
            act()
        except REFUSALS as refusal:
            why = str(refusal).strip()
        else:
            self.log.append(what)
            return True
        self.log.append(f"{what}: {why}")
        assert why, what
        assert (Transaction.objects.count(), AuditEvent.objects.count()) == before, what
        return False

    def assert_sound(self) -> None:
        """Assert what holds after every action."""
        with connection.cursor() as cursor:  # as at a commit
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for said in (integrity_checks.run_all(), reconciliation.find_discrepancies()):
            assert not said, said
        too_much = Advance.objects.filter(amount__gt=F("base") * F("terms__advance_rate") / 100 + Decimal("0.005"))
        assert not too_much.exists()

    def assert_acceptable(self, accepted: Iterable[Advance]) -> None:
        """Assert that accepted invoices are open in QuickBooks, and that every limit holds."""
        for advance in accepted:
            self.assert_open(advance)
            by_debtor, by_pair, by_supplier = self.exposure(advance.currency)
            supplier, terms, debtor = advance.supplier_id, advance.terms, debtor_of(advance.buyer)
            staffs = limits(advance.currency)
            whole = debtor if isinstance(debtor, int) else None
            for used, most in (
                (by_debtor[debtor], staffs.get((whole, None), terms.buyer_limit) if whole else terms.buyer_limit),
                (by_pair[debtor, supplier], staffs.get((whole, supplier), terms.pair_limit)),
                (by_supplier[supplier], staffs.get((None, supplier), terms.supplier_limit)),
            ):
                assert used <= most, (advance, used, most)

    def assert_open(self, advance: Advance) -> None:
        """Assert that the advance's invoice is open in QuickBooks with its whole face."""
        invoice = Invoice.objects.get(pk=advance.invoice_id)
        assert (invoice.books_status, invoice.balance) == (BooksStatus.OPEN, advance.face), advance

    def exposure(self, currency: str) -> tuple[Any, Any, Any]:
        """What is outstanding in `currency`: by debtor, by debtor and supplier, by supplier."""
        by_debtor: dict[Any, Decimal] = defaultdict(Decimal)
        by_pair: dict[Any, Decimal] = defaultdict(Decimal)
        by_supplier: dict[Any, Decimal] = defaultdict(Decimal)
        for row in Advance.objects.filter(status__in=OPEN_STATUSES, currency=currency):
            amount = row.base
            if row.status != Advance.Status.ACCEPTED:
                owed = balance(purpose=Purpose.RECEIVABLE, owner=row.ledger_owner, currency=currency)
                amount = min(amount, owed)
            debtor = debtor_of(row.invoice.buyer)
            by_debtor[debtor] += amount
            by_pair[debtor, row.supplier_id] += amount
            by_supplier[row.supplier_id] += amount
        return by_debtor, by_pair, by_supplier

    def terms(self, currency: str, **changed: Any) -> FundingTerms:
        """Set a new version of the terms, valid from today for all suppliers."""
        values = {**EASY, **changed}
        row = FundingTerms(currency=currency, valid_from=date(2026, 1, 1), reason="for the test", **values)
        row.full_clean(exclude=["set_at"])
        return set_terms(terms=row, by=self.staff.underwriter, approver=self.staff.approver, at=self.now)


def debtor_of(buyer: Buyer) -> int | str:
    """The debtor, or else the root customer, that a limit covers."""
    top = root_customer(buyer=buyer)
    return top.debtor_id or f"buyer:{top.pk}"


def limits(currency: str) -> dict[tuple[int | None, int | None], Decimal]:
    """The latest limit of each debtor and supplier."""
    rows = Limit.objects.filter(currency=currency).order_by("pk")
    return {(row.debtor_id, row.supplier_id): row.amount for row in rows}


def build_two_suppliers() -> TwoSuppliers:
    scenarios = [build_scenario(name="Larkspur Coffee"), build_scenario(name="Mistral Tea")]
    buyers = []
    for number, scenario in enumerate(scenarios):
        digits = f"00012345670{number}"
        entry = bank_accounts.AccountDetails(
            "CAD", scenario.supplier.name, "Bank of Examples", "US", digits, "021000021"
        )
        account = bank_accounts.add(
            supplier=scenario.supplier, details=entry, by=scenario.owner, at=NOW, cooling_off=timedelta(0)
        )
        bank_accounts.confirm(account=account, proof=onboarding.CALLED, by=scenario.operations, at=NOW)
        buyers += [scenario.buyer("Acme Stores"), scenario.buyer(f"Only of {scenario.supplier.name}")]
    shared = grouping.join(
        buyers=[buyers[0], buyers[2]], debtor=None, name="Acme Stores", by=scenarios[0].underwriter, at=NOW
    )
    suppliers = TwoSuppliers(scenarios, shared, buyers)
    for currency in CURRENCIES:
        suppliers.terms(currency)
    assert utilization.commitments_of_supplier(supplier=scenarios[0].supplier) == []
    return suppliers
