"""Money out in the demo: each evening a second person approves, and a file goes to the bank; its statement answers.

The newest payouts stand in every state: one is prepared, one approved, one sent, one returned.
"""

from typing import Any

from infactor.banking.models import HouseAccount
from infactor.financing.demo import bank
from infactor.financing.demo.context import ScenarioContext
from infactor.financing.models import Payout
from infactor.financing.money_out import approval, batches

LAST_APPROVED, LAST_SENT, LAST_STATEMENT = 2, 3, 3  # days ago
STATEMENT_HOUR, APPROVAL_HOUR, EXPORT_HOUR = 6, 16, 17  # of the supplier's day


def receive_statement(context: ScenarioContext, *, account: HouseAccount, day: int) -> None:
    """The bank's statement of the days before."""
    if day < LAST_STATEMENT:
        return
    context.move_to(day=day, hour=STATEMENT_HOUR)
    bank.receive_statement(account=account, today=context.value_date, by=context.participants.operations, at=context.at)


def send_payouts(context: ScenarioContext, *, account: HouseAccount, day: int) -> None:
    """Approve what was prepared, and export what is approved, but for the newest."""
    context.move_to(day=day, hour=APPROVAL_HOUR)
    prepared = _ids(Payout.Status.PREPARED)
    if prepared and day >= LAST_APPROVED:
        approval.approve(payout_ids=prepared, by=context.participants.approver, at=context.at)
    context.move_to(day=day, hour=EXPORT_HOUR)
    approved = _ids(Payout.Status.APPROVED)
    if approved and day >= LAST_SENT:
        given: Any = {"by": context.participants.operations, "at": context.at}
        made = batches.make(payout_ids=approved, house_account=account, format=bank.FORMAT, **given)
        batches.export(batch=made, **given)


def _ids(status: str) -> list[int]:
    return list(Payout.objects.filter(status=status, batch=None).order_by("pk").values_list("pk", flat=True))
