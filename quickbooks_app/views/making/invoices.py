"""The pages where a supplier makes an invoice, for one of its own customers, and changes one that it made."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.money import format_amount
from infactor.core.rate_limits import limited
from infactor.core.translatable import Text
from infactor.invoices.models import Buyer
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier
from quickbooks_app.making import changes, made
from quickbooks_app.making.checks import check_invoice
from quickbooks_app.making.choices import CannotMake, Choices, TaxModel
from quickbooks_app.making.drafts import TAXED, InvoiceDraft, LineDraft
from quickbooks_app.models import Connection, Push
from quickbooks_app.pushes import supplier_rules
from quickbooks_app.views.making.forms import (
    LINES_ADDED,
    LINES_SHOWN,
    MAX_LINES,
    InvoiceForm,
    LineFormSet,
    SearchForm,
    line_forms,
)
from quickbooks_app.views.making.pages import MakingPage, get_connection, open_company

TITLE, CHANGE_TITLE = gettext_lazy("New invoice"), gettext_lazy("Change the invoice")
CHANGED_IN_QUICKBOOKS = gettext_lazy(
    "The invoice has changed in QuickBooks since you opened this page. This is how it is now: please enter your change"
    " once more."
)
FOUND_SHOWN = 20
HEAD = ("number", "issued", "term", "due", "tax_code", "email", "message")


class InvoicePage(MakingPage):
    """A new invoice."""

    entity = "Invoice"
    title = TITLE
    form: InvoiceForm
    lines: LineFormSet | None = None

    def __init__(
        self, request: HttpRequest, supplier: Supplier, connection: Connection, choices: Choices, *, buyer: Buyer
    ) -> None:
        super().__init__(request, supplier, connection, choices)
        self.buyer = buyer
        self.lead = _("For %(buyer)s. It is made in your QuickBooks, and is in your list of invoices at once.") % {
            "buyer": buyer
        }
        self.currency = buyer.currency or connection.company_file.home_currency

    def bind(self, data: QueryDict | None, *, initial: QueryDict | None = None) -> None:
        head = {name: initial.get(name, "") for name in HEAD} if initial else self._first_head()
        self.form = InvoiceForm(data, initial=head, choices=self.choices)
        # Asked for more lines, the page has all that were on it, and some more.
        self.lines = line_forms(
            data,
            initial=_entered_lines(initial) if initial else self._first_lines(),
            extra=LINES_ADDED if initial else LINES_SHOWN,
            choices=self.choices,
        )

    def fields(self) -> Mapping[str, Any]:
        return self.draft().fields(self.choices)

    def draft(self) -> InvoiceDraft:
        """What was entered."""
        lines = self.lines.drafts() if self.lines is not None else []
        return self.form.draft(customer=self.buyer.reference, currency=self.currency, lines=lines)

    def check(self) -> Iterator[tuple[str, str]]:
        return check_invoice(self.draft(), choices=self.choices, connection=self.connection, today=self.today)

    def facts(self) -> Sequence[tuple[Text, str]]:
        draft = self.draft()
        names = {**dict(self.choices.terms), **{one.id: one.name for one in self.choices.tax_codes}}
        found = [
            (_("Buyer"), str(self.buyer)),
            (_("Number"), draft.number or _("given by QuickBooks")),
            (_("Invoice date"), date_format(draft.issued, "F j, Y")),
            (_("Terms"), names.get(draft.term, "")),
            (_("Due"), date_format(draft.due, "F j, Y") if draft.due else _("set by QuickBooks from the terms")),
            (_("Buyer’s email"), draft.email),
            (_("Message"), draft.message),
            (_("Total before taxes"), format_amount(draft.net, self.currency)),
            (_("Taxes"), self._taxes(draft, names)),
        ]
        return [(label, value) for label, value in found if value]

    def preview_lines(self) -> Sequence[Mapping[str, Any]]:
        items = {one.id: one.name for one in self.choices.items}
        codes = {one.id: one.name for one in self.choices.tax_codes} | {"TAX": _("Taxed"), "NON": _("Not taxed")}
        return [
            {
                "item": items.get(line.item, line.item),
                "description": line.description,
                "quantity": f"{line.quantity.normalize():f}",
                "price": format_amount(line.price, self.currency) if _in_cents(line) else f"{line.price:f}",
                "tax": codes.get(line.tax, line.tax),
                "amount": line.amount(self.currency),
                "currency": self.currency,
            }
            for line in self.draft().lines
        ]

    def _first_head(self) -> dict[str, Any]:
        return {"issued": self.today, "email": self.buyer.email if "," not in self.buyer.email else ""}

    def _first_lines(self) -> list[dict[str, Any]]:
        return []

    def _taxes(self, draft: InvoiceDraft, names: Mapping[str, str]) -> str:
        if self.choices.tax is TaxModel.BY_LINE:
            return _("by the tax codes of the lines") if any(line.tax for line in draft.lines) else _("none")
        if not any(line.tax == TAXED for line in draft.lines):
            return "none"
        return (
            _("calculated by QuickBooks") if self.choices.tax is TaxModel.AUTOMATED else names.get(draft.tax_code, "")
        )


class ChangePage(InvoicePage):
    """A change of an invoice that was made here. Only what differs is sent."""

    title = CHANGE_TITLE
    push: Push
    present: Mapping[str, Any]

    def respond(self) -> HttpResponse:
        """Fields that were filled in from an earlier version would take back what changed since."""
        if self.request.method == "POST" and self.request.POST.get("version", "") != self.version:
            self.bind(None)
            return self._render(notice=str(CHANGED_IN_QUICKBOOKS))
        return super().respond()

    def bind(self, data: QueryDict | None, *, initial: QueryDict | None = None) -> None:
        super().bind(data, initial=initial)
        self.lead = _("For %(buyer)s. Only what you change is written.") % {"buyer": self.buyer}
        if not changes.has_plain_lines(self.present):
            self.lines = None
            self.lead += " " + _("It has bundles, discounts or other lines that are changed in QuickBooks.")

    def fields(self) -> Mapping[str, Any]:
        return changes.changed_fields(present=self.present, wanted=self.draft(), choices=self.choices)

    def check(self) -> Iterator[tuple[str, str]]:
        draft = self.draft()
        if not self.fields():
            yield "", _("Nothing would change.")
        found = check_invoice(
            draft, choices=self.choices, connection=self.connection, today=self.today, changes=self.push.qbk_id
        )
        # Lines that are not changed here are not checked either.
        yield from (one for one in found if self.lines is not None or one[0])

    def perform(self) -> Push:
        return made.change(
            made=self.push,
            present=self.present,
            fields=self.fields(),
            check=self.check,
            by=signed_in_user(self.request),
            at=timezone.now(),
        )

    def _first_head(self) -> dict[str, Any]:
        was = changes.draft_of(self.present, currency=self.currency)
        return {name: getattr(was, name) for name in HEAD}

    def _first_lines(self) -> list[dict[str, Any]]:
        items = {one.id: one.name for one in self.choices.items}
        return [
            {
                "line_id": line.line_id,
                "item": items.get(line.item, ""),
                "description": line.description,
                "quantity": line.quantity,
                "price": line.price,
                "tax": line.tax,
            }
            for line in changes.draft_of(self.present, currency=self.currency).lines
        ]


@limited(action="write_books", what="have written", when=lambda request: request.method == "POST")
@for_supplier
def make_invoice(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Choose a buyer, enter an invoice, look at what QuickBooks gets, and confirm."""
    opened = open_company(request, supplier, public_id, title=TITLE)
    if isinstance(opened, HttpResponse):
        return opened
    connection, choices = opened
    buyers = Buyer.objects.filter(company_file=connection.company_file_id, is_active=True, is_erased=False)
    if "buyer" not in request.GET:
        return _choose_buyer(request, supplier, connection)
    try:
        buyer = buyers.get(public_id=uuid.UUID(request.GET["buyer"]))
    except (ValueError, Buyer.DoesNotExist) as error:
        raise Http404 from error
    return InvoicePage(request, supplier, connection, choices, buyer=buyer).respond()


