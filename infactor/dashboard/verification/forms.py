"""The form to approve the email that asks a buyer to confirm an invoice."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from infactor.verification import email_texts, requests

LINK_LIFETIMES = {days: timedelta(days=days) for days in (7, requests.LINK_LIFETIME.days, 30)}


OTHER = "other"


class VerificationEmailForm(forms.Form):
    """Recipient, text, and validity of the link. Where QuickBooks has several addresses, all of them are offered."""

    to = forms.CharField(
        label=gettext_lazy("To"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Your contact in accounts payable. We review addresses that aren't in QuickBooks."),
    )
    other_to = forms.CharField(
        label=gettext_lazy("Another address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("We review addresses that aren't in QuickBooks."),
    )
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=email_texts.MAX_SUBJECT_LENGTH)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=email_texts.MAX_BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=format_lazy(
            gettext_lazy("Plain text. Keep {placeholder}: it becomes the buyer's link."),
            placeholder=email_texts.PLACEHOLDER,
        ),
    )
    lifetime_days = forms.TypedChoiceField(
        label=gettext_lazy("Link expires after"),
        coerce=int,
        choices=lambda: [
            (days, ngettext("%(days)s day", "%(days)s days", days) % {"days": days}) for days in LINK_LIFETIMES
        ],
    )

    def __init__(self, *args: Any, addresses: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(addresses) > 1:
            choices = [*((one, one) for one in addresses), (OTHER, _("Another address"))]
            self.fields["to"].widget = forms.RadioSelect(choices=choices)
            self.fields["to"].help_text = _("Choose your contact in accounts payable. QuickBooks has these.")
        else:
            del self.fields["other_to"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("to") == OTHER and "other_to" in self.fields:
            if not cleaned.get("other_to"):
                self.add_error("other_to", _("Enter the address, or choose one above."))
            cleaned["to"] = cleaned.get("other_to", "")
        return cleaned
