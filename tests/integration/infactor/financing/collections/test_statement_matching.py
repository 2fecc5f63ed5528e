"""Statement lines are matched: the certain by themselves, the likely with reasons, and never one payment twice."""

from datetime import timedelta
from decimal import Decimal

import pytest

from infactor.banking import debits, matches, movements
from infactor.banking.debits import ExplainedDebit
from infactor.banking.models import HouseAccount, Movement, StatementLine
from infactor.financing.accounting import balances
from infactor.financing.collections import line_acceptance, look_alikes, matching_runs, payments
from infactor.financing.collections.payments import AllocationTarget, LooksRecorded
from infactor.financing.models import Advance, Collection, LineProposal, MatchingRun
from infactor.ledger import integrity
from tests.support.scenarios.financing import Scenario
from tests.support.statements import csv_statement, house_account, import_file

pytestmark = pytest.mark.django_db
Kind = MatchingRun.Kind


@pytest.fixture
def account(scenario: Scenario) -> HouseAccount:
    return house_account(scenario.operations, scenario.now)


def advance(scenario: Scenario, number: str, face: str = "1000", buyer: str = "Northwind") -> Advance:
    return scenario.funded(scenario.invoice(scenario.buyer(buyer), invoice_no=number, face=face))


def load(scenario: Scenario, account: HouseAccount, *lines: str) -> list[StatementLine]:
    """Import lines of today, `amount;reference;payer;text;id`, and find what they are for."""
    known = set(StatementLine.objects.values_list("pk", flat=True))
    data = csv_statement(*(f"{scenario.today};{line}" for line in lines))
    import_file(data, account=account, by=scenario.operations, at=scenario.now)
    run(scenario, Kind.FIND)
    return list(StatementLine.objects.exclude(pk__in=known).select_related("proposal").order_by("pk"))


def run(scenario: Scenario, kind: Kind) -> MatchingRun:
    started = matching_runs.request(kind=kind, by=scenario.operations, at=scenario.now)
    while matching_runs.work(run_id=started.pk, at=scenario.now):
        pass
    for left in matching_runs.unfinished(at=scenario.now):
        matching_runs.work(run_id=left, at=scenario.now)
    started.refresh_from_db()
    return started


def shown(line: StatementLine) -> tuple[bool, list[list[object]], str]:
    proposal = line.proposal
    return proposal.is_certain, proposal.targets, " ".join(proposal.reasons)


def test_a_line_that_names_invoices_and_has_their_exact_amount_is_certain(
    scenario: Scenario, account: HouseAccount
) -> None:
    one, two = advance(scenario, "INV-1001"), advance(scenario, "INV-1002", face="300", buyer="Cedar")
    single, both, short, other, glued = load(
        scenario,
        account,
        "1000.00;;Unknown Ltd;payment inv 1001 thanks;",
        "1300.00;;Unknown Ltd;1001/1002;",
        "999.00;;;Invoice INV-1001;",
        "1000.00;;;INV-10010 or 21001;",
        "300.00;;;XINV-1002X;",
    )
    assert shown(single)[:2] == (True, [[one.pk, "1000.00"]])
    assert shown(both)[:2] == (True, [[one.pk, "1000.00"], [two.pk, "300.00"]])
    assert shown(short)[:2] == (False, [[one.pk, "999.00"]])
    assert "is $1.00 less than is open" in shown(short)[2]
    # A longer number is another invoice: only the amount fits.
    assert shown(other)[0] is False
    assert "is open with this amount" in shown(other)[2]
    assert shown(glued)[0] is False


def test_all_certain_lines_are_accepted_once_and_the_rest_stays_open(scenario: Scenario, account: HouseAccount) -> None:
    one, two = advance(scenario, "INV-1001"), advance(scenario, "INV-1002", face="300")
    lines = load(
        scenario,
        account,
        "1000.00;W-1;Northwind Inc;INV-1001;",
        "1000.00;W-2;Northwind Inc;INV-1001 again;",
        "300.00;W-3;Northwind Inc;INV-1002;",
        "5.00;W-4;Nobody;?;",
    )
    done = run(scenario, Kind.ACCEPT)
    assert (done.total, done.done, done.left_open) == (3, 3, 1)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.status, two.status) == (Advance.Status.COLLECTED, Advance.Status.COLLECTED)
    assert [line.status for line in StatementLine.objects.order_by("pk")] == [
        "matched",
        "waiting",
        "matched",
        "waiting",
    ]
    again = LineProposal.objects.get(line=lines[1])
    assert again.is_certain is False
    assert "looks like payment" in again.reasons[0]
    assert run(scenario, Kind.ACCEPT).total == 0
    assert Collection.objects.count() == 2
    assert integrity.verify(at=scenario.now).findings == []


def test_who_has_paid_before_is_known_by_name_and_account_and_sums_are_found(
    scenario: Scenario, account: HouseAccount
) -> None:
    head = "value_date;amount;reference;payer;details;payer account"

    def with_account(*lines: str) -> list[StatementLine]:
        known = set(StatementLine.objects.values_list("pk", flat=True))
        data = csv_statement(*(f"{scenario.today};{line}" for line in lines), head=head)
        import_file(data, account=account, by=scenario.operations, at=scenario.now)
        run(scenario, Kind.FIND)
        return list(StatementLine.objects.exclude(pk__in=known).select_related("proposal").order_by("pk"))

    buyer = scenario.buyer("Northwind")
    first, second, third = (
        scenario.funded(scenario.invoice(buyer, invoice_no=number, face=face))
        for number, face in (("N-1", "1000"), ("N-2", "250"), ("N-3", "400"))
    )
    (line,) = with_account("1000.00;R1;Trading name of theirs;no number;DE02120300000000202051")
    line_acceptance.record_line(
        line=line, targets=[AllocationTarget(Decimal(1000), advance=first)], by=scenario.operations, at=scenario.now
    )
    by_name, by_account, summed = with_account(
        "250.00;R2;TRADING NAME of theirs;;",
        "400.00;R3;Somebody else;;DE02120300000000202051",
        "650.00;R4;northwind inc.;;",
    )
    assert shown(by_name)[:2] == (True, [[second.pk, "250.00"]])
    assert "has paid for this buyer before" in shown(by_name)[2]
    assert shown(by_account)[:2] == (True, [[third.pk, "400.00"]])
    assert shown(summed)[:2] == (False, [[second.pk, "250.00"], [third.pk, "400.00"]])


