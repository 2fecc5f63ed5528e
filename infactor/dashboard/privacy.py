"""Personal data in files that a worker prepares."""

from typing import Any

import zstandard
from django.db.models import Q

from infactor.core.privacy.declarations import BUYER, PERSON, SUPPLIER, Delete, Ground, Subject, Table


def ready_exports(subject: Subject) -> Q:
    """The files that are ready of a buyer's supplier: the buyer may stand in any of them."""
    return Q(supplier__in=subject.supplier_ids, state="ready")


def _content(row: Any) -> str:
    packed = bytes(row.content or b"")
    return zstandard.ZstdDecompressor().decompressobj().decompress(packed).decode() if packed else ""


TABLES = (
    Table(
        model="dashboard.PreparedExport",
        purpose="a list of invoices as a file, which somebody asked for",
        ground=Ground.CONTRACT,
        retention="a day",
        personal=("query", "content"),
        paths={SUPPLIER: ("supplier",), PERSON: ("user",), BUYER: ready_exports},
        readable={"content": _content},
        not_copied_for=(PERSON, BUYER),
        on_erasure={SUPPLIER: Delete(), PERSON: Delete(), BUYER: Delete()},
    ),
)
