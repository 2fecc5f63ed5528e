"""Settling an advance whose buyer has paid."""

from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.formatting import amount_text, day_text
from infactor.core.admin.tables import Facts, Table
from infactor.core.money import format_amount, format_number
from infactor.financing import holds
from infactor.financing.accounting import payoff
from infactor.financing.admin.base.advance_decisions import AdvanceDecision
from infactor.financing.admin.base.background import advances_background
from infactor.financing.admin.base.decisions import what_is_paid
from infactor.financing.admin.base.forms import ValueDateForm
from infactor.financing.advances import closing
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.models import CLOSED_STATUSES, Advance, Approval


class SetOffForm(ValueDateForm):
    """Asks for the day, and whether the supplier's debt is set off."""

    sets_off = forms.BooleanField(
        required=False,
        label=gettext_lazy("Set off what the supplier owes infactor"),
        help_text=gettext_lazy("Chosen already where the terms of the advance allow it."),
    )


class SettleView(AdvanceDecision):
    """The buyer has paid: charge the fee, and release the rest of the reserve to the supplier."""

    name = "settle"
    label = title = button = gettext_lazy("Settle")
    permission = closing.SETTLE_ADVANCES
    needs_fresh_factor = True
    notes = (gettext_lazy("A settlement is refused while a dispute is open: it holds the reserve."),)

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        return row.status in CLOSED_STATUSES

    @classmethod
    def blocker_of(cls, row: Advance) -> str:
        unpaid = row.status == Advance.Status.FUNDED
        return _("The buyer has not paid it in full yet.") if unpaid else super().blocker_of(row)

    def blocker(self) -> str:
        if blocker := super().blocker() or holds.hold_reason(advance=self.row):
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
        shown = (settlement.reserve, settlement.fee.amount, rebate)
        reserve, fee, left = (format_number(amount, places=2) for amount in shown)
        return [
            *super().facts(),
            (_("Buyer paid on"), day_text(self.row.collected_on)),
            (_("Days charged"), settlement.fee.days),
            (_("Fee"), settlement.fee.formula),
            (
                _("Rebate = reserve less fee"),
                f"{reserve} - {fee} = {left} {currency}",
            ),
            *([(_("Paid to the supplier now"), amount_text(settlement.rebate, currency))] if settlement.rebate else []),
            *([(_("Owed by the supplier instead"), amount_text(settlement.owed, currency))] if settlement.owed else []),
            *self._debt_facts(),
            (_("To the account"), self.account_text() if settlement.rebate else _("nothing is paid out")),
            *self.cash_facts(settlement.rebate),
            (_("Second person"), self.dual_control_text(settlement.rebate)),
        ]

    def tables(self) -> list[Table]:
        return advances_background([self.row])

    def _debt_facts(self) -> Facts:
        """What the supplier owes from before, and how much of it can be set off now."""
        if not self.settlement.owed_before:
            return []
        return [
            (_("The supplier owes infactor"), amount_text(self.settlement.owed_before, self.row.currency)),
            (_("Of which can be set off now"), amount_text(self.settlement.max_set_off, self.row.currency)),
        ]

    def perform(self, form: Any) -> str:
        advance, data = self.row, form.cleaned_data
        sets_off = data.get("sets_off")
        quote = payoff.quote_settlement(advance=advance, with_set_off=sets_off)
        request = settlement_request(advance=advance, quote=quote, value_date=data["value_date"], nets=sets_off)
        done = _("Advance %(pk)s is settled. %(what_moves)s") % {
            "pk": advance.pk,
            "what_moves": _what_moves(quote, advance),
        }
        return self.execute_or_request_approval(request, done=done)


def settlement_request(
    *, advance: Advance, quote: payoff.Settlement, value_date: date, nets: bool | None
) -> ApprovalRequest:
    """The settlement of `advance`; `nets`: whether its supplier's debt is set off, None: if its terms say so."""
    return ApprovalRequest(
        kind=Approval.Kind.SETTLE,
        subject=advance.ledger_owner,
        permission=closing.SETTLE_ADVANCES,
        supplier=advance.supplier,
        currency=advance.currency,
        amount=quote.rebate,
        summary=_("Settle advance %(pk)s. %(what_moves)s")
        % {"pk": advance.pk, "what_moves": _what_moves(quote, advance)},
        arguments={"advance": advance.pk, "value_date": value_date.isoformat(), "nets": nets},
    )


def _what_moves(quote: payoff.Settlement, advance: Advance) -> str:
    """What a settlement pays, takes or leaves owing, as a sentence."""
    if quote.owed > 0:
        return _("Nothing is paid out: %(supplier)s owes %(owed)s.") % {
            "supplier": advance.supplier,
            "owed": format_amount(quote.owed, advance.currency),
        }
    out = quote.rebate + quote.set_off
    return what_is_paid(out=out, netted=quote.set_off, currency=advance.currency, supplier=advance.supplier)
