"""What the financing decisions of staff share: refusals, and the second person for large amounts."""

from datetime import date
from decimal import Decimal

from django.utils import timezone

from infactor.banking import cash
from infactor.banking.cash import Overdrawn
from infactor.core.admin.decisions import DecisionView
from infactor.core.admin.tables import Facts
from infactor.financing import approvals, dual_control, payouts
from infactor.financing.accounting import payoff
from infactor.financing.advances import cases, funding
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.collections import payments
from infactor.financing.dual_control import ApproverRequired
from infactor.financing.notices.issuance import NoticeError
from infactor.financing.origination import offers, requests
from infactor.financing.policy.authorization import PolicyError
from infactor.financing.terms_in_force import TermsNotSet
from infactor.financing.value_dates import InvalidValueDate, supplier_today
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


def cash_facts(*, amount: Decimal, currency: str) -> Facts:
    """A warning if a payout of `amount` overdraws the house account; nothing where it does not."""
    warning = cash.warning(currency=currency, amount=amount)
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


def current_day(supplier: Supplier) -> date:
    """Today, in the time zone of the supplier."""
    return supplier_today(supplier=supplier, at=timezone.now())


def account_text(*, supplier: Supplier, currency: str) -> str:
    """The account that the supplier is paid to in `currency`, masked."""
    account = financing_status.payout_account(supplier=supplier, currency=currency)
    return f"{account.masked}, {account.bank_name}, {account.holder}" if account else "no confirmed account"
