"""What a supplier says of the mail to its buyer before it goes."""

from datetime import timedelta

from django import forms

from infactor.verification import email_texts, requests

LIVES = {days: timedelta(days=days) for days in (7, requests.LIFE.days, 30)}


class ApproveForm(forms.Form):
    """To whom, in which words, and for how long the link works."""

    to = forms.CharField(
        label="To",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="Who checks invoices at your buyer. If it is not the address in QuickBooks, infactor looks at it.",
    )
    subject = forms.CharField(max_length=email_texts.LONGEST_SUBJECT)
    body = forms.CharField(
        label="Text",
        max_length=email_texts.LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=f"Plain text. Your buyer finds the link where {email_texts.PLACEHOLDER} stands.",
    )
    life = forms.TypedChoiceField(
        label="The link works for", coerce=int, choices=[(days, f"{days} days") for days in LIVES]
    )
