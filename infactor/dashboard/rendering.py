"""How a supplier's page is answered: in the supplier's own time zone, with the supplier in its head."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from infactor.suppliers.models import Supplier


def today_of(*, supplier: Supplier) -> date:
    """The supplier's day at this moment: the clock is read here, at the edge."""
    return timezone.now().astimezone(supplier.zone).date()


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, supplier: Supplier, status: int = 200
) -> HttpResponse:
    """`template` with `context`; moments in it are written in the supplier's time zone."""
    with timezone.override(supplier.zone):
        return render(request, template, {**context, "supplier": supplier}, status=status)
