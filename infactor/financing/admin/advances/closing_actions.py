"""Staff's decisions that close an advance: settlement, short payment, repurchase, write-off; and opening a dispute."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.formatting import amount_text
from infactor.core.admin.preview import Preview
from infactor.core.admin.tables import Facts
from infactor.core.money import format_amount
from infactor.financing.accounting import balances, payoff
from infactor.financing.admin.base.advance_decisions import AdvanceDecision
from infactor.financing.admin.base.decisions import FinancingPreview
from infactor.financing.admin.base.forms import SupplierReasonForm, ValueDateAndReasonForm
from infactor.financing.advances import cases, closing
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, Approval


class ShortPaymentForm(ValueDateAndReasonForm):
    """Asks by how much the payment is short, since when, and why."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        max_digits=18,
        decimal_places=2,
        help_text=gettext_lazy("By how much the payment is short, in the currency of the advance."),
    )
    field_order: Sequence[str] = ("amount", "value_date", "reason")


class FundedAdvanceDecision(AdvanceDecision):
    """A decision while the buyer still owes something."""

    permission = closing.SETTLE_ADVANCES
    needs_fresh_factor = True

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        return row.status == Advance.Status.FUNDED


class UnpaidAdvanceDecision(FundedAdvanceDecision):
    """A decision that nobody pays: refused from the beginning while its money has not left."""

    def blocker(self) -> str:
        return super().blocker() or payoff.money_left_blocker(advance=self.row)


class AcceptShortPaymentView(FundedAdvanceDecision):
    """The buyer pays less, and infactor accepts it."""

    name = "short_payment"
    label = title = button = gettext_lazy("Accept short payment")
    form_class = ShortPaymentForm
    notes = (
        gettext_lazy("The shortage is taken out of the reserve. What that does not cover the supplier owes."),
        gettext_lazy("An underwriter approves what the supplier would owe; a second person what is large."),
        gettext_lazy(
            "Where nothing is outstanding afterwards, the fee runs until the last payment, or until "
            "this day where later."
        ),
    )

    def perform(self, form: Any) -> str:
        advance, data = self.row, form.cleaned_data
        shortage = format_amount(data["amount"], advance.currency)
        request = ApprovalRequest(
            kind=Approval.Kind.SHORT,
            subject=advance.ledger_owner,
            permission=self.permission,
            supplier=advance.supplier,
            currency=advance.currency,
            amount=data["amount"],
            summary=_("Accept that the payment of invoice %(invoice)s is %(shortage)s short")
            % {"invoice": advance.invoice, "shortage": shortage},
            arguments={
                "advance": advance.pk,
                "amount": str(data["amount"]),
                "value_date": data["value_date"].isoformat(),
                "reason": data["reason"],
            },
        )
        done = _("The payment may be %(shortage)s short. An email tells %(supplier)s why.") % {
            "shortage": shortage,
            "supplier": advance.supplier,
        }
        return self.execute_or_request_approval(request, done=done)


class RepurchaseView(UnpaidAdvanceDecision, FinancingPreview):
    """The supplier buys the invoice back: it owes the price from then on."""

    name = "repurchase"
    label = title = gettext_lazy("Demand a repurchase")
    button = gettext_lazy("Demand")
    legend = gettext_lazy("From when the supplier owes it")
    form_class = ValueDateAndReasonForm

    def preview(self, form: Any) -> Preview:
        quote = payoff.quote_repurchase(advance=self.row, on=form.cleaned_data["value_date"])
        currency = self.row.currency
        return Preview(
            facts=(
                (_("Outstanding"), amount_text(quote.outstanding.receivable, currency)),
                (_("Fee"), quote.fee.formula),
                (_("Reserve, due to the supplier"), amount_text(quote.outstanding.reserve, currency)),
                (_("Repurchase price"), amount_text(quote.payment, currency)),
            ),
            notes=(
                _("No money moves: the supplier owes this amount. Match its payment to what it owes when it comes."),
                _("Where the terms allow it, it is deducted from what the supplier is paid next."),
                _("The buyer is released: it is told to pay the supplier."),
            ),
        )

    def perform(self, form: Any) -> str:
        advance, data = self.row, form.cleaned_data
        price = payoff.quote_repurchase(advance=advance, on=data["value_date"]).payment
        request = ApprovalRequest(
            kind=Approval.Kind.REPURCHASE,
            subject=advance.ledger_owner,
            permission=self.permission,
            supplier=advance.supplier,
            currency=advance.currency,
            amount=price,
            summary=_("Demand %(price)s for the repurchase of invoice %(invoice)s")
            % {"price": format_amount(price, advance.currency), "invoice": advance.invoice},
            arguments={
                "advance": advance.pk,
                "value_date": data["value_date"].isoformat(),
                "reason": data["reason"],
            },
        )
        done = _("%(supplier)s owes %(price)s for invoice %(invoice)s.") % {
            "supplier": advance.supplier,
            "price": format_amount(price, advance.currency),
            "invoice": advance.invoice,
        }
        return self.execute_or_request_approval(request, done=done)


class WriteOffView(UnpaidAdvanceDecision):
    """Nobody will pay: what the reserve does not cover is a loss."""

    name = "write_off"
    label = title = button = gettext_lazy("Write off")
    form_class = ValueDateAndReasonForm
    notes = (
        gettext_lazy("The reserve is used first; the rest is a loss. Later payments are recorded as recoveries."),
        gettext_lazy(
            "infactor still owns the invoice: the buyer's notice of assignment stays valid until you release the buyer."
        ),
    )

    @cached_property
    def outstanding(self) -> balances.Outstanding:
        return balances.outstanding(advance=self.row)

    def facts(self) -> Facts:
        return [
            *super().facts(),
            (_("Loss to infactor"), self._loss_text()),
            (_("Second person"), self.dual_control_text(self.outstanding.receivable, is_payout=False)),
        ]

    def _loss_text(self) -> SafeString | str:
        receivable, reserve = self.outstanding.receivable, self.outstanding.reserve
        if receivable <= reserve:
            return _("none: the reserve covers it. Accept the short payment and settle instead.")
        return amount_text(receivable - reserve, self.row.currency)

    def perform(self, form: Any) -> str:
        advance, data = self.row, form.cleaned_data
        receivable = format_amount(self.outstanding.receivable, advance.currency)
        request = ApprovalRequest(
            kind=Approval.Kind.WRITE_OFF,
            subject=advance.ledger_owner,
            permission=self.permission,
            supplier=advance.supplier,
            currency=advance.currency,
            amount=self.outstanding.receivable,
            summary=_("Write off %(receivable)s of %(supplier)s, invoice %(invoice)s")
            % {"receivable": receivable, "supplier": advance.supplier, "invoice": advance.invoice},
            arguments={
                "advance": advance.pk,
                "value_date": data["value_date"].isoformat(),
                "reason": data["reason"],
            },
        )
        return self.execute_or_request_approval(request, done=_("Advance %(pk)s is written off.") % {"pk": advance.pk})


class OpenDisputeView(AdvanceDecision):
    """Somebody disputes the invoice."""

    name = "dispute"
    label = title = button = gettext_lazy("Open a dispute")
    permission = cases.RESOLVE_DISPUTES
    form_class = SupplierReasonForm

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        return row.status in OUTSTANDING_STATUSES

    def perform(self, form: Any) -> str:
        cases.open_dispute(advance=self.row, by=self.user, at=timezone.now(), reason=form.cleaned_data["reason"])
        return _("The dispute is open. It holds the reserve until it is closed.")
