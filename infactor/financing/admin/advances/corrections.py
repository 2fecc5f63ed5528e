"""Staff's corrections of advances: take back what ended one, or a short payment."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.preview import Preview
from infactor.core.admin.tables import Table
from infactor.core.lists.cells import AmountText
from infactor.core.money import format_amount
from infactor.core.translatable import Text
from infactor.financing.admin.base.advance_decisions import AdvanceDecision
from infactor.financing.admin.base.decisions import FinancingPreview
from infactor.financing.admin.base.forms import SupplierReasonForm
from infactor.financing.admin.base.tables import ledger_table
from infactor.financing.advances import closing
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.corrections import advance_corrections
from infactor.financing.models import Advance, Approval, Correction
from infactor.ledger.models import Transaction

S = Advance.Status


class ShortPaymentChoiceForm(SupplierReasonForm):
    """Asks which accepted short payment is taken back, and why."""

    reference = forms.ChoiceField(label="Short payment")
    field_order = ("reference", "reason")

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reference"].choices = choices  # type: ignore[attr-defined]


class AdvanceCorrection(AdvanceDecision, FinancingPreview):
    """A correction of one advance. What would be posted is previewed; a large one waits for a second person."""

    permission = closing.SETTLE_ADVANCES
    needs_fresh_factor = True
    form_class: type[forms.Form] = SupplierReasonForm
    legend: Text = "The correction"

    def preview(self, form: Any) -> Preview:
        return Preview()

    def ask(self, kind: str, summary: str, amount: Any, arguments: dict[str, Any], *, done: str) -> str:
        request = ApprovalRequest(
            kind=kind,
            subject=self.row.ledger_owner,
            permission=self.permission,
            supplier=self.row.supplier,
            currency=self.row.currency,
            amount=amount,
            summary=summary,
            arguments={"advance": self.row.pk, **arguments},
        )
        return self.execute_or_request_approval(request, done=done)


class TakeBackView(AdvanceCorrection):
    """The settlement, repurchase or write-off that ended the advance was wrong."""

    what = ""
    status = ""

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        return row.status == cls.status

    def perform(self, form: Any) -> str:
        kind = advance_corrections.KIND_BY_STATUS[S(self.status)]
        return self.ask(
            Approval.Kind.CORRECTION,
            f"Take back the {self.what} of advance {self.row.pk}, invoice {self.row.invoice}",
            advance_corrections.closed_amount(advance=self.row),
            {"kind": kind, "reason": form.cleaned_data["reason"]},
            done=f"The {self.what} of advance {self.row.pk} is taken back.",
        )


class ReopenSettlementView(TakeBackView):
    name = "reopen"
    label = title = "Take back the settlement"
    button = "Take back"
    what, status = "settlement", S.SETTLED
    notes = (
        "The advance waits to be settled again. Until then the supplier owes the rebate that it was paid.",
        "What was deducted from the rebate is owed again.",
    )


class CancelRepurchaseView(TakeBackView):
    name = "cancel_repurchase"
    label = title = "Take back the repurchase"
    button = "Take back"
    what, status = "repurchase", S.REPURCHASED
    notes = (
        "The advance is outstanding again, and the buyer gets a new notice of assignment.",
        "What the supplier has paid for it already is held for the supplier.",
    )


class CancelWriteOffView(TakeBackView):
    name = "cancel_write_off"
    label = title = "Take back the write-off"
    button = "Take back"
    what, status = "write-off", S.WRITTEN_OFF
    notes = ("The advance is outstanding again. What was recovered since pays it.",)


class TakeBackShortPaymentView(AdvanceCorrection):
    """A short payment was accepted by mistake."""

    name = "cancel_short_payment"
    label = title = "Take back a short payment"
    button = "Take back"
    form_class = ShortPaymentChoiceForm
    notes = ("The buyer owes that amount again, and the reserve is held again.",)

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        possible = row.status in (S.FUNDED, S.CLOSED_SHORT)
        return possible and bool(advance_corrections.accepted_short_payments(advance=row))

    @classmethod
    def blocker_of(cls, row: Advance) -> str:
        possible = row.status in (S.FUNDED, S.CLOSED_SHORT)
        return "No short payment of it was accepted." if possible else super().blocker_of(row)

    def get_form_kwargs(self) -> dict[str, Any]:
        choices = [
            (one.reference, f"{format_amount(one.total, one.currency)}, short since {day_text(one.effective_date)}")
            for one in advance_corrections.accepted_short_payments(advance=self.row)
        ]
        return {**super().get_form_kwargs(), "choices": choices}

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        found = {one.reference: one for one in advance_corrections.accepted_short_payments(advance=self.row)}
        amount = found[data["reference"]].total
        return self.ask(
            Approval.Kind.CORRECTION,
            f"Take back a short payment of {format_amount(amount, self.row.currency)}, invoice {self.row.invoice}",
            amount,
            {"kind": Correction.Kind.SHORT_PAYMENT, "reference": data["reference"], "reason": data["reason"]},
            done=f"The short payment of advance {self.row.pk} is taken back.",
        )


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "made_at", "shown_of", "shown_amount", "change", "reason", "made_by", "approved_by")
    list_filter = ("kind", "currency")
    search_fields = ("=id", "reason", "change", "=collection__id", "=advance__id", "advance__invoice__invoice_no")
    search_help_text = "By number of the payment or advance, invoice, change or reason"
    date_hierarchy = "made_at"
    fields = ("kind", "shown_of", "shown_amount", "change", "reason", "made_by", "approved_by", "made_at")
    readonly_fields = ("shown_of", "shown_amount")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correction]:
        rows: QuerySet[Correction] = super().get_queryset(request)
        return rows.select_related("collection", "advance", "made_by", "approved_by")

    def related_tables(self, row: Correction) -> Sequence[Table]:
        written = Transaction.objects.filter(reference__in=row.references).prefetch_related("entries__account")
        return [ledger_table(written.order_by("pk"))]

    @admin.display(description="Of")
    def shown_of(self, correction: Correction) -> SafeString:
        subject = correction.collection or correction.advance
        return link(subject) if subject is not None else format_html("{}", "-")

    @admin.display(description="Amount", ordering="amount")
    def shown_amount(self, correction: Correction) -> AmountText:
        return amount_text(correction.amount, correction.currency)
