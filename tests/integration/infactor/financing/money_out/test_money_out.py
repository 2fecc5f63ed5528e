"""A payout leaves by a second person and a file, and only a statement takes its money from the account."""

from decimal import Decimal
from typing import Any

import pytest

from infactor.banking import cash, debits, matches
from infactor.banking.errors import BankingError
from infactor.banking.models import StatementLine
from infactor.core.models import AuditEvent, OutgoingMail
from infactor.core.transitions import TransitionNotAllowed
from infactor.financing import payouts
from infactor.financing.advances import collection_costs
from infactor.financing.collections import line_acceptance
from infactor.financing.models import Advance, Notice, Payout, PayoutBatch
from infactor.financing.money_out import approval, bank_lines, batches, debit_candidates, endings
from infactor.financing.payouts import PayoutError
from infactor.ledger.integrity import verify
from infactor.suppliers import bank_accounts
from infactor.suppliers.models import BankAccount
from infactor.users.roles import NotAllowed
from tests.support.scenarios import money_out, onboarding
from tests.support.scenarios.financing import Scenario
from tests.support.statements import house_account

pytestmark = pytest.mark.django_db
Status = Payout.Status


def by(scenario: Scenario) -> Any:
    return {"by": scenario.operations, "at": scenario.now}


def fresh(payout: Payout) -> Payout:
    return Payout.objects.get(pk=payout.pk)


def funded(scenario: Scenario) -> Payout:
    return Payout.objects.get(advance=scenario.funded(scenario.invoice(scenario.buyer())))


def in_order(scenario: Scenario) -> None:
    assert verify(at=scenario.now).findings == []


def mails(event: str) -> list[str]:
    return [one.body for one in OutgoingMail.objects.filter(key__startswith=event).order_by("pk")]


def test_cash_stays_until_the_statement_takes_it(scenario: Scenario) -> None:
    account = money_out.account_for("USD", **by(scenario))
    payout = funded(scenario)
    assert (payout.status, cash.balance(account=account), cash.available(account=account)) == ("prepared", 0, -850)
    assert "goes to your account" in mails("financing.funded")[0]
    with pytest.raises(NotAllowed, match="Somebody other than who prepared it"):
        approval.approve(payout_ids=[payout.pk], **by(scenario))
    with pytest.raises(PayoutError, match="Only approved payouts are sent"):
        batches.make(payout_ids=[payout.pk], house_account=account, format="csv", **by(scenario))
    batch = money_out.send(scenario, payout)
    assert (fresh(payout).status, cash.balance(account=account)) == (Status.SENT, 0)
    assert "We've sent $850.00" in mails("financing.payout_sent")[0]
    in_order(scenario)
    line = money_out.debit(scenario, payout)
    assert (fresh(payout).status, fresh(payout).debited_on) == (Status.CONFIRMED, line.booking_date)
    assert (cash.balance(account=account), cash.in_transit(account=account)) == (-850, 0)
    assert list(line.matches.values_list("entry__transaction__reference", flat=True)) == [
        f"payout:{payout.pk}:confirmed"
    ]
    in_order(scenario)
    with pytest.raises(PayoutError, match="the bank has had this batch"):
        batches.withdraw(batch=batch, reason="Too late", **by(scenario))


def test_a_file_is_written_once_and_is_the_same_at_each_download(scenario: Scenario) -> None:
    payout = funded(scenario)
    batch = money_out.send(scenario, payout)
    first, second = (batches.download(batch=batch, **by(scenario)) for _ in range(2))
    assert first.content == second.content
    assert payout.end_to_end_id.encode() in first.content
    assert b"000123456789" in first.content
    assert "000123456789" not in repr(first)
    with pytest.raises(TransitionNotAllowed):
        batches.export(batch=batch, **by(scenario))
    with pytest.raises(NotAllowed):
        batches.download(batch=batch, by=scenario.underwriter, at=scenario.now)
    events = AuditEvent.objects.filter(event__startswith="payoutbatch.").values_list("event", flat=True)
    assert sorted(events).count("payoutbatch.downloaded") == 2
    assert "000123456789" not in str(list(AuditEvent.objects.values_list("details", flat=True)))
    stored = PayoutBatch.objects.filter(pk=batch.pk).values_list("content", flat=True).get()
    assert payout.end_to_end_id not in stored


