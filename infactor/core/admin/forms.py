"""Forms that several decisions of staff share."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MIN_REASON_LENGTH, MAX_REASON_LENGTH = 5, 500


class ReasonForm(forms.Form):
    """Asks for the reason of a decision."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=MIN_REASON_LENGTH,
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The audit log keeps it."),
    )


class ReasonForSupplierForm(ReasonForm):
    """Asks for a reason that the supplier reads, too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _(
            "The supplier reads it on its page and in an email. The audit log keeps it."
        )
