"""Terms begin on infactor's own day."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from infactor.financing.dual_control import ApproverRequired
from infactor.financing.models import FundingTerms
from infactor.financing.policy import limits
from infactor.financing.policy.terms import set_terms
from infactor.invoices.debtors import grouping
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def test_terms_for_all_begin_on_infactors_own_day_not_by_utc(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(1_000))
    later = FundingTerms(
        currency="USD", valid_from=date(2026, 12, 1), reason="December", dual_control_threshold=Decimal(100_000)
    )
    set_terms(terms=later, by=scenario.underwriter, approver=scenario.approver, at=scenario.now)
    debtor = grouping.get_or_create_debtor(buyer=scenario.buyer("Cedar"), by=scenario.underwriter, at=scenario.now)
    known = {"debtor": debtor, "currency": "USD", "reason": "Test", "by": scenario.underwriter}
    november_in_new_york = datetime(2026, 12, 1, 2, tzinfo=UTC)
    with pytest.raises(ApproverRequired):
        limits.set_limit(amount=Decimal(50_000), at=november_in_new_york, **known)
    limits.set_limit(amount=Decimal(50_000), at=november_in_new_york + timedelta(hours=4), **known)
