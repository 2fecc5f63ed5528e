"""What a person was told, what they want to hear of, and the link that stops emails."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from infactor.dashboard.pagination import CountedPaginator
from infactor.dashboard.rendering import render_for_supplier
from infactor.suppliers import notifications as notices
from infactor.suppliers.access import for_reader, for_supplier, role_of, signed_in_user
from infactor.suppliers.models import Notification, NotificationKind, Supplier

PAGE_SIZE = 25
EXAMPLES = {
    NotificationKind.OFFERS: gettext_lazy("An offer is ready, expires, or a request is declined."),
    NotificationKind.MONEY: gettext_lazy("An advance is on its way, a buyer has paid, a reserve is released."),
    NotificationKind.STATEMENTS: gettext_lazy("The statement of a month that is over is ready."),
    NotificationKind.BUYERS: gettext_lazy("A buyer confirms or disputes an invoice, or does not answer in time."),
    NotificationKind.BOOKS: gettext_lazy("QuickBooks has to be connected again."),
    NotificationKind.MESSAGES: gettext_lazy("We have written to you, or answered your message."),
    NotificationKind.LEGAL: gettext_lazy(
        "Your application is decided, an offer is accepted, you owe something, a payout failed."
    ),
    NotificationKind.SECURITY: gettext_lazy(
        "Somebody joins, leaves or changes role; a bank account is added or confirmed."
    ),
}


@require_safe
@for_supplier
def notifications(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """What the person was told, the newest first."""
    rows = notices.visible(user=signed_in_user(request), supplier=supplier)
    page = CountedPaginator(rows, per_page=PAGE_SIZE, total=rows.count()).get_page(request.GET.get("page"))
    return render_for_supplier(request, "dashboard/settings/notifications.html", {"page": page}, supplier=supplier)


@require_POST
@for_reader
def notifications_read(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Mark all as read."""
    notices.mark_read(user=signed_in_user(request), supplier=supplier, at=timezone.now())
    return HttpResponseRedirect(reverse("dashboard:notifications"))


@require_POST
@for_reader
def notification_open(request: HttpRequest, supplier: Supplier, pk: int) -> HttpResponse:
    """Mark one as read, and go to the page that it is about."""
    user = signed_in_user(request)
    found: Notification = get_object_or_404(notices.visible(user=user, supplier=supplier), pk=pk)
    notices.mark_read(user=user, supplier=supplier, at=timezone.now(), only=found.pk)
    is_ours = url_has_allowed_host_and_scheme(found.path, allowed_hosts=None)
    return HttpResponseRedirect(found.path if is_ours else reverse("dashboard:notifications"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_reader
def notification_settings(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """By which channel the person hears of which kind."""
    user = signed_in_user(request)
    role = role_of(user=user, supplier=supplier) or ""
    if request.method == "POST":
        wanted = {
            kind: notices.Channels(
                in_app=f"app-{kind}" in request.POST,
                by_mail=f"mail-{kind}" in request.POST,
            )
            for kind in notices.channels_of(user=user, supplier=supplier, role=role)
        }
        notices.choose(user=user, supplier=supplier, wanted=wanted)
        messages.success(request, _("Your choice is saved."))
        return HttpResponseRedirect(reverse("dashboard:notification_settings"))
    rows = [
        {
            "kind": kind,
            "example": EXAMPLES[kind],
            "channels": channels,
            "is_fixed": kind in notices.MANDATORY,
        }
        for kind, channels in notices.channels_of(user=user, supplier=supplier, role=role).items()
    ]
    context = {"rows": rows}
    return render_for_supplier(request, "dashboard/settings/notification_settings.html", context, supplier=supplier)


@csrf_exempt  # email programs post to it (RFC 8058); the signed link is the permission, and it can only stop emails
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to stop emails of one kind (GET), and stop them (POST)."""
    try:
        member, kind = notices.read_link(token)
    except notices.UnknownLink:
        return render(request, "dashboard/settings/unsubscribe.html", {"is_unknown": True}, status=404)
    if request.method == "POST":
        notices.stop_mail(member=member, kind=kind)
    context: dict[str, Any] = {"kind": kind, "company": member.supplier.name, "is_done": request.method == "POST"}
    return render(request, "dashboard/settings/unsubscribe.html", context)
