"""Staff's corrections of advances: take back what ended one, or a short payment."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.preview import Preview
from infactor.core.admin.tables import Facts, Table
from infactor.core.lists.cells import AmountText
from infactor.core.money import format_amount
from infactor.core.translatable import Text
from infactor.financing.admin.base.advance_decisions import AdvanceDecision
from infactor.financing.admin.base.decisions import FinancingPreview
from infactor.financing.admin.base.forms import SupplierReasonForm
from infactor.financing.admin.base.tables import ledger_table
from infactor.financing.advances import closing
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.corrections import advance_corrections, fundings
from infactor.financing.models import Advance, Approval, Correction
from infactor.ledger.models import Transaction

S = Advance.Status


class ShortPaymentChoiceForm(SupplierReasonForm):
    """Asks which accepted short payment is taken back, and why."""

    reference = forms.ChoiceField(label=gettext_lazy("Short payment"))
    field_order = ("reference", "reason")

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reference"].choices = choices  # type: ignore[attr-defined]


class AdvanceCorrection(AdvanceDecision, FinancingPreview):
    """A correction of one advance. What would be posted is previewed; a large one waits for a second person."""

    permission = closing.SETTLE_ADVANCES
    needs_fresh_factor = True
    form_class: type[forms.Form] = SupplierReasonForm
    legend: Text = gettext_lazy("The correction")

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

    what: Text = ""
    status = ""

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        return row.status == cls.status

    def perform(self, form: Any) -> str:
        kind = advance_corrections.KIND_BY_STATUS[S(self.status)]
        return self.ask(
            Approval.Kind.CORRECTION,
            _("Take back the %(what)s of advance %(number)s, invoice %(invoice)s")
            % {"what": self.what, "number": self.row.pk, "invoice": self.row.invoice},
            advance_corrections.closed_amount(advance=self.row),
            {"kind": kind, "reason": form.cleaned_data["reason"]},
            done=_("The %(what)s of advance %(number)s is taken back.") % {"what": self.what, "number": self.row.pk},
        )


class ReopenSettlementView(TakeBackView):
    name = "reopen"
    label = title = gettext_lazy("Take back the settlement")
    button = gettext_lazy("Take back")
    what, status = gettext_lazy("settlement"), S.SETTLED
    notes = (
        gettext_lazy(
            "The advance waits to be settled again. Until then the supplier owes the rebate that it was paid."
        ),
        gettext_lazy("What was deducted from the rebate is owed again."),
    )


class CancelRepurchaseView(TakeBackView):
    name = "cancel_repurchase"
    label = title = gettext_lazy("Take back the repurchase")
    button = gettext_lazy("Take back")
    what, status = gettext_lazy("repurchase"), S.REPURCHASED
    notes = (
        gettext_lazy("The advance is outstanding again, and the buyer gets a new notice of assignment."),
        gettext_lazy("What the supplier has paid for it already is held for the supplier."),
    )


class CancelWriteOffView(TakeBackView):
    name = "cancel_write_off"
    label = title = gettext_lazy("Take back the write-off")
    button = gettext_lazy("Take back")
    what, status = gettext_lazy("write-off"), S.WRITTEN_OFF
    notes = (gettext_lazy("The advance is outstanding again. What was recovered since pays it."),)


class TakeBackFundingView(AdvanceCorrection):
    """The advance was paid out, and its money never left: nothing was bought."""

    name = "take_back_funding"
    label = title = gettext_lazy("Take back the funding")
    button = gettext_lazy("Take back")
    notes = (
        gettext_lazy("Only while the money has not left: its payout is not sent, was stopped, or was returned."),
        gettext_lazy("The payout is cancelled. Reserve and limits are free, and no fee is charged."),
        gettext_lazy("The buyer is told to pay the supplier. The supplier can request the invoice again."),
    )

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        known = getattr(row, "has_unsent_payout", None)
        if known is None:
            known = fundings.is_unsent(fundings.payout_of(advance=row))
        return row.status == S.FUNDED and bool(known)

    @classmethod
    def blocker_of(cls, row: Advance) -> str:
        return fundings.blocker_of(advance=row, payout=fundings.payout_of(advance=row)) or super().blocker_of(row)

    def facts(self) -> Facts:
        payout = fundings.payout_of(advance=self.row)
        if payout is None:
            return super().facts()
        never_left = amount_text(payout.amount, payout.currency)
        return [
            *super().facts(),
            (_("Payout"), link(payout)),
            (_("Its status"), payout.get_status_display()),
            (_("Never left"), never_left),
        ]

    def perform(self, form: Any) -> str:
        return self.ask(
            Approval.Kind.CORRECTION,
            _("Take back the funding of advance %(number)s, invoice %(invoice)s")
            % {"number": self.row.pk, "invoice": self.row.invoice},
            self.row.amount,
            {"kind": Correction.Kind.FUNDING, "reason": form.cleaned_data["reason"]},
            done=_("The funding of advance %(number)s is taken back: invoice %(invoice)s was not bought.")
            % {"number": self.row.pk, "invoice": self.row.invoice},
        )


class TakeBackShortPaymentView(AdvanceCorrection):
    """A short payment was accepted by mistake."""

    name = "cancel_short_payment"
    label = title = gettext_lazy("Take back a short payment")
    button = gettext_lazy("Take back")
    form_class = ShortPaymentChoiceForm
    notes = (gettext_lazy("The buyer owes that amount again, and the reserve is held again."),)

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        possible = row.status in (S.FUNDED, S.CLOSED_SHORT)
        known = getattr(row, "has_short_payment", None)
        found = advance_corrections.accepted_short_payments(advance=row) if known is None else known
        return possible and bool(found)

    @classmethod
    def blocker_of(cls, row: Advance) -> str:
        possible = row.status in (S.FUNDED, S.CLOSED_SHORT)
        return _("No short payment of it was accepted.") if possible else super().blocker_of(row)

    def get_form_kwargs(self) -> dict[str, Any]:
        choices = [
            (
                one.reference,
                _("%(amount)s, short since %(day)s")
                % {"amount": format_amount(one.total, one.currency), "day": day_text(one.effective_date)},
            )
            for one in advance_corrections.accepted_short_payments(advance=self.row)
        ]
        return {**super().get_form_kwargs(), "choices": choices}

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        found = {one.reference: one for one in advance_corrections.accepted_short_payments(advance=self.row)}
        amount = found[data["reference"]].total
        return self.ask(
            Approval.Kind.CORRECTION,
            _("Take back a short payment of %(amount)s, invoice %(invoice)s")
            % {"amount": format_amount(amount, self.row.currency), "invoice": self.row.invoice},
            amount,
            {"kind": Correction.Kind.SHORT_PAYMENT, "reference": data["reference"], "reason": data["reason"]},
            done=_("The short payment of advance %(number)s is taken back.") % {"number": self.row.pk},
        )


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "made_at", "shown_of", "shown_amount", "change", "reason", "made_by", "approved_by")
    list_filter = ("kind", "currency")
    search_fields = ("=id", "reason", "change", "=collection__id", "=advance__id", "advance__invoice__invoice_no")
    search_help_text = gettext_lazy("By number of the payment or advance, invoice, change or reason")
    date_hierarchy = "made_at"
    fields = ("kind", "shown_of", "shown_amount", "change", "reason", "made_by", "approved_by", "made_at")
    readonly_fields = ("shown_of", "shown_amount")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correction]:
        rows: QuerySet[Correction] = super().get_queryset(request)
        return rows.select_related("collection", "advance", "made_by", "approved_by")

    def related_tables(self, row: Correction) -> Sequence[Table]:
        return [ledger_table(Transaction.objects.filter(reference__in=row.references))]

    @admin.display(description=gettext_lazy("Of"))
    def shown_of(self, correction: Correction) -> SafeString:
        subject = correction.collection or correction.advance
        return link(subject) if subject is not None else format_html("{}", "-")

    @admin.display(description=gettext_lazy("Amount"), ordering="amount")
    def shown_amount(self, correction: Correction) -> AmountText:
        return amount_text(correction.amount, correction.currency)
