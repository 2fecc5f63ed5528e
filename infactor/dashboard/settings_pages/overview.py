"""The home of the settings, and what is stored about the company."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from infactor.core.business_day import business_day
from infactor.core.money import format_number
from infactor.dashboard.rendering import render_for_supplier
from infactor.invoices.models import CompanyFile
from infactor.suppliers import agreements, supplier_documents, two_people
from infactor.suppliers.access import for_supplier, is_owner, signed_in_user
from infactor.suppliers.countries import countries
from infactor.suppliers.models import Application, BankAccount, Invitation, Membership, Supplier


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


@require_safe
@for_supplier
def company(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """What the application said, and who can change what of it."""
    found = Application.objects.filter(supplier=supplier).prefetch_related("owners").first()
    today = business_day(timezone.now())
    context = {
        "application": found,
        "facts": _facts(found) if found else [],
        "is_owner": is_owner(user=signed_in_user(request), supplier=supplier),
        "is_editable": found is None or found.is_editable,
        "accepted": agreements.latest_acceptance(supplier=supplier),
        "is_current": agreements.is_current(supplier=supplier),
        "missing": supplier_documents.still_missing(supplier=supplier, on=today),
    }
    return render_for_supplier(request, "dashboard/settings/company.html", context, supplier=supplier)


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
