"""Staff's pages of the books that are no list: the trial balance as of a day, and proving the books now."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from infactor.ledger import balances, integrity
from infactor.ledger.models import Proof
from infactor.suppliers.access import person


class AsOfForm(forms.Form):
    """Up to which value date; without one, everything."""

    as_of = forms.DateField(
        label="As of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The last value date that counts. Leave it empty for everything.",
    )


@require_POST
def prove(request: HttpRequest) -> HttpResponse:
    """Prove the books now, and show what was found."""
    found = integrity.prove_for(by=person(request), at=timezone.now())
    if found.ok:
        messages.success(request, f"The books are in order: {found.transactions} transactions were looked at.")
    else:
        messages.error(request, "The books are not in order. What was found is below.")
    return HttpResponseRedirect(reverse("admin:ledger_proof_change", args=[found.pk]))


@require_safe
def trial_balance(request: HttpRequest) -> HttpResponse:
    """What is on the accounts, by currency and purpose, as of a day."""
    if not request.user.has_perm("ledger.view_account"):
        raise PermissionDenied
    form = AsOfForm(request.GET)
    as_of = form.cleaned_data["as_of"] if form.is_valid() else None
    lines = balances.trial_balance(as_of=as_of)
    return render(
        request,
        "admin/ledger/trial_balance.html",
        {
            **admin.site.each_context(request),
            "opts": Proof._meta,
            "title": "Trial balance",
            "form": form,
            "as_of": as_of,
            "lines": lines,
            "totals": balances.totals(lines=lines),
        },
    )
