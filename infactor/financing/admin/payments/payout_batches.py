"""Batches of payouts in admin: the file for the bank, and taking one back that the bank never got."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.banking import account_changes, payment_files
from infactor.banking.errors import BankingError
from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.formatting import amount_text, day_text, link, moment_text
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.search_words import SearchWords
from infactor.core.admin.tables import Facts, Table
from infactor.core.models import AuditEvent
from infactor.financing.admin.base.decisions import REFUSALS, FinancingDecision
from infactor.financing.admin.payments.payout_lists import payouts_table, with_accounts
from infactor.financing.admin.search import exact_batches
from infactor.financing.models import Payout, PayoutBatch
from infactor.financing.money_out import batches
from infactor.financing.payouts import PayoutError
from infactor.users.models import User

Status = PayoutBatch.Status
EVENTS = {
    "payoutbatch.made": gettext_lazy("Made"),
    "payoutbatch.file_written": gettext_lazy("File written"),
    "payoutbatch.downloaded": gettext_lazy("File downloaded"),
    "payoutbatch.status": gettext_lazy("Status changed"),
}


class BatchDecision(RowDecision, FinancingDecision):
    """A decision about one batch. Its file has full account numbers, so the second factor is asked for anew."""

    row: PayoutBatch
    permission = batches.EXPORT_PAYOUTS
    needs_fresh_factor = True
    refusals = (*REFUSALS, BankingError)
    possible: Sequence[str] = ()

    @classmethod
    def is_possible(cls, row: PayoutBatch) -> bool:
        return row.status in cls.possible

    def facts(self) -> Facts:
        row = self.row
        return [
            (_("Batch"), link(row)),
            (_("Paid from"), link(row.house_account)),
            (_("Format"), format_name(row)),
            (_("Payouts"), str(_payouts(row).count())),
            (_("Total"), amount_text(batches.sum_of(row), row.currency)),
        ]


class ExportView(BatchDecision):
    """Write the file for the bank; its payouts count as sent."""

    name = "export_file"
    label = title = gettext_lazy("Export the file")
    button = gettext_lazy("Export")
    possible = (Status.MADE,)
    notes = (
        gettext_lazy("Its payouts count as sent from now on, and the suppliers read that their money is on its way."),
        gettext_lazy(
            "It is refused while something blocks one of them: withdraw the batch, and make another without it."
        ),
        gettext_lazy("Download the file next, and give it to the bank. Each download is in the audit log."),
    )

    def tables(self) -> list[Table]:
        return [payouts_table(_payouts(self.row))]

    def perform(self, form: Any) -> str:
        done = batches.export(batch=self.row, by=self.user, at=timezone.now())
        return _("%(done)s is exported: %(count)s payouts, to be paid on %(execution_day)s.") % {
            "done": done,
            "count": done.count,
            "execution_day": day_text(done.execution_day),
        }


class DownloadView(BatchDecision):
    """Get the file that was exported."""

    name = "download"
    label = title = gettext_lazy("Download the file")
    button = gettext_lazy("Download")
    possible = (Status.EXPORTED,)

    @classmethod
    def is_possible(cls, row: PayoutBatch) -> bool:
        return super().is_possible(row) and row.reinstated_at is None

    notes = (
        gettext_lazy(
            "It has the full numbers of accounts. It is the same file each time; each download is in the audit log."
        ),
    )

    def facts(self) -> Facts:
        return [*super().facts(), (_("File"), self.row.file_name), ("SHA-256", self.row.digest)]

    def execute(self, form: Any) -> HttpResponse:
        try:
            file = batches.download(batch=self.row, by=self.user, at=timezone.now())
        except PayoutError as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        response = HttpResponse(file.content, content_type=file.content_type)
        response["Content-Disposition"] = f'attachment; filename="{file.name}"'
        response["Cache-Control"] = "no-store"
        return response

    def perform(self, form: Any) -> str:
        raise NotImplementedError("A download is its own answer.")


class WithdrawView(BatchDecision):
    """Take a batch back that the bank never got."""

    name = "withdraw"
    label = title = gettext_lazy("Withdraw the batch")
    button = gettext_lazy("Withdraw")
    possible = (Status.MADE, Status.EXPORTED)
    form_class = ReasonForm
    notes = (
        gettext_lazy(
            "Only if the bank never got the file: otherwise its payouts are paid twice when they are sent again."
        ),
        gettext_lazy("The payouts are approved again, and can be put into another batch. The file is deleted."),
    )

    def perform(self, form: Any) -> str:
        batches.withdraw(batch=self.row, reason=form.cleaned_data["reason"], by=self.user, at=timezone.now())
        return _("%(row)s is withdrawn. Its payouts are approved, and not sent.") % {"row": self.row}


class ReinstateView(BatchDecision):
    """The bank had the file of a batch that was withdrawn."""

    name = "reinstate"
    label = title = gettext_lazy("The bank had this file")
    button = gettext_lazy("Its payouts were sent")
    possible = (Status.WITHDRAWN,)
    form_class = ReasonForm
    notes = (
        gettext_lazy("Its payouts count as sent in this batch again, so that their debit can be matched."),
        gettext_lazy(
            "Not possible once one of them is in another batch: withdraw that batch first, if the bank "
            "does not have it."
        ),
        gettext_lazy("The file stays deleted. The suppliers read that their money is on its way after all."),
    )

    @classmethod
    def is_possible(cls, row: PayoutBatch) -> bool:
        return super().is_possible(row) and bool(row.exported_payouts)

    def tables(self) -> list[Table]:
        return [payouts_table(_payouts(self.row))]

    def perform(self, form: Any) -> str:
        batches.reinstate(batch=self.row, reason=form.cleaned_data["reason"], by=self.user, at=timezone.now())
        return _("%(row)s counts as exported again. Its payouts are sent.") % {"row": self.row}


@admin.register(PayoutBatch)
class PayoutBatchAdmin(DecisionAdmin):
    list_display = (
        "__str__",
        "house_account",
        "shown_format",
        "status",
        "total",
        "payout_count",
        "made_by",
        "made_at",
        "execution_day",
        "exported_by",
    )
    list_filter = ("status", "house_account", "format")
    list_select_related = ("house_account", "made_by", "exported_by")
    search_fields = ("=id",)
    search_help_text = gettext_lazy("By number, or by the name in the file (IFB)")
    date_hierarchy = "made_at"
    fields = (
        "house_account",
        "account_then",
        "shown_format",
        "status",
        "total",
        "payout_count",
        "batch_name",
        "made_by",
        "made_at",
        "execution_day",
        "exported_by",
        "exported_at",
        "file_name",
        "digest",
        "withdrawn_by",
        "withdrawn_at",
        "reason",
        "reinstated_at",
    )
    readonly_fields = ("account_then", "shown_format", "total", "payout_count", "batch_name")
    decisions = (ExportView, DownloadView, WithdrawView, ReinstateView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutBatch]:
        return super().get_queryset(request).defer("content")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PayoutBatch], search_term: str
    ) -> tuple[QuerySet[PayoutBatch], bool]:
        """By what names a batch in its file, too."""
        words = SearchWords.of(search_term)
        if words.number_after("IFB") is None:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(exact_batches(words)), False

    def related_tables(self, row: PayoutBatch) -> Sequence[Table]:
        return [payouts_table(_payouts(row), empty=_("There is nothing in it.")), _history_table(row)]

    @admin.display(description=gettext_lazy("Number in the file"))
    def account_then(self, batch: PayoutBatch) -> str:
        at = batch.exported_at or timezone.now()
        return account_changes.masked_number_at(account=batch.house_account, at=at)

    @admin.display(description=gettext_lazy("Format"), ordering="format")
    def shown_format(self, batch: PayoutBatch) -> str:
        return format_name(batch)

    @admin.display(description=gettext_lazy("Total"))
    def total(self, batch: PayoutBatch) -> SafeString:
        return amount_text(batches.sum_of(batch), batch.currency)

    @admin.display(description=gettext_lazy("Payouts"))
    def payout_count(self, batch: PayoutBatch) -> int:
        return batch.count or _payouts(batch).count()

    @admin.display(description=gettext_lazy("Named in the file as"))
    def batch_name(self, batch: PayoutBatch) -> str:
        return batch.batch_id


def format_name(batch: PayoutBatch) -> str:
    """The format of the file as its bank calls it."""
    return dict(payment_files.FORMATS).get(batch.format, batch.format)


def _payouts(batch: PayoutBatch) -> "QuerySet[Payout]":
    """The payouts of a batch; those that were in its file, where it is withdrawn."""
    rows = Payout.objects.filter(batch=batch)
    if batch.status == Status.WITHDRAWN:
        rows = Payout.objects.filter(pk__in=batch.exported_payouts)
    return with_accounts(rows).order_by("pk")


def _history_table(batch: PayoutBatch) -> Table:
    events = AuditEvent.objects.filter(subject_type=PayoutBatch._meta.label_lower, subject_id=str(batch.pk))
    rows = list(events.order_by("pk"))
    names = {one.pk: str(one) for one in User.objects.filter(pk__in={row.actor_id for row in rows})}
    return Table(
        _("History"),
        (_("When"), _("What"), _("By"), _("Reason")),
        [
            (
                moment_text(one.at),
                EVENTS.get(one.event, one.event),
                names.get(one.actor_id or 0, _("the system")),
                one.reason or "-",
            )
            for one in rows
        ],
    )
