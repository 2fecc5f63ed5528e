"""The base of staff's decisions about one advance."""

from decimal import Decimal
from typing import Any

from infactor.core.admin.decisions import RowDecision
from infactor.core.admin.tables import Facts
from infactor.financing.admin.base.advance_details import advance_facts
from infactor.financing.admin.base.decisions import (
    FinancingDecision,
    account_text,
    cash_facts,
    dual_control_text,
    money_day,
)
from infactor.financing.models import Advance


class AdvanceDecision(RowDecision, FinancingDecision):
    """Shows the facts of the advance; a form with a value date begins with today."""

    row: Advance

    def facts(self) -> Facts:
        return advance_facts(self.row)

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "value_date": money_day()}

    def dual_control_text(self, amount: Decimal, *, is_payout: bool = True) -> str:
        return dual_control_text(
            amount=amount, supplier=self.row.supplier, currency=self.row.currency, is_payout=is_payout
        )

    def cash_facts(self, amount: Decimal) -> Facts:
        return cash_facts(amount=amount, currency=self.row.currency)

    def account_text(self) -> str:
        return account_text(supplier=self.row.supplier, currency=self.row.currency)
