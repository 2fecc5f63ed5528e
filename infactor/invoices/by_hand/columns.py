"""Which column of a table is which, by its heading."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from infactor.documents.inspection import RefusedFile
from infactor.invoices.search_text import normalize

# The headings of the template first: the names of the fields of an Entry, and what else people and Xero write for them,
# in English and Spanish. Letters alone are compared, so "ContactName" is "Contact name".
HEADINGS: dict[str, tuple[str, ...]] = {
    "number": (
        *("Invoice number", "Invoice no", "Invoice", "Invoice num", "Number", "No", "Doc number", "Num"),
        *("Número de factura", "N.º de factura", "Núm. de factura", "Factura", "Número", "Folio"),
    ),
    "buyer_name": (
        *("Buyer", "Customer", "Customer name", "Buyer name", "Client", "Company", "Bill to", "Name"),
        *("Contact name", "Contact"),
        *("Comprador", "Cliente", "Nombre del comprador", "Nombre del cliente", "Razón social", "Empresa", "Nombre"),
    ),
    "buyer_email": (
        *("Buyer email", "Email", "Customer email", "Email address", "Contact email"),
        *("Correo electrónico", "Correo", "Correo del comprador", "Correo del cliente", "Email del cliente"),
    ),
    "issued": (
        *("Invoice date", "Date", "Issued", "Issue date", "Date issued"),
        *("Fecha de factura", "Fecha de la factura", "Fecha de emisión", "Fecha", "Emitida"),
    ),
    "due": (
        *("Due date", "Due", "Payable date", "Date due"),
        *("Fecha de vencimiento", "Vencimiento", "Vence", "Fecha de pago"),
    ),
    "amount": (
        *("Amount", "Total", "Invoice amount", "Total amount", "Gross amount", "Amount with tax"),
        *("Importe", "Monto", "Importe total", "Monto total", "Total con impuestos"),
    ),
    "tax": (
        *("Tax", "Sales tax", "Tax amount", "VAT", "VAT amount"),
        *("Impuesto", "Impuestos", "IVA", "Importe del impuesto", "Monto del impuesto", "Importe del IVA"),
    ),
    "currency": ("Currency", "Currency code", "Moneda", "Divisa"),
    "purchase_order": (
        *("Purchase order", "PO", "PO number", "Purchase order number"),
        *("Orden de compra", "Número de orden de compra", "Pedido", "Número de pedido"),
    ),
    "description": (
        *("Description", "What you delivered", "Memo", "Details"),
        *("Descripción", "Concepto", "Detalle", "Detalles"),
    ),
}
NEEDED = ("number", "buyer_name", "issued", "due", "amount")


def title_of(field: str) -> str:
    """The heading of a field in the template."""
    return HEADINGS[field][0]


def columns_of(heading: Sequence[str]) -> dict[str, int]:
    """The place of each field that the heading names. Raises RefusedFile where one that is needed is missing."""
    known = {_plain(name): field for field, names in HEADINGS.items() for name in names}
    found: dict[str, int] = {}
    for place, name in enumerate(heading):
        field = known.get(_plain(name))
        if field is None:
            continue
        if field in found:
            raise RefusedFile(
                _("Two columns are both “%(title_of)s”: %(heading)s and %(name)s.")
                % {"title_of": title_of(field), "heading": heading[found[field]], "name": name}
            )
        found[field] = place
    if missing := [title_of(field) for field in NEEDED if field not in found]:
        raise RefusedFile(
            _("The first row must name the columns. Missing: %(missing)s.") % {"missing": ", ".join(missing)}
        )
    return found


def cells_of(cells: Sequence[str], *, columns: Mapping[str, int]) -> dict[str, str]:
    """The cells of a row by field; a short row has empty ones."""
    return {field: cells[place] if place < len(cells) else "" for field, place in columns.items()}


def _plain(name: str) -> str:
    return "".join(sign for sign in normalize(name) if sign.isalnum())
