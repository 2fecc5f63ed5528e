"""The supplier's page of the bookkeeping: what infactor writes into its books, turned on and off with its accounts."""

import uuid
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from infactor.core.rate_limits import limited
from infactor.suppliers.access import for_supplier, is_owner, signed_in_user
from infactor.suppliers.models import Supplier
from quickbooks_app import tasks
from quickbooks_app.bookkeeping import chart, mapping, preview
from quickbooks_app.bookkeeping.chart import Chart
from quickbooks_app.bookkeeping.mapping import MappingRefused
from quickbooks_app.bookkeeping.mapping_form import MappingForm
from quickbooks_app.errors import QuickBooksError
from quickbooks_app.models import (
    BookkeepingAccount,
    BookkeepingComparison,
    BookkeepingEntry,
    BookkeepingSettings,
    Connection,
)
from quickbooks_app.pushes.requests import NOT_CONNECTED

Role = BookkeepingAccount.Role

SHOWN = 50
PREVIEW_COLUMNS = [
    {"label": gettext_lazy("When")},
    {"label": gettext_lazy("What")},
    {"label": gettext_lazy("Debit")},
    {"label": gettext_lazy("Credit")},
    {"label": gettext_lazy("As")},
]
ENTRY_COLUMNS = [*PREVIEW_COLUMNS, {"label": gettext_lazy("Result")}]
LINE_COLUMNS = [
    {"label": gettext_lazy("Account")},
    {"label": gettext_lazy("Why")},
    {"label": gettext_lazy("Differs by"), "numeric": True},
]
ALLOW_FIRST = gettext_lazy("Allow infactor to write into these books first.")


@require_safe
@for_supplier
def bookkeeping(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """What is written, or would be; an owner chooses the accounts here, with a preview, and turns it on or off."""
    connection = _connection(supplier, public_id)
    context = _context(request, supplier, connection)
    if context["may_change"]:
        found = _chart(request, connection)
        if found is not None:
            data = request.GET if "start_on" in request.GET else None
            context |= _form(connection, found, data, settings=context["settings"])
    return _rendered(request, supplier, context)


@limited(action="connect", what="have changed this", when=lambda request: request.method == "POST")
@require_POST
@for_supplier
def turn_on(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Turn it on as previewed."""
    connection = _connection(supplier, public_id)
    context = _context(request, supplier, connection)
    found = _chart(request, connection, is_fresh=True) if context["may_change"] else None
    if found is None:
        return HttpResponseRedirect(_address(connection)) if context["is_owner"] else HttpResponse(status=403)
    form = MappingForm(request.POST, chart=found, today=_today(supplier))
    if form.is_valid():
        try:
            mapping.turn_on(
                connection=connection,
                chosen=form.cleaned_data["choice"],
                chart=found,
                by=signed_in_user(request),
                at=timezone.now(),
            )
        except MappingRefused as refused:
            form.add_error(None, str(refused))
        else:
            tasks.enqueue_bookkeeping(connection.pk)
            messages.success(
                request, _("The bookkeeping is on for %(company_name)s.") % {"company_name": connection.company_name}
            )
            return HttpResponseRedirect(_address(connection))
    return _rendered(request, supplier, {**context, "form": form})


@require_POST
@for_supplier
def turn_off(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Turn it off."""
    connection = _connection(supplier, public_id)
    if mapping.turn_off(connection=connection, by=signed_in_user(request), at=timezone.now()):
        messages.success(
            request,
            _("The bookkeeping is off for %(company_name)s. What is written stays.")
            % {"company_name": connection.company_name},
        )
    return HttpResponseRedirect(_address(connection))


def _context(request: HttpRequest, supplier: Supplier, connection: Connection) -> dict[str, Any]:
    settings = BookkeepingSettings.objects.filter(connection=connection).select_related("turned_on_by").first()
    names = {one.role: one.name for one in settings.accounts.all()} if settings else {}
    currency = settings.currency if settings else connection.company_file.home_currency
    rows = BookkeepingEntry.objects.filter(connection=connection).select_related("advance__invoice", "push")
    comparison = connection.bookkeeping_comparisons.first()
    owner = is_owner(user=signed_in_user(request), supplier=supplier)
    is_connected = connection.status == Connection.Status.CONNECTED
    return {
        "supplier": supplier,
        "connection": connection,
        "settings": settings,
        "is_owner": owner,
        "is_allowed": connection.writes_allowed_at is not None,
        "not_connected": "" if is_connected else NOT_CONNECTED,
        "may_change": owner and is_connected and connection.writes_allowed_at is not None,
        "accounts": list(settings.accounts.select_related("push")) if settings else [],
        "example": preview.example_rows(names=names, currency=currency),
        "entries": preview.entry_rows(rows=rows[:SHOWN], names=names),
        "comparison": comparison,
        "advances": _owed(comparison),
        "lines": list(comparison.lines.select_related("entry")[:SHOWN]) if comparison else [],
        "currency": currency,
        "preview_columns": PREVIEW_COLUMNS,
        "entry_columns": ENTRY_COLUMNS,
        "line_columns": LINE_COLUMNS,
    }


def _owed(comparison: BookkeepingComparison | None) -> tuple[Decimal, Decimal] | None:
    """The advances in QuickBooks and in infactor, above zero while something is owed, as a liability is shown."""
    if comparison is None or comparison.advances_theirs is None or comparison.advances_ours is None:
        return None
    return -comparison.advances_theirs, -comparison.advances_ours


def _form(connection: Connection, found: Chart, data: Any, *, settings: BookkeepingSettings | None) -> dict[str, Any]:
    """The form, and what it would write where it was filled in."""
    today = _today(connection.supplier)
    initial = {"start_on": today}
    if settings is not None:
        initial = {"start_on": settings.start_on, **{one.role: one.qbk_id for one in settings.accounts.all()}}
    form = MappingForm(data, chart=found, today=today, initial=initial)
    if data is None or not form.is_valid():
        return {"form": form}
    choice = form.cleaned_data["choice"]
    bank = found.find(Role.BANK, choice.accounts.get(Role.BANK, ""))
    currency = bank.currency if bank is not None else found.home_currency
    return {
        "form": form,
        "chosen": {"start_on": choice.start_on.isoformat(), **choice.accounts},
        "existing": preview.existing_rows(
            connection=connection, start_on=choice.start_on, names=form.names, currency=currency
        ),
        "example": preview.example_rows(names=form.names, currency=currency),
    }


def _chart(request: HttpRequest, connection: Connection, *, is_fresh: bool = False) -> Chart | None:
    try:
        return chart.read_chart(connection=connection, now=timezone.now, is_fresh=is_fresh)
    except QuickBooksError as error:
        messages.error(request, _("QuickBooks does not say which accounts there are. %(error)s") % {"error": error})
        return None


def _rendered(request: HttpRequest, supplier: Supplier, context: dict[str, Any]) -> HttpResponse:
    with timezone.override(supplier.zone):
        return render(request, "quickbooks/bookkeeping.html", context)


def _today(supplier: Supplier) -> Any:
    return timezone.now().astimezone(supplier.zone).date()


def _address(connection: Connection) -> str:
    return reverse("quickbooks:bookkeeping", args=[connection.public_id])


def _connection(supplier: Supplier, public_id: uuid.UUID) -> Connection:
    rows = Connection.objects.select_related("supplier", "company_file", "integration")
    found = rows.filter(supplier=supplier, public_id=public_id).first()
    if found is None:
        raise Http404
    return found
