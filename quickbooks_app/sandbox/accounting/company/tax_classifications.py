"""Tax classifications: Intuit's list of what goods and services are, for automated sales tax. The same for everyone."""

from quickbooks_app.sandbox.runtime.documents import Document

_GOODS, _SERVICES = ("Inventory", "NonInventory"), ("Service",)

# Code, name, kinds of items, and what it is part of.
_ROWS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("EUC-09010802-V1-00120000", "Clothing", _GOODS, ""),
    ("EUC-09010802-V1-00120100", "Clothing, general", _GOODS, "V1-00120000"),
    ("EUC-09020802-V1-00140000", "Food and beverages", _GOODS, ""),
    ("EUC-09020802-V1-00140100", "Groceries and coffee beans", _GOODS, "V1-00140000"),
    ("EUC-09020802-V1-00140200", "Prepared food and drinks", _GOODS, "V1-00140000"),
    ("EUC-99990101-V1-00020000", "Services", _SERVICES, ""),
    ("EUC-99990101-V1-00020100", "Professional services", _SERVICES, "V1-00020000"),
    ("EUC-99990101-V1-00020200", "Repair and maintenance", _SERVICES, "V1-00020000"),
    ("EUC-99990201-V1-00030000", "Retail goods", _GOODS, ""),
    ("EUC-99990201-V1-00030100", "Machines and equipment", _GOODS, "V1-00030000"),
)


def find(id: str) -> Document | None:
    """Return the classification with this id, or None."""
    return next((one for one in listed() if one["Id"] == id), None)


def listed(*, level: str = "", parent: str = "") -> list[Document]:
    """Return the classifications of a level, or under another one."""
    found = [_document(*row) for row in _ROWS]
    return [
        one
        for one in found
        if level in ("", one["Level"]) and parent in ("", one.get("ParentRef", {}).get("value", ""))
    ]


def _document(code: str, name: str, kinds: tuple[str, ...], parent: str) -> Document:
    body: Document = {
        "Id": "V1-" + code.partition("-V1-")[2],
        "Code": code,
        "Name": name,
        "Description": name,
        "Level": "2" if parent else "1",
        "ApplicableTo": [{"value": kind} for kind in kinds],
        "domain": "QBO",
        "sparse": False,
    }
    return {**body, "ParentRef": {"value": parent}} if parent else body