def test_a_sent_payout_is_not_approved_once_more(scenario: Scenario) -> None:
    """It would count as not sent, and leave in a second file."""
    payout = scenario.funded(scenario.invoice(scenario.buyer())).payouts.get()
    money_out.send(scenario, payout)
    with pytest.raises(TransitionNotAllowed):
        approval.approve(payout_ids=[payout.pk], by=scenario.approver, at=scenario.now)
    in_order(scenario)


def test_a_rebate_whose_settlement_was_undone_leaves_in_no_further_file(scenario: Scenario) -> None:
    payout = scenario.funded(scenario.invoice(scenario.buyer())).payouts.get()
    batch = money_out.send(scenario, payout)
    Payout.objects.filter(pk=payout.pk).update(reclaimed_on=scenario.today)
    batches.withdraw(batch=batch, reason="The bank never got it", **by(scenario))
    with pytest.raises(PayoutError, match="owes it back"):
        money_out.send(scenario, payout)


def test_a_batch_that_the_bank_never_got_is_taken_back_and_sent_again(scenario: Scenario) -> None:
    payout = funded(scenario)
    batch = batches.withdraw(batch=money_out.send(scenario, payout), reason="Wrong day", **by(scenario))
    assert (fresh(payout).status, fresh(payout).batch, batch.content) == (Status.APPROVED, None, "")
    assert "It is not" in mails("financing.payout_delayed")[0]
    with pytest.raises(PayoutError, match="has no file"):
        batches.download(batch=batch, **by(scenario))
    money_out.send(scenario, payout)
    assert len(mails("financing.payout_sent")) == 2
    in_order(scenario)


def test_a_stopped_payout_buys_nothing_until_it_is_prepared_again(scenario: Scenario) -> None:
    payout = funded(scenario)
    money_out.approve(scenario, payout)
    stopped = endings.stop(payout=payout, reason="The buyer called", **by(scenario))
    assert (stopped.status, Notice.objects.get().status) == (Status.STOPPED, Notice.Status.RELEASED)
    assert "It was not sent to the bank" in mails("financing.payout_failed")[0]
    again = payouts.resend(payout=stopped, value_date=scenario.today, **by(scenario))
    assert (again.status, fresh(payout).status) == (Status.PREPARED, Status.REPLACED)
    in_order(scenario)
    money_out.confirm(scenario, again)
    in_order(scenario)
    with pytest.raises(TransitionNotAllowed):
        endings.stop(payout=again, reason="Too late", **by(scenario))


@pytest.mark.parametrize("was_debited", [False, True])
def test_a_return_for_a_closed_account_suspends_it(scenario: Scenario, was_debited: bool) -> None:
    payout, waiting = funded(scenario), funded(scenario)
    money_out.approve(scenario, waiting)
    money_out.send(scenario, payout)
    if was_debited:
        money_out.debit(scenario, payout)
    returned = money_out.give_back(scenario, payout, code="R02", reason="")
    assert (returned.status, returned.return_code) == (Status.RETURNED, "R02")
    assert returned.failure_reason == "R02: The account is closed"
    account = BankAccount.objects.get(supplier=scenario.supplier)
    assert account.status == BankAccount.Status.SUSPENDED
    assert "Enter another account" in mails("suppliers.account_suspended")[0]
    assert len(mails("suppliers.staff_account_suspended")) == 2
    with pytest.raises(PayoutError, match="no confirmed bank account"):
        payouts.resend(payout=returned, value_date=scenario.today, **by(scenario))
    with pytest.raises(PayoutError, match="is suspended"):
        money_out.send(scenario, waiting)
    in_order(scenario)
    bank_accounts.confirm(account=account, proof=onboarding.CALLED, **by(scenario))
    money_out.confirm(scenario, payouts.resend(payout=returned, value_date=scenario.today, **by(scenario)))
    money_out.confirm(scenario, waiting)
    in_order(scenario)


