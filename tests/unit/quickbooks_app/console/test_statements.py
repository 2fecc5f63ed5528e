"""The query box refuses what would cost a call for nothing, and says what to change."""

import pytest

from quickbooks_app.console.statements import PAGE_SIZE, InvalidStatement, parse_statement
from quickbooks_app.objects.editions import CompanyProfile

PLUS = CompanyProfile(edition="QuickBooks Online Plus", country="US")


@pytest.mark.parametrize(
    ("entity", "typed"),
    [
        ("Bill", "select * from bill"),
        ("Bill", "SELECT Id, VendorRef.name FROM Bill\n  WHERE Balance > '0'"),
        ("Vendor", "SELECT * FROM Vendor WHERE DisplayName = 'O\\'Neil; Sons'"),
        ("Vendor", "SELECT * FROM Vendor WHERE DisplayName LIKE '%maxresults%'"),
    ],
)
def test_a_select_is_taken_and_paged(entity: str, typed: str) -> None:
    statement = parse_statement(typed, company=PLUS)
    text = " ".join(typed.split())
    assert (statement.entity, statement.text) == (entity, text)
    assert statement.page(3) == f"{text} STARTPOSITION {2 * PAGE_SIZE + 1} MAXRESULTS {PAGE_SIZE}"


def test_a_count_has_no_page() -> None:
    assert parse_statement("SELECT COUNT(*) FROM Bill", company=PLUS).page(1) == "SELECT COUNT(*) FROM Bill"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Write a query such as"),
        ("DELETE FROM Bill", "Write a query such as"),
        ("SELECT * FROM Bill, Vendor", "Write a query such as"),
        ("SELECT * FROM Bill; SELECT * FROM Vendor", "Leave out “;”"),
        ('SELECT * FROM Bill WHERE DocNumber = "7"', "single quotation marks"),
        ("SELECT * FROM Bill WHERE DocNumber = 'O'Neil'", "quotation mark is missing"),
        ("SELECT * FROM Bill STARTPOSITION 1", "Leave out STARTPOSITION"),
        ("SELECT * FROM Bill WHERE Balance > '0' MaxResults 1000", "Leave out STARTPOSITION"),
        ("SELECT * FROM Unicorn", "no object Unicorn"),
        ("SELECT * FROM TaxClassification", "cannot be queried"),
        ("SELECT * FROM Bill WHERE DocNumber = '" + "7" * 1000 + "'", "at most 1000"),
    ],
)
def test_what_is_no_query_of_one_object_is_refused_before_any_call(typed: str, why: str) -> None:
    with pytest.raises(InvalidStatement, match=why):
        parse_statement(typed, company=PLUS)


def test_an_object_that_the_edition_does_not_have_is_named() -> None:
    with pytest.raises(InvalidStatement, match="begins with QuickBooks Online Plus"):
        parse_statement(
            "SELECT * FROM PurchaseOrder", company=CompanyProfile(edition="QuickBooks Online Essentials", country="US")
        )
