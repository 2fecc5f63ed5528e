"""Two people accept offers: on, or asked to be off, and who confirms that."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from infactor.dashboard.rendering import render_for_supplier
from infactor.suppliers import two_people as service
from infactor.suppliers.access import for_supplier, is_owner, may_act, signed_in_user
from infactor.suppliers.models import Supplier

# What a button is called in the form, what it does, and what is said afterwards.
ACTIONS: Mapping[str, tuple[Callable[..., None], Any]] = {
    "on": (service.switch_on, gettext_lazy("From now on two people accept offers.")),
    "ask-off": (
        service.ask_to_switch_off,
        gettext_lazy("Another owner has to confirm this. We have told them. Until then, two people accept."),
    ),
    "keep-on": (service.keep_on, gettext_lazy("Two people still accept offers.")),
    "off": (service.switch_off, gettext_lazy("From now on one owner is enough to accept an offer.")),
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_supplier
def two_people(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """How offers are accepted, and who may change it."""
    if request.method == "POST":
        answer: HttpResponse = _change(request, supplier)
        return answer
    user = signed_in_user(request)
    now: datetime = timezone.now()
    state = service.state(supplier=supplier, at=now)
    context = {
        "state": state,
        "is_owner": is_owner(user=user, supplier=supplier),
        "may_act": may_act(supplier),
        "is_own": state.off_requested_by == user,
        "has_confirmer": service.has_confirmer(supplier=supplier, besides=user),
    }
    return render_for_supplier(request, "dashboard/settings/two_people.html", context, supplier=supplier)


@reauthentication_required  # type: ignore[untyped-decorator]
def _change(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    act, done = ACTIONS.get(request.POST.get("action", ""), (None, ""))
    if act is None:
        messages.error(request, _("Choose what to do."))
    else:
        try:
            act(supplier=supplier, by=signed_in_user(request), at=timezone.now())
        except service.CannotSwitch as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(done))
    return HttpResponseRedirect(reverse("dashboard:two_people"))
