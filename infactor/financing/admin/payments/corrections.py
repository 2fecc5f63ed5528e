"""Staff's corrections of payments: unmatch one, change its day or amount, withdraw it, refund its payer."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import RowDecision
from infactor.core.admin.formatting import amount_text, day_text
from infactor.core.admin.preview import Preview
from infactor.core.admin.tables import Facts
from infactor.core.money import format_amount
from infactor.core.translatable import Text
from infactor.financing.admin.base.decisions import FinancingPreview, cash_facts, money_day
from infactor.financing.admin.base.forms import SupplierReasonForm
from infactor.financing.admin.payments.correction_forms import AmountForm, DayForm, RefundForm, UnmatchForm
from infactor.financing.admin.payments.payment_facts import left_of, payment_facts, undone_text
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.collections import payments
from infactor.financing.corrections import payee_accounts
from infactor.financing.models import Approval, Collection, Correction
from infactor.suppliers.models import Supplier


class PaymentCorrection(RowDecision, FinancingPreview):
    """A correction of one payment. What would be posted is previewed; a large one waits for a second person."""

    row: Collection
    permission = payments.RECORD_COLLECTIONS
    needs_fresh_factor = True
    kind = ""
    legend = gettext_lazy("The correction")
    nothing_left: Text = ""  # why there is nothing to correct, where the bank has not returned it

    @classmethod
    def is_possible(cls, row: Collection) -> bool:
        return row.counts

    @classmethod
    def blocker_of(cls, row: Collection) -> str:
        return undone_text(row) or str(cls.nothing_left)

    def facts(self) -> Facts:
        return payment_facts(self.row)

    def preview(self, form: Any) -> Preview:
        return Preview(notes=(_("Settlements that this payment led to are undone: settle those advances again."),))

    def request_correction(self, summary: str, counted: Decimal, **arguments: Any) -> str:
        request = ApprovalRequest(
            kind=Approval.Kind.CORRECTION,
            subject=self.row.ledger_owner,
            permission=self.permission,
            supplier=_only_supplier(self.row),
            currency=self.row.currency,
            amount=counted,
            summary=summary,
            arguments={"kind": self.kind, "collection": self.row.pk, **arguments},
        )
        return self.execute_or_request_approval(request, done=_("%(row)s is corrected.") % {"row": self.row})


class UnmatchView(PaymentCorrection):
    """The payment was matched to what it is not for."""

    nothing_left = gettext_lazy("Nothing of it is matched.")
    name = "unmatch"
    label = title = gettext_lazy("Unmatch")
    button = gettext_lazy("Unmatch")
    kind = Correction.Kind.UNMATCH
    form_class = UnmatchForm

    @classmethod
    def is_possible(cls, row: Collection) -> bool:
        return row.counts and row.allocations.filter(reversed_at__isnull=True).exists()

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = self.row.allocations.filter(reversed_at__isnull=True).select_related("supplier", "advance__invoice")
        return {**super().get_form_kwargs(), "allocations": rows}

    def perform(self, form: Any) -> str:
        chosen = list(form.cleaned_data["allocations"])
        amount = sum((one.amount for one in chosen), Decimal(0))
        return self.request_correction(
            _("Unmatch %(amount)s of %(row)s") % {"amount": format_amount(amount, self.row.currency), "row": self.row},
            amount,
            allocations=[one.pk for one in chosen],
            reason=form.cleaned_data["reason"],
        )


class ChangeDayView(PaymentCorrection):
    """The payment was recorded on the wrong day."""

    name = "value_date"
    label = title = gettext_lazy("Change the value date")
    button = gettext_lazy("Change")
    kind = Correction.Kind.VALUE_DATE
    form_class = DayForm
    notes = (gettext_lazy("Where the payment closed an advance, its fee is charged until the right day."),)

    def get_initial(self) -> dict[str, Any]:
        return {"value_date": self.row.value_date}

    def perform(self, form: Any) -> str:
        day = form.cleaned_data["value_date"]
        return self.request_correction(
            _("Change the value date of %(row)s from %(value_date)s to %(day)s")
            % {"row": self.row, "value_date": day_text(self.row.value_date), "day": day_text(day)},
            self.row.amount,
            value_date=day.isoformat(),
            reason=form.cleaned_data["reason"],
        )


class ChangeAmountView(PaymentCorrection):
    """The amount was typed wrong."""

    name = "amount"
    label = title = gettext_lazy("Change the amount")
    button = gettext_lazy("Change")
    kind = Correction.Kind.AMOUNT
    form_class = AmountForm
    notes = (
        gettext_lazy(
            "A smaller amount leaves the last parts less. What is more goes where the whole payment went, or waits."
        ),
    )

    def get_initial(self) -> dict[str, Any]:
        return {"amount": self.row.amount}

    def perform(self, form: Any) -> str:
        amount, currency = form.cleaned_data["amount"], self.row.currency
        before = format_amount(self.row.amount, currency)
        return self.request_correction(
            _("Change the amount of %(row)s from %(before)s to %(amount)s")
            % {"row": self.row, "before": before, "amount": format_amount(amount, currency)},
            max(amount, self.row.amount),
            amount=str(amount),
            reason=form.cleaned_data["reason"],
        )


class WithdrawView(PaymentCorrection):
    """What was recorded as a payment is none."""

    name = "withdraw"
    label = gettext_lazy("Not a payment")
    title = gettext_lazy("Not a payment: withdraw it")
    button = gettext_lazy("Withdraw")
    kind = Correction.Kind.WITHDRAWAL
    form_class = SupplierReasonForm
    notes = (
        gettext_lazy(
            "For money that is no payment: capital, interest, a payout that came back, or a payment typed in twice."
        ),
        gettext_lazy(
            "All of it is unmatched, and it counts nowhere any more. Its line of the statement waits "
            "to be matched again."
        ),
        gettext_lazy("Where the bank took a payment back, record a return instead."),
    )

    def perform(self, form: Any) -> str:
        summary = _("Withdraw %(row)s of %(amount)s: it was none") % {
            "row": self.row,
            "amount": format_amount(self.row.amount, self.row.currency),
        }
        return self.request_correction(summary, self.row.amount, reason=form.cleaned_data["reason"])


class NotReturnedView(PaymentCorrection):
    """The return was recorded on the wrong payment."""

    name = "not_returned"
    label = gettext_lazy("Not returned")
    title = gettext_lazy("Not returned: take the return back")
    button = gettext_lazy("Take back")
    kind = Correction.Kind.RETURN
    form_class = SupplierReasonForm
    notes = (
        gettext_lazy("For a return that was recorded on the wrong payment. Then record it on the right one."),
        gettext_lazy(
            "The payment pays again what it had paid, on its own day. A line of the statement that confirmed the "
            "return is open again."
        ),
        gettext_lazy(
            "An advance that the return opened waits to be settled again. What the supplier owes since the return "
            "is deducted then, or netted with its surplus."
        ),
    )

    @classmethod
    def is_possible(cls, row: Collection) -> bool:
        return row.returned_on is not None

    @classmethod
    def blocker_of(cls, row: Collection) -> str:
        return _("No return of this payment is recorded, or it is taken back already.")

    def preview(self, form: Any) -> Preview:
        return Preview()

    def perform(self, form: Any) -> str:
        summary = _("Take back the return of %(row)s of %(amount)s") % {
            "row": self.row,
            "amount": format_amount(self.row.amount, self.row.currency),
        }
        return self.request_correction(summary, self.row.amount, reason=form.cleaned_data["reason"])


class RefundView(PaymentCorrection):
    """What is not matched goes back to who paid it."""

    nothing_left = gettext_lazy("Nothing of it is left: all of it is matched or refunded.")
    name = "refund"
    label = title = button = gettext_lazy("Refund")
    legend = gettext_lazy("The refund")
    form_class = RefundForm
    holds_secrets = True
    notes = (
        gettext_lazy("Only what is not matched can go back. Unmatch it first where it is."),
        gettext_lazy("It becomes a payout: a second person approves it, and it leaves with a batch."),
        gettext_lazy("Before that somebody else confirms the account on a proof, under Accounts of payers."),
    )

    @classmethod
    def is_possible(cls, row: Collection) -> bool:
        return left_of(row) > 0

    def get_initial(self) -> dict[str, Any]:
        left = payments.unallocated(collection=self.row)
        return {"amount": left, "holder": self.row.payer, "country": "US", "value_date": money_day()}

    def preview(self, form: Any) -> Preview:
        data = form.cleaned_data
        return Preview(
            facts=(
                (_("Paid back"), amount_text(data["amount"], self.row.currency)),
                (_("To"), f"{data['holder']}, {data['bank_name']}"),
                *cash_facts(amount=data["amount"], currency=self.row.currency),
            )
        )

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        amount = format_amount(data["amount"], self.row.currency)
        names = ("holder", "bank_name", "country", "account_number", "routing_number")
        with transaction.atomic():  # an account of a refund that is refused is not kept
            account = payee_accounts.enter(
                details=payee_accounts.PayeeDetails(**{name: data[name] for name in names}),
                by=self.user,
                at=timezone.now(),
            )
            request = ApprovalRequest(
                kind=Approval.Kind.REFUND,
                subject=self.row.ledger_owner,
                permission=self.permission,
                supplier=None,
                currency=self.row.currency,
                amount=data["amount"],
                summary=_("Refund %(amount)s of %(row)s to %(account)s")
                % {"amount": amount, "row": self.row, "account": account},
                arguments={
                    "collection": self.row.pk,
                    "amount": str(data["amount"]),
                    "payee_account": account.pk,
                    "value_date": data["value_date"].isoformat(),
                    "reason": data["reason"],
                },
            )
            return self.execute_or_request_approval(
                request, done=_("%(amount)s goes back to %(account)s.") % {"amount": amount, "account": account}
            )


def _only_supplier(row: Collection) -> Supplier | None:
    """The supplier whose money the payment is, or was before its return, where it is that of one."""
    parts = row.allocations.all() if row.returned_on is not None else row.allocations.filter(reversed_at__isnull=True)
    found = Supplier.objects.filter(pk__in=parts.values("supplier"))
    return found.first() if found.count() == 1 else None
