"""Certain lines are accepted together as each would be alone, and what is not plain is left to be tried alone."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from infactor.banking.models import HouseAccount, StatementLine
from infactor.core.models import AuditEvent, OutgoingMail
from infactor.financing.accounting import balances, bulk_postings
from infactor.financing.collections import certain_lines, line_acceptance, line_proposals, matching_runs
from infactor.financing.models import Advance, Collection, LineProposal, MatchingRun
from infactor.ledger import integrity, periods
from infactor.ledger.models import Transaction
from infactor.ledger.posting import ReferenceReused
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


def test_lines_accepted_together_leave_the_same_as_a_line_accepted_alone(
    scenario: Scenario, account: HouseAccount
) -> None:
    advances = [advance(scenario, f"INV-100{number}", buyer=f"Buyer {number}") for number in range(4)]
    lines = load(scenario, account, *(f"1000.00;W-{n};Payer {n};INV-100{n};" for n in range(4)))
    given = {"by": scenario.operations, "at": scenario.now}
    targets = {line.pk: line_proposals.targets_of(line.proposal) for line in lines}
    before = AuditEvent.objects.count()
    assert line_acceptance.accept_certain(line=lines[0], targets=targets[lines[0].pk], **given)  # type: ignore[arg-type]
    alone = Counter(AuditEvent.objects.order_by("pk")[before:].values_list("event", flat=True))
    before = AuditEvent.objects.count()
    done = certain_lines.accept(lines=lines, targets=targets, **given)  # type: ignore[arg-type]
    assert done == {line.pk for line in lines[1:]}
    together = Counter(AuditEvent.objects.order_by("pk")[before:].values_list("event", flat=True))
    assert together == {event: 3 * times for event, times in alone.items()}

    def left(one: Advance) -> list[object]:
        one.refresh_from_db()
        one.invoice.refresh_from_db()
        (part,) = one.allocations.select_related("collection__statement_line")
        posted = Transaction.objects.get(reference=f"{part.collection.ledger_owner}:recorded")
        entries = posted.entries.select_related("account").order_by("position")
        line = part.collection.statement_line
        assert line is not None
        return [
            (one.status, one.collected_on, one.invoice.state, balances.outstanding(advance=one).receivable),
            (line.status, line.decided_by, line.decided_at),
            [match.entry.transaction_id == posted.pk for match in line.matches.all()],
            [(entry.account.purpose, entry.debit, entry.credit, entry.account.supplier_id) for entry in entries],
            OutgoingMail.objects.filter(key__startswith=f"financing.buyer_paid:{one.ledger_owner}:1:").count(),
            (part.kind, part.position, part.amount, part.collection.source, part.collection.bank_reference[:2]),
        ]

    first, *others = [left(one) for one in advances]
    assert others == [first] * 3
    assert certain_lines.accept(lines=lines, targets=targets, **given) == set()  # type: ignore[arg-type]
    assert Collection.objects.count() == 4
    assert integrity.verify(at=scenario.now).findings == []


def test_lines_that_are_not_plain_are_left_to_be_looked_at_alone(scenario: Scenario, account: HouseAccount) -> None:
    one, two = advance(scenario, "INV-1001"), advance(scenario, "INV-1002", face="300", buyer="Cedar")
    lines = load(
        scenario,
        account,
        "1000.00;W-1;Northwind Inc;INV-1001;",
        "1000.00;W-2;Northwind Inc;INV-1001 again;",
        "300.00;W-3;Cedar Inc;INV-1002;",
    )
    scenario.pay(two, "1.00")
    whole, rest = {one.pk: Decimal(1000)}, {two.pk: Decimal(300)}
    targets = dict(zip([line.pk for line in lines], [whole, whole, rest], strict=True))
    done = certain_lines.accept(lines=lines, targets=targets, by=scenario.operations, at=scenario.now)
    assert done == set()  # two for one advance, and one of which less is open now


def test_lines_of_a_closed_month_count_on_the_first_open_day_and_keep_their_own(
    scenario: Scenario, account: HouseAccount
) -> None:
    for number in ("INV-1001", "INV-1002", "INV-1003"):
        advance(scenario, number, buyer=f"Buyer {number}")
    scenario.later((date(2026, 12, 4) - scenario.today).days)
    periods.close(month=date(2026, 11, 1), explanations=[], by=scenario.operations, at=scenario.now)
    days = (date(2026, 11, 20), date(2026, 11, 30), date(2026, 12, 2))
    texts = [f"{day};1000.00;W-{number};Payer {number};INV-100{number};" for number, day in enumerate(days, start=1)]
    import_file(csv_statement(*texts), account=account, by=scenario.operations, at=scenario.now)
    run(scenario, Kind.FIND)
    lines = list(StatementLine.objects.select_related("proposal", "account").order_by("pk"))
    targets = {line.pk: line_proposals.targets_of(line.proposal) for line in lines}
    done = certain_lines.accept(lines=lines, targets=targets, by=scenario.operations, at=scenario.now)
    assert len(done) == 3
    posted = Transaction.objects.filter(reference__endswith=":recorded").order_by("pk")
    first_open = date(2026, 12, 1)
    assert [(one.value_date, one.original_value_date) for one in posted] == [
        (first_open, days[0]),
        (first_open, days[1]),
        (days[2], None),
    ]
    assert tuple(Advance.objects.order_by("pk").values_list("collected_on", flat=True)) == days
    assert tuple(Collection.objects.order_by("pk").values_list("value_date", flat=True)) == days
    assert integrity.verify(at=scenario.now).findings == []


def test_what_stops_lines_together_stops_none_of_them_alone(
    scenario: Scenario, account: HouseAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance(scenario, "INV-1001")
    advance(scenario, "INV-1002", face="300", buyer="Cedar")
    load(scenario, account, "1000.00;W-1;Northwind Inc;INV-1001;", "300.00;W-3;Cedar Inc;INV-1002;")

    def refuse(**_: object) -> None:
        raise ReferenceReused("for the test")

    monkeypatch.setattr(bulk_postings, "post_new_collections", refuse)
    done = run(scenario, Kind.ACCEPT)
    assert (done.done, done.left_open, Collection.objects.count()) == (2, 0, 2)
    assert integrity.verify(at=scenario.now).findings == []


def test_a_line_of_too_long_ago_says_why_it_is_not_accepted(scenario: Scenario, account: HouseAccount) -> None:
    advance(scenario, "INV-1001")
    scenario.now += timedelta(days=400)
    data = csv_statement("2026-11-02;1000.00;W-1;Northwind Inc;INV-1001;")
    import_file(data, account=account, by=scenario.operations, at=scenario.now)
    run(scenario, Kind.FIND)
    proposal = LineProposal.objects.get()
    assert (proposal.is_certain, proposal.reasons[0]) == (False, "This day is more than a year ago.")
