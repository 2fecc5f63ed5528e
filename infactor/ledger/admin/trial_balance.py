"""The trial balance as of a day, for staff."""

from typing import Any

from django import forms
from django.contrib import admin
from django.views.generic import TemplateView

from infactor.core.admin.decisions import StaffView
from infactor.ledger import balances
from infactor.ledger.models import IntegrityCheck


class AsOfForm(forms.Form):
    """Asks for the last value date that counts."""

    as_of = forms.DateField(
        label="As of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The last value date that counts. Leave it empty for all postings.",
    )


class TrialBalanceView(StaffView, TemplateView):
    """The balances of all accounts, by currency and purpose, as of a day."""

    template_name = "admin/ledger/trial_balance.html"
    permission = "ledger.view_account"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = AsOfForm(self.request.GET)
        as_of = form.cleaned_data["as_of"] if form.is_valid() else None
        lines = balances.trial_balance(as_of=as_of)
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "opts": IntegrityCheck._meta,
            "title": "Trial balance",
            "form": form,
            "as_of": as_of,
            "lines": lines,
            "totals": balances.totals(lines=lines),
        }