def test_the_same_reference_and_amount_a_day_apart_is_a_question_to_a_person(
    scenario: Scenario, account: HouseAccount
) -> None:
    one = advance(scenario, "INV-1", face="5600")
    typed = scenario.pay(one, "2800.00", bank_reference="FT-77")
    scenario.later(1)
    with pytest.raises(LooksRecorded, match=f"looks like payment {typed.pk}: the same amount and reference, 1 day"):
        scenario.pay(one, "2800.00", bank_reference="ft 77")
    assert scenario.pay(one, "2800.00", bank_reference="FT-77", is_another=True).amount == Decimal("2800.00")


def test_a_line_whose_money_is_in_the_books_confirms_it_and_is_not_recorded_again(
    scenario: Scenario, account: HouseAccount
) -> None:
    one = advance(scenario, "INV-1", face="5600")
    typed = scenario.pay(one, "2800.00", bank_reference="FT-77", payer="Northwind")
    scenario.later(1)
    (line,) = load(scenario, account, "2800.00;FT-77;Northwind;INV-1;")
    assert (line.proposal.kind, line.proposal.is_certain, line.proposal.looks_like) == ("booked", False, [typed.pk])
    with pytest.raises(LooksRecorded):
        line_acceptance.record_line(line=line, targets=[], by=scenario.operations, at=scenario.now)
    ((entry,),) = look_alikes.find_booked(lines=[line])
    line_acceptance.confirm_booked(line=line, entries=[entry], by=scenario.operations, at=scenario.now)
    line.refresh_from_db()
    assert line.status == StatementLine.Status.MATCHED
    assert (Collection.objects.count(), balances.outstanding(advance=one).receivable) == (1, Decimal("2800.00"))
    with pytest.raises(payments.CollectionError, match="in the books already"):
        line_acceptance.record_line(line=line, targets=[], by=scenario.operations, at=scenario.now, is_another=True)
    line_acceptance.reopen_line(line=line, reason="Another one", by=scenario.operations, at=scenario.now)
    assert matches.unconfirmed_entries(account=account).filter(pk=entry.pk).exists()


def test_two_formats_of_one_statement_are_one_line_when_a_person_says_so(
    scenario: Scenario, account: HouseAccount
) -> None:
    first, second = load(scenario, account, "70.00;R;A;x;BANK-1", "70.00;R;A;x;FITID-9")
    line_acceptance.mark_duplicate(
        line=second, same_as=first, reason="The same in CSV", by=scenario.operations, at=scenario.now
    )
    run(scenario, Kind.FIND)
    assert not LineProposal.objects.filter(line=second, is_certain=True).exists()
    second.refresh_from_db()
    assert (second.status, second.same_as) == (StatementLine.Status.DUPLICATE, first)


def test_a_run_goes_on_where_a_dead_worker_stopped_and_one_worker_has_it_at_a_time(
    scenario: Scenario, account: HouseAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(matching_runs.LINES_A_STEP, Kind.FIND, 1)
    load(scenario, account, *(f"{number}.00;R{number};A;x;" for number in range(1, 5)))
    started = matching_runs.request(kind=Kind.FIND, by=scenario.operations, at=scenario.now)
    assert matching_runs.request(kind=Kind.FIND, by=scenario.operations, at=scenario.now) == started
    assert matching_runs.work(run_id=started.pk, at=scenario.now, seconds=0)
    started.refresh_from_db()
    assert started.done == 1
    MatchingRun.objects.filter(pk=started.pk).update(claimed_until=scenario.now + timedelta(seconds=50))
    assert not matching_runs.work(run_id=started.pk, at=scenario.now)
    assert matching_runs.unfinished(at=scenario.now) == []
    later = scenario.now + timedelta(seconds=60)
    while matching_runs.work(run_id=started.pk, at=later):
        pass
    started.refresh_from_db()
    assert (started.done, started.finished_at) == (4, later)


def test_a_debit_is_matched_by_who_is_asked_about_debits(
    scenario: Scenario, account: HouseAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"value_date": scenario.money_day, "note": "", "by": scenario.operations, "at": scenario.now}
    movements.record(account=account, kind=Movement.Kind.CAPITAL, amount=Decimal(-850), **given)  # type: ignore[arg-type]
    (entry,) = matches.unconfirmed_entries(account=account)
    asked: list[int] = []

    def explainer(lines: list[StatementLine], by: object, at: object) -> list[ExplainedDebit]:
        asked.extend(line.pk for line in lines)
        return [ExplainedDebit(line, [entry], "Capital") for line in lines if line.amount == Decimal("-850.00")]

    monkeypatch.setattr(debits, "_explainers", [explainer])
    capital, fee = load(scenario, account, "-850.00;;Owners;capital;", "-3.00;;Bank;fee;")
    assert asked == [capital.pk, fee.pk]
    capital.refresh_from_db()
    assert capital.status == StatementLine.Status.MATCHED
    assert StatementLine.objects.get(status=StatementLine.Status.DEBIT) == fee
