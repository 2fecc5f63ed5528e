"""The queues of staff as data: what stands in each, whose work it is, and where it leads; counted in one query."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    DateTimeField,
    Exists,
    F,
    IntegerField,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast

from infactor.financing import dual_control
from infactor.financing.admin.payments.collections import with_unmatched
from infactor.financing.admin.payments.supplier_balances import Held, balances_of_suppliers
from infactor.financing.advances import closing, funding
from infactor.financing.collections import payments
from infactor.financing.models import (
    Advance,
    Approval,
    Case,
    Collection,
    Disbursement,
    FinancingRequest,
    Offer,
    RequestLine,
)
from infactor.financing.origination import offers
from infactor.invoices.models import DebtorProposal
from infactor.ledger.models import Purpose
from infactor.suppliers.models import Application, BankAccount
from infactor.users.models import User
from infactor.verification.models import Verification

SOON = timedelta(days=3)
RECENT = timedelta(days=30)
Rows = Callable[[User, datetime], "QuerySet[Any]"]


class CountOf(Subquery):
    """How many rows a query has."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


class OldestOf(Subquery):
    """Since when the oldest row of a query waits."""

    template = "(SELECT min(since) FROM (%(subquery)s) AS counted)"
    output_field = DateTimeField()


@dataclass(frozen=True)
class Queue:
    """One queue: what stands in it (None: `held` counts it), and since when each waits."""

    name: str
    label: str
    permission: str
    address: str
    query: str = ""
    rows: Rows | None = None
    since: str = "created_at"
    more: tuple[tuple[str, str], ...] = ()


def _unanswered(by: User, at: datetime) -> "QuerySet[Verification]":
    """Questions of late that ran out, of invoices about which nobody was asked again."""
    later = Verification.objects.filter(invoice=OuterRef("invoice"), pk__gt=OuterRef("pk"))
    rows = Verification.objects.filter(status=Verification.Status.EXPIRED, expires_at__gte=at - RECENT)
    return rows.filter(~Exists(later))


QUEUES: tuple[Queue, ...] = (
    Queue(
        "applications",
        "Applications to decide",
        "suppliers.decide_application",
        "suppliers_application_changelist",
        "?status__exact=submitted",
        lambda by, at: Application.objects.filter(status=Application.Status.SUBMITTED),
        "submitted_at",
    ),
    Queue(
        "held",
        "Applications on hold",
        "suppliers.decide_application",
        "suppliers_application_changelist",
        "?status__exact=on_hold",
        lambda by, at: Application.objects.filter(status=Application.Status.ON_HOLD),
        "decided_at",
    ),
    Queue(
        "accounts",
        "Bank accounts to confirm",
        "suppliers.confirm_bank_account",
        "suppliers_bankaccount_changelist",
        "?status__exact=waiting",
        lambda by, at: BankAccount.objects.filter(status=BankAccount.Status.WAITING, usable_from__lte=at),
        "usable_from",
    ),
    Queue(
        "debtors",
        "Buyers that may be one company",
        "invoices.join_debtors",
        "invoices_debtor_proposed",
        "",
        lambda by, at: DebtorProposal.objects.filter(dismissed_at__isnull=True),
        "found_at",
    ),
    Queue(
        "requests",
        "Requests to price",
        offers.PRICE,
        "financing_financingrequest_changelist",
        "?waiting=yes",
        lambda by, at: FinancingRequest.objects.filter(
            Exists(RequestLine.objects.filter(request=OuterRef("pk"), status=RequestLine.Status.WAITING))
        ),
        "requested_at",
    ),
    Queue(
        "calls",
        "Buyers to call: the link expires soon",
        "verification.record_answer",
        "verification_verification_changelist",
        "?status__exact=sent",
        lambda by, at: Verification.objects.filter(status=Verification.Status.SENT, expires_at__lte=at + SOON),
        "sent_at",
    ),
    Queue(
        "unanswered",
        "Buyers to call: not answered in time",
        "verification.record_answer",
        "verification_verification_changelist",
        "?status__exact=expired",
        _unanswered,
        "sent_at",
    ),
    Queue(
        "offers",
        "Offers open",
        offers.PRICE,
        "financing_offer_changelist",
        "?status=proposed",
        lambda by, at: Offer.objects.filter(status=Offer.Status.PROPOSED),
        "offered_at",
    ),
    Queue(
        "accepted",
        "Accepted, to be paid out",
        funding.FUND,
        "financing_advance_changelist",
        "?status__exact=accepted",
        lambda by, at: Advance.objects.filter(status=Advance.Status.ACCEPTED),
        "accepted_at",
    ),
    Queue(
        "unmatched",
        "Payments to match",
        payments.RECORD,
        "financing_collection_changelist",
        "?unmatched=yes",
        lambda by, at: with_unmatched(Collection.objects.all()).filter(free__gt=0),
        "recorded_at",
        (
            ("Record a payment", "financing_collection_record"),
            ("Import a file", "financing_collection_import"),
        ),
    ),
    Queue(
        "collected",
        "Buyer paid, to be settled",
        closing.SETTLE,
        "financing_advance_changelist",
        "?status__exact=collected",
        lambda by, at: Advance.objects.filter(status=Advance.Status.COLLECTED),
        "collected_on",
    ),
    Queue(
        "recourse",
        "Recourse date reached",
        closing.SETTLE,
        "financing_case_changelist",
        "?open=yes&kind__exact=recourse",
        lambda by, at: Case.objects.filter(kind=Case.Kind.RECOURSE, closed_at__isnull=True),
        "opened_at",
    ),
    Queue(
        "disputes",
        "Disputes to decide",
        "financing.judge_disputes",
        "financing_case_changelist",
        "?open=yes&kind__exact=dispute",
        lambda by, at: Case.objects.filter(kind=Case.Kind.DISPUTE, closed_at__isnull=True),
        "opened_at",
    ),
    Queue(
        "failed",
        "Payouts that failed",
        funding.FUND,
        "financing_disbursement_changelist",
        "?status__exact=failed",
        lambda by, at: Disbursement.objects.filter(status=Disbursement.Status.FAILED),
        "sent_at",
    ),
    Queue("payable", "Money to pass on to suppliers", funding.FUND, "financing_disbursement_held"),
    Queue("due", "Owed by suppliers", payments.RECORD, "financing_disbursement_held"),
    Queue(
        "approvals",
        "To be approved by a second person",
        dual_control.APPROVE,
        "financing_approval_changelist",
        "?waiting=yes",
        lambda by, at: Approval.objects.filter(decided_at__isnull=True).exclude(asked_by=by),
        "asked_at",
    ),
)


