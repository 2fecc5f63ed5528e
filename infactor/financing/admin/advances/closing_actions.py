"""Staff's decisions that close an advance: settlement, short payment, repurchase, write-off; and opening a dispute."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.safestring import SafeString

from infactor.core.admin.formatting import amount_text, day_text
from infactor.core.admin.preview import Preview
from infactor.core.admin.tables import Facts
from infactor.core.money import format_amount
from infactor.financing.accounting import balances, payoff
from infactor.financing.admin.base.advance_decisions import AdvanceDecision
from infactor.financing.admin.base.decisions import FinancingPreview
from infactor.financing.admin.base.forms import SupplierReasonForm, ValueDateAndReasonForm, ValueDateForm
from infactor.financing.advances import cases, closing
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.models import CLOSED_STATUSES, OUTSTANDING_STATUSES, Advance, Approval


class ShortPaymentForm(ValueDateAndReasonForm):
    """Asks by how much the payment is short, since when, and why."""

    amount = forms.DecimalField(
        max_digits=18, decimal_places=2, help_text="By how much the payment is short, in the currency of the advance."
    )
    field_order: Sequence[str] = ("amount", "value_date", "reason")


class SetOffForm(ValueDateForm):
    """Asks for the day, and whether the supplier's debt is set off."""

    sets_off = forms.BooleanField(
        required=False,
        label="Set off what the supplier owes infactor",
        help_text="Chosen already where the terms of the advance allow it.",
    )


class FundedAdvanceDecision(AdvanceDecision):
    """A decision while the buyer still owes something."""

    permission = closing.SETTLE_ADVANCES
    needs_fresh_factor = True

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        return row.status == Advance.Status.FUNDED


class SettleView(AdvanceDecision):
    """The buyer has paid: charge the fee, and release the rest of the reserve to the supplier."""

    name = "settle"
    label = title = button = "Settle"
    permission = closing.SETTLE_ADVANCES
    needs_fresh_factor = True
    notes = ("A settlement is refused while a dispute is open: it holds the reserve.",)

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        return row.status in CLOSED_STATUSES

    def blocker(self) -> str:
        if self.row.status == Advance.Status.FUNDED:
            return "The buyer has not paid it in full yet."
        if blocker := super().blocker():
            return blocker
        try:
            self.settlement  # noqa: B018  computed once, here
        except payoff.PayoffError as error:
            return str(error)
        return ""

    @cached_property
    def settlement(self) -> payoff.Settlement:
        """As it is by default: with what the terms let be set off."""
        return payoff.quote_settlement(advance=self.row)

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "sets_off": self.row.terms.nets_from_rebates}

    def get_form_class(self) -> type[forms.Form]:
        return SetOffForm if self.settlement.max_set_off else ValueDateForm

    def facts(self) -> Facts:
        currency, settlement = self.row.currency, self.settlement
        rebate = settlement.rebate + settlement.set_off - settlement.owed
        return [
            *super().facts(),
            ("Buyer paid on", day_text(self.row.collected_on)),
            ("Days charged", settlement.fee.days),
            ("Fee", settlement.fee.formula),
            (
                "Rebate = reserve less fee",
                f"{settlement.reserve:,.2f} - {settlement.fee.amount:,.2f} = {rebate:,.2f} {currency}",
            ),
            ("Paid to the supplier now", amount_text(settlement.rebate, currency)),
            ("Owed by the supplier instead", amount_text(settlement.owed, currency)),
            *self._debt_facts(),
            ("To the account", self.account_text() if settlement.rebate else "nothing is paid out"),
            *self.cash_facts(settlement.rebate),
            ("Second person", self.dual_control_text(settlement.rebate)),
        ]

    def _debt_facts(self) -> Facts:
        """What the supplier owes from before, and how much of it can be set off now."""
        if not self.settlement.owed_before:
            return []
        return [
            ("The supplier owes infactor", amount_text(self.settlement.owed_before, self.row.currency)),
            ("Of which can be set off now", amount_text(self.settlement.max_set_off, self.row.currency)),
        ]

    def perform(self, form: Any) -> str:
        advance, data = self.row, form.cleaned_data
        sets_off = data.get("sets_off")
        quote = payoff.quote_settlement(advance=advance, with_set_off=sets_off)
        amount = quote.rebate
        request = ApprovalRequest(
            kind=Approval.Kind.SETTLE,
            subject=advance.ledger_owner,
            permission=self.permission,
            supplier=advance.supplier,
            currency=advance.currency,
            amount=amount,
            summary=f"Settle advance {advance.pk}. {_what_moves(quote, advance)}",
            arguments={"advance": advance.pk, "value_date": data["value_date"].isoformat(), "nets": sets_off},
        )
        done = f"Advance {advance.pk} is settled. {_what_moves(quote, advance)}"
        return self.execute_or_request_approval(request, done=done)


