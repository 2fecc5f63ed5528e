"""Staff's decisions about one payout: approve it, stop it, record its return, prepare it again."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import RowDecision
from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.tables import Facts, Table
from infactor.core.money import format_amount
from infactor.financing import dual_control, netting, payouts
from infactor.financing.admin.base import background
from infactor.financing.admin.base.advance_details import blockers_table
from infactor.financing.admin.base.decisions import (
    FinancingDecision,
    account_text,
    debt_facts,
    dual_control_text,
    money_day,
    what_is_paid,
)
from infactor.financing.admin.base.forms import SupplierReasonForm, ValueDateForm, with_netting
from infactor.financing.admin.payments import payout_lists
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.models import NOT_ARRIVED, UNSENT, Approval, Payout
from infactor.financing.money_out import approval, endings, return_codes
from infactor.suppliers.models import Supplier

Status = Payout.Status


class PayoutDecision(RowDecision, FinancingDecision):
    """A decision about one payout."""

    row: Payout
    permission = payouts.PREPARE_PAYOUTS
    needs_fresh_factor = True
    possible: Sequence[str] = ()

    @classmethod
    def is_possible(cls, row: Payout) -> bool:
        return row.status in cls.possible

    def facts(self) -> Facts:
        return payout_facts(self.row)


class ApproveView(PayoutDecision):
    """The second person approves the payout."""

    name = "approve"
    alternatives = ("stop",)
    label = title = button = gettext_lazy("Approve")
    permission = dual_control.APPROVE_MONEY_OUT
    possible = (Status.PREPARED,)
    notes = (
        gettext_lazy("It can be put into a batch and sent from now on."),
        gettext_lazy("What blocks it is asked again when it is put into a batch, and when the file is exported."),
    )

    def tables(self) -> list[Table]:
        return [objections_to(self.row)]

    def perform(self, form: Any) -> str:
        approval.approve(payout_ids=[self.row.pk], by=self.user, at=timezone.now())
        return _("%(row)s is approved.") % {"row": self.row}


class StopView(PayoutDecision):
    """Stop a payout before it is sent."""

    name = "stop"
    alternatives = ("approve",)
    label = title = button = gettext_lazy("Stop")
    permission = dual_control.APPROVE_MONEY_OUT  # whoever prepares payouts has it, too
    possible = UNSENT
    form_class = SupplierReasonForm
    notes = (
        gettext_lazy("The money is still owed, and can be prepared again."),
        gettext_lazy("Of an advance that the buyer still owes, the buyer is told to pay the supplier until then."),
    )

    @classmethod
    def is_allowed(cls, user: Any, row: Payout) -> bool:
        return bool(user.has_perm(cls.permission) or user.has_perm(dual_control.APPROVE_MONEY_OUT))

    def has_permission(self) -> bool:
        return self.is_allowed(self.request.user, None)  # type: ignore[arg-type]

    def perform(self, form: Any) -> str:
        endings.stop(payout=self.row, reason=form.cleaned_data["reason"], by=self.user, at=timezone.now())
        return _("%(row)s is stopped.") % {"row": self.row}


class ReturnForm(ValueDateForm):
    """Asks what the bank said, and when."""

    code = forms.ChoiceField(
        label=gettext_lazy("Code"), required=False, choices=lambda: [("", _("No code")), *code_choices()]
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("In words, where there is no code. The supplier reads it."),
    )
    field_order = ("code", "reason", "value_date")


class RecordReturnView(PayoutDecision):
    """The bank refused or returned a payout before it had taken it from the account."""

    name = "fail"
    label = title = gettext_lazy("Record a return")
    button = gettext_lazy("Record")
    possible = (Status.SENT,)
    form_class = ReturnForm
    notes = (
        gettext_lazy(
            "Only for a payout that the bank never debited. If it did, match the debit, then accept the credit: "
            "both are lines of a statement."
        ),
        gettext_lazy("A code that says that the account is closed or wrong suspends the account."),
        gettext_lazy(
            "Of an advance that the buyer still owes, the buyer is told to pay the supplier until it is sent again."
        ),
    )

    def get_initial(self) -> dict[str, Any]:
        return {"value_date": money_day()}

    def perform(self, form: Any) -> str:
        endings.record_return(payout=self.row, by=self.user, at=timezone.now(), **form.cleaned_data)
        return _("%(row)s is returned. It is still owed.") % {"row": self.row}


class ResendView(PayoutDecision):
    """Prepare again what did not arrive, to the account that is in use now."""

    name = "resend"
    label = title = button = gettext_lazy("Prepare again")
    possible = NOT_ARRIVED
    notes = (
        gettext_lazy("It goes to the account that is confirmed now. Check whether it is the same as before."),
        gettext_lazy("Of an advance that the buyer still owes, the buyer gets a new notice of assignment."),
    )

    @classmethod
    def is_possible(cls, row: Payout) -> bool:
        return super().is_possible(row) and row.supplier_id is not None

    def get_initial(self) -> dict[str, Any]:
        return {"value_date": money_day()}

    @property
    def supplier(self) -> Supplier:
        if self.row.supplier is None:
            raise PermissionDenied
        return self.row.supplier

    @cached_property
    def nets(self) -> bool:
        """Whether what the supplier owes is deducted, if nobody chooses otherwise."""
        return netting.is_default_again(payout=self.row, at=timezone.now())

    @cached_property
    def debt_facts(self) -> Facts:
        row = self.row
        return debt_facts(out=row.amount, supplier=self.supplier, currency=row.currency, nets=self.nets)

    def get_form_class(self) -> type[forms.Form]:
        return with_netting(ValueDateForm, nets=self.nets) if self.debt_facts else ValueDateForm

    def facts(self) -> Facts:
        supplier, currency = self.supplier, self.row.currency
        return [
            *super().facts(),
            (_("To the account now"), account_text(supplier=supplier, currency=currency)),
            *self.debt_facts,
            (_("Second person"), dual_control_text(amount=self.row.amount, supplier=supplier, currency=currency)),
        ]

    def tables(self) -> list[Table]:
        """What has changed since then. While the buyer owes it, an invoice that is no longer open is not bought."""
        if self.row.advance is None or self.row.purpose != Payout.Purpose.ADVANCE:
            return []
        blockers = blockers_table(self.row.advance)
        return [replace(blockers, caption=_("What has changed about the invoice since then"))] if blockers.rows else []

    def perform(self, form: Any) -> str:
        payout, data = self.row, form.cleaned_data
        amount = format_amount(payout.amount, payout.currency)
        nets, debt = data.get("nets", False), netting.debt(supplier_id=self.supplier.pk, currency=payout.currency)
        moves = what_is_paid(
            out=payout.amount,
            netted=min(payout.amount, debt) if nets else Decimal(0),
            currency=payout.currency,
            supplier=self.supplier,
        )
        request = ApprovalRequest(
            kind=Approval.Kind.RESEND,
            subject=payout.ledger_owner,
            permission=self.permission,
            supplier=payout.supplier,
            currency=payout.currency,
            amount=payout.amount,
            summary=_("Prepare %(amount)s to %(supplier)s again. %(moves)s")
            % {"amount": amount, "supplier": payout.supplier, "moves": moves},
            arguments={
                "payout": payout.pk,
                "value_date": data["value_date"].isoformat(),
                "nets": data.get("nets"),
            },
        )
        return self.execute_or_request_approval(request, done=_("Prepared again. %(moves)s") % {"moves": moves})


class PutBackView(PayoutDecision):
    """Hold a surplus that did not arrive for the supplier again."""

    name = "put_back"
    alternatives = ("resend",)
    label = title = button = gettext_lazy("Put back")
    possible = NOT_ARRIVED
    form_class = SupplierReasonForm
    notes = (gettext_lazy("It is held for the supplier again, and can be paid anew, in parts or whole."),)

    @classmethod
    def is_possible(cls, row: Payout) -> bool:
        return super().is_possible(row) and row.purpose == Payout.Purpose.SURPLUS

    def perform(self, form: Any) -> str:
        payouts.put_back(payout=self.row, reason=form.cleaned_data["reason"], by=self.user, at=timezone.now())
        return _("%(row)s is put back: it is held for the supplier again.") % {"row": self.row}


def objections_to(payout: Payout) -> Table:
    """What stands against sending `payout`: what blocks it, the open cases of its supplier, and what that owes."""
    rows: list[Sequence[object]] = [
        (_("Blocks it"), link(payout), why) for why in payout_lists.against([payout]).get(payout.pk, ())
    ]
    if payout.supplier is not None:
        buyers = [] if payout.advance is None else [payout.advance.buyer_id]
        rows += background.open_cases(supplier=payout.supplier, buyers=buyers)
        rows += background.debts(supplier=payout.supplier, currency=payout.currency)
    return background.objections(rows)


def payout_facts(payout: Payout) -> Facts:
    """The facts that every decision about a payout shows."""
    said = return_codes.in_words(payout.return_code)
    return [
        (_("Payout"), link(payout)),
        (_("Supplier"), link(payout.supplier) if payout.supplier is not None else "-"),
        (_("For"), payout.get_purpose_display()),
        *_invoice_facts(payout),
        (_("Amount"), amount_text(payout.amount, payout.currency)),
        (_("Decided for"), day_text(payout.value_date)),
        (_("Prepared by"), str(payout.prepared_by)),
        (_("Status"), payout.get_status_display()),
        (_("To"), f"{payout.payee}, {payout.destination.masked}, {payout.destination.bank_name}"),
        (_("Why it did not arrive"), said or payout.failure_reason or "-"),
    ]


def _invoice_facts(payout: Payout) -> Facts:
    """The invoice that it pays for, and what QuickBooks says of it now."""
    if payout.advance is None:
        return []
    invoice = payout.advance.invoice
    open_there = amount_text(invoice.balance, invoice.currency)
    in_books = format_html(_("{}, {} open"), invoice.get_books_status_display(), open_there)
    return [(_("Invoice"), link(invoice)), (_("In QuickBooks"), in_books)]


def code_choices() -> list[tuple[str, str]]:
    """The codes of returns with their words."""
    return [(code, return_codes.in_words(code)) for code in return_codes.WORDS]
