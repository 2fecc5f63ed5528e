"""Of two accounts of one currency that second people let buyers pay to at once, one stays, and both are told of."""

from functools import partial
from typing import Any

import pytest

from infactor.banking import account_changes
from infactor.banking.models import HouseAccount
from infactor.core.models import AuditEvent
from infactor.users.roles import OPERATIONS
from tests.support.processes.threads import WELL, committed_scenario, run_concurrently
from tests.support.scenarios.financing import staff_member
from tests.support.statements import house_account

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_pay_to_confirmations_of_one_currency_at_once_both_are_answered_and_one_account_stays() -> None:
    scenario = committed_scenario()
    second = staff_member(OPERATIONS)
    given: Any = {"by": scenario.operations, "at": scenario.now}
    accounts = [house_account(**given, number=f"{one}22222222", name=f"Account {one}") for one in range(1, 5)]
    HouseAccount.objects.update(originator_name="infactor Inc")
    changes = [account_changes.request_pay_to(account=one, reason="Moved", **given) for one in accounts]
    confirmations = [partial(account_changes.confirm, change=one, by=second, at=scenario.now) for one in changes]
    assert run_concurrently(confirmations) == [WELL] * 4
    assert HouseAccount.objects.filter(is_pay_to=True).count() == 1
    assert AuditEvent.objects.filter(event="house_account.made_pay_to").count() == 4
    assert AuditEvent.objects.filter(event="house_account.no_longer_pay_to").count() == 3
