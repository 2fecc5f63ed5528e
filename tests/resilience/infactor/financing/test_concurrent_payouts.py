"""Of twenty concurrent attempts at one step of money out, exactly one succeeds."""

from functools import partial
from typing import Any

import pytest

from infactor.financing.advances import write_offs
from infactor.financing.corrections import fundings
from infactor.financing.models import Advance, PayoutBatch
from infactor.financing.money_out import bank_lines, batches
from infactor.ledger.integrity import verify
from tests.support.processes.threads import WELL, committed_scenario, run_concurrently, run_twenty_times
from tests.support.scenarios import money_out

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_twenty_batches_with_one_payout_one_is_made_and_of_twenty_exports_one_is_done() -> None:
    scenario = committed_scenario()
    payout = scenario.funded(scenario.invoice(scenario.buyer())).payouts.get()
    money_out.approve(scenario, payout)
    given: Any = {"by": scenario.operations, "at": scenario.now}
    account = money_out.account_for("USD", **given)
    make = partial(batches.make, payout_ids=[payout.pk], house_account=account, format="csv", **given)
    assert run_twenty_times(make) == {WELL: 1, "PayoutError": 19}
    batch = PayoutBatch.objects.get()
    assert run_twenty_times(partial(batches.export, batch=batch, **given)) == {WELL: 1, "TransitionNotAllowed": 19}
    line = money_out.line_on(account, -payout.amount, on=scenario.today, at=scenario.now)
    confirm = partial(bank_lines.confirm, line=line, payout_ids=[payout.pk], **given)
    assert run_twenty_times(confirm) == {WELL: 1, "BankingError": 19}
    assert verify(at=scenario.now).findings == []


def test_of_giving_up_and_sending_at_once_nothing_leaves_for_what_was_given_up() -> None:
    """Whoever is first: a write-off sees the money out, or is refused; a file never holds what was written off."""
    scenario = committed_scenario()
    for _ in range(4):
        advance = scenario.funded(scenario.invoice(scenario.buyer()))
        payout = advance.payouts.get()
        money_out.approve(scenario, payout)
        given: Any = {"by": scenario.operations, "at": scenario.now}
        account = money_out.account_for("USD", **given)
        batch = batches.make(payout_ids=[payout.pk], house_account=account, format="csv", **given)
        export = partial(batches.export, batch=batch, **given)
        day: Any = {"advance": advance, "value_date": scenario.money_day, "reason": "Insolvent"}
        write_off = partial(write_offs.write_off, **day, **given)
        sent, *given_up = run_concurrently([export, write_off, write_off])
        assert sent == WELL
        assert given_up.count(WELL) <= 1
        assert set(given_up) <= {WELL, "PayoffError"}
        advance.refresh_from_db()
        assert (advance.status == Advance.Status.WRITTEN_OFF) == (WELL in given_up)


def test_of_taking_the_funding_back_and_giving_up_at_once_only_the_first_counts() -> None:
    scenario = committed_scenario()
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    given: Any = {"advance": advance, "by": scenario.operations, "at": scenario.now, "reason": "Voided"}
    take_back = partial(fundings.take_back, **given)
    write_off = partial(write_offs.write_off, value_date=scenario.money_day, **given)
    assert sorted(run_concurrently([take_back, take_back, write_off])) == [WELL, "CorrectionError", "PayoffError"]
    assert verify(at=scenario.now).findings == []
