"""The page of the search, and its results alone for the dialog that Ctrl+K opens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from infactor.core.rate_limits import limited
from infactor.financing.value_dates import supplier_today
from infactor.site_search import finding
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier

DIALOG_ID = "search-results"


def _query(request: HttpRequest) -> str:
    return request.GET.get("q", "")[: finding.MAX_LENGTH].replace("\0", "").strip()


@require_safe
@limited(action="find", what="have searched", when=lambda request: len(_query(request)) >= finding.MIN_LENGTH)
@for_supplier
def search(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """A field and the results for `q`, by kind. It works by its address, without JavaScript.

    htmx, which asks for the results of the dialog, gets a listbox of them.
    """
    query = _query(request)
    is_dialog = request.htmx.target == DIALOG_ID  # type: ignore[attr-defined]
    is_short = 0 < len(query) < finding.MIN_LENGTH
    limit = finding.IN_DIALOG if is_dialog else finding.ON_PAGE
    today = supplier_today(supplier=supplier, at=timezone.now())
    context = {
        "query": query,
        "max_length": finding.MAX_LENGTH,
        "is_short": is_short,
        "groups": finding.find(query, supplier=supplier, today=today, limit=limit) if query and not is_short else [],
    }
    return render(request, "search/_listbox.html" if is_dialog else "search/page.html", context)
