"""What the financing decisions of staff share: refusals, and the second person for large amounts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.banking import bank_days, cash
from infactor.banking.cash import Overdrawn
from infactor.banking.models import HouseAccount
from infactor.banking.open_accounts import AccountClosed
from infactor.core.admin.decisions import DecisionView
from infactor.core.admin.formatting import amount_text
from infactor.core.admin.preview import PreviewView
from infactor.core.admin.tables import Facts, Table
from infactor.core.business_day import business_day
from infactor.core.dates import format_day
from infactor.core.money import format_amount, format_number
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
from infactor.financing.origination.deals import DealError
from infactor.financing.policy.authorization import PolicyError
from infactor.financing.terms_in_force import TermsNotSet
from infactor.financing.value_dates import InvalidValueDate, supplier_today
from infactor.ledger.models import Entry, Purpose, Transaction
from infactor.suppliers import financing_status
from infactor.suppliers.access import signed_in_user
from infactor.suppliers.models import Supplier
from infactor.users.models import User

WAITS_FOR_APPROVAL = gettext_lazy("This needs a second person. It waits under Approvals.")
# Errors of the services whose sentence is shown to the person who decides.
REFUSALS: tuple[type[Exception], ...] = (
    AccountClosed,
    approvals.ApprovalError,
    cases.CaseError,
    payments.CollectionError,
    CorrectionError,
    payoff.PayoffError,
    funding.FundingError,
    offers.OfferError,
    DealError,
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
        return done if waiting is None else str(WAITS_FOR_APPROVAL)


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
        two_people = [Table(_("It waits for a second person"), (_("Why"),), reasons)] if reasons else []
        return [*_closed_banks(rows), *([postings_table(rows)] if rows else []), *two_people], digest


def _closed_banks(transactions: Sequence[Transaction]) -> list[Table]:
    """A warning where money moves on a day on which the bank of its house account is closed."""
    warnings = []
    for one in transactions:
        for entry in one.entries.all():
            account = _house_account(entry, currency=one.currency)
            if account is not None and (because := bank_days.closed_because(account, one.effective_date)):
                warnings.append(
                    (
                        _("%(effective_date)s is no bank day of %(account)s: it is %(because)s.")
                        % {"effective_date": format_day(one.effective_date), "account": account, "because": because},
                    )
                )
    return [Table(_("Check the value date"), (_("Why"),), list(dict.fromkeys(warnings)))] if warnings else []


def _house_account(entry: Entry, *, currency: str) -> HouseAccount | None:
    """The house account whose money `entry` moves, or is about to send; None where it does neither."""
    if entry.account.purpose == Purpose.CASH:
        return cash.account_with(owner=entry.account.owner, currency=currency)
    if entry.account.purpose == Purpose.PAYOUT_IN_TRANSIT and entry.credit:
        return cash.default_account(currency=currency)
    return None


def cash_facts(*, amount: Decimal, currency: str) -> Facts:
    """When `amount` leaves and arrives, and a warning if it overdraws the house account; nothing if nothing is paid."""
    if amount <= 0:
        return []
    warning = cash.warning(currency=currency, amount=amount)
    return [
        *([(_("House account"), warning)] if warning else []),
        *departure_facts(currency=currency, at=timezone.now()),
    ]


def departure_facts(*, currency: str, at: datetime) -> Facts:
    """When the bank of the house account carries out a file that is sent now, and when the money arrives at the latest.

    Nothing without a house account. It changes with the hour, and whoever has the page open reads it anew.
    """
    account = cash.default_account(currency=currency)
    if account is None:
        return []
    today, day = business_day(at), bank_days.execution_day(account, at)
    leaves = format_day(day)
    if because := bank_days.closed_because(account, today):
        leaves = _("%(leaves)s: today is no bank day of %(account)s, it is %(because)s") % {
            "leaves": leaves,
            "account": account,
            "because": because,
        }
    elif account.cut_off is not None:
        passed = _("has passed today") if day > today else _("is today's last moment for the file")
        leaves = _("%(leaves)s: the cut-off time of %(account)s, %(cut_off)s, %(passed)s") % {
            "leaves": leaves,
            "account": account,
            "cut_off": f"{account.cut_off:%H:%M}",
            "passed": passed,
        }
    arrives = format_day(bank_days.next_bank_day(account, day))
    return [(_("Leaves the house account"), leaves), (_("Arrives at the latest"), arrives)]


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
        return _("%(why)s Your confirmation requests it; it is done once somebody else approves.") % {"why": why}
    shown = f"{format_number(terms.dual_control_threshold, places=2)} {currency}"
    if lately:
        return _("Not needed below %(shown)s, counting the %(lately)s paid out within the last day.") % {
            "shown": shown,
            "lately": format_number(lately, places=2),
        }
    return _("Not needed below %(shown)s.") % {"shown": shown}


def debt_facts(*, out: Decimal, supplier: Supplier, currency: str, nets: bool) -> list[tuple[str, object]]:
    """What the supplier owes, and how much of `out` is deducted for it; nothing where it owes nothing."""
    owed = netting.debt(supplier_id=supplier.pk, currency=currency)
    if owed <= 0:
        return []
    deducted = min(out, owed)
    rule = _("deducted unless you choose otherwise") if nets else _("deducted only if you choose so")
    return [
        (_("The supplier owes infactor"), amount_text(owed, currency)),
        (_("Of which can be deducted now"), amount_text(deducted, currency)),
        (_("By the terms"), rule),
        (_("Paid out if it is deducted"), amount_text(out - deducted, currency)),
    ]


def money_day() -> date:
    """Today where infactor is: the day of money that moves now, wherever the supplier is."""
    return business_day(timezone.now())


def what_is_paid(*, out: Decimal, netted: Decimal, currency: str, supplier: Supplier) -> str:
    """What of `out` goes to the supplier, and what of it pays its debt, as a sentence; nothing of zero is said."""
    deducted, paid = format_amount(netted, currency), format_amount(out - netted, currency)
    if out <= 0:
        return _("Nothing is paid out.")
    if netted >= out:
        return _("Nothing is paid out: %(deducted)s pays what %(supplier)s owes.") % {
            "deducted": deducted,
            "supplier": supplier,
        }
    kept = _(" %(deducted)s is deducted for what it owes.") % {"deducted": deducted} if netted > 0 else ""
    return _("%(paid)s is paid to %(supplier)s.%(kept)s") % {"paid": paid, "supplier": supplier, "kept": kept}


def current_day(supplier: Supplier) -> date:
    """Today, in the time zone of the supplier."""
    return supplier_today(supplier=supplier, at=timezone.now())


def account_text(*, supplier: Supplier, currency: str) -> str:
    """The account that the supplier is paid to in `currency`, masked."""
    account = financing_status.payout_account(supplier=supplier, currency=currency)
    return f"{account.masked}, {account.bank_name}, {account.holder}" if account else _("no confirmed account")
