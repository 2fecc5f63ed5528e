"""What staff see and say where a payment looks like a recorded one: one table, and one field of the form."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.tables import Table
from infactor.financing.collections import look_alikes, payments
from infactor.financing.collections.look_alikes import LookAlike
from infactor.financing.collections.payments import AllocationTarget, IncomingPayment


def is_another_field() -> forms.BooleanField:
    """Asks whether somebody has compared the payment with what it looks like."""
    return forms.BooleanField(
        label=gettext_lazy("It is another payment than those that look like it"),
        required=False,
        help_text=gettext_lazy("Only where the page names what looks like it, and you have compared them."),
    )


def look_alikes_tables(*, payment: IncomingPayment, targets: Sequence[AllocationTarget]) -> list[Table]:
    """A table of what `payment` looks like; none where it looks like nothing."""
    found = look_alikes.find(candidate=payments.candidate(payment=payment, targets=targets))
    if not found:
        return []
    return [
        Table(
            caption=_("Recorded already? These payments look like it"),
            columns=(
                _("Payment"),
                _("Value date"),
                _("Amount"),
                _("Payer"),
                _("Reference"),
                _("What it is for"),
                _("Why"),
            ),
            rows=[_row(one) for one in found],
        )
    ]


def _row(one: LookAlike) -> Sequence[object]:
    if one.collection is not None:
        row = one.collection
        amount, text = amount_text(row.amount, row.currency), row.remittance or "-"
        return link(row), day_text(row.value_date), amount, row.payer or "-", row.bank_reference, text, one.why
    if one.entry is None:
        return "-", "-", "-", "-", "-", "-", one.why
    posted = one.entry.transaction
    amount = amount_text(one.entry.debit - one.entry.credit, posted.currency)
    why = _("the same amount, on no statement yet")
    return link(posted), day_text(posted.effective_date), amount, "-", posted.reference, posted.description or "-", why
