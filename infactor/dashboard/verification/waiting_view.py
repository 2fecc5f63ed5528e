"""The buyers that have not answered yet, by the address that was asked, and the reminder of one of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Count, F, Max, Min, Window
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Lower, RowNumber
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from infactor.core.tasks import enqueue_send_emails
from infactor.dashboard.pagination import CountedPaginator
from infactor.dashboard.rendering import render_for_supplier
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier
from infactor.verification import reminders
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable

PER_PAGE = 25
MAX_INVOICES_SHOWN = 10  # of one address
COLUMNS = ("public_id", "to", "sent_at", "balance_asked", "currency", "supplier", "invoice__public_id")


@dataclass(frozen=True)
class Silent:
    """An address that has not answered: the names that share it, what it was asked, and whether it can be reminded now.

    `verifications` are the first of `count`, each with its `invoice_number`; `phone` is the buyer's in the books.
    """

    verifications: Sequence[Verification]
    count: int
    buyers: Sequence[str]
    phone: str
    last_sent: datetime
    was_opened: bool
    can_be_reminded: bool

    @property
    def first(self) -> Verification:
        return self.verifications[0]

    @property
    def more(self) -> int:
        return self.count - len(self.verifications)


@require_safe
@for_supplier
def waiting_buyers(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The buyers that have not answered, the longest silent first, in pages. Three queries, however many they are."""
    now = timezone.now()
    rows = reminders.waiting(supplier=supplier, at=now).annotate(address=Lower("to"))
    by_address = rows.order_by().values("address")
    total = by_address.distinct().count()
    pages, number = CountedPaginator(_groups(by_address), per_page=PER_PAGE, total=total), request.GET.get("page")
    page = pages.get_page(number)
    groups = list(page.object_list)
    asked = _first_of_each(rows, [one["address"] for one in groups])
    context = {
        "page": page,
        "page_href": f"{reverse('dashboard:waiting_buyers')}?page=",
        "is_other_page": pages.is_beyond(number),
        "silent": [_silent(one, asked[one["address"]], at=now) for one in groups if asked[one["address"]]],
    }
    return render_for_supplier(request, "verification/waiting.html", context, supplier=supplier)


@require_POST
@for_supplier
def remind_buyer(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Remind the address of this request of all that it was asked."""
    rows = Verification.objects.filter(supplier=supplier, public_id=public_id, sent_at__isnull=False)
    asked = rows.select_related("supplier").first()
    if asked is None:
        raise Http404
    try:
        reminders.remind(verification=asked, by=signed_in_user(request), at=timezone.now())
    except NotVerifiable as refusal:
        messages.error(request, str(refusal))
    else:
        transaction.on_commit(enqueue_send_emails)
        messages.success(request, _("We have sent a reminder to %(to)s.") % {"to": asked.to})
    return HttpResponseRedirect(reverse("dashboard:waiting_buyers"))


def _groups(by_address: Any) -> Any:
    """What is known of each address, the one asked longest ago first."""
    return by_address.annotate(
        asked_first=Min("sent_at"),
        last=Max(Coalesce("reminded_at", "sent_at")),
        opened=Max("opened_at"),
        number_of=Count("pk"),
        telephone=Max("invoice__buyer__phone"),
        names=ArrayAgg(KT("facts__buyer"), distinct=True, default=[]),
    ).order_by("asked_first", "address")


def _first_of_each(rows: Any, addresses: Sequence[str]) -> dict[str, list[Verification]]:
    """By address, the first that it was asked. What a buyer is shown of an invoice may be long, and stays behind."""
    place = Window(RowNumber(), partition_by=F("address"), order_by=["sent_at", "pk"])
    found = rows.filter(address__in=addresses).annotate(invoice_number=KT("facts__number"), place=place)
    found = found.filter(place__lte=MAX_INVOICES_SHOWN).order_by("sent_at", "pk")
    by_address: dict[str, list[Verification]] = defaultdict(list)
    for one in found.select_related(None).select_related("invoice").only(*COLUMNS):
        by_address[one.address].append(one)
    return by_address


def _silent(group: dict[str, Any], asked: Sequence[Verification], *, at: datetime) -> Silent:
    return Silent(
        verifications=asked,
        count=group["number_of"],
        buyers=[name for name in group["names"] if name],
        phone=group["telephone"] or "",
        last_sent=group["last"],
        was_opened=group["opened"] is not None,
        can_be_reminded=group["last"] <= at - reminders.BETWEEN_REMINDERS,
    )
