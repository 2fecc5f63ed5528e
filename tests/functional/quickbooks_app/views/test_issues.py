"""How the list of import issues names a record that infactor does not hold."""

import pytest
from django.template.loader import render_to_string

from quickbooks_app.models import ImportIssue


@pytest.mark.parametrize(
    ("qbk_id", "field", "code", "named"),
    [
        ("7", "", "refused_quickbooks", "Invoice with Id 7 in QuickBooks"),
        ("", "after Id 6", "refused_quickbooks", "Invoice after Id 6 in QuickBooks"),
        ("", "Id", "unreadable", "Invoice ?"),
    ],
)
def test_an_id_is_not_taken_for_an_invoice_number(qbk_id: str, field: str, code: str, named: str) -> None:
    issue = ImportIssue(entity="Invoice", qbk_id=qbk_id, field=field, code=code)
    assert f"<bdi>{named}</bdi>" in render_to_string("quickbooks/parts/_issue.html", {"row": issue})