def test_a_return_is_what_the_bank_said_of_what_it_took(scenario: Scenario) -> None:
    payout = funded(scenario)
    money_out.send(scenario, payout)
    account = money_out.account_for("USD", **by(scenario))
    back = money_out.line_on(account, "850", on=scenario.today, at=scenario.now)
    given: Any = {"payout": payout, **by(scenario)}
    with pytest.raises(PayoutError, match="No statement has the debit"):
        endings.record_return(line=back, code="R01", reason="", **given)
    money_out.debit(scenario, payout)
    with pytest.raises(PayoutError, match="is no code that is known"):
        endings.record_return(line=back, code="R99X", reason="", **given)
    with pytest.raises(PayoutError, match="the code or the reason"):
        endings.record_return(line=back, code="", reason=" ", **given)
    with pytest.raises(PayoutError, match="its return is a line"):
        endings.record_return(value_date=scenario.today, code="R01", reason="", **given)
    less = money_out.line_on(account, "849", on=scenario.today, at=scenario.now)
    with pytest.raises(PayoutError, match=r"is 850\.00, the line 849\.00"):
        endings.record_return(line=less, code="R01", reason="", **given)
    endings.record_return(line=back, code="R16", reason="", **given)
    assert cash.balance(account=account) == 0
    in_order(scenario)


def test_a_bank_that_debits_what_it_had_refused_gives_it_back(scenario: Scenario) -> None:
    payout = funded(scenario)
    money_out.send(scenario, payout)
    again = payouts.resend(payout=money_out.give_back(scenario, payout), value_date=scenario.today, **by(scenario))
    money_out.debit(scenario, payout)
    in_order(scenario)
    money_out.give_back(scenario, payout)
    assert (fresh(payout).status, again.status) == (Status.REPLACED, Status.PREPARED)
    assert cash.balance(account=money_out.account_for("USD", **by(scenario))) == 0
    in_order(scenario)


def explain(scenario: Scenario, line: StatementLine) -> list[str]:
    debits.explain(lines=[line], by=None, at=scenario.now)
    return list(Payout.objects.filter(debit_line=line).order_by("pk").values_list("status", flat=True))


def test_debits_are_matched_where_they_are_certain_and_no_further(scenario: Scenario) -> None:
    first, second, third = funded(scenario), funded(scenario), funded(scenario)
    batch = money_out.send(scenario, first, second)
    money_out.send(scenario, third)
    account = money_out.account_for("USD", **by(scenario))

    def line(amount: str, text: str = "", payer: str = "") -> StatementLine:
        return money_out.line_on(account, amount, on=scenario.today, at=scenario.now, remittance=text, payer=payer)

    assert explain(scenario, line("-850")) == []  # three have this amount
    assert explain(scenario, line("-850", payer=scenario.supplier.name)) == []
    assert explain(scenario, line("-849", third.end_to_end_id)) == []
    assert explain(scenario, line("-850", f"ACH {third.end_to_end_id}")) == ["confirmed"]
    assert explain(scenario, line("-1700", f"FILE {batch.batch_id} 2 ITEMS")) == ["confirmed", "confirmed"]
    in_order(scenario)


