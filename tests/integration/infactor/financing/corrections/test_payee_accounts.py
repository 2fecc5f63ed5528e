"""Nothing is paid to the account of a payer before a second person has confirmed it on a proof."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from infactor.core.models import AuditEvent
from infactor.core.reasons import ReasonMissing
from infactor.documents import storage
from infactor.documents.models import Kind
from infactor.financing import approvals
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.corrections import payee_accounts
from infactor.financing.corrections.payee_accounts import PayeeDetails
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.models import Approval, PayeeAccount, Payout, Refund
from infactor.financing.money_out import approval, batches, endings
from infactor.financing.payouts import PayoutError
from infactor.suppliers.account_proofs import AccountProof, CannotConfirm
from infactor.users.roles import OPERATIONS, NotAllowed
from tests.support.files import PDF
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, staff_member

pytestmark = pytest.mark.django_db
WHY = "The payer wrote it differently"
CALL = AccountProof(kind="call", phone_number="+1 555 0100", note="The payer named all digits")
NUMBER = "000777888999"


@pytest.fixture
def payout(scenario: Scenario) -> Payout:
    """A refund that operations prepared, to an account that they entered."""
    payment = scenario.arrive("1000", targets=[], payer="Somebody")
    given: Any = {"by": scenario.operations, "at": scenario.now}
    return money_out.refund(payment, "250", value_date=scenario.today, reason="Not ours", **given).payout


def account_of(payout: Payout) -> PayeeAccount:
    account = Payout.objects.get(pk=payout.pk).payee_account
    assert account is not None
    return account


def details(**changed: str) -> PayeeDetails:
    given = {"holder": "Somebody", "bank_name": "Bank of Payers", "country": "US", "account_number": "", **changed}
    return PayeeDetails(**given)


def change(scenario: Scenario, account: PayeeAccount, **changed: Any) -> PayeeAccount:
    who = changed.pop("by", scenario.operations)
    return payee_accounts.change(account=account, details=details(**changed), reason=WHY, by=who, at=scenario.now)


def confirm(scenario: Scenario, account: PayeeAccount, **given: Any) -> PayeeAccount:
    return payee_accounts.confirm(
        **{"account": account, "proof": CALL, "by": scenario.approver, "at": scenario.now, **given}
    )


def test_a_payout_waits_until_somebody_else_has_confirmed_its_account(scenario: Scenario, payout: Payout) -> None:
    approve: Any = {"payout_ids": [payout.pk], "by": scenario.approver, "at": scenario.now}
    with pytest.raises(PayoutError, match=r"••••8999 of Somebody is not confirmed. Somebody who neither entered"):
        approval.approve(**approve)
    account = account_of(payout)
    with pytest.raises(CannotConfirm, match="You entered or changed this account"):
        confirm(scenario, account, by=scenario.operations)
    for person in (scenario.reader, scenario.underwriter):
        with pytest.raises(NotAllowed):
            confirm(scenario, account, by=person)
    confirmed = confirm(scenario, account)
    assert (confirmed.confirmed_by, confirmed.proof, confirmed.proof_note) == (scenario.approver, "call", CALL.note)
    later = confirm(scenario, account, by=staff_member(OPERATIONS))
    assert later.confirmed_by == scenario.approver
    assert AuditEvent.objects.filter(event="payeeaccount.confirmed").count() == 1
    (approved,) = approval.approve(**approve)
    assert approved.status == Payout.Status.APPROVED


@pytest.mark.parametrize(
    "proof",
    [
        AccountProof(kind=""),
        AccountProof(kind="letter"),
        AccountProof(kind="call", phone_number="unknown", note="The payer named all digits"),
        AccountProof(kind="call", phone_number="+1 555 0100"),
    ],
)
def test_without_a_proof_it_is_not_confirmed(scenario: Scenario, payout: Payout, proof: AccountProof) -> None:
    with pytest.raises(CannotConfirm):
        confirm(scenario, account_of(payout), proof=proof)
    assert account_of(payout).confirmed_at is None


def test_a_letter_of_its_own_proves_it_and_is_kept_as_long_as_it_does(scenario: Scenario, payout: Payout) -> None:
    account = account_of(payout)
    added: Any = {
        "kind": Kind.BANK_LETTER,
        "file": storage.File("letter.pdf", PDF),
        "by": scenario.operations,
        "at": scenario.now,
    }
    foreign = storage.add(subject=scenario.supplier, **added)
    with pytest.raises(CannotConfirm, match="Choose the bank letter that shows the account"):
        confirm(scenario, account, proof=AccountProof(kind="letter", document=foreign))
    letter = storage.add(subject=account, **added)
    assert confirm(scenario, account, proof=AccountProof(kind="letter", document=letter)).proof_document == letter
    drop: Any = {"document": letter, "reason": "It is old by now", "by": scenario.operations, "at": scenario.now}
    with pytest.raises(storage.CannotKeep, match="confirmed by this document"):
        storage.delete(**drop)
    change(scenario, account, bank_name="Another bank")
    assert storage.delete(**drop).deleted_at == scenario.now


@pytest.mark.parametrize(
    "changed",
    [
        {"account_number": "000111222333", "routing_number": "021000021"},
        {"bank_name": "Another bank"},
        {"holder": "Somebody Else"},
    ],
)
def test_a_change_takes_the_confirmation_away(scenario: Scenario, payout: Payout, changed: dict[str, str]) -> None:
    confirm(scenario, account_of(payout))
    third = staff_member(OPERATIONS)
    now = change(scenario, account_of(payout), by=third, **changed)
    assert (now.confirmed_by, now.proof, now.changed_by) == (None, "", third)
    with pytest.raises(PayoutError, match="is not confirmed"):
        approval.approve(payout_ids=[payout.pk], by=scenario.approver, at=scenario.now)
    for person in (scenario.operations, third):
        with pytest.raises(CannotConfirm, match="You entered or changed"):
            confirm(scenario, account_of(payout), by=person)
    confirm(scenario, account_of(payout))
    assert [one.event for one in AuditEvent.objects.filter(event__startswith="payeeaccount.").order_by("pk")] == [
        "payeeaccount.entered",
        "payeeaccount.confirmed",
        "payeeaccount.changed",
        "payeeaccount.confirmed",
    ]


def test_what_changes_nothing_is_refused_and_keeps_the_confirmation(scenario: Scenario, payout: Payout) -> None:
    confirm(scenario, account_of(payout))
    with pytest.raises(CorrectionError, match="Nothing of this differs"):
        change(scenario, account_of(payout))
    with pytest.raises(CorrectionError, match="routing number"):
        change(scenario, account_of(payout), account_number="000111222333")
    with pytest.raises(ReasonMissing):
        payee_accounts.change(
            account=account_of(payout), details=details(bank_name="Other"), reason="", by=scenario.operations,
            at=scenario.now,
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        change(scenario, account_of(payout), by=scenario.underwriter, bank_name="Other")
    assert account_of(payout).confirmed_by == scenario.approver


def test_who_confirms_what_was_changed_meanwhile_is_told(scenario: Scenario, payout: Payout) -> None:
    seen = account_of(payout)
    change(scenario, account_of(payout), account_number="000111228999", routing_number="021000021")
    with pytest.raises(CannotConfirm, match="has changed since you opened this page"):
        confirm(scenario, seen)
    with CaptureQueriesContext(connection) as queries:
        confirm(scenario, account_of(payout))
    assert any("FOR NO KEY UPDATE" in one["sql"] and "payeeaccount" in one["sql"] for one in queries)


def test_an_approved_account_stays_until_its_payout_is_stopped(scenario: Scenario, payout: Payout) -> None:
    money_out.approve(scenario, payout)
    with pytest.raises(CorrectionError, match=r"Payout \d+ of \$250.00 to this account was approved as it is"):
        change(scenario, account_of(payout), bank_name="Another bank")
    current = Payout.objects.get(pk=payout.pk)
    endings.stop(payout=current, reason="Wrong bank", by=scenario.operations, at=scenario.now)
    assert change(scenario, account_of(payout), bank_name="Another bank").confirmed_at is None


def test_batch_and_export_ask_again(scenario: Scenario, payout: Payout) -> None:
    money_out.approve(scenario, payout)
    house = money_out.account_for("USD", by=scenario.operations, at=scenario.now)
    PayeeAccount.objects.update(confirmed_by=None, confirmed_at=None, proof="", proof_phone="", proof_note="")
    make: Any = {"payout_ids": [payout.pk], "house_account": house, "format": "csv", "by": scenario.operations}
    with pytest.raises(PayoutError, match="is not confirmed"):
        batches.make(**make, at=scenario.now)
    confirm(scenario, account_of(payout))
    batch = batches.make(**make, at=scenario.now)
    PayeeAccount.objects.update(confirmed_by=None, confirmed_at=None, proof="", proof_phone="", proof_note="")
    with pytest.raises(PayoutError, match="is not confirmed"):
        batches.export(batch=batch, by=scenario.operations, at=scenario.now)


def test_a_large_refund_is_approved_once_its_account_is_confirmed(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold="100")
    payment = scenario.arrive("1000", targets=[], payer="Somebody")
    account = payee_accounts.enter(
        details=details(account_number=NUMBER, routing_number="021000021"), by=scenario.operations, at=scenario.now
    )
    request = ApprovalRequest(
        kind=Approval.Kind.REFUND, subject=payment.ledger_owner, permission="financing.record_collections",
        supplier=None, currency="USD", amount=payment.amount, summary="Refund",
        arguments={
            "collection": payment.pk, "amount": "1000", "payee_account": account.pk,
            "value_date": scenario.today.isoformat(), "reason": "Not ours",
        },
    )  # fmt: skip
    waiting = approvals.execute_or_request_approval(request=request, by=scenario.operations, at=scenario.now)
    assert waiting is not None
    assert list(payee_accounts.awaited()) == [account]
    with pytest.raises(CorrectionError, match="is not confirmed"):
        approvals.approve(approval=waiting, by=scenario.approver, at=scenario.now)
    assert not Refund.objects.exists()
    confirm(scenario, account)
    assert not payee_accounts.awaited().exists()
    approvals.approve(approval=Approval.objects.get(), by=scenario.approver, at=scenario.now)
    assert Payout.objects.get().status == Payout.Status.APPROVED


def test_the_full_number_is_told_to_who_may_confirm_and_stands_in_no_audit(scenario: Scenario, payout: Payout) -> None:
    with pytest.raises(NotAllowed):
        payee_accounts.show_number(account=account_of(payout), by=scenario.underwriter, at=scenario.now)
    shown = payee_accounts.show_number(account=account_of(payout), by=scenario.approver, at=scenario.now)
    assert shown.account == NUMBER
    change(scenario, account_of(payout), account_number="000111222333", routing_number="021000021")
    assert AuditEvent.objects.filter(event="payeeaccount.number_shown", actor=scenario.approver).exists()
    for event in AuditEvent.objects.all():
        said = f"{event.details} {event.reason}"
        assert NUMBER not in said
        assert "000111222333" not in said


def test_the_database_refuses_who_entered_it_as_the_second_person(scenario: Scenario, payout: Payout) -> None:
    with pytest.raises(IntegrityError, match="payee_account_confirmed_by_another"), transaction.atomic():
        PayeeAccount.objects.update(
            confirmed_by=scenario.operations, confirmed_at=scenario.now, proof="call", proof_phone="1", proof_note="Yes"
        )
