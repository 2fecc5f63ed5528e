"""The nightly proof names each line of a statement, and each statement, that the books do not agree with."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from infactor.banking import accounts, proof
from infactor.banking.models import LineMatch, StatementLine
from infactor.financing.collections import line_acceptance
from infactor.ledger import integrity
from tests.support.scenarios.financing import Scenario
from tests.support.statements import camt_statement, house_account, import_file

pytestmark = pytest.mark.django_db
IBAN = "DE89370400440532013000"

PLANTED = [
    (
        "UPDATE banking_statementline SET status = 'waiting' WHERE id = {line}",
        "Statement line {line} is matched, and its state is waiting.",
    ),
    ("DELETE FROM banking_linematch", "Statement line {line} is in the books, and nothing is matched to it."),
    (
        "UPDATE banking_statementline SET account_id = {other_account} WHERE id = {line}",
        "Statement line {line} is matched to another account than its own.",
    ),
    (
        "UPDATE banking_statementline SET amount = 240 WHERE id = {line}",
        "Statement line {line} is 240.00, what it confirms comes to 250.00.",
    ),
    (
        "UPDATE banking_statement SET closing_balance = 1300, difference = 50 WHERE id = {statement}",
        "differ by 50.00 from its lines.",
    ),
    (
        "UPDATE banking_statement SET opening_balance = 1350 WHERE id = {next_statement}",
        "begins with 1,350.00, and what is known up to then has left 1,250.00. A statement between them is missing.",
    ),
]


@contextmanager
def planted(statement: str) -> Iterator[None]:
    """The wrong stands in the rows past every trigger, and is gone after the block."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL session_replication_role = replica")
            cursor.execute(statement)
        yield
        transaction.set_rollback(True)


def test_each_planted_wrong_is_named_with_its_row(scenario: Scenario) -> None:
    given = {"by": scenario.operations, "at": scenario.now}
    account = house_account(currency="EUR", number=IBAN, **given)
    other = house_account(currency="EUR", number="GB29NWBK60161331926819", name="Second", **given)
    accounts.post_opening_balance(
        account=account, balance=Decimal(1000), value_date=scenario.today - timedelta(days=1), **given
    )
    first = camt_statement(
        ["250.00|B1|Buyer|x"], opening="1000.00", closing="1250.00", day=scenario.today.isoformat(), iban=IBAN
    )
    import_file(first, account=None, **given)
    line = StatementLine.objects.get()
    line_acceptance.record_line(line=line, targets=[], **given)
    scenario.later(1)
    second = camt_statement([], opening="1250.00", closing="1250.00", day=scenario.today.isoformat(), iban=IBAN)
    import_file(second, account=None, by=scenario.operations, at=scenario.now)
    earlier, later = account.statements.order_by("pk").values_list("pk", flat=True)
    rows = {"line": line.pk, "other_account": other.pk, "statement": earlier, "next_statement": later}
    assert integrity.verify(at=scenario.now).findings == []
    for statement, sentence in PLANTED:
        with planted(statement.format(**rows)):
            found = proof.find_discrepancies()
            assert any(sentence.format(**rows) in one for one in found), (statement, found)
    assert LineMatch.objects.count() == 1


def test_money_that_the_bank_has_and_the_books_do_not_is_named(scenario: Scenario) -> None:
    given = {"by": scenario.operations, "at": scenario.now}
    account = house_account(currency="EUR", number=IBAN, **given)
    day = scenario.today.isoformat()
    import_file(
        camt_statement(["250.00|B1|Buyer|x"], opening="1000.00", closing="1250.00", day=day, iban=IBAN),
        account=None,
        **given,
    )
    line_acceptance.record_line(line=StatementLine.objects.get(), targets=[], **given)
    assert proof.find_discrepancies() == [
        f"{account}: on {day} the bank has 1,250.00, the books have 250.00, and no line or entry explains "
        "1,000.00 of it. Lines are missing, or the opening balance."
    ]
    balance = {"balance": Decimal(1000), "value_date": scenario.today - timedelta(days=1)}
    accounts.post_opening_balance(account=account, **balance, **given)
    assert proof.find_discrepancies() == []


def test_a_line_that_waits_for_more_than_a_week_is_named(scenario: Scenario) -> None:
    given = {"by": scenario.operations, "at": scenario.now}
    account = house_account(currency="EUR", number=IBAN, **given)
    day = scenario.today.isoformat()
    import_file(
        camt_statement(["250.00|B1|Buyer|x"], opening="0.00", closing="250.00", day=day, iban=IBAN),
        account=None,
        **given,
    )
    line = StatementLine.objects.get()
    for passed, found in (
        (7, []),
        (1, [f"{account}: statement line {line.pk} of {day} over 250.00 is not in the books."]),
    ):
        scenario.later(passed)
        later = camt_statement([], opening="250.00", closing="250.00", day=scenario.today.isoformat(), iban=IBAN)
        import_file(later, account=None, by=scenario.operations, at=scenario.now)
        assert proof.find_discrepancies() == found