def count(*, by: User, at: datetime) -> Mapping[str, Any]:
    """How many stand in each queue by its name, and since when the first of them; all in one query."""
    asked: dict[str, Any] = {}
    for queue in QUEUES:
        if queue.rows is None:
            continue
        rows: QuerySet[Model] = queue.rows(by, at).order_by()
        since = rows.annotate(since=Cast(F(queue.since), DateTimeField())).values("since")
        asked[queue.name] = CountOf(rows.annotate(one=Value(1)).values("one"))
        asked[f"{queue.name}_since"] = OldestOf(since)
    found: Mapping[str, Any] = User.objects.filter(pk=by.pk).values(**asked).get()
    return found


def held() -> dict[str, list[Held]]:
    """What waits on the accounts of suppliers, in the two queues that are about them; a query each."""
    return {
        "payable": balances_of_suppliers(purpose=Purpose.PAYABLE_TO_SUPPLIER),
        "due": balances_of_suppliers(purpose=Purpose.DUE_FROM_SUPPLIER),
    }


def sums(*, held: Mapping[str, Sequence[Held]]) -> dict[str, list[tuple[str, Decimal]]]:
    """How much money waits in the queues that hold any, by currency, as [(currency, amount)]."""
    waiting = RequestLine.objects.filter(status=RequestLine.Status.WAITING).order_by("request__currency")
    rows = Advance.objects.filter(status__in=("accepted", "collected")).order_by("currency")
    found: dict[str, list[tuple[str, Decimal]]] = {"accepted": [], "collected": []}
    for status, currency, amount in rows.values_list("status", "currency").annotate(Sum("amount")):
        found[status].append((currency, amount))
    found["requests"] = list(waiting.values_list("request__currency").annotate(Sum("base")))
    free = with_unmatched(Collection.objects.all()).filter(free__gt=0).order_by("currency")
    found["unmatched"] = list(free.values_list("currency").annotate(Sum("free")))
    failed = Disbursement.objects.filter(status=Disbursement.Status.FAILED).order_by("currency")
    found["failed"] = list(failed.values_list("currency").annotate(Sum("amount")))
    for name, balances in held.items():
        together: dict[str, Decimal] = {}
        for one in balances:
            together[one.currency] = together.get(one.currency, Decimal(0)) + one.amount
        found[name] = list(together.items())
    return found
