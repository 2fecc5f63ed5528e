"""The columns of a table are known by their headings: the template's, Xero's, and Spanish ones."""

import pytest

from infactor.documents.inspection import RefusedFile
from infactor.invoices.by_hand.columns import HEADINGS, NEEDED, columns_of

XERO = ["ContactName", "EmailAddress", "InvoiceNumber", "Reference", "InvoiceDate", "DueDate", "Total", "Currency"]
SPACED = [
    "Contact Name",
    "Email Address",
    "Invoice Number",
    "Reference",
    "Invoice Date",
    "Due Date",
    "Total",
    "Currency",
]
SPANISH = [
    "Cliente",
    "Correo electrónico",
    "Número de factura",
    "",
    "Fecha de emisión",
    "Vencimiento",
    "Importe",
    "Moneda",
]
FIELDS = {"buyer_name": 0, "buyer_email": 1, "number": 2, "issued": 4, "due": 5, "amount": 6, "currency": 7}


@pytest.mark.parametrize("heading", [XERO, SPACED, SPANISH, [one.upper() for one in SPANISH]])
def test_xeros_and_spanish_headings_are_known(heading: list[str]) -> None:
    assert columns_of(heading) == FIELDS


def test_no_heading_is_two_fields() -> None:
    for field, names in HEADINGS.items():
        for name in names:
            heading = [name, *(HEADINGS[other][0] for other in NEEDED if other != field)]
            assert columns_of(heading)[field] == 0, name


def test_two_columns_of_one_field_are_refused() -> None:
    with pytest.raises(RefusedFile, match="Two columns"):
        columns_of(["Buyer", "Cliente", "Number", "Date", "Due", "Total"])
