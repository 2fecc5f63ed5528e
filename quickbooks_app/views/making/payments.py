"""The page where a supplier records what a buyer paid on an invoice that infactor does not finance."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.money import format_amount
from infactor.core.rate_limits import limited
from infactor.core.translatable import Text
from infactor.invoices.models import Invoice
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier
from quickbooks_app.making.checks import check_payment, open_invoices
from quickbooks_app.making.choices import Choices
from quickbooks_app.making.drafts import PaymentDraft
from quickbooks_app.models import Connection, Push
from quickbooks_app.pushes import supplier_rules
from quickbooks_app.views.making.forms import PaymentForm, SearchForm
from quickbooks_app.views.making.pages import MakingPage, open_company

TITLE = gettext_lazy("New payment")
FOUND_SHOWN = 20


class PaymentPage(MakingPage):
    """A payment of one invoice."""

    entity = "Payment"
    title = TITLE
    form: PaymentForm

    def __init__(
        self, request: HttpRequest, supplier: Supplier, connection: Connection, choices: Choices, *, invoice: Invoice
    ) -> None:
        super().__init__(request, supplier, connection, choices)
        self.invoice = invoice
        self.currency = invoice.currency or connection.company_file.home_currency
        self.lead = _("For invoice %(invoice)s, %(company_name)s. Open: %(money)s.") % {
            "invoice": invoice,
            "company_name": invoice.company_name,
            "money": self._money(invoice.balance),
        }

    def bind(self, data: QueryDict | None, *, initial: QueryDict | None = None) -> None:
        first = initial.dict() if initial else {"paid": self.today, "amount": self.invoice.balance}
        self.form = PaymentForm(data, initial=first)
        self.form.fields["amount"].currencies = [self.currency]  # type: ignore[attr-defined]

    def fields(self) -> Mapping[str, Any]:
        return self._draft().fields(self.choices)

    def check(self) -> Iterator[tuple[str, str]]:
        return check_payment(
            self._draft(), choices=self.choices, connection=self.connection, invoice=self.invoice, today=self.today
        )

    def facts(self) -> Sequence[tuple[Text, str]]:
        draft = self._draft()
        found = [
            (_("Invoice"), f"{self.invoice}, {self.invoice.company_name}"),
            (_("Amount"), self._money(draft.amount)),
            (_("Open afterwards"), self._money((self.invoice.balance or draft.amount) - draft.amount)),
            (_("Date"), date_format(draft.paid, "F j, Y")),
            (_("Reference"), draft.reference),
            (_("Note"), draft.note),
        ]
        return [(label, value) for label, value in found if value]

    def _draft(self) -> PaymentDraft:
        return self.form.draft(
            customer=self.invoice.customer_reference, currency=self.currency, invoice=self.invoice.qbk_invoice_id
        )

    def _money(self, amount: Any) -> str:
        return format_amount(amount, self.currency) if amount is not None else _("not known")


@limited(action="write_books", what="have written", when=lambda request: request.method == "POST")
@for_supplier
def make_payment(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Choose an open invoice, enter the payment, look at what QuickBooks gets, and confirm."""
    opened = open_company(request, supplier, public_id, title=TITLE)
    if isinstance(opened, HttpResponse):
        return opened
    connection, choices = opened
    if "invoice" not in request.GET:
        return _choose_invoice(request, supplier, connection)
    try:
        invoice = Invoice.objects.for_supplier(supplier).get(
            public_id=uuid.UUID(request.GET["invoice"]), company_file=connection.company_file_id
        )
    except (ValueError, Invoice.DoesNotExist) as error:
        raise Http404 from error
    reason = supplier_rules.why_not(
        connection=connection,
        entity="Payment",
        operation=Push.Operation.CREATE,
        qbk_id="",
        fields={"Line": [{"LinkedTxn": [{"TxnId": invoice.qbk_invoice_id, "TxnType": "Invoice"}]}]},
    )
    if not reason and not open_invoices(connection).filter(pk=invoice.pk).exists():
        reason = _("Nothing is open on this invoice.")
    if reason:
        context = {"supplier": supplier, "connection": connection, "title": TITLE, "reason": reason}
        return render(request, "quickbooks/making/closed.html", context)
    return PaymentPage(request, supplier, connection, choices, invoice=invoice).respond()


def _choose_invoice(request: HttpRequest, supplier: Supplier, connection: Connection) -> HttpResponse:
    form = SearchForm(request.GET, label=_("Find an open invoice"))
    found = open_invoices(connection)
    if form.is_valid() and (text := form.cleaned_data["q"]):
        found = found.filter(Q(invoice_no__icontains=text) | Q(company_name__icontains=text))
    rows = list(found[: FOUND_SHOWN + 1])
    context = {
        "supplier": supplier,
        "connection": connection,
        "title": TITLE,
        "form": form,
        "found": rows[:FOUND_SHOWN],
        "has_more": len(rows) > FOUND_SHOWN,
    }
    return render(request, "quickbooks/making/choose_invoice.html", context)
