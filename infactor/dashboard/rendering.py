"""Render a template for a supplier, in the supplier's time zone."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from infactor.suppliers.models import Supplier


def render_for_supplier(
    request: HttpRequest, template: str, context: dict[str, Any], *, supplier: Supplier, status: int = 200
) -> HttpResponse:
    """Render `template` with `context` and `supplier`. Times are shown in the supplier's time zone."""
    with timezone.override(supplier.zone):
        return render(request, template, {**context, "supplier": supplier}, status=status)
