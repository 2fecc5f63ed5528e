"""The work queues of money out: each state of a payout that somebody has to do something about."""

from django.utils.translation import gettext_lazy as _

from infactor.financing import dual_control, payouts
from infactor.financing.admin.queues.queue import Queue
from infactor.financing.collections import payments
from infactor.financing.corrections import payee_accounts
from infactor.financing.models import NOT_ARRIVED, Payout
from infactor.financing.money_out import batches

QUEUES: tuple[Queue, ...] = (
    Queue(
        "payee_accounts",
        _("Accounts of payers to confirm"),
        payee_accounts.CONFIRM,
        "financing_payeeaccount_changelist",
        "?waiting=yes",
        lambda by, at: payee_accounts.awaited().exclude(entered_by=by).exclude(changed_by=by),
        "entered_at",
    ),
    Queue(
        "to_approve",
        _("Payouts to approve"),
        dual_control.APPROVE_MONEY_OUT,
        "financing_payout_changelist",
        "?status__exact=prepared",
        lambda by, at: Payout.objects.filter(status=Payout.Status.PREPARED).exclude(prepared_by=by),
        "prepared_at",
    ),
    Queue(
        "to_send",
        _("Payouts to send"),
        batches.EXPORT_PAYOUTS,
        "financing_payout_changelist",
        "?status__exact=approved",
        lambda by, at: Payout.objects.filter(status=Payout.Status.APPROVED),
        "approved_at",
        ((_("Batches"), "financing_payoutbatch_changelist"),),
    ),
    Queue(
        "sent",
        _("Sent, not confirmed"),
        payments.RECORD_COLLECTIONS,
        "financing_payout_changelist",
        "?status__exact=sent",
        lambda by, at: Payout.objects.filter(status=Payout.Status.SENT),
        "batch__exported_at",
    ),
    Queue(
        "returned",
        _("Returned payouts"),
        payouts.PREPARE_PAYOUTS,
        "financing_payout_changelist",
        "?status__in=returned,stopped",
        lambda by, at: Payout.objects.filter(status__in=NOT_ARRIVED),
        "updated_at",
    ),
)
