"""The supplier's application on one page: company, owners, bank account, agreement, and what staff said to it."""

from collections.abc import Sequence
from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from infactor.dashboard.account.application_forms import (
    AgreementForm,
    CompanyForm,
    OwnerRows,
    owner_rows,
    typed,
    written,
    written_owners,
)
from infactor.dashboard.rendering import show
from infactor.suppliers import agreements, applications
from infactor.suppliers.access import for_supplier, person
from infactor.suppliers.countries import countries
from infactor.suppliers.models import AgreementText, Application, BankAccount, Membership, Supplier

TONES = {
    Application.Status.DRAFT: "neutral",
    Application.Status.SUBMITTED: "info",
    Application.Status.ON_HOLD: "warn",
    Application.Status.APPROVED: "good",
    Application.Status.REFUSED: "bad",
}
REFUSALS = (applications.OwnersWrong, applications.Incomplete, agreements.NotTheNewest)


@require_http_methods(["GET", "HEAD", "POST"])
@for_supplier
def application(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show it; keep a draft of it; submit it; accept a newer agreement alone."""
    if request.method != "POST":
        return _show(request, supplier)
    action = request.POST.get("action", "")
    if action == "accept":
        return _accept(request, supplier)
    if action == "add_owner":
        company, rows = typed(request.POST)
        return _show(request, supplier, company=CompanyForm(initial=company), owners=owner_rows(initial=rows, extra=1))
    then = _to_the_account(request, supplier) if action == "bank" else "application"
    return _save(request, supplier, draft=action != "submit", then=then)


def _to_the_account(request: HttpRequest, supplier: Supplier) -> str:
    """Straight to entering the first account, for who may; else to those that there are."""
    is_first = not BankAccount.objects.filter(supplier=supplier).exists()
    is_owner = supplier.memberships.filter(user=person(request), role=Membership.Role.OWNER).exists()
    return "bank_change" if is_first and is_owner else "bank"


def _save(request: HttpRequest, supplier: Supplier, *, draft: bool, then: str) -> HttpResponse:
    """Keep what was typed, and submit it unless it is a draft."""
    text = agreements.newest()
    company, owners = CompanyForm(request.POST, draft=draft), owner_rows(request.POST)
    agreement = AgreementForm(request.POST, text=text, draft=draft)
    asks_to_accept = not draft and not agreements.is_current(supplier=supplier)
    # Each is asked, so that everything that is wrong is told at once.
    well = [company.is_valid(), owners.is_valid(), not asks_to_accept or agreement.is_valid()]
    if all(well):
        try:
            if draft:
                applications.save_draft(
                    supplier=supplier,
                    company=company.company(),
                    owners=owners.holders(),
                    by=person(request),
                    at=timezone.now(),
                )
            else:
                applications.submit(
                    supplier=supplier,
                    company=company.company(),
                    owners=owners.holders(),
                    accepting=_acceptance(request, agreement) if asks_to_accept else None,
                    by=person(request),
                    at=timezone.now(),
                )
        except applications.NotOpen as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(reverse("dashboard:application"))
        except REFUSALS as refusal:
            company.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved." if draft else "Submitted. We tell you by mail what we decide.")
            return HttpResponseRedirect(reverse(f"dashboard:{then}"))
    shown = agreement if asks_to_accept else None
    return _show(request, supplier, company=company, owners=owners, agreement=shown)


def _accept(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Accept the newest agreement, and nothing else."""
    form = AgreementForm(request.POST, text=agreements.newest())
    if form.is_valid():
        given = _acceptance(request, form)
        try:
            agreements.accept(
                supplier=supplier,
                version=given.version,
                by=person(request),
                at=timezone.now(),
                ip_address=given.ip_address,
                user_agent=given.user_agent,
            )
        except agreements.NotTheNewest as refusal:
            form.add_error("accepted", str(refusal))
        else:
            messages.success(request, "The agreement is accepted.")
            return HttpResponseRedirect(reverse("dashboard:application"))
    return _show(request, supplier, agreement=form)


def _acceptance(request: HttpRequest, form: AgreementForm) -> applications.Acceptance:
    """Which version, and from where: the address is the one that rate limits count, which nobody can choose."""
    adapter = get_adapter(request)
    return applications.Acceptance(
        version=form.cleaned_data["version"],
        ip_address=adapter.get_client_ip(request),
        user_agent=adapter.get_http_user_agent(request),
    )


def _show(
    request: HttpRequest,
    supplier: Supplier,
    *,
    company: CompanyForm | None = None,
    owners: OwnerRows | None = None,
    agreement: AgreementForm | None = None,
) -> HttpResponse:
    """The page with these forms, or with what is stored."""
    found = Application.objects.filter(supplier=supplier).prefetch_related("owners").first()
    is_owner = supplier.memberships.filter(user=person(request), role=Membership.Role.OWNER).exists()
    may_edit = is_owner and (found is None or found.may_be_changed)
    text = agreements.newest()
    is_current = agreements.is_current(supplier=supplier)
    if company is None:
        company = CompanyForm(initial=written(found) if found else {"legal_name": supplier.name})
    if owners is None:
        rows = written_owners(found)
        owners = owner_rows(initial=rows, extra=0 if rows else 1)
    # A box that was ticked for another version is not ticked for this one.
    if agreement is None or not _is_about(agreement, text):
        agreement = AgreementForm(text=text)
    context = {
        "application": found,
        "status": found.get_status_display() if found else Application.Status.DRAFT.label,
        "tone": TONES[Application.Status(found.status)] if found else "neutral",
        "may_edit": may_edit,
        "is_owner": is_owner,
        "company": company,
        "owners": owners,
        "facts": _facts(found) if found and not may_edit else (),
        "accounts": BankAccount.objects.filter(supplier=supplier, status__in=["in_use", "waiting"]).order_by(
            "currency", "status"
        ),
        "agreement_text": text,
        "agreement": agreement,
        "accepted": agreements.accepted_by(supplier=supplier),
        "is_current": is_current,
        "problems": _problems([company, *owners.forms, agreement] if may_edit else [agreement]),
    }
    return show(request, "dashboard/application.html", context, supplier=supplier)


def _is_about(form: AgreementForm, text: AgreementText | None) -> bool:
    return text is not None and form.data.get("version") == str(text.version)


def _problems(checked: Sequence[forms.BaseForm]) -> list[dict[str, Any]]:
    """What is wrong, each with the field that it leads to ("" for none)."""
    found = []
    for form in checked:
        if not form.is_bound:
            continue
        for name, said in form.errors.items():
            bound = form[name] if name in form.fields else None
            for one in said:
                found.append(
                    {
                        "id": bound.id_for_label if bound else "",
                        "label": bound.label if bound else "",
                        "said": one,
                    }
                )
    return found


def _facts(found: Application) -> list[tuple[str, object]]:
    """What the application says, for who may not change it: without the tax number and dates of birth."""
    address = [found.address_line1, found.address_line2, found.city, found.region, found.postal_code]
    return [
        ("Legal name", found.legal_name),
        ("Trading name", found.trading_name),
        ("Registration number", found.registration_number),
        ("Address", ", ".join(part for part in [*address, countries().get(found.country, "")] if part)),
        ("Phone", found.phone),
        ("Website", found.website),
        ("What you sell", found.about),
    ]