@limited(action="write_books", what="have written", when=lambda request: request.method == "POST")
@for_supplier
def change_invoice(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID, made_id: uuid.UUID) -> HttpResponse:
    """Change an invoice that was made here and is not financed."""
    connection = get_connection(supplier, public_id)
    push = made.pushes_of(connection).filter(public_id=made_id, entity="Invoice", operation="create").first()
    if push is None:
        raise Http404
    opened = open_company(request, supplier, public_id, title=CHANGE_TITLE)
    if isinstance(opened, HttpResponse):
        return opened
    connection, choices = opened
    push.connection = connection
    try:
        present = made.present_fields(push)
        changes.draft_of(present, currency="")  # refused where it cannot be read
        reason = supplier_rules.why_not(
            connection=connection, entity="Invoice", operation="update", qbk_id=push.qbk_id, fields={}
        )
    except CannotMake as error:
        present, reason = {}, str(error)
    buyer = Buyer.objects.filter(
        company_file=connection.company_file_id, reference=present.get("CustomerRef", {}).get("value", "")
    ).first()
    if reason or buyer is None:
        context = {"supplier": supplier, "connection": connection, "title": CHANGE_TITLE}
        context["reason"] = reason or _("Its customer is not known here yet.")
        return render(request, "quickbooks/making/closed.html", context)
    page = ChangePage(request, supplier, connection, choices, buyer=buyer)
    page.push, page.present, page.version = push, present, made.version_of(present)
    return page.respond()


def _choose_buyer(request: HttpRequest, supplier: Supplier, connection: Connection) -> HttpResponse:
    form = SearchForm(request.GET, label=_("Find a buyer"))
    found = Buyer.objects.filter(company_file=connection.company_file_id, is_active=True, is_erased=False)
    if form.is_valid() and form.cleaned_data["q"]:
        found = found.filter(name__icontains=form.cleaned_data["q"])
    rows = list(found.order_by("name", "pk")[: FOUND_SHOWN + 1])
    context = {
        "supplier": supplier,
        "connection": connection,
        "title": TITLE,
        "form": form,
        "found": rows[:FOUND_SHOWN],
        "has_more": len(rows) > FOUND_SHOWN,
    }
    return render(request, "quickbooks/making/choose_buyer.html", context)


def _entered_lines(data: QueryDict) -> list[dict[str, Any]]:
    """The lines as they were posted, without those that are empty."""
    names = ("line_id", "item", "description", "quantity", "price", "tax")
    try:
        count = min(int(data.get("lines-TOTAL_FORMS", "0")), MAX_LINES)
    except ValueError:
        count = 0
    rows = [{name: data.get(f"lines-{number}-{name}", "") for name in names} for number in range(count)]
    return [row for row in rows if any(row[name] for name in ("item", "description", "quantity", "price"))]


def _in_cents(line: LineDraft) -> bool:
    return line.price == round(line.price, 2)
