"""The work queues of staff as data: the rows of each queue, the permission to work on it, and its page."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from infactor.core.business_day import business_day
from infactor.core.translatable import Text
from infactor.financing import dual_control
from infactor.financing.admin.queues import money_in, money_out
from infactor.financing.admin.queues.queue import Queue
from infactor.financing.advances import cases, closing, funding
from infactor.financing.collections import payments
from infactor.financing.models import (
    CLOSED_STATUSES,
    MAX_REMINDERS,
    Advance,
    Approval,
    Case,
    FinancingRequest,
    Notice,
    Offer,
    RequestLine,
)
from infactor.financing.notices.issuance import HANDLE_NOTICES, REMIND_AFTER
from infactor.financing.origination import offers
from infactor.invoices.models import DebtorSuggestion, VendorMatch
from infactor.suppliers import checks
from infactor.suppliers.models import AccountClosing, Application, BankAccount
from infactor.users.models import User
from infactor.verification.models import Verification

__all__ = ["QUEUES", "Queue", "every_queue", "register"]
EXPIRES_SOON = timedelta(days=3)
UNANSWERED_FOR = timedelta(days=30)


def _unanswered(by: User, at: datetime) -> "QuerySet[Verification]":
    """Verifications that expired lately, unless the invoice has a later one."""
    later = Verification.objects.filter(invoice=OuterRef("invoice"), pk__gt=OuterRef("pk"))
    rows = Verification.objects.filter(status=Verification.Status.EXPIRED, expires_at__gte=at - UNANSWERED_FOR)
    return rows.filter(~Exists(later))


def _unacknowledged(by: User, at: datetime) -> "QuerySet[Notice]":
    """Notices that the buyer did not acknowledge after the last reminder, while it still has to pay."""
    sent = Notice.objects.filter(status=Notice.Status.SENT, advance__status=Advance.Status.FUNDED)
    return sent.filter(reminders=MAX_REMINDERS, last_sent_at__lte=at - REMIND_AFTER)


def _open_cases(name: str, label: Text, permission: str, kind: str) -> Queue:
    """The queue of the open cases of a kind."""
    return Queue(
        name,
        label,
        permission,
        "financing_case_changelist",
        f"?open=yes&kind__exact={kind}",
        lambda by, at: Case.objects.filter(kind=kind, closed_at__isnull=True),
        "opened_at",
    )


_FURTHER: dict[str, Queue] = {}


def register(queue: Queue) -> None:
    """Add a queue of an app above this one, once by its name."""
    _FURTHER[queue.name] = queue


def every_queue() -> tuple[Queue, ...]:
    """The queues in their order, those of other apps last."""
    return (*QUEUES, *_FURTHER.values())


QUEUES: tuple[Queue, ...] = (
    Queue(
        "applications",
        _("Applications to decide"),
        "suppliers.decide_application",
        "suppliers_application_changelist",
        "?status__exact=submitted",
        lambda by, at: Application.objects.filter(status=Application.Status.SUBMITTED),
        "submitted_at",
    ),
    Queue(
        "on_hold",
        _("Applications on hold"),
        "suppliers.decide_application",
        "suppliers_application_changelist",
        "?status__exact=on_hold",
        lambda by, at: Application.objects.filter(status=Application.Status.ON_HOLD),
        "decided_at",
    ),
    Queue(
        "closings",
        _("Accounts to close"),
        "suppliers.release_supplier",
        "suppliers_accountclosing_changelist",
        "?status__exact=requested",
        lambda by, at: AccountClosing.objects.filter(status=AccountClosing.Status.REQUESTED),
        "requested_at",
    ),
    Queue(
        "accounts",
        _("Bank accounts to confirm"),
        "suppliers.confirm_bank_account",
        "suppliers_bankaccount_changelist",
        "?status__exact=waiting",
        lambda by, at: BankAccount.objects.filter(
            status=BankAccount.Status.WAITING,
            usable_from__lte=at,
            supplier__application__status=Application.Status.APPROVED,
        ),
        "usable_from",
    ),
    Queue(
        "suspended",
        _("Suspended bank accounts"),
        "suppliers.confirm_bank_account",
        "suppliers_bankaccount_changelist",
        "?status__exact=suspended",
        lambda by, at: BankAccount.objects.filter(status=BankAccount.Status.SUSPENDED),
        "suspended_at",
    ),
    Queue(
        "missing_checks",
        _("Checks missing of approved suppliers"),
        checks.RECORD_CHECKS,
        "suppliers_application_changelist",
        "?checks=missing",
        lambda by, at: checks.approved_without(),
        "decided_at",
    ),
    Queue(
        "expired_checks",
        _("Checks that have expired"),
        checks.RECORD_CHECKS,
        "suppliers_check_changelist",
        "?expiry=expired",
        lambda by, at: checks.expired(on=business_day(at)),
        "expires_on",
    ),
    Queue(
        "expiring_checks",
        _("Checks that expire within 30 days"),
        checks.RECORD_CHECKS,
        "suppliers_check_changelist",
        "?expiry=soon",
        lambda by, at: checks.expiring(on=business_day(at)),
        "made_on",
    ),
    Queue(
        "debtors",
        _("Possible duplicate buyers"),
        "invoices.join_debtors",
        "invoices_debtor_suggestions",
        "",
        lambda by, at: DebtorSuggestion.objects.filter(dismissed_at__isnull=True),
        "found_at",
    ),
    Queue(
        "vendors",
        _("Vendors that may be buyers"),
        "invoices.join_debtors",
        "invoices_vendormatch_changelist",
        "?state__exact=suggested",
        lambda by, at: VendorMatch.objects.filter(state=VendorMatch.State.SUGGESTED),
    ),
    Queue(
        "requests",
        _("Requests to price"),
        offers.PRICE_REQUESTS,
        "financing_financingrequest_changelist",
        "?waiting=yes",
        lambda by, at: FinancingRequest.objects.filter(
            Exists(RequestLine.objects.filter(request=OuterRef("pk"), status=RequestLine.Status.WAITING))
        ),
        "requested_at",
    ),
    Queue(
        "calls",
        _("Buyers to call: link expires soon"),
        "verification.record_answer",
        "verification_verification_changelist",
        "?status__exact=sent",
        lambda by, at: Verification.objects.filter(status=Verification.Status.SENT, expires_at__lte=at + EXPIRES_SOON),
        "sent_at",
    ),
    Queue(
        "unanswered",
        _("Buyers to call: no answer in time"),
        "verification.record_answer",
        "verification_verification_changelist",
        "?status__exact=expired",
        _unanswered,
        "sent_at",
    ),
    Queue(
        "offers",
        _("Open offers"),
        offers.PRICE_REQUESTS,
        "financing_offer_changelist",
        "?status=proposed",
        lambda by, at: Offer.objects.filter(status=Offer.Status.PROPOSED),
        "offered_at",
    ),
    Queue(
        "accepted",
        _("Accepted advances to pay out"),
        funding.FUND_ADVANCES,
        "financing_advance_changelist",
        "?status__exact=accepted",
        lambda by, at: Advance.objects.filter(status=Advance.Status.ACCEPTED),
        "accepted_at",
    ),
    Queue(
        "notices",
        _("Buyers to call: notice not acknowledged"),
        HANDLE_NOTICES,
        "financing_notice_changelist",
        f"?status__exact=sent&reminders__exact={MAX_REMINDERS}",
        _unacknowledged,
        "sent_at",
    ),
    *money_in.QUEUES,
    Queue(
        "collected",
        _("Collected advances to settle"),
        closing.SETTLE_ADVANCES,
        "financing_advance_changelist",
        "?status__in=collected,closed_short",
        lambda by, at: Advance.objects.filter(status__in=CLOSED_STATUSES),
        "collected_on",
    ),
    _open_cases("recourse", _("Advances past their recourse date"), closing.SETTLE_ADVANCES, Case.Kind.RECOURSE),
    _open_cases("disputes", _("Disputes to decide"), cases.RESOLVE_DISPUTES, Case.Kind.DISPUTE),
    _open_cases("misdirected", _("Payments that went to suppliers"), cases.RESOLVE_DISPUTES, Case.Kind.MISDIRECTED),
    _open_cases("changed", _("Changes after funding"), cases.RESOLVE_DISPUTES, Case.Kind.CHANGED),
    _open_cases("bankrupt", _("Advances of bankrupt buyers"), cases.RESOLVE_DISPUTES, Case.Kind.BANKRUPT),
    *money_out.QUEUES,
    Queue("payable", _("Surplus to remit"), funding.FUND_ADVANCES, "financing_payout_balances"),
    Queue("due", _("Owed by suppliers"), payments.RECORD_COLLECTIONS, "financing_payout_balances"),
    Queue(
        "approvals",
        _("Approvals to decide"),
        dual_control.APPROVE_MONEY_OUT,
        "financing_approval_changelist",
        "?waiting=yes",
        lambda by, at: Approval.objects.filter(decided_at__isnull=True).exclude(requested_by=by),
        "requested_at",
    ),
)
