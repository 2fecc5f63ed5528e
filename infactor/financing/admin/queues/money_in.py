"""The work queues about money that comes in: lines of statements, payments, and what suppliers say that they sent."""

from django.utils.translation import gettext_lazy as _

from infactor.banking import cash, movements
from infactor.banking.account_changes import waiting
from infactor.banking.models import HouseAccount, StatementLine
from infactor.financing.admin.payments.collections import with_unallocated
from infactor.financing.admin.queues.queue import Queue
from infactor.financing.collections import payments
from infactor.financing.models import Collection, SentPayment

QUEUES: tuple[Queue, ...] = (
    Queue(
        "lines",
        _("Statement lines to match"),
        payments.RECORD_COLLECTIONS,
        "banking_statementline_matching",
        "",
        lambda by, at: StatementLine.objects.filter(status=StatementLine.Status.WAITING),
        "created_at",
    ),
    Queue(
        "debits",
        _("Debits to explain"),
        payments.RECORD_COLLECTIONS,
        "banking_statementline_changelist",
        "?status__exact=debit",
        lambda by, at: StatementLine.objects.filter(status=StatementLine.Status.DEBIT),
        "created_at",
    ),
    Queue(
        "overdrawn",
        _("House accounts below zero"),
        movements.KEEP_HOUSE_ACCOUNTS,
        "banking_houseaccount_changelist",
        "?overdrawn=yes",
        lambda by, at: cash.with_balances(HouseAccount.objects.all()).filter(book_balance__lt=0),
        "updated_at",
    ),
    Queue(
        "house_account_changes",
        _("Changes of house accounts to confirm"),
        movements.KEEP_HOUSE_ACCOUNTS,
        "banking_houseaccount_changelist",
        "?waiting=yes",
        lambda by, at: waiting(HouseAccount.objects.all()),
        "updated_at",
    ),
    Queue(
        "unmatched",
        _("Payments to match"),
        payments.RECORD_COLLECTIONS,
        "financing_collection_changelist",
        "?unmatched=yes",
        lambda by, at: with_unallocated(Collection.objects.all()).filter(unallocated__gt=0),
        "recorded_at",
        (
            (_("Record a payment"), "financing_collection_record"),
            (_("Import a statement"), "banking_statementfile_import"),
        ),
    ),
    Queue(
        "sent_payments",
        _("Payments that suppliers say they sent"),
        payments.RECORD_COLLECTIONS,
        "financing_sentpayment_changelist",
        "?open=yes",
        lambda by, at: SentPayment.objects.filter(ended_at__isnull=True),
        "said_at",
    ),
)
