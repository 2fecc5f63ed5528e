"""Personal data in files that a worker prepares, and in views that people save."""

from typing import Any

import zstandard
from django.db.models import Q

from infactor.core.privacy.declarations import BUYER, PERSON, SUPPLIER, Delete, Ground, Subject, Table


def ready_exports(subject: Subject) -> Q:
    """The files that are ready of a buyer's supplier: the buyer may stand in any of them."""
    return Q(supplier__in=subject.supplier_ids, state="ready")


def _content(row: Any) -> str:
    """The text of a list. A statement is a PDF: its text is not searched, the file goes with its supplier's."""
    if row.kind == "statement":
        return ""
    packed = bytes(row.content or b"")
    return zstandard.ZstdDecompressor().decompressobj().decompress(packed).decode() if packed else ""


TABLES = (
    Table(
        model="dashboard.PreparedExport",
        purpose="a list of invoices or a statement as a file, which somebody asked for",
        ground=Ground.CONTRACT,
        retention="a day",
        personal=("query", "content"),
        other=("kind",),
        paths={SUPPLIER: ("supplier",), PERSON: ("user",), BUYER: ready_exports},
        readable={"content": _content},
        not_copied_for=(PERSON, BUYER),
        on_erasure={SUPPLIER: Delete(), PERSON: Delete(), BUYER: Delete()},
    ),
    Table(
        model="dashboard.SavedView",
        purpose="views of the invoice list that people saved",
        ground=Ground.CONTRACT,
        retention="until its person deletes it, or is no longer with us",
        personal=("name", "query"),
        paths={SUPPLIER: ("supplier",), PERSON: ("user",)},
        on_erasure={SUPPLIER: Delete(), PERSON: Delete()},
    ),
    Table(
        model="dashboard.DataExport",
        purpose="a copy of all data of a company, which one of its owners asked for",
        ground=Ground.CONTRACT,
        retention="a day",
        personal=("content",),
        other=("query",),
        paths={SUPPLIER: ("supplier",), PERSON: ("user",), BUYER: ready_exports},
        not_copied_for=(SUPPLIER, PERSON, BUYER),
        on_erasure={SUPPLIER: Delete(), PERSON: Delete(), BUYER: Delete()},
    ),
)
