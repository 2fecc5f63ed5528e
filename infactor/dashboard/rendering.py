"""Render a template for a supplier, in the supplier's time zone."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from infactor.dashboard import onboarding
from infactor.suppliers.models import Supplier


def render_for_supplier(
    request: HttpRequest, template: str, context: dict[str, Any], *, supplier: Supplier, status: int = 200
) -> HttpResponse:
    """Render `template` with `context` and `supplier`. Times are shown in the supplier's time zone.

    `next_step` is what the supplier can do next, for pages that have nothing to show; it asks only where it is shown.
    """
    next_step = SimpleLazyObject(lambda: onboarding.next_step(supplier=supplier))
    with timezone.override(supplier.zone):
        return render(request, template, {"next_step": next_step, **context, "supplier": supplier}, status=status)
