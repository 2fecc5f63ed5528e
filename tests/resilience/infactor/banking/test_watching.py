"""Watching the house accounts and moving money on them do not wait for each other."""

from datetime import datetime

import pytest
from django.db import connection, transaction

from infactor.banking import open_accounts
from infactor.desk.mails import house_accounts
from tests.support.processes.threads import WELL, committed_scenario, run_concurrently
from tests.support.statements import house_account

pytestmark = pytest.mark.django_db(transaction=True)


def watch(at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    house_accounts.watch(at=at)


def test_alerts_are_written_while_somebody_has_an_account_locked() -> None:
    scenario = committed_scenario()
    account = house_account(scenario.operations, scenario.now)
    with transaction.atomic():
        open_accounts.lock(account=account)
        assert run_concurrently([lambda: watch(scenario.now)]) == [WELL]
