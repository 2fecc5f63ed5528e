"""Duties: the table in the documentation is what the code allows, and what the pages answer."""

from pathlib import Path

from infactor.users import duties
from infactor.users.permissions import DECISIONS, OPERATIONS, READ_ONLY, UNDERWRITER
from tests.support import staff_rights

ROOT = Path(__file__).resolve().parents[2]
NAMES = {
    UNDERWRITER: staff_rights.UNDERWRITER,
    OPERATIONS: staff_rights.OPERATIONS,
    READ_ONLY: staff_rights.READER,
    duties.SUPERUSER: staff_rights.SUPERUSER,
}


def test_a_change_of_duties_is_a_change_of_the_documentation() -> None:
    written = (ROOT / "docs/operations/duties.md").read_text()
    assert written == duties.as_markdown(), "run `make duties-table`"


def test_the_pages_let_in_whom_the_table_names() -> None:
    """The other test asks each page as each person, and compares the answers with its own list."""
    found = duties.duties()
    assert len(found) > 100
    different = {
        one.page: (sorted(NAMES[person] for person in one.people), sorted(allowed))
        for one in found
        if {NAMES[person] for person in one.people} != (allowed := staff_rights.allowed(one.page, "get"))
    }
    assert different == {}


def test_who_only_reads_decides_nothing_and_nobody_both_prices_and_pays() -> None:
    by_permission = {one.permission: set(one.people) for one in duties.duties() if one.permission in DECISIONS}
    assert [name for name, people in by_permission.items() if READ_ONLY in people or duties.SUPERUSER in people] == []
    assert by_permission["financing.price_requests"] == {UNDERWRITER}
    assert by_permission["financing.fund_advances"] == {OPERATIONS}


def test_a_decision_asks_for_the_second_factor_anew_unless_a_reason_says_why_not() -> None:
    found = {one.page: one.asks_anew for one in duties.duties()}
    assert {page for page, asks in found.items() if asks is not staff_rights.asks_anew(page)} == set()
    named = {page for pages in staff_rights.NOT_ASKED_ANEW.values() for page in pages}
    assert named - found.keys() == set()


def test_whatever_moves_money_in_the_books_or_at_the_bank_asks_anew() -> None:
    """By permission, so that no further page of one of these can be left out."""
    moving = {
        "banking.keep_house_accounts",
        "financing.approve_money_out",
        "financing.export_payouts",
        "financing.fund_advances",
        "financing.settle_advances",
        "suppliers.confirm_bank_account",
        "ledger.close_periods",
    }
    of_lines = {"banking_statementline_match", "banking_statementline_reopen", "banking_statementline_matching"}
    found = duties.duties()
    assert {one.permission for one in found} >= moving
    assert [one.page for one in found if one.permission in moving and not one.asks_anew] == []
    assert {one.page for one in found if one.asks_anew} >= of_lines
