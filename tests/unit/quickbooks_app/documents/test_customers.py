"""The customers that a raw object names are found wherever QuickBooks puts them."""

import json
from typing import Any

import pytest

from quickbooks_app.documents.customers import customers_in


@pytest.mark.parametrize(
    ("entity", "payload", "found"),
    [
        ("Estimate", {"CustomerRef": {"value": "7", "name": "x"}}, {"7"}),
        ("Customer", {"Id": "8", "ParentRef": {"value": "7"}}, {"7"}),
        ("Item", {"ParentRef": {"value": "7"}}, set()),
        ("Bill", {"Line": [{"AccountBasedExpenseLineDetail": {"CustomerRef": {"value": "7"}}}]}, {"7"}),
        ("Deposit", {"Line": [{"DepositLineDetail": {"Entity": {"value": "7", "type": "CUSTOMER"}}}]}, {"7"}),
        ("Deposit", {"Line": [{"DepositLineDetail": {"Entity": {"value": "7", "type": "VENDOR"}}}]}, set()),
        (
            "JournalEntry",
            {"Line": [{"JournalEntryLineDetail": {"Entity": {"Type": "Customer", "EntityRef": {"value": "7"}}}}]},
            {"7"},
        ),
        (
            "JournalEntry",
            {"Line": [{"JournalEntryLineDetail": {"Entity": {"Type": "Vendor", "EntityRef": {"value": "7"}}}}]},
            set(),
        ),
        # A file may belong to several: what it is attached to decides (sync/erased_customers.py).
        ("Attachable", {"AttachableRef": [{"EntityRef": {"type": "Customer", "value": "7"}}]}, set()),
        ("Purchase", {"EntityRef": {"value": "7", "type": "Customer"}}, {"7"}),
        ("Estimate", {"CustomerRef": None, "Line": [None, 1, "x"]}, set()),
        ("Estimate", {"CustomerRef": {"value": 7}}, set()),
        ("Estimate", [], set()),
    ],
)
def test_each_name_of_a_customer_is_found(entity: str, payload: Any, found: set[str]) -> None:
    assert customers_in(json.dumps(payload).encode(), entity=entity) == found


@pytest.mark.parametrize("raw", [b"", b"not json", b"[" * 100_000])
def test_what_cannot_be_read_names_nobody(raw: bytes) -> None:
    assert customers_in(raw, entity="Estimate") == set()