def test_one_debit_with_the_sum_of_a_batch_confirms_all_of_it(scenario: Scenario) -> None:
    batch = money_out.send(scenario, funded(scenario), funded(scenario))
    account = money_out.account_for("USD", **by(scenario))
    whole = money_out.line_on(account, -batches.sum_of(batch), on=scenario.today, at=scenario.now)
    assert explain(scenario, whole) == ["confirmed", "confirmed"]
    in_order(scenario)
    line_acceptance.reopen_line(line=whole, reason="Another batch", **by(scenario))
    assert set(Payout.objects.values_list("status", "debit_line")) == {("sent", None)}
    assert cash.balance(account=account) == 0
    in_order(scenario)
    assert explain(scenario, StatementLine.objects.get(pk=whole.pk)) == ["confirmed", "confirmed"]
    in_order(scenario)


def test_a_person_says_what_a_debit_is_within_its_account_and_amount(scenario: Scenario) -> None:
    payout = funded(scenario)
    cost = collection_costs.record(
        advance=Advance.objects.get(pk=payout.advance_id),
        amount=Decimal(50),
        payee=money_out.payee(**by(scenario)),
        value_date=scenario.today,
        reason="Court",
        **by(scenario),
    )
    account = money_out.account_for("USD", **by(scenario))
    in_order(scenario)
    line = money_out.line_on(account, "-900", on=scenario.today, at=scenario.now)
    both: Any = {"payout_ids": [payout.pk], "cost_ids": [cost.pk], **by(scenario)}
    with pytest.raises(PayoutError, match="it was not sent"):
        bank_lines.confirm(line=line, **both)
    money_out.send(scenario, payout)
    other = house_account(scenario.operations, scenario.now, number="222222222", name="Second")
    foreign = money_out.line_on(other, "-900", on=scenario.today, at=scenario.now)
    with pytest.raises(PayoutError, match="and this line is on Second"):
        bank_lines.confirm(line=foreign, **both)
    less = money_out.line_on(account, "-899", on=scenario.today, at=scenario.now)
    with pytest.raises(PayoutError, match=r"comes to 900\.00, the line to 899\.00"):
        bank_lines.confirm(line=less, **both)
    bank_lines.confirm(line=line, **both)
    assert cash.balance(account=account) == -900
    in_order(scenario)
    with pytest.raises(BankingError, match="already"):
        bank_lines.confirm(line=line, **both)
    assert matches.unconfirmed_entries(account=account).count() == 0


def test_a_credit_that_is_a_return_is_proposed_with_its_code(scenario: Scenario) -> None:
    payout = funded(scenario)
    money_out.confirm(scenario, payout)
    account = money_out.account_for("USD", **by(scenario))
    for text, code in ((f"RETURN R03 {payout.end_to_end_id}", "R03"), (f"AC04 {scenario.supplier.name}", "AC04")):
        line = money_out.line_on(account, "850", on=scenario.today, at=scenario.now, remittance=text)
        found = debit_candidates.returned(line=line)
        assert found is not None
        assert (found.payout, found.code) == (payout, code)
    plain = money_out.line_on(account, "850", on=scenario.today, at=scenario.now, remittance="Invoice 7")
    assert debit_candidates.returned(line=plain) is None


def test_a_batch_is_of_one_currency_and_one_usable_account(scenario: Scenario) -> None:
    payout = funded(scenario)
    money_out.approve(scenario, payout)
    canadian = house_account(scenario.operations, scenario.now, currency="CAD", number="333333333")
    account = money_out.account_for("USD", **by(scenario))
    with pytest.raises(PayoutError, match="has another currency"):
        batches.make(payout_ids=[payout.pk], house_account=canadian, format="csv", **by(scenario))
    with pytest.raises(PayoutError, match="Choose a format"):
        batches.make(payout_ids=[payout.pk], house_account=account, format="xls", **by(scenario))
    with pytest.raises(PayoutError, match="Choose payouts"):
        batches.make(payout_ids=[payout.pk, 0], house_account=account, format="csv", **by(scenario))
    batches.make(payout_ids=[payout.pk], house_account=account, format="csv", **by(scenario))
    with pytest.raises(PayoutError, match="is in Batch"):
        batches.make(payout_ids=[payout.pk], house_account=account, format="csv", **by(scenario))
    in_order(scenario)
