"""What the search finds of one supplier, by kind. Each kind asks for a few rows and stops; nothing is counted."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from infactor.core.dates import format_day
from infactor.core.money import format_amount
from infactor.dashboard.invoice_status import invoice_status
from infactor.dashboard.invoices.filters import filtered_invoices
from infactor.documents.models import Document
from infactor.financing.models import Advance, Offer, OfferLine, RequestLine
from infactor.help_center import search
from infactor.help_center.pages import library
from infactor.invoices import customers, invoice_documents
from infactor.invoices.models import Invoice
from infactor.invoices.search_text import normalize
from infactor.invoices.selectors import InvoiceFilters
from infactor.site_search.pages import find_pages
from infactor.suppliers import supplier_documents
from infactor.suppliers.models import Supplier

MAX_LENGTH = 200
MIN_LENGTH = 2
IN_DIALOG, ON_PAGE = 5, 25  # shown of one kind
MAX_WORDS = 8


@dataclass(frozen=True)
class Found:
    """One result: where it leads, its name, and what tells it from others of that name."""

    url: str
    title: str
    note: str = ""


@dataclass(frozen=True)
class Group:
    """The results of one kind; `more` is the address that has further ones, "" where there are none or no such page.

    `is_cut` says that there are further ones.
    """

    key: str
    label: str
    icon: str
    found: tuple[Found, ...]
    more: str = ""
    is_cut: bool = False


def find(text: str, *, supplier: Supplier, today: date, limit: int) -> list[Group]:
    """The groups that have any result for `text`, at most `limit` of each. A constant number of queries."""
    return [
        group
        for group in (
            _invoices(text, supplier, today, limit),
            _buyers(text, supplier, limit),
            _financing(text, supplier, limit),
            _documents(text, supplier, limit),
            _pages(text, limit),
            _help(text, limit),
        )
        if group.found
    ]


def _invoices(text: str, supplier: Supplier, today: date, limit: int) -> Group:
    """By number, buyer or amount, as the list finds them, the latest first."""
    rows = list(filtered_invoices(supplier, InvoiceFilters(text=text), today=today)[: limit + 1])
    found = [
        Found(
            reverse("dashboard:invoice", args=[one.public_id]),
            _("Invoice %(number)s") % {"number": one.invoice_no or _("without a number")},
            ", ".join(filter(None, [one.company_name, _amount(one), str(invoice_status(one, today=today).text)])),
        )
        for one in rows
    ]
    return _group("invoices", _("Invoices"), "receipt-text", found, limit, _address("dashboard:invoices", text))


def _buyers(text: str, supplier: Supplier, limit: int) -> Group:
    rows = customers.companies(supplier=supplier, text=text)[: limit + 1]
    found = [Found(reverse("dashboard:buyer", args=[one.public_id]), str(one), one.email) for one in rows]
    return _group("buyers", _("Buyers"), "building-2", found, limit, _address("dashboard:buyers", text))


def _financing(text: str, supplier: Supplier, limit: int) -> Group:
    """Requests that wait, offers, and advances, by number, buyer or amount of an invoice, the latest first."""
    condition = Q()
    for word in normalize(text).split()[:MAX_WORDS]:
        condition &= Q(invoice__search_text__contains=word)
    of_supplier = Q(supplier=supplier) & condition
    requested = RequestLine.objects.filter(of_supplier, status=RequestLine.Status.WAITING)
    offered = OfferLine.objects.filter(of_supplier, status=Offer.Status.PROPOSED)
    advanced = Advance.objects.filter(of_supplier).exclude(status=Advance.Status.CANCELLED)
    found = [
        Found(
            reverse("dashboard:offer", args=[one.offer.public_id]),
            _("Offer for invoice %(number)s") % {"number": one.invoice},
            _("valid until %(day)s") % {"day": format_day(one.offer.expires_at.astimezone(supplier.zone).date())},
        )
        for one in _last(offered.select_related("invoice", "offer"), limit)
    ]
    found += [
        Found(
            reverse("dashboard:financing_request", args=[one.request.public_id]),
            _("Request for invoice %(number)s") % {"number": one.invoice},
            _("under review"),
        )
        for one in _last(requested.select_related("invoice", "request"), limit)
    ]
    found += [
        Found(
            reverse("dashboard:invoice", args=[one.invoice.public_id]),
            _("Advance for invoice %(number)s") % {"number": one.invoice},
            f"{format_amount(one.amount, one.currency)}, {one.get_status_display()}",
        )
        for one in _last(advanced.select_related("invoice"), limit)
    ]
    # Their invoices are all in the list of invoices.
    more = _address("search:page" if limit < ON_PAGE else "dashboard:invoices", text)
    return _group("financing", _("Financing"), "hand-coins", found, limit, more)


def _last(rows: QuerySet[Any], limit: int) -> list[Any]:
    """The latest few and one more, each with its invoice without what is large of it."""
    large = ("invoice__items", "invoice__tax_details", "invoice__search_text")
    return list(rows.order_by("-pk").defer(*large)[: limit + 1])


def _documents(text: str, supplier: Supplier, limit: int) -> Group:
    """Files about invoices, and those that came with the application, by their names."""
    of_invoices = invoice_documents.named(supplier=supplier, text=text)[: limit + 1]
    invoices = Invoice.objects.for_supplier(supplier).filter(pk__in=[one.object_id for one in of_invoices])
    by_key = {one.pk: one for one in invoices.only("public_id", "invoice_no")}
    found = [
        Found(
            reverse("dashboard:invoice_documents", args=[by_key[one.object_id].public_id]),
            one.name,
            _note(one, _("invoice %(number)s") % {"number": by_key[one.object_id]}),
        )
        for one in of_invoices
        if one.object_id in by_key
    ]
    found += [
        Found(reverse("dashboard:documents"), one.name, _note(one, _("application")))
        for one in supplier_documents.named(supplier=supplier, text=text)[: limit + 1]
    ]
    more = _address("search:page", text) if limit < ON_PAGE else ""  # no list has the documents of all invoices
    return _group("documents", _("Documents"), "file-text", found, limit, more)


def _pages(text: str, limit: int) -> Group:
    found = [Found(one.url, str(one.title)) for one in find_pages(text, limit=limit)]
    return Group("pages", _("Pages and settings"), "settings", tuple(found))


def _help(text: str, limit: int) -> Group:
    results = search.search(text, library=library())[:limit]
    found = tuple(
        Found(
            reverse("help:page", args=[one.page.slug]) + (f"#{one.anchor}" if one.anchor else ""),
            one.page.title,
            strip_tags(one.page.theme),
        )
        for one in results
    )
    return Group("help", _("Help"), "circle-question-mark", found)


def _group(key: str, label: str, icon: str, found: list[Found], limit: int, more: str) -> Group:
    """The first `limit` of `found`, which has one more where there are further ones: then with the address `more`."""
    is_cut = len(found) > limit
    return Group(key, label, icon, tuple(found[:limit]), more if is_cut else "", is_cut)


def _address(name: str, text: str) -> str:
    return f"{reverse(name)}?{urlencode({'q': text})}"


def _amount(invoice: Invoice) -> str:
    amount = invoice.invoice_amount
    return format_amount(amount, invoice.currency) if amount is not None else ""


def _note(document: Document, where: str) -> str:
    return f"{document.get_kind_display()}, {where}"
