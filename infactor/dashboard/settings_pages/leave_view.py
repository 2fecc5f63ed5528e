"""Leave any day: the payoff figure, the request to close the account, and the release letter."""

from datetime import date, timedelta
from functools import partial

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from infactor.core.rate_limits import limited
from infactor.core.transitions import TransitionNotAllowed
from infactor.dashboard.financing import pay_view
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing import leaving
from infactor.financing.accounting import payoff_schedule
from infactor.financing.letters import payoff_letter
from infactor.financing.letters import release_letter as release_letters
from infactor.financing.letters.sending import send_letter
from infactor.financing.remittance_instructions import instructions_or_reference
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.access import for_supplier, is_owner, signed_in_user
from infactor.suppliers.models import AccountClosing, Supplier

Status = AccountClosing.Status


@require_safe
@for_supplier
def leave(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """What would have to be paid on each of the next days, and whether the account can be closed."""
    today = supplier_today(supplier=supplier, at=timezone.now())
    schedule = payoff_schedule.schedule(supplier=supplier, today=today)
    chosen = _chosen(request.GET.get("on", ""), today)
    number = (chosen - today).days
    said = pay_view.words(supplier=supplier) if schedule else {}

    def pay_to(currency: str) -> dict[str, str]:
        return instructions_or_reference(public_id=supplier.public_id, currency=currency)

    context = {
        "today": today,
        "on": chosen,
        "figures": [(found[number], said.get(currency), pay_to(currency)) for currency, found in schedule.items()],
        "days": [
            {"on": today + timedelta(days=day), "figures": [found[day] for found in schedule.values()]}
            for day in range(payoff_schedule.DAYS_AHEAD + 1)
        ]
        if schedule
        else [],
        "currencies": list(schedule),
        "open_items": leaving.open_items(supplier=supplier),
        "closing": leaving.current(supplier=supplier),
        "is_owner": is_owner(user=signed_in_user(request), supplier=supplier),
    }
    return render_for_supplier(request, "dashboard/settings/leave.html", context, supplier=supplier)


@require_POST
@for_supplier
@reauthentication_required  # type: ignore[untyped-decorator]
def leave_request(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Ask to close the account."""
    reason = request.POST.get("reason", "")
    try:
        leaving.request(supplier=supplier, reason=reason, by=signed_in_user(request), at=timezone.now())
    except leaving.CannotClose as refusal:
        messages.error(request, _("The account cannot be closed yet. %(refusal)s") % {"refusal": refusal})
    else:
        messages.success(request, _("We have received your request to close the account."))
    return HttpResponseRedirect(reverse("dashboard:leave"))


@require_POST
@for_supplier
def leave_withdraw(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Stay after all."""
    closing = leaving.current(supplier=supplier)
    try:
        if closing is None:
            raise TransitionNotAllowed
        leaving.withdraw(closing=closing, by=signed_in_user(request), at=timezone.now())
    except TransitionNotAllowed:
        messages.error(request, _("There is no open request to close the account."))
    else:
        messages.success(request, _("Your account stays open. Connect QuickBooks again to go on."))
    return HttpResponseRedirect(reverse("dashboard:leave"))


@require_safe
@limited(action="export", what="have downloaded files")
@for_supplier
def payoff_pdf(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The payoff letter for a day."""
    now = timezone.now()
    on = _chosen(request.GET.get("on", ""), supplier_today(supplier=supplier, at=now))
    draw = partial(payoff_letter.payoff_pdf, supplier=supplier, on=on, at=now)
    details = {"on": on.isoformat()}
    return send_letter(request, supplier, draw, name=f"payoff-{on.isoformat()}", letter="payoff", details=details)


@require_safe
@for_supplier
def release_letter(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The release letter, as a page."""
    closing = _released(supplier)
    letter = closing.letter
    context = {"closing": closing, "letter": letter, "day": date.fromisoformat(letter["day"])}
    return render_for_supplier(request, "dashboard/settings/release_letter.html", context, supplier=supplier)


@require_safe
@limited(action="export", what="have downloaded files")
@for_supplier
def release_pdf(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The release letter, to keep."""
    closing = _released(supplier)
    draw = partial(release_letters.release_pdf, closing=closing)
    return send_letter(request, supplier, draw, name=f"release-{closing.letter['day']}", letter="release")


def _released(supplier: Supplier) -> AccountClosing:
    closing = leaving.current(supplier=supplier)
    if closing is None or closing.status != Status.RELEASED:
        raise Http404
    return closing


def _chosen(text: str, today: date) -> date:
    """The day of the address, if it is one of those shown; else today."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if today <= day <= today + timedelta(days=payoff_schedule.DAYS_AHEAD) else today
