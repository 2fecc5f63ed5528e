"""The form to approve the e-mail that asks a buyer to confirm an invoice."""

from datetime import timedelta

from django import forms

from infactor.verification import email_texts, requests

LINK_LIFETIMES = {days: timedelta(days=days) for days in (7, requests.LINK_LIFETIME.days, 30)}


class VerificationEmailForm(forms.Form):
    """Recipient, text, and validity of the link."""

    to = forms.CharField(
        label="To",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="The person who checks invoices at your buyer. We review an address that differs from QuickBooks.",
    )
    subject = forms.CharField(max_length=email_texts.MAX_SUBJECT_LENGTH)
    body = forms.CharField(
        label="Text",
        max_length=email_texts.MAX_BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=f"Plain text. We replace {email_texts.PLACEHOLDER} with the link.",
    )
    lifetime_days = forms.TypedChoiceField(
        label="Link valid for", coerce=int, choices=[(days, f"{days} days") for days in LINK_LIFETIMES]
    )
