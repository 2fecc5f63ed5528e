"""The page of an invitation's link: join with the account one has, or create one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from infactor.suppliers import access, invitations
from infactor.suppliers.signup import INVITATION_KEY
from infactor.users.models import User


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites, to what (GET); join with the account that is signed in (POST)."""
    try:
        found = invitations.open_link(token=token, at=timezone.now())
    except invitations.UnknownLink:
        return render(request, "dashboard/settings/invitation_ended.html", status=404)
    context = {"invitation": found, "token": token, "refusal": ""}
    if isinstance(request.user, User):
        if request.method == "POST":
            try:
                member = invitations.accept(token=token, by=request.user, at=timezone.now())
            except (invitations.CannotJoin, invitations.UnknownLink) as refusal:
                context["refusal"] = str(refusal) or _("This invitation has ended. Ask the company to send it again.")
            else:
                request.session[access.SESSION_KEY] = member.supplier_id
                messages.success(request, _("You now work for %(name)s.") % {"name": member.supplier.name})
                return HttpResponseRedirect(reverse("dashboard:home"))
    else:
        request.session[INVITATION_KEY] = token  # the page that creates an account asks for it
    return render(request, "dashboard/settings/invitation.html", context)
