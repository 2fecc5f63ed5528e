"""The supplier's home."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier


@for_supplier
def home(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    return render(request, "dashboard/home.html", {"supplier": supplier})
