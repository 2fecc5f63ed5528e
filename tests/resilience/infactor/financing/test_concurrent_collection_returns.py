"""Two people take the return of one payment back at once: it counts once."""

import pytest

from infactor.financing.collections import payments
from infactor.financing.corrections import collection_returns
from infactor.financing.models import Advance, Correction
from infactor.ledger.integrity import verify
from tests.support.processes.threads import WELL, committed_scenario, run_concurrently

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_at_once_one_takes_the_return_back() -> None:
    scenario = committed_scenario()
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(advance, "1000")
    scenario.later(3)
    payments.record_return(
        collection=payment, value_date=scenario.today, reason="R01", by=scenario.operations, at=scenario.now
    )
    scenario.later(3)

    def take_back() -> None:
        collection_returns.take_back(
            collection=payment, by=scenario.operations, at=scenario.now, reason="Recorded on the wrong payment"
        )

    assert sorted(run_concurrently([take_back] * 2)) == [WELL, "CorrectionError"]
    assert Advance.objects.get(pk=advance.pk).status == Advance.Status.COLLECTED
    assert Correction.objects.count() == 1
    assert verify(at=scenario.now).findings == []