def _what_moves(quote: payoff.Settlement, advance: Advance) -> str:
    """What a settlement pays, takes or leaves owing, as a sentence."""
    if quote.rebate > 0:
        return f"{format_amount(quote.rebate, advance.currency)} is paid to {advance.supplier}."
    if quote.owed > 0:
        return f"Nothing is paid out: {advance.supplier} owes {format_amount(quote.owed, advance.currency)}."
    return "Nothing is paid out."


class AcceptShortPaymentView(FundedAdvanceDecision):
    """The buyer pays less, and infactor accepts it."""

    name = "short_payment"
    label = title = button = "Accept short payment"
    form_class = ShortPaymentForm
    notes = (
        "The shortage is taken out of the reserve. What that does not cover the supplier owes.",
        "An underwriter approves what the supplier would owe; a second person what is large.",
        "Where nothing is outstanding afterwards, the fee runs until the last payment, or until this day where later.",
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
            summary=f"Accept that the payment of invoice {advance.invoice} is {shortage} short",
            arguments={
                "advance": advance.pk,
                "amount": str(data["amount"]),
                "value_date": data["value_date"].isoformat(),
                "reason": data["reason"],
            },
        )
        done = f"The payment may be {shortage} short. An e-mail tells {advance.supplier} why."
        return self.execute_or_request_approval(request, done=done)


class RepurchaseView(FundedAdvanceDecision, FinancingPreview):
    """The supplier buys the invoice back: it owes the price from then on."""

    name = "repurchase"
    label = title = "Demand a repurchase"
    button = "Demand"
    legend = "From when the supplier owes it"
    form_class = ValueDateAndReasonForm

    def preview(self, form: Any) -> Preview:
        quote = payoff.quote_repurchase(advance=self.row, on=form.cleaned_data["value_date"])
        currency = self.row.currency
        return Preview(
            facts=(
                ("Outstanding", amount_text(quote.outstanding.receivable, currency)),
                ("Fee", quote.fee.formula),
                ("Reserve, due to the supplier", amount_text(quote.outstanding.reserve, currency)),
                ("Repurchase price", amount_text(quote.payment, currency)),
            ),
            notes=(
                "No money moves: the supplier owes this amount. Match its payment to what it owes when it comes.",
                "Where the terms allow it, it is deducted from what the supplier is paid next.",
                "The buyer is released: it is told to pay the supplier.",
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
            summary=f"Demand {format_amount(price, advance.currency)} for the repurchase of invoice {advance.invoice}",
            arguments={
                "advance": advance.pk,
                "value_date": data["value_date"].isoformat(),
                "reason": data["reason"],
            },
        )
        done = f"{advance.supplier} owes {format_amount(price, advance.currency)} for invoice {advance.invoice}."
        return self.execute_or_request_approval(request, done=done)


class WriteOffView(FundedAdvanceDecision):
    """Nobody will pay: what the reserve does not cover is a loss."""

    name = "write_off"
    label = title = button = "Write off"
    form_class = ValueDateAndReasonForm
    notes = (
        "The reserve is used first; the rest is a loss. Later payments are recorded as recoveries.",
        "infactor still owns the invoice: the buyer's notice of assignment stays valid until you release the buyer.",
    )

    @cached_property
    def outstanding(self) -> balances.Outstanding:
        return balances.outstanding(advance=self.row)

    def facts(self) -> Facts:
        return [
            *super().facts(),
            ("Loss to infactor", self._loss_text()),
            ("Second person", self.dual_control_text(self.outstanding.receivable, is_payout=False)),
        ]

    def _loss_text(self) -> SafeString | str:
        receivable, reserve = self.outstanding.receivable, self.outstanding.reserve
        if receivable <= reserve:
            return "none: the reserve covers it. Accept the short payment and settle instead."
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
            summary=f"Write off {receivable} of {advance.supplier}, invoice {advance.invoice}",
            arguments={
                "advance": advance.pk,
                "value_date": data["value_date"].isoformat(),
                "reason": data["reason"],
            },
        )
        return self.execute_or_request_approval(request, done=f"Advance {advance.pk} is written off.")


class OpenDisputeView(AdvanceDecision):
    """Somebody disputes the invoice."""

    name = "dispute"
    label = title = button = "Open a dispute"
    permission = cases.RESOLVE_DISPUTES
    form_class = SupplierReasonForm

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        return row.status in OUTSTANDING_STATUSES

    def perform(self, form: Any) -> str:
        cases.open_dispute(advance=self.row, by=self.user, at=timezone.now(), reason=form.cleaned_data["reason"])
        return "The dispute is open. It holds the reserve until it is closed."
