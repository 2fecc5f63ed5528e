"""An account of a payer is changed, confirmed and paid to at once: nothing is paid to what nobody confirmed."""

from functools import partial
from typing import Any

import pytest

from infactor.core.models import AuditEvent
from infactor.financing.corrections import payee_accounts
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.models import PayeeAccount, Payout
from infactor.financing.money_out import approval
from infactor.suppliers.account_proofs import CannotConfirm
from tests.support.processes.threads import WELL, committed_scenario, run_concurrently
from tests.support.scenarios import money_out

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_confirming_changing_and_approving_at_once_no_unconfirmed_account_is_approved() -> None:
    scenario = committed_scenario()
    given: Any = {"by": scenario.operations, "at": scenario.now}
    for number in range(6):
        payment = scenario.arrive("1000", targets=[], payer="Somebody")
        payout = money_out.refund(payment, "250", value_date=scenario.today, reason="Not ours", **given).payout
        seen = PayeeAccount.objects.get(payouts=payout)
        details = payee_accounts.PayeeDetails("Somebody", f"Bank {number}", "US", "")
        change = partial(payee_accounts.change, account=seen, details=details, reason="It was typed wrong", **given)

        def confirm(account: PayeeAccount = seen) -> None:
            try:
                money_out.confirm_account(account, by=scenario.approver, at=scenario.now)
            except CannotConfirm as refusal:
                raise CorrectionError(str(refusal)) from refusal

        approve = partial(approval.approve, payout_ids=[payout.pk], by=scenario.approver, at=scenario.now)
        changed, *confirmed, approved = run_concurrently([change, confirm, confirm, approve])
        account, status = PayeeAccount.objects.get(pk=seen.pk), Payout.objects.get(pk=payout.pk).status
        assert (status == Payout.Status.APPROVED) == (approved == WELL)
        if approved == WELL:
            assert (account.confirmed_by, account.bank_name, changed) == (
                scenario.approver,
                "Bank of Payers",
                "CorrectionError",
            )
        if changed == WELL:
            assert (account.confirmed_by, account.bank_name) == (None, f"Bank {number}")
        assert confirmed[0] in (WELL, "CorrectionError")
        events = AuditEvent.objects.filter(event="payeeaccount.confirmed", subject_id=str(seen.pk))
        assert events.count() <= 1
