"""The people who act for the company: roles, invitations, and leaving."""

import uuid
from collections.abc import Callable
from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from infactor.core.rate_limits import limited
from infactor.core.transitions import TransitionNotAllowed
from infactor.dashboard.rendering import render_for_supplier
from infactor.suppliers import access, invitations, people
from infactor.suppliers.access import for_reader, for_supplier, is_owner, signed_in_user
from infactor.suppliers.models import Invitation, Membership, Supplier

Role = Membership.Role
MEANING = {
    Role.OWNER: gettext_lazy(
        "Everything: accepts offers, changes the bank account, manages people, and closes the account."
    ),
    Role.FINANCE: gettext_lazy("Daily work: requests financing, asks buyers, connects QuickBooks. Accepts no offer."),
    Role.READER: gettext_lazy("Sees every page and downloads files. Changes nothing."),
}
ROWS_OF_RIGHTS = (
    (gettext_lazy("See every page, download lists and statements"), {Role.OWNER, Role.FINANCE, Role.READER}),
    (gettext_lazy("Choose own notifications"), {Role.OWNER, Role.FINANCE, Role.READER}),
    (gettext_lazy("Request financing, withdraw a request, decline an offer"), {Role.OWNER, Role.FINANCE}),
    (gettext_lazy("Ask buyers to confirm invoices, resubmit a disputed one"), {Role.OWNER, Role.FINANCE}),
    (gettext_lazy("Connect and sync QuickBooks"), {Role.OWNER, Role.FINANCE}),
    (gettext_lazy("Propose to accept an offer, where two people accept"), {Role.OWNER, Role.FINANCE}),
    (gettext_lazy("Accept or confirm an offer, cancel an advance before it is paid"), {Role.OWNER}),
    (gettext_lazy("Add or withdraw a bank account"), {Role.OWNER}),
    (gettext_lazy("Submit the application, upload its documents, accept the agreement"), {Role.OWNER}),
    (gettext_lazy("Disconnect QuickBooks, let infactor write to it"), {Role.OWNER}),
    (gettext_lazy("Invite and remove people, change roles"), {Role.OWNER}),
    (gettext_lazy("Choose the company's time zone"), {Role.OWNER}),
    (gettext_lazy("Export all data, close the account"), {Role.OWNER}),
)


class InvitationForm(forms.Form):
    """Whom to invite, and in which role."""

    use_required_attribute = False

    email = forms.EmailField(
        label=gettext_lazy("Email address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=[("", gettext_lazy("Choose…")), *Role.choices])


@require_safe
@for_supplier
def people_list(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Who acts for the company, who is invited, and what each role may do."""
    return _page(request, supplier)


@require_POST
@limited(action="invite", what="have invited people")
@for_supplier
@reauthentication_required  # type: ignore[untyped-decorator]
def invite(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Invite an address."""
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            made = invitations.invite(
                supplier=supplier,
                email=form.cleaned_data["email"],
                role=form.cleaned_data["role"],
                by=signed_in_user(request),
                at=timezone.now(),
            )
        except invitations.CannotInvite as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, _("We have sent an invitation to %(email)s.") % {"email": made.email})
            return _back()
    return _page(request, supplier, form=form)


@require_POST
@limited(action="invite", what="have sent invitations")
@for_supplier
def invitation_resend(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Send a new link."""
    found = get_object_or_404(Invitation, supplier=supplier, public_id=public_id)

    def resend() -> str:
        sent = invitations.resend(invitation=found, by=signed_in_user(request), at=timezone.now())
        return _("We have sent a new link to %(email)s. The earlier one no longer works.") % {"email": sent.email}

    return _decided(request, resend)


@require_POST
@for_supplier
def invitation_cancel(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """End an invitation."""
    found = get_object_or_404(Invitation, supplier=supplier, public_id=public_id)

    def cancel() -> str:
        invitations.cancel(invitation=found, by=signed_in_user(request), at=timezone.now())
        return _("The invitation to %(email)s is canceled. Its link no longer works.") % {"email": found.email}

    return _decided(request, cancel)


@require_POST
@for_supplier
@reauthentication_required  # type: ignore[untyped-decorator]
def member_role(request: HttpRequest, supplier: Supplier, pk: int) -> HttpResponse:
    """Give a member another role."""
    member = get_object_or_404(Membership, supplier=supplier, pk=pk)
    role = request.POST.get("role", "")
    if role not in Role.values:
        messages.error(request, _("Choose a role from the list."))
        return _back()

    def change() -> str:
        changed = people.change_role(membership=member, role=role, by=signed_in_user(request), at=timezone.now())
        names = {"email": changed.user.email, "role": changed.get_role_display()}
        return _("%(email)s now has the role %(role)s.") % names

    return _decided(request, change)


@require_POST
@for_reader
@reauthentication_required  # type: ignore[untyped-decorator]
def member_remove(request: HttpRequest, supplier: Supplier, pk: int) -> HttpResponse:
    """End somebody's access, or one's own."""
    user = signed_in_user(request)
    member = get_object_or_404(Membership.objects.select_related("user"), supplier=supplier, pk=pk)
    is_own = member.user_id == user.pk

    def remove() -> str:
        people.remove(membership=member, by=user, at=timezone.now())
        if not is_own:
            return _("%(email)s no longer has access.") % {"email": member.user.email}
        request.session.pop(access.SESSION_KEY, None)
        return _("You have left %(name)s.") % {"name": supplier.name}

    return _decided(request, remove, leads_to="dashboard:companies" if is_own else "dashboard:people")


def _decided(request: HttpRequest, act: Callable[[], str], *, leads_to: str = "dashboard:people") -> HttpResponse:
    """Do `act`, say what it says, and lead to the page. What is refused says why, on the page of the people."""
    try:
        done = act()
    except (people.CannotChange, invitations.CannotInvite) as refusal:
        messages.error(request, str(refusal))
    except TransitionNotAllowed:
        messages.error(request, _("This invitation is no longer open."))
    else:
        messages.success(request, done)
        return HttpResponseRedirect(reverse(leads_to))
    return _back()


def _page(request: HttpRequest, supplier: Supplier, *, form: InvitationForm | None = None) -> HttpResponse:
    user = signed_in_user(request)
    now = timezone.now()
    context: dict[str, Any] = {
        "members": people.members(supplier=supplier),
        "waiting": [
            {"row": one, "is_expired": one.is_expired(at=now)} for one in invitations.waiting(supplier=supplier)
        ],
        "form": form or InvitationForm(),
        "is_owner": is_owner(user=user, supplier=supplier),
        "me": user,
        "roles": Role.choices,
        "meanings": [(role.label, text) for role, text in MEANING.items()],
        "role_names": [role.label for role in Role],
        "rights": [(what, [role in who for role in Role]) for what, who in ROWS_OF_RIGHTS],
        "days": invitations.VALID_FOR.days,
    }
    return render_for_supplier(request, "dashboard/settings/people.html", context, supplier=supplier)


def _back() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("dashboard:people"))
