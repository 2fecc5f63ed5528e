"""Operations take a movement back on its page; others see it and decide nothing."""

from decimal import Decimal

import pytest
from django.test import Client

from infactor.banking import cash, movements
from infactor.banking.models import Movement
from infactor.core.models import AuditEvent
from infactor.ledger import integrity
from tests.support.admin_client import confirm, visible_text
from tests.support.scenarios.financing import Scenario
from tests.support.statements import house_account

pytestmark = pytest.mark.django_db


def test_a_movement_is_withdrawn_with_a_reason_and_stays_to_be_seen(client: Client, scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now)
    given = {"value_date": scenario.today, "note": "November", "by": scenario.operations, "at": scenario.now}
    wrong = movements.record(account=account, kind=Movement.Kind.CHARGE, amount=Decimal(-1500), **given)
    page, withdraw = (f"/admin/banking/movement/{wrong.pk}/{name}/" for name in ("change", "withdraw"))
    client.force_login(scenario.reader)
    assert client.get(page).status_code == 200
    assert client.get(withdraw).status_code == 403
    client.force_login(scenario.operations)
    assert "1,500.00" in visible_text(client.get(withdraw))
    assert "This field is required" in visible_text(confirm(client, withdraw))
    assert confirm(client, withdraw, reason="It was 15.00").status_code == 302
    assert cash.balance(account=account) == 0
    assert "It was 15.00" in visible_text(client.get(page))
    assert "Bank charge, or its refund (withdrawn)" in visible_text(
        client.get(f"/admin/banking/houseaccount/{account.pk}/change/")
    )
    assert str(wrong) not in visible_text(client.get("/admin/banking/movement/?withdrawn_at__isempty=1"))
    assert client.get(withdraw).status_code == 302
    assert AuditEvent.objects.get(event="movement.withdrawn").details == {"reason": "It was 15.00"}
    assert integrity.verify(at=scenario.now).findings == []
