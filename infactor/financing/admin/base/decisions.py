"""What the financing decisions of staff share: refusals, and the second person for large amounts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from django.utils import timezone

from infactor.banking import cash
from infactor.banking.cash import Overdrawn
from infactor.core.admin.decisions import DecisionView
from infactor.core.admin.formatting import amount_text
from infactor.core.admin.preview import PreviewView
from infactor.core.admin.tables import Facts, Table
from infactor.financing import approvals, dual_control, netting, payouts
from infactor.financing.accounting import payoff
from infactor.financing.admin.base.tables import postings_table
from infactor.financing.advances import cases, funding
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.collections import payments
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.dual_control import ApproverRequired
from infactor.financing.notices.issuance import NoticeError
from infactor.financing.origination import offers, requests
from infactor.financing.policy.authorization import PolicyError
from infactor.financing.terms_in_force import TermsNotSet
from infactor.financing.value_dates import InvalidValueDate, supplier_today
from infactor.ledger.models import Transaction
from infactor.suppliers import financing_status
from infactor.suppliers.access import signed_in_user
from infactor.suppliers.models import Supplier
from infactor.users.models import User

WAITS_FOR_APPROVAL = "This needs a second person. It waits under Approvals."
# Errors of the services whose sentence is shown to the person who decides.
REFUSALS: tuple[type[Exception], ...] = (
    approvals.ApprovalError,
    cases.CaseError,
    payments.CollectionError,
    CorrectionError,
    payoff.PayoffError,
    funding.FundingError,
    offers.OfferError,
    payouts.PayoutError,
    requests.RequestError,
    PolicyError,
    ApproverRequired,
    TermsNotSet,
    InvalidValueDate,
    NoticeError,
    Overdrawn,
)


class FinancingDecision(DecisionView):
    """A decision about money: a refusal of a service is shown as a sentence, a large amount waits for approval."""

    refusals = REFUSALS

    @property
    def user(self) -> User:
        return signed_in_user(self.request)

    def execute_or_request_approval(self, request: ApprovalRequest, *, done: str) -> str:
        """The message of success: `done`, or that it waits for a second person."""
        waiting = approvals.execute_or_request_approval(request=request, by=self.user, at=timezone.now())
        return done if waiting is None else WAITS_FOR_APPROVAL


class FinancingPreview(FinancingDecision, PreviewView):
    """A decision about money with a preview, which shows what would be posted to the ledger.

    A second person is not waited for while it is rehearsed: whoever requests something impossible learns it at once.
    """

    last_posted = 0

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        self.last_posted = Transaction.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        with dual_control.rehearsal():
            yield

    def effects(self) -> tuple[Sequence[Table], Sequence[str]]:
        written = Transaction.objects.filter(pk__gt=self.last_posted).prefetch_related("entries__account")
        rows = list(written.order_by("pk"))
        digest = [
            f"{entry.account.purpose} {entry.debit} {entry.credit} {one.value_date}"
            for one in rows
            for entry in one.entries.all()
        ]
        reasons = [(one,) for one in dict.fromkeys(dual_control.rehearsed_reasons())]
        second_person = [Table("It waits for a second person", ("Why",), reasons)] if reasons else []
        return [*([postings_table(rows)] if rows else []), *second_person], digest


def cash_facts(*, amount: Decimal, currency: str) -> Facts:
    """A warning if paying `amount` overdraws the house account; nothing where it does not, or nothing is paid."""
    warning = cash.warning(currency=currency, amount=amount) if amount > 0 else ""
    return [("House account", warning)] if warning else []


def dual_control_text(*, amount: Decimal, supplier: Supplier, currency: str, is_payout: bool = True) -> str:
    """Whether `amount` needs a second person, as a sentence; a payout counts with the other recent ones."""
    now = timezone.now()
    try:
        terms = dual_control.current_terms(supplier=supplier, currency=currency, at=now)
    except TermsNotSet as problem:
        return str(problem)
    lately = dual_control.ZERO
    if is_payout and amount > 0:
        lately = dual_control.unapproved_payouts_today(supplier=supplier, currency=currency, at=now)
    why = dual_control.reason_for_dual_control(amount=amount, recent=lately, supplier=supplier, terms=terms)
    if why:
        return f"{why} Your confirmation requests it; it is done once somebody else approves."
    shown = f"{terms.dual_control_threshold:,.2f} {currency}"
    if lately:
        return f"Not needed below {shown}, counting the {lately:,.2f} paid out within the last day."
    return f"Not needed below {shown}."


def debt_facts(*, out: Decimal, supplier: Supplier, currency: str, nets: bool) -> list[tuple[str, object]]:
    """What the supplier owes, and how much of `out` is deducted for it; nothing where it owes nothing."""
    owed = netting.debt(supplier_id=supplier.pk, currency=currency)
    if owed <= 0:
        return []
    deducted = min(out, owed)
    rule = "deducted unless you choose otherwise" if nets else "deducted only if you choose so"
    return [
        ("The supplier owes infactor", amount_text(owed, currency)),
        ("Of which can be deducted now", amount_text(deducted, currency)),
        ("By the terms", rule),
        ("Paid out if it is deducted", amount_text(out - deducted, currency)),
    ]


def current_day(supplier: Supplier) -> date:
    """Today, in the time zone of the supplier."""
    return supplier_today(supplier=supplier, at=timezone.now())


def account_text(*, supplier: Supplier, currency: str) -> str:
    """The account that the supplier is paid to in `currency`, masked."""
    account = financing_status.payout_account(supplier=supplier, currency=currency)
    return f"{account.masked}, {account.bank_name}, {account.holder}" if account else "no confirmed account"
