"""The home of the settings, and what is stored about the company."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from infactor.core.business_day import business_day
from infactor.core.money import format_number
from infactor.dashboard.rendering import render_for_supplier
from infactor.invoices.models import CompanyFile
from infactor.invoices.models.company_file import BY_HAND
from infactor.suppliers import agreements, supplier_documents, time_zone, two_people
from infactor.suppliers.access import for_supplier, is_owner, signed_in_user
from infactor.suppliers.countries import countries
from infactor.suppliers.models import Application, BankAccount, Invitation, Membership, Supplier


class TimeZoneForm(forms.Form):
    """Which day it is for the company."""

    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=lambda: [
            ("", _("Choose…")),
            *(
                (region, [(name, name.replace("_", " ")) for name in names])
                for region, names in time_zone.names_by_region().items()
            ),
        ],
        help_text=gettext_lazy(
            "It decides which day it is for due dates, fees and your statement. A change counts from now on: what is "
            "recorded keeps its day. QuickBooks no longer changes it."
        ),
    )


@require_safe
@for_supplier
def settings_home(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Every part of the settings, with its state in a few words."""
    user = signed_in_user(request)
    accounts = BankAccount.objects.filter(supplier=supplier, status__in=["in_use", "suspended", "waiting"])
    context = {
        "people_count": Membership.objects.filter(supplier=supplier).count(),
        "invited_count": Invitation.objects.filter(supplier=supplier, status=Invitation.Status.WAITING).count(),
        "needs_two": two_people.is_needed(supplier=supplier),
        "has_factor": is_mfa_enabled(user),
        "session_count": UserSession.objects.filter(user=user).count(),
        "accounts": list(accounts.defer("account_number", "routing_number").order_by("currency", "status")),
        "files": list(CompanyFile.objects.filter(supplier=supplier).order_by("name")),
        "application": Application.objects.filter(supplier=supplier).only("status", "legal_name").first(),
    }
    return render_for_supplier(request, "dashboard/settings/home.html", context, supplier=supplier)


@require_http_methods(["GET", "HEAD", "POST"])
@for_supplier
def company(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """What the application said, and who can change what of it; choose the time zone (POST)."""
    is_sent = request.method == "POST"
    form = TimeZoneForm(request.POST) if is_sent else TimeZoneForm(initial={"time_zone": supplier.time_zone})
    if is_sent and form.is_valid():
        name = form.cleaned_data["time_zone"]
        time_zone.choose_time_zone(supplier=supplier, name=name, by=signed_in_user(request), at=timezone.now())
        messages.success(request, _("Your time zone is %(name)s.") % {"name": name.replace("_", " ")})
        return HttpResponseRedirect(reverse("dashboard:company"))
    found = Application.objects.filter(supplier=supplier).prefetch_related("owners").first()
    today = business_day(timezone.now())
    context = {
        "application": found,
        "facts": _facts(found) if found else [],
        "is_owner": is_owner(user=signed_in_user(request), supplier=supplier),
        "is_editable": found is None or found.is_editable,
        "accepted": agreements.latest_acceptance(supplier=supplier),
        "is_current": agreements.is_current(supplier=supplier),
        "time_zone_form": form,
        "has_books": CompanyFile.objects.filter(supplier=supplier).exclude(source=BY_HAND).exists(),
        "missing": supplier_documents.still_missing(supplier=supplier, on=today),
    }
    status = 422 if is_sent else 200
    return render_for_supplier(request, "dashboard/settings/company.html", context, supplier=supplier, status=status)


def _facts(found: Application) -> list[tuple[str, Any]]:
    """What the application says, without tax number and dates of birth."""
    street = [found.address_line1, found.address_line2]
    place = [found.city, found.region, found.postal_code, countries().get(found.country, found.country)]
    owners = "; ".join(f"{one.name} ({format_number(one.share)}%)" for one in found.owners.all())
    return [
        (_("Legal name"), found.legal_name),
        (_("Trading name"), found.trading_name),
        (_("Registration number"), found.registration_number),
        (_("Address"), ", ".join(part for part in [*street, *place] if part)),
        (_("Phone"), found.phone),
        (_("Website"), found.website),
        (_("What you sell"), found.about),
        (_("Owners and shares"), owners),
    ]
