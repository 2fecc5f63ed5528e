"""A plain Django view of a supplier's invoices: what the invoice list is compared with. Paginator and one template."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine, Template
from django.template.context_processors import csrf
from django.urls import path
from django.utils.safestring import mark_safe

from infactor.invoices.models import Invoice

PER_PAGE = 50
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
COLUMNS = (
    "public_id",
    "invoice_no",
    "company_name",
    "txn_date",
    "payable_date",
    "invoice_amount",
    "balance",
    "currency",
    "books_status",
    "eligibility__decision",
)
TEMPLATE = """{% load humanize i18n %}<!doctype html>
<html><head><title>{% translate "Invoices" %}</title></head><body>
<p>{{ user.email }}</p><form method="post">{{ token }}<button>{% translate "Sign out" %}</button></form>
<h1>{% translate "Invoices" %}</h1><p>{{ page.paginator.count|intcomma }}</p>
<table><thead><tr><th>{% translate "Invoice" %}</th><th>{% translate "Buyer" %}</th><th>{% translate "Issued" %}</th>
<th>{% translate "Due" %}</th><th>{% translate "Amount" %}</th><th>{% translate "Open" %}</th>
<th>{% translate "Status" %}</th></tr></thead>
<tbody>{% for invoice in page %}<tr>
<td><input type="checkbox" name="invoice" value="{{ invoice.public_id }}"></td>
<th><a href="{% url 'plain_invoice' invoice.public_id %}">{{ invoice.invoice_no|default:"No number" }}</a></th>
<td>{{ invoice.company_name }}</td><td>{{ invoice.txn_date|date }}</td>
<td>{{ invoice.payable_date|date }}
{% if invoice.payable_date < today %}<span>{% translate "Overdue" %}</span>{% endif %}</td>
<td>{{ invoice.invoice_amount|floatformat:"2g" }} {{ invoice.currency }}</td>
<td>{{ invoice.balance|floatformat:"2g" }} {{ invoice.currency }}</td>
<td>{{ invoice.get_books_status_display }} {{ invoice.eligibility.get_decision_display }}</td>
</tr>{% endfor %}</tbody></table>
{% if page.has_previous %}<a href="?page={{ page.previous_page_number }}">{% translate "Previous" %}</a>{% endif %}
{{ page.number }} / {{ page.paginator.num_pages }}
{% if page.has_next %}<a href="?page={{ page.next_page_number }}">{% translate "Next" %}</a>{% endif %}
</body></html>"""
ENGINE = Engine(
    libraries={"humanize": "django.contrib.humanize.templatetags.humanize", "i18n": "django.templatetags.i18n"}
)
COMPILED: list[Template] = []


@login_required
def plain_list(request: HttpRequest) -> HttpResponse:
    """A page of the invoices of the reader's first supplier, the latest first."""
    if not COMPILED:
        COMPILED.append(ENGINE.from_string(TEMPLATE))
    supplier = request.user.memberships.values_list("supplier", flat=True)[0]  # type: ignore[union-attr]
    rows = Invoice.objects.filter(supplier=supplier).select_related("eligibility").only(*COLUMNS)
    page = Paginator(rows.order_by("-txn_date", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    token = mark_safe(f'<input type="hidden" name="csrfmiddlewaretoken" value="{csrf(request)["csrf_token"]}">')  # noqa: S308
    context = {"page": page, "user": request.user, "token": token, "today": date(2026, 11, 20)}
    return HttpResponse(COMPILED[0].render(Context(context)))


urlpatterns = [
    path("plain/", plain_list),
    path("plain/<uuid:public_id>/", plain_list, name="plain_invoice"),
]
