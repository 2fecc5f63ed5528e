"""The /design page: every component in every state. Available only if the setting DESIGN_PAGE is on."""

from decimal import Decimal
from types import SimpleNamespace

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from infactor.dashboard.charts import ColumnSlice, Slice, bar_chart, column_chart
from infactor.dashboard.design_samples import samples
from infactor.dashboard.invoice_status import InvoiceStatus
from infactor.dashboard.pagination import CountedPaginator

LONG_NAME = "Société Générale des Établissements Métallurgiques et Électriques de la Vallée du Rhône et de ses Environs"
COLUMNS = [
    {"label": "Buyer", "sort_url": "?sort=buyer", "sort_direction": "ascending"},
    {"label": "Note", "sort_url": "?sort=note"},
    {"label": "Amount", "numeric": True},
]
ROWS = [
    {"buyer": "Northwind Grocers", "note": "Plain", "amount": Decimal("1080.00"), "currency": "USD"},
    {"buyer": LONG_NAME, "note": "A very long name", "amount": Decimal("9999999999999.99"), "currency": "EUR"},
    {"buyer": "شركة النور للتجارة", "note": "Right to left", "amount": Decimal("-245.10"), "currency": "USD"},
    {
        "buyer": "\N{HOT BEVERAGE} Café \N{SLICE OF PIZZA}",
        "note": "Emoji",
        "amount": Decimal("1200"),
        "currency": "JPY",
    },
    {"buyer": "gro\N{RIGHT-TO-LEFT OVERRIDE}txt.exe", "note": "Bidi override", "amount": None, "currency": "USD"},
    {"buyer": "<script>alert(1)</script>", "note": "Markup", "amount": Decimal("0.00"), "currency": "GBP"},
]


class SampleForm(forms.Form):
    """A form with one field of each kind."""

    company = forms.CharField(label="Company name", help_text="As on your invoices.")
    email = forms.EmailField(label="Email address")
    currency = forms.ChoiceField(choices=[("USD", "US dollar"), ("EUR", "Euro")], required=False)
    due = forms.DateField(label="Due from", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(widget=forms.Textarea, required=False)
    agree = forms.BooleanField(label="I agree to the terms")


@require_safe
@login_not_required
def design(request: HttpRequest) -> HttpResponse:
    if not settings.DESIGN_PAGE:
        raise Http404
    slices = [
        Slice("Not due", Decimal("48210.40"), 31),
        Slice("1 to 30 days late", Decimal("12875.00"), 9, "warn"),
        Slice("31 to 60 days late", Decimal("410.00"), 1, "warn"),
        Slice("61 to 90 days late", Decimal("0.00"), 0, "bad"),
        Slice("Over 90 days late", Decimal("-120.50"), 1, "bad"),
    ]
    context = {
        **samples(),
        "columns_chart": column_chart(
            title="Cash expected, USD",
            category_heading="Week from",
            currency="USD",
            series=("Your buyers pay you", "infactor pays you"),
            slices=[
                ColumnSlice(f"Dec {day}", (Decimal(day * 130), Decimal(900 if day % 2 else 0)))
                for day in (1, 8, 15, 22, 29)
            ],
        ),
        "statuses": [
            InvoiceStatus("Eligible", "good", "$722.50 now"),
            InvoiceStatus("Action needed", "info", "After your buyer confirms"),
            InvoiceStatus("Not eligible", "neutral", "Buyer concentration"),
            InvoiceStatus("Disputed", "warn"),
        ],
        "drawings": ["invoices", "search", "money", "statement", "plug"],
        "badge_tones": ["neutral", "info", "good", "warn", "bad"],
        "alert_tones": ["info", "good", "warn", "bad"],
        "columns": COLUMNS,
        "rows": ROWS,
        "states": ["loading", "empty", "no_match", "error"],
        "chart": bar_chart(title="Open invoices by age", category_heading="Age", currency="USD", slices=slices),
        "chart_empty": bar_chart(
            title="Nothing open", category_heading="Age", currency="EUR", slices=[Slice("Not due", Decimal(0), 0)]
        ),
        "page": CountedPaginator(range(2000), per_page=50, total=2000).get_page(7),
        "form": SampleForm(),
        "form_with_errors": SampleForm(
            {"company": "", "email": "not an address", "currency": "USD", "due": "soon", "note": "A note."}
        ),
        "amounts": [
            SimpleNamespace(amount=amount, currency=currency)
            for amount, currency in [
                (Decimal("1234.50"), "USD"),
                (Decimal("-98765.43"), "EUR"),
                (Decimal("9999999999999.99"), "USD"),
                (Decimal("1200"), "JPY"),
                (Decimal("1200.55"), "JPY"),
                (Decimal("0"), "GBP"),
                (Decimal("12.00"), ""),
                (None, "USD"),
            ]
        ],
    }
    return render(request, "dashboard/design.html", context)
