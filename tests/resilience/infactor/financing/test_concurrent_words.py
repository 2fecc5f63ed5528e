"""A supplier that says twenty times at once that it has sent the money has said it once."""

from decimal import Decimal

import pytest

from infactor.financing.collections import sent_payments
from infactor.financing.collections.sent_payments import Transfer
from infactor.financing.models import SentPayment
from tests.support.processes.threads import WELL, committed_scenario, run_twenty_times

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_twenty_words_about_one_debt_one_is_kept() -> None:
    scenario = committed_scenario()
    transfer = Transfer("USD", Decimal(700), scenario.today, "IF-12345678")

    def say() -> None:
        sent_payments.say(
            supplier=scenario.supplier, advance=None, transfer=transfer, by=scenario.owner, at=scenario.now
        )

    assert run_twenty_times(say) == {WELL: 20}
    assert SentPayment.objects.count() == 1
