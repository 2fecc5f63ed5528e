"""A supplier's letters as PDF, for staff: on the page of the supplier and of each of its advances, and audited."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.views.generic import View

from infactor.core.admin.decisions import StaffView
from infactor.core.admin.panels import Panel
from infactor.core.admin.tables import Table
from infactor.core.rate_limits import limited
from infactor.financing import leaving
from infactor.financing.letters import fees_letter, payoff_letter, release_letter, statement_letter
from infactor.financing.letters.letterhead import month_text
from infactor.financing.letters.sending import send_letter
from infactor.financing.models import Advance
from infactor.financing.value_dates import supplier_today
from infactor.ledger import periods
from infactor.suppliers.models import AccountClosing, Supplier

PERMISSION = "financing.view_advance"
MONTHS = 6  # that are offered; the address takes any month
LIMITED: Any = limited(action="export", what="have downloaded files")


class SupplierLetterView(StaffView, View):
    """One letter: the statement of a month, the fees of a year, the payoff of today, or the release."""

    permission = PERMISSION
    http_method_names = ["get", "head"]

    @method_decorator(LIMITED)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, supplier_id: int, letter: str, period: str = "") -> HttpResponse:
        supplier = get_object_or_404(Supplier, pk=supplier_id)
        drawer = LETTERS.get(letter)
        draw = None if drawer is None else drawer(supplier, period)
        if draw is None:
            raise Http404
        details = {"period": period} if period else {}
        name = "-".join(filter(None, (letter, str(supplier.pk), period)))
        return send_letter(request, supplier, draw, name=name, letter=letter, details=details)


def panel_of(user: Any, row: Model) -> Panel | None:
    """The letters of the supplier, on its page and on that of an advance."""
    if not isinstance(row, Supplier | Advance) or not user.has_perm(PERMISSION):
        return None
    supplier = row if isinstance(row, Supplier) else row.supplier
    today = supplier_today(supplier=supplier, at=timezone.now())
    month, months = periods.month_of(today), []
    for _number in range(MONTHS):
        months.append((month_text(month), _address(supplier, "statement", f"{month:%Y-%m}")))
        month = periods.month_of(month - timedelta(days=1))
    years = [(str(year), _address(supplier, "fees", str(year))) for year in (today.year, today.year - 1)]
    rows = [
        (_("Statement"), _links(months)),
        (_("Fee summary"), _links(years)),
        (_("Payoff letter"), _links([(_("as of today"), _address(supplier, "payoff"))])),
        (_("Release letter"), _links([(_("once the account is closed"), _address(supplier, "release"))])),
    ]
    return Panel(Table(_("Letters to the supplier (PDF)"), (), rows))


def _address(supplier: Supplier, letter: str, period: str = "") -> str:
    parts = [supplier.pk, letter, *([period] if period else [])]
    return reverse(f"admin:supplier_letter{'_of' if period else ''}", args=parts)


def _links(found: list[tuple[str, str]]) -> str:
    links = ((address, label) for label, address in found)
    return format_html("{}", format_html_join(" · ", '<a href="{}" download>{}</a>', links))


def _statement(supplier: Supplier, period: str) -> Callable[[], bytes] | None:
    try:
        start = date.fromisoformat(f"{period}-01")
    except ValueError:
        return None
    now, end = timezone.now(), periods.last_day(start)
    return partial(statement_letter.statement_pdf, supplier=supplier, start=start, end=end, at=now)


def _fees(supplier: Supplier, period: str) -> Callable[[], bytes] | None:
    now = timezone.now()
    if not period.isdecimal() or not 2000 <= int(period) <= supplier_today(supplier=supplier, at=now).year:
        return None
    return partial(fees_letter.fees_pdf, supplier=supplier, year=int(period), at=now)


def _payoff(supplier: Supplier, period: str) -> Callable[[], bytes]:
    now = timezone.now()
    return partial(payoff_letter.payoff_pdf, supplier=supplier, on=supplier_today(supplier=supplier, at=now), at=now)


def _release(supplier: Supplier, period: str) -> Callable[[], bytes] | None:
    closing = leaving.current(supplier=supplier)
    if closing is None or closing.status != AccountClosing.Status.RELEASED:
        return None
    return partial(release_letter.release_pdf, closing=closing)


LETTERS: dict[str, Callable[[Supplier, str], Callable[[], bytes] | None]] = {
    "statement": _statement,
    "fees": _fees,
    "payoff": _payoff,
    "release": _release,
}

urlpatterns = [
    path("letters/<int:supplier_id>/<str:letter>.pdf", SupplierLetterView.as_view(), name="supplier_letter"),
    path(
        "letters/<int:supplier_id>/<str:letter>/<str:period>.pdf",
        SupplierLetterView.as_view(),
        name="supplier_letter_of",
    ),
]
