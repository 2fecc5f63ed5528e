"""Personal data in tables of invoices that suppliers upload."""

from typing import Any

import zstandard
from django.db.models import Q

from infactor.core.privacy.declarations import BUYER, PERSON, SUPPLIER, Delete, Ground, Subject, Table


def uploads_of_supplier(subject: Subject) -> Q:
    """The uploads of a buyer's supplier: the buyer may stand in any of them."""
    return Q(supplier__in=subject.supplier_ids)


def _lines(column: str) -> Any:
    def read(row: Any) -> str:
        packed = bytes(getattr(row, column) or b"")
        return zstandard.ZstdDecompressor().decompressobj().decompress(packed).decode() if packed else ""

    return read


TABLES = (
    Table(
        model="invoices.InvoiceUpload",
        purpose="a table of invoices that a supplier uploaded, until it is imported",
        ground=Ground.CONTRACT,
        retention="a day",
        personal=("name", "rows", "decisions"),
        other=("sha256", "state", "choices", "counts"),
        paths={SUPPLIER: ("supplier",), PERSON: ("user",), BUYER: uploads_of_supplier},
        readable={"rows": _lines("rows"), "decisions": _lines("decisions")},
        not_copied_for=(PERSON, BUYER),
        on_erasure={SUPPLIER: Delete(), PERSON: Delete(), BUYER: Delete()},
    ),
)
