"""The page of the supplier's application: company, owners, bank account, agreement, decision."""

from collections.abc import Sequence
from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from infactor.core.business_day import business_day
from infactor.dashboard.account import application_guide
from infactor.dashboard.account.application_forms import (
    AgreementForm,
    BaseOwnerFormSet,
    CompanyForm,
    company_initial,
    owner_formset,
    owners_initial,
    submitted_values,
)
from infactor.dashboard.rendering import render_for_supplier
from infactor.suppliers import agreements, applications, checks, supplier_documents
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.countries import countries
from infactor.suppliers.models import AgreementText, Application, BankAccount, Membership, Supplier

TONES = {
    Application.Status.DRAFT: "neutral",
    Application.Status.SUBMITTED: "info",
    Application.Status.ON_HOLD: "warn",
    Application.Status.APPROVED: "good",
    Application.Status.REFUSED: "bad",
}
# Where each button that saves a part of the draft leads on the page.
NEXT_PARTS = {"save_company": "owners-title", "save_owners": "bank-title"}
VALIDATION_ERRORS = (applications.InvalidOwners, applications.IncompleteApplication, agreements.OutdatedVersion)


@require_http_methods(["GET", "HEAD", "POST"])
@for_supplier
def application(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show the application (GET); save a draft, submit it, or accept a new agreement (POST)."""
    if request.method != "POST":
        return _render(request, supplier)
    action = request.POST.get("action", "")
    if action == "accept":
        return _accept_agreement(request, supplier)
    if action == "add_owner":
        company, rows = submitted_values(request.POST)
        return _render(
            request, supplier, company=CompanyForm(initial=company), owners=owner_formset(initial=rows, extra=1)
        )
    if action in NEXT_PARTS:
        then = f"{reverse('dashboard:application')}#{NEXT_PARTS[action]}"
    else:
        pages = {"bank": _bank_page(request, supplier), "documents": "documents"}
        then = reverse(f"dashboard:{pages.get(action, 'application')}")
    return _save_or_submit(request, supplier, draft=action != "submit", then=then)


def _bank_page(request: HttpRequest, supplier: Supplier) -> str:
    """The form for the first account, if the user may add one; else the list of accounts."""
    is_first = not BankAccount.objects.filter(supplier=supplier).exists()
    is_owner = supplier.memberships.filter(user=signed_in_user(request), role=Membership.Role.OWNER).exists()
    return "bank_change" if is_first and is_owner else "bank"


def _save_or_submit(request: HttpRequest, supplier: Supplier, *, draft: bool, then: str) -> HttpResponse:
    """Save the draft, or submit the application, and go to the address `then`."""
    text = agreements.latest()
    company, owners = CompanyForm(request.POST, draft=draft), owner_formset(request.POST)
    agreement = AgreementForm(request.POST, text=text, draft=draft)
    asks_to_accept = not draft and not agreements.is_current(supplier=supplier)
    # Validate all forms, so that the page shows all errors at once.
    valid = [company.is_valid(), owners.is_valid(), not asks_to_accept or agreement.is_valid()]
    if all(valid):
        try:
            if draft:
                applications.save_draft(
                    supplier=supplier,
                    company=company.to_company(),
                    owners=owners.to_owner_details(),
                    by=signed_in_user(request),
                    at=timezone.now(),
                )
            else:
                applications.submit(
                    supplier=supplier,
                    company=company.to_company(),
                    owners=owners.to_owner_details(),
                    consent=_consent(request, agreement) if asks_to_accept else None,
                    by=signed_in_user(request),
                    at=timezone.now(),
                )
        except applications.NotEditable as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("dashboard:application"))
        except VALIDATION_ERRORS as error:
            company.add_error(None, str(error))
        else:
            messages.success(
                request,
                _("Your draft is saved.")
                if draft
                else _("We have received your application and will email you our decision."),
            )
            return HttpResponseRedirect(then)
    bound_agreement = agreement if asks_to_accept else None
    return _render(request, supplier, company=company, owners=owners, agreement=bound_agreement)


def _accept_agreement(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Accept the latest agreement only."""
    form = AgreementForm(request.POST, text=agreements.latest())
    if form.is_valid():
        consent = _consent(request, form)
        try:
            agreements.accept(
                supplier=supplier,
                version=consent.version,
                by=signed_in_user(request),
                at=timezone.now(),
                ip_address=consent.ip_address,
                user_agent=consent.user_agent,
            )
        except agreements.OutdatedVersion as error:
            form.add_error("accepted", str(error))
        else:
            messages.success(request, _("You have accepted the agreement."))
            return HttpResponseRedirect(reverse("dashboard:application"))
    return _render(request, supplier, agreement=form)


def _consent(request: HttpRequest, form: AgreementForm) -> applications.AgreementConsent:
    """The accepted version, and the client's details. Rate limits use the same IP address; it cannot be forged."""
    adapter = get_adapter(request)
    return applications.AgreementConsent(
        version=form.cleaned_data["version"],
        ip_address=adapter.get_client_ip(request),
        user_agent=adapter.get_http_user_agent(request),
    )


def _render(
    request: HttpRequest,
    supplier: Supplier,
    *,
    company: CompanyForm | None = None,
    owners: BaseOwnerFormSet | None = None,
    agreement: AgreementForm | None = None,
) -> HttpResponse:
    """Render the page with the given forms, or with the stored values."""
    found = Application.objects.filter(supplier=supplier).prefetch_related("owners").first()
    is_owner = supplier.memberships.filter(user=signed_in_user(request), role=Membership.Role.OWNER).exists()
    may_edit = is_owner and (found is None or found.is_editable)
    text = agreements.latest()
    is_current = agreements.is_current(supplier=supplier)
    today = business_day(timezone.now())
    shown = BankAccount.objects.filter(supplier=supplier, status__in=["in_use", "suspended", "waiting"])
    accounts = list(shown.order_by("currency", "status"))
    if company is None:
        company = CompanyForm(initial=company_initial(found) if found else {"legal_name": supplier.name})
    if owners is None:
        rows = owners_initial(found)
        owners = owner_formset(initial=rows, extra=0 if rows else 1)
    # Consent to another version does not count for this one.
    if agreement is None or not _is_for_version(agreement, text):
        agreement = AgreementForm(text=text)
    missing = supplier_documents.still_missing(supplier=supplier, on=today)
    is_payable = any(one.status == BankAccount.Status.IN_USE for one in accounts)
    steps: dict[str, Any] = {"answer_time": application_guide.answer_time()}
    if may_edit:
        steps["guide"] = application_guide.guide(
            application=found, accounts=accounts, missing=missing, is_current=is_current
        )
    if found is not None and found.status != Application.Status.DRAFT:
        steps["stages"] = application_guide.stages(application=found, missing=missing, is_payable=is_payable)
    context = {
        **steps,
        "application": found,
        "status": found.get_status_display() if found else Application.Status.DRAFT.label,
        "tone": TONES[Application.Status(found.status)] if found else "neutral",
        "may_edit": may_edit,
        "is_owner": is_owner,
        "company": company,
        "owners": owners,
        "read_only_values": _read_only_values(found) if found and not may_edit else (),
        "accounts": accounts,
        "is_payable": is_payable,
        "blocker": " ".join(checks.blockers(supplier=supplier, on=today)),
        "agreement_text": text,
        "agreement": agreement,
        "accepted": agreements.latest_acceptance(supplier=supplier),
        "is_current": is_current,
        "asked": supplier_documents.asked_of(supplier=supplier, on=today),
        "missing": missing,
        "errors": _error_list([company, *owners.forms, agreement] if may_edit else [agreement]),
    }
    return render_for_supplier(request, "dashboard/application.html", context, supplier=supplier)


def _is_for_version(form: AgreementForm, text: AgreementText | None) -> bool:
    return text is not None and form.data.get("version") == str(text.version)


def _error_list(checked: Sequence[forms.BaseForm]) -> list[dict[str, Any]]:
    """All errors, each with the id of its field ("" if it has none)."""
    found = []
    for form in checked:
        if not form.is_bound:
            continue
        for name, messages_of_field in form.errors.items():
            bound = form[name] if name in form.fields else None
            for message in messages_of_field:
                found.append(
                    {
                        "field_id": bound.id_for_label if bound else "",
                        "label": bound.label if bound else "",
                        "message": message,
                    }
                )
    return found


def _read_only_values(found: Application) -> list[tuple[str, object]]:
    """The application's values for a user who may not change it, without tax number and dates of birth."""
    address = [found.address_line1, found.address_line2, found.city, found.region, found.postal_code]
    return [
        (_("Legal name"), found.legal_name),
        (_("Trading name"), found.trading_name),
        (_("Registration number"), found.registration_number),
        (_("Address"), ", ".join(part for part in [*address, countries().get(found.country, "")] if part)),
        (_("Phone"), found.phone),
        (_("Website"), found.website),
        (_("What you sell"), found.about),
    ]
