"""Statement files are imported: however they overlap, each line counts once, and none is lost."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infactor.banking import gaps, statement_files, statement_import
from infactor.banking.errors import BankingError
from infactor.banking.models import HouseAccount, StatementFile, StatementLine
from infactor.ledger import integrity
from infactor.users.roles import NotAllowed
from tests.support.scenarios.financing import Scenario
from tests.support.statements import bank_file, camt_statement, csv_statement, house_account, import_file

pytestmark = pytest.mark.django_db
DAYS = ("2026-10-28", "2026-10-29", "2026-10-30")
# A few days of a bank without ids: equal lines, two payers of one reference, debits.
BANK = {
    DAYS[0]: ["100.00;R1;A;x;", "100.00;R1;A;x;", "100.00;R1;B;x;"],
    DAYS[1]: ["-15.00;;Bank;fee;", "-15.00;;Bank;fee;", "7.00;NONREF;A;y;"],
    DAYS[2]: ["7.00;NONREF;A;y;", "7.00;NONREF;A;z;", "1.00;;C;;ID-1", "1.00;;C;;ID-1"],
}


@pytest.fixture
def account(scenario: Scenario) -> HouseAccount:
    return house_account(scenario.operations, scenario.now)


def load(scenario: Scenario, data: bytes, account: HouseAccount | None = None) -> StatementFile:
    return import_file(data, account=account, by=scenario.operations, at=scenario.now)


def lines_of(days: Sequence[str]) -> list[str]:
    return [f"{day};{line}" for day in days for line in BANK[day]]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.booleans()), max_size=5),
)
def test_whatever_the_order_and_overlap_of_files_each_line_counts_once(
    scenario: Scenario, account: HouseAccount, files: list[tuple[int, int, bool]]
) -> None:
    StatementLine.objects.all().delete()
    for first, length, newest_first in [*files, (0, 3, False)]:
        lines = lines_of(DAYS[first : first + length])
        load(scenario, csv_statement(*(lines[::-1] if newest_first else lines)), account)
    kept = StatementLine.objects.filter(account=account).values_list("booking_date", "amount", "payer", "reference")
    expected = Counter()
    for day in DAYS:
        for line in BANK[day]:
            amount, reference, payer, *_ = line.split(";")
            expected[day, Decimal(amount), payer, reference.replace("NONREF", "")] += 1
    assert Counter((str(day), *rest) for day, *rest in kept) == expected


def test_every_line_of_a_file_is_kept_known_or_named_with_its_place(scenario: Scenario, account: HouseAccount) -> None:
    pounds = house_account(scenario.operations, scenario.now, currency="GBP", number="GB33BUKB20201555555555")
    data = bank_file("two_accounts.csv").replace(b";70.00;", b";70.00;")
    with pytest.raises(BankingError, match="does not say whose it is"):
        load(scenario, data)
    file = load(scenario, data, account)
    assert file.new_lines == 2
    assert StatementLine.objects.filter(account=account).count() == 2
    assert dict(file.refusals)["line 3"] == f"This is of {pounds}, not of {account}."
    assert dict(file.refusals)["line 4"] == "This is of the account ending in 9999, USD, which is no house account."
    assert [place for place, _ in file.refusals] == ["line 6", "line 7", "line 8", "line 9", "line 3", "line 4"]
    again = load(scenario, data, account)
    assert (again.new_lines, again.known_lines, len(again.refusals)) == (0, 2, 6)


def test_accounts_in_one_file_are_told_apart_by_their_numbers(scenario: Scenario, account: HouseAccount) -> None:
    other = house_account(scenario.operations, scenario.now, number="777777777", name="Second")
    load(scenario, bank_file("chase.bai"))
    assert StatementLine.objects.filter(account=account).count() == 3
    assert other.statements.get().closing_balance == Decimal("5001.00")
    assert account.ledger_owner == ""
    assert other.ledger_owner == "bank:2"


def test_a_batch_that_was_split_is_not_taken_again_as_one_amount(scenario: Scenario) -> None:
    house_account(scenario.operations, scenario.now, currency="EUR", number="DE89370400440532013000")
    assert load(scenario, bank_file("camt054_v8.xml")).new_lines == 4
    whole = camt_statement(["3000.00|BATCH-2||both"], opening="0.00", closing="3000.00", day="2026-11-02")
    assert (load(scenario, whole).new_lines, load(scenario, bank_file("camt053_v8.xml")).new_lines) == (0, 0)


def test_an_amount_that_was_taken_as_one_is_not_split_afterwards(scenario: Scenario) -> None:
    house_account(scenario.operations, scenario.now, currency="EUR", number="DE89370400440532013000")
    whole = camt_statement(["3000.00|BATCH-2||both"], opening="0.00", closing="3000.00", day="2026-11-02")
    assert load(scenario, whole).new_lines == 1
    assert (load(scenario, bank_file("camt053_v8.xml")).new_lines, StatementLine.objects.count()) == (2, 3)


def test_a_gap_between_statements_is_said_until_it_is_filled(scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now, currency="EUR", number="NL91ABNA0417164300")
    load(scenario, bank_file("rabobank_gap.sta"))
    (gap,) = gaps.gaps(account=account)
    assert "begins with 3,000.00, and what is known up to then has left 1,250.00" in gap
    assert any("is missing" in one for one in integrity.verify(at=scenario.now).findings)
    load(scenario, csv_statement("2026-11-03;1750.00;;A;missing;"), account)
    assert gaps.gaps(account=account) == []


def test_a_file_is_kept_only_when_it_is_confirmed_and_its_content_no_longer(
    scenario: Scenario, account: HouseAccount
) -> None:
    file = statement_files.upload(
        name="a.csv",
        data=csv_statement("2026-11-02;5;R;A;x;"),
        account=account,
        by=scenario.operations,
        at=scenario.now,
    )
    assert not StatementLine.objects.exists()
    with pytest.raises(NotAllowed):
        statement_import.confirm(file=file, by=scenario.underwriter, at=scenario.now)
    done = statement_import.confirm(file=file, by=scenario.operations, at=scenario.now)
    assert (done.status, done.content) == ("imported", "")
    with pytest.raises(BankingError, match="imported already"):
        statement_import.confirm(file=file, by=scenario.operations, at=scenario.now)
    later = scenario.now + statement_files.KEPT_UNCONFIRMED * 2
    statement_files.upload(
        name="b.csv",
        data=csv_statement("2026-11-02;6;R;A;x;"),
        account=account,
        by=scenario.operations,
        at=scenario.now,
    )
    assert statement_files.delete_unconfirmed(at=later) == 1
    assert StatementFile.objects.get() == done
