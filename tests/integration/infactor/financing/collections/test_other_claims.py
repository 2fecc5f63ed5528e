"""A credit that pays no open advance says what else it may be for; nothing of that is accepted by itself."""

from decimal import Decimal

import pytest

from infactor.banking.models import HouseAccount, StatementLine
from infactor.financing.accounting import balances
from infactor.financing.advances import repurchases, write_offs
from infactor.financing.collections import line_acceptance, matching_runs
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Advance, CollectionAllocation, MatchingRun
from infactor.financing.remittance_instructions import payment_reference
from infactor.ledger import integrity
from infactor.ledger.models import Purpose
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario
from tests.support.statements import csv_statement, house_account, import_file

pytestmark = pytest.mark.django_db
Kind = CollectionAllocation.Kind


@pytest.fixture
def account(scenario: Scenario) -> HouseAccount:
    return house_account(scenario.operations, scenario.now)


def advance(scenario: Scenario, number: str) -> Advance:
    made = scenario.funded(scenario.invoice(scenario.buyer("Northwind"), invoice_no=number))
    money_out.confirm(scenario, *made.payouts.all())
    return Advance.objects.get(pk=made.pk)


def load(scenario: Scenario, account: HouseAccount, *lines: str) -> list[StatementLine]:
    """Import lines of today, `amount;reference;payer;text;id`, and find what they are for."""
    data = csv_statement(*(f"{scenario.today};{line}" for line in lines))
    known = set(StatementLine.objects.values_list("pk", flat=True))
    import_file(data, account=account, by=scenario.operations, at=scenario.now)
    run = matching_runs.request(kind=MatchingRun.Kind.FIND, by=scenario.operations, at=scenario.now)
    while matching_runs.work(run_id=run.pk, at=scenario.now):
        pass
    return list(StatementLine.objects.exclude(pk__in=known).select_related("proposal", "account").order_by("pk"))


def said(line: StatementLine) -> str:
    assert (line.proposal.is_certain, line.proposal.targets) == (False, [])
    return " ".join(line.proposal.reasons)


def record(scenario: Scenario, line: StatementLine, target: AllocationTarget) -> list[str]:
    done = line_acceptance.record_line(line=line, targets=[target], by=scenario.operations, at=scenario.now)
    return list(done.allocations.order_by("position").values_list("kind", flat=True))


def test_a_line_that_names_a_written_off_advance_is_a_recovery(scenario: Scenario, account: HouseAccount) -> None:
    lost = advance(scenario, "INV-1001")
    given = {"value_date": scenario.today, "by": scenario.operations, "approver": scenario.approver, "at": scenario.now}
    write_offs.write_off(advance=lost, reason="The buyer is insolvent", **given)
    named, by_key, other = load(
        scenario, account, "50.00;;Northwind;inv 1001;", f"60.00;;;A{lost.pk};", "70.00;;;INV-10010;"
    )
    for line in (named, by_key):
        assert "which is written off: what comes is a recovery" in said(line)
    assert "written off" not in said(other)
    assert record(scenario, named, AllocationTarget(Decimal(50), advance=lost)) == [Kind.RECOVERY]
    assert integrity.verify(at=scenario.now).findings == []


def test_a_line_of_a_supplier_that_owes_names_its_debt_and_of_others_none(
    scenario: Scenario, account: HouseAccount
) -> None:
    given = {"value_date": scenario.today, "by": scenario.operations, "approver": scenario.approver, "at": scenario.now}
    repurchases.repurchase(advance=advance(scenario, "INV-1001"), reason="The buyer did not pay", **given)
    code = payment_reference(number="", public_id=scenario.supplier.public_id)
    by_code, by_name, stranger = load(
        scenario,
        account,
        f"50.00;{code.replace('-', ' ').lower()};Somebody;;",
        f"60.00;;{scenario.supplier.name};transfer;",
        "70.00;;Somebody;transfer;",
    )
    assert f"It has the reference of {scenario.supplier}, which owes" in said(by_code)
    assert f"The payer has the name of {scenario.supplier}, which owes" in said(by_name)
    assert "owes" not in said(stranger)
    target = AllocationTarget(Decimal(50), supplier=scenario.supplier, is_due=True)
    assert record(scenario, by_code, target) == [Kind.DUE]
    # What was bought back is the supplier's: its buyer's money is passed on.
    (late,) = load(scenario, account, "80.00;;Northwind;INV-1001;")
    assert f"the money belongs to {scenario.supplier}" in said(late)


def test_a_line_for_an_invoice_that_is_not_bought_names_every_supplier_that_has_it(
    scenario: Scenario, account: HouseAccount
) -> None:
    scenario.invoice(scenario.buyer("Cedar"), invoice_no="INV-77", face="900")
    bought = advance(scenario, "INV-78")
    line, both, words = load(
        scenario, account, "900.00;;Cedar;(INV-77);", "1000.00;;Northwind;INV-77 INV-78;", "9.00;;;no number at all;"
    )
    assert "INV-77" in said(line)
    assert f"the money belongs to {scenario.supplier}" in said(line)
    assert said(words) == ""
    # An open advance that is named comes first, as before.
    assert both.proposal.targets == [[bought.pk, "1000.00"]]
    before = balances.supplier_balance(
        purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=scenario.supplier.pk, currency="USD"
    )
    assert record(scenario, line, AllocationTarget(Decimal(900), supplier=scenario.supplier)) == [Kind.PAYABLE]
    after = balances.supplier_balance(
        purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=scenario.supplier.pk, currency="USD"
    )
    assert after - before == Decimal(900)
