"""Staff's decisions about an accepted advance that is not funded yet: pay it out, or cancel it."""

from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.formatting import amount_text
from infactor.core.admin.forms import MIN_REASON_LENGTH
from infactor.core.admin.tables import Facts, Table
from infactor.financing import netting
from infactor.financing.admin.base.advance_decisions import AdvanceDecision
from infactor.financing.admin.base.advance_details import blockers_table, stale_books_text
from infactor.financing.admin.base.decisions import debt_facts, what_is_paid
from infactor.financing.admin.base.forms import MAX_REASON_LENGTH, SupplierReasonForm, ValueDateForm, with_netting
from infactor.financing.advances import funding
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.models import Advance, Approval


class StaleBooksForm(ValueDateForm):
    """Asks for the day, and why the advance is paid out although the books have not been read lately."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is paid out on old books"),
        min_length=MIN_REASON_LENGTH,
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What you know about the invoice from another source. The audit log keeps it."),
    )


class AcceptedAdvanceDecision(AdvanceDecision):
    """A decision between the supplier's acceptance and the payout; it shows the blockers of the payout."""

    permission = funding.FUND_ADVANCES
    needs_fresh_factor = True

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        return row.status == Advance.Status.ACCEPTED

    def tables(self) -> list[Table]:
        return [blockers_table(self.row)]


class FundView(AcceptedAdvanceDecision):
    """Pay the advance out to the supplier's account."""

    name = "fund"
    alternatives = ("cancel",)
    label = title = button = gettext_lazy("Pay out")
    notes = (
        gettext_lazy("The buyer gets the notice of assignment: from then on it pays infactor."),
        gettext_lazy(
            "It is posted to the ledger, and an email tells the supplier. Postings are never changed, only reversed."
        ),
        gettext_lazy("Give your bank this payment for the same account and day."),
    )

    @cached_property
    def stale_books(self) -> str:
        return stale_books_text(self.row)

    def get_form_class(self) -> type[forms.Form]:
        form_class = StaleBooksForm if self.stale_books else ValueDateForm
        return with_netting(form_class, nets=self.nets) if self.debt_facts else form_class

    @property
    def nets(self) -> bool:
        return self.row.terms.nets_from_advances

    @cached_property
    def debt_facts(self) -> Facts:
        row = self.row
        return debt_facts(out=row.cash, supplier=row.supplier, currency=row.currency, nets=self.nets)

    @property
    def deducted(self) -> Decimal:
        """What of the advance would pay the supplier's debt."""
        row = self.row
        return netting.amount_to_net(out=row.cash, supplier_id=row.supplier_id, currency=row.currency, nets=True)

    def facts(self) -> Facts:
        return [
            *super().facts(),
            *([(_("Wire fee"), amount_text(self.row.wire_fee, self.row.currency))] if self.row.wire_fee else []),
            (_("Paid out now"), amount_text(self.row.cash, self.row.currency)),
            *self.debt_facts,
            (_("To the account"), self.account_text()),
            *([(_("Old books"), self.stale_books)] if self.stale_books else []),
            *self.cash_facts(self.row.cash - (self.deducted if self.nets else Decimal(0))),
            (_("Second person"), self.dual_control_text(self.row.amount)),
        ]

    def perform(self, form: Any) -> str:
        advance, data = self.row, form.cleaned_data
        netted = self.deducted if data.get("nets", self.nets) else Decimal(0)
        request = funding_request(
            advance=advance,
            value_date=data["value_date"],
            netted=netted,
            reason=data.get("reason", ""),
            nets=data.get("nets"),
        )
        return self.execute_or_request_approval(request, done=_what_moves(advance, netted))


def funding_request(
    *, advance: Advance, value_date: date, netted: Decimal, reason: str = "", nets: bool | None = None
) -> ApprovalRequest:
    """The payout of `advance`, of which `netted` pays a debt; `nets`: whether it may, None: if its terms say so."""
    return ApprovalRequest(
        kind=Approval.Kind.FUND,
        subject=advance.ledger_owner,
        permission=funding.FUND_ADVANCES,
        supplier=advance.supplier,
        currency=advance.currency,
        amount=advance.amount,
        summary=_("Pay out the advance on invoice %(invoice)s. %(moves)s")
        % {"invoice": advance.invoice, "moves": _what_moves(advance, netted)},
        arguments={
            "advance": advance.pk,
            "value_date": value_date.isoformat(),
            "reason": reason,
            "nets": nets,
        },
    )


def _what_moves(advance: Advance, netted: Decimal) -> str:
    """What a payout pays, and what of it is deducted, as a sentence."""
    return what_is_paid(out=advance.cash, netted=netted, currency=advance.currency, supplier=advance.supplier)


class CancelView(AcceptedAdvanceDecision):
    """Cancel the advance before it is paid out."""

    name = "cancel"
    alternatives = ("fund",)
    label = gettext_lazy("Cancel")
    title = button = gettext_lazy("Cancel the advance")
    cancel_label = gettext_lazy("Keep the advance")
    form_class = SupplierReasonForm
    notes = (gettext_lazy("Nothing is paid out. The invoice returns to its state before the request."),)

    def perform(self, form: Any) -> str:
        funding.cancel(advance=self.row, by=self.user, at=timezone.now(), reason=form.cleaned_data["reason"])
        return _("Advance %(number)s is cancelled. An email tells %(supplier)s why.") % {
            "number": self.row.pk,
            "supplier": self.row.supplier,
        }
