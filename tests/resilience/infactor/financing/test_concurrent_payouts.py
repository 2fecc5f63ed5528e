"""Of twenty concurrent attempts at one step of money out, exactly one succeeds."""

from functools import partial
from typing import Any

import pytest

from infactor.financing.models import PayoutBatch
from infactor.financing.money_out import bank_lines, batches
from infactor.ledger.integrity import verify
from tests.support.processes.threads import WELL, committed_scenario, run_twenty_times
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
