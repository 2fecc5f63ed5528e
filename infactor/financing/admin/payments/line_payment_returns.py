"""Staff's decision about a debit that is a buyer's payment which the bank took back."""

from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.banking.models import StatementLine
from infactor.core.admin.formatting import day_text
from infactor.financing.admin.base.forms import SupplierReasonForm, parse_key
from infactor.financing.admin.payments.line_choices import MAX_LISTED, ChoicesForm, ChoicesView
from infactor.financing.admin.search import PAYMENTS
from infactor.financing.collections import returned_payments
from infactor.financing.models import Collection


class ReturnedPaymentForm(ChoicesForm, SupplierReasonForm):
    """Asks which payment the bank took back, and why."""

    payment = forms.ChoiceField(label=gettext_lazy("Payment"), choices=[], widget=forms.RadioSelect)
    field_order = ("payment", "find", "reason")


class PaymentCameBackView(ChoicesView):
    """Say that a debit is a buyer's payment that the bank took back."""

    name, label, title, button = (
        "payment_back",
        gettext_lazy("A payment that came back"),
        gettext_lazy("Which payment did the bank take back?"),
        gettext_lazy("Record"),
    )
    form_class = ReturnedPaymentForm
    ticked_field = "payment"
    notes = (
        gettext_lazy("Payments of this amount are listed, those that the line names first."),
        gettext_lazy(
            "The return is recorded on the day of the line. Advances that the payment had paid are outstanding again, "
            "and a settlement is undone."
        ),
        gettext_lazy("If it turns out to be the wrong payment, use “Not returned” on the page of that payment."),
    )

    @classmethod
    def is_possible(cls, row: StatementLine) -> bool:
        return row.status == StatementLine.Status.DEBIT and returned_payments.returnable(line=row).exists()

    @classmethod
    def blocker_of(cls, row: StatementLine) -> str:
        is_open = row.status == StatementLine.Status.DEBIT
        return _("No payment of this amount is in the books.") if is_open else super().blocker_of(row)

    @cached_property
    def likely(self) -> list[int]:
        return [one.pk for one in returned_payments.likely(line=self.row)]

    @property
    def is_chosen(self) -> Q:
        return Q(pk__in=[parse_key(one) for one in self.ticked])

    @cached_property
    def matching(self) -> QuerySet[Collection]:
        rows = returned_payments.returnable(line=self.row)
        return rows.filter(self.is_chosen | PAYMENTS.matching(self.words)) if self.words.text else rows

    @cached_property
    def not_listed(self) -> int:
        return max(self.matching.count() - MAX_LISTED, 0)

    @cached_property
    def payments(self) -> list[Collection]:
        """What is chosen first, then the likely ones in their order, then the latest."""
        ranks = [When(self.is_chosen, then=-1), *(When(pk=pk, then=rank) for rank, pk in enumerate(self.likely))]
        rows = self.matching.annotate(rank=Case(*ranks, default=len(self.likely)))
        return list(rows.order_by("rank", "-value_date", "-pk")[:MAX_LISTED])

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["payment"].choices = [(str(one.pk), self.label_of(one)) for one in self.payments]
        return form

    def label_of(self, payment: Collection) -> str:
        label = _("%(payment)s, %(day)s, %(payer)s, %(reference)s") % {
            "payment": payment,
            "day": day_text(payment.value_date),
            "payer": payment.payer or "-",
            "reference": payment.bank_reference,
        }
        return _("Likely: %(label)s") % {"label": label} if payment.pk in self.likely else label

    def get_initial(self) -> dict[str, Any]:
        return {"payment": str(self.likely[0])} if len(self.likely) == 1 else {}

    def perform(self, form: Any) -> str:
        (chosen,) = [one for one in self.payments if str(one.pk) == form.cleaned_data["payment"]]
        returned_payments.accept(
            line=self.row, collection=chosen, reason=form.cleaned_data["reason"], by=self.user, at=timezone.now()
        )
        return _("The return of %(payment)s is recorded: %(row)s confirms it.") % {"payment": chosen, "row": self.row}
