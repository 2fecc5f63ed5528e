"""A change of bank account waits, notifies the owners, and needs two people."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.core.transitions import TransitionNotAllowed
from infactor.documents import storage
from infactor.documents.models import Document, Kind
from infactor.financing.models import FundingTerms
from infactor.financing.policy.terms import set_terms
from infactor.suppliers import applications, bank_accounts, financing_status, supplier_documents
from infactor.suppliers.account_proofs import AccountProof, CannotConfirm
from infactor.suppliers.bank_accounts import CannotAdd
from infactor.suppliers.models import BankAccount, Membership, Supplier
from infactor.users import roles
from infactor.users.models import User
from tests.support.factories.suppliers import EveryPermissionFactory, MembershipFactory
from tests.support.files import PDF
from tests.support.scenarios import onboarding
from tests.support.scenarios.onboarding import AT, OTHER_ACCOUNT

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=3)
ON_A_CALL = {"proof": "call", "proof_phone": "+1 503 555 0100", "proof_note": "They read it out."}


@pytest.fixture
def supplier() -> Supplier:
    return MembershipFactory(supplier__name="Larkspur").supplier


@pytest.fixture
def operations() -> User:
    return onboarding.staff_member(roles.OPERATIONS)


def add(supplier: Supplier, by: User | None = None, at: Any = AT, **changes: str) -> BankAccount:
    by = by or onboarding.owner_of(supplier)
    return bank_accounts.add(supplier=supplier, details=onboarding.entry(**changes), by=by, at=at)


def paid_to(supplier: Supplier, currency: str = "USD") -> str:
    found = financing_status.payout_account(supplier=supplier, currency=currency)
    return found.account_number if found else ""


def blockers(supplier: Supplier) -> list[str]:
    return financing_status.blockers(supplier=supplier, currency="USD", on=AT.date())


def test_an_approval_confirms_no_account_and_until_somebody_else_does_nothing_is_paid(
    supplier: Supplier, operations: User
) -> None:
    account = add(supplier)
    onboarding.approve(onboarding.applied(supplier), by=onboarding.staff_member(roles.UNDERWRITER))
    assert paid_to(supplier) == ""
    assert blockers(supplier) == ["The bank account for USD, ••••6789, is not confirmed yet."]
    confirmed = bank_accounts.confirm(account=account, proof=onboarding.CALLED, by=operations, at=AT)
    assert (confirmed.proof, confirmed.proof_phone) == ("call", "+1 503 555 0100")
    assert confirmed.proof_note == "Robin Larkspur read the number out to us."
    assert paid_to(supplier) == onboarding.US_ACCOUNT
    assert blockers(supplier) == []


def test_who_once_approved_the_supplier_or_set_its_terms_confirms_no_account_in_any_later_role(
    supplier: Supplier,
) -> None:
    account = add(supplier)
    first, second, third, fourth = (onboarding.staff_member(roles.UNDERWRITER) for _ in range(4))
    application = onboarding.approve(onboarding.applied(supplier), by=first)
    applications.hold(application=application, by=second, reason="Look again.", at=AT)
    applications.approve(application=application, by=second, at=AT)
    day = AT.date()
    for setter, currency, of in ((third, "USD", supplier), (fourth, "USD", None), (first, "EUR", None)):
        terms = FundingTerms(currency=currency, supplier=of, valid_from=day, reason="for the test")
        set_terms(terms=terms, by=setter, approver=onboarding.staff_member(roles.OPERATIONS), at=AT)
    for person in (first, second, third, fourth):
        person.groups.set(Group.objects.filter(name=roles.OPERATIONS))
        person = User.objects.get(pk=person.pk)  # with the permissions of the new role
        with pytest.raises(CannotConfirm, match=r"You (approved|set the terms of) this supplier"):
            bank_accounts.confirm(account=account, proof=onboarding.CALLED, by=person, at=AT)
    stored = BankAccount.objects.filter(pk=account.pk)
    with pytest.raises(IntegrityError, match="confirmed_by_no_approver"), transaction.atomic():
        stored.update(status="in_use", confirmed_by=second, confirmed_at=LATER, **ON_A_CALL)
    assert paid_to(supplier) == ""


def test_an_account_is_confirmed_on_a_letter_of_this_supplier_or_a_call_that_says_something(
    supplier: Supplier, operations: User
) -> None:
    account = add(supplier)
    onboarding.approve(onboarding.applied(supplier), by=onboarding.staff_member(roles.UNDERWRITER))
    other = MembershipFactory().supplier
    foreign = upload(other, Kind.BANK_LETTER)
    wrong = (
        AccountProof("letter"),
        AccountProof("letter", document=foreign),
        AccountProof("letter", document=upload(supplier, Kind.REGISTRATION)),
        AccountProof("call", phone_number="+1 503 555 0100", note=" ok "),
        AccountProof("call", phone_number="their number", note="They read it out to us."),
        AccountProof("guess"),
    )
    for proof in wrong:
        with pytest.raises(CannotConfirm):
            bank_accounts.confirm(account=account, proof=proof, by=operations, at=AT)
    letter = upload(supplier, Kind.BANK_LETTER)
    bank_accounts.confirm(account=account, proof=AccountProof("letter", document=letter), by=operations, at=AT)
    assert paid_to(supplier) == onboarding.US_ACCOUNT
    with pytest.raises(storage.CannotKeep, match="account in use was confirmed by this document"):
        storage.delete(document=letter, reason="Not needed any more", by=operations, at=AT)


def upload(supplier: Supplier, kind: Kind) -> Document:
    owner, file = onboarding.owner_of(supplier), storage.File("letter.pdf", PDF)
    return supplier_documents.upload(supplier=supplier, kind=kind, file=file, note="", by=owner, at=AT)


@pytest.mark.parametrize("gone", ["removed", "made a member", "closed"])
def test_an_account_is_not_confirmed_that_was_entered_by_who_is_no_owner_any_more(
    supplier: Supplier, operations: User, gone: str
) -> None:
    onboarding.approved(supplier)
    left = MembershipFactory(supplier=supplier)
    changed = add(supplier, by=left.user, account_number=OTHER_ACCOUNT)
    if gone == "removed":
        left.delete()
    elif gone == "made a member":
        Membership.objects.filter(pk=left.pk).update(role=Membership.Role.FINANCE)
    else:
        User.objects.filter(pk=left.user_id).update(is_active=False)
    with pytest.raises(CannotConfirm, match="no longer an owner of the company"):
        bank_accounts.confirm(account=changed, proof=onboarding.CALLED, by=operations, at=LATER)
    assert paid_to(supplier) == onboarding.US_ACCOUNT
    bank_accounts.refuse(account=changed, by=operations, reason="They have left.", at=LATER)
    again = add(supplier, at=LATER, account_number=OTHER_ACCOUNT)
    bank_accounts.confirm(account=again, proof=onboarding.CALLED, by=operations, at=LATER + timedelta(days=3))
    assert paid_to(supplier) == OTHER_ACCOUNT


def test_a_later_change_is_paid_to_only_after_three_days_and_a_second_person(
    supplier: Supplier, operations: User
) -> None:
    onboarding.approved(supplier)
    changed = add(supplier, account_number=OTHER_ACCOUNT)
    assert changed.usable_from == LATER
    assert paid_to(supplier) == onboarding.US_ACCOUNT
    with pytest.raises(CannotConfirm, match="cooling-off period of this account is not over"):
        bank_accounts.confirm(account=changed, proof=onboarding.CALLED, by=operations, at=LATER - timedelta(seconds=1))
    assert paid_to(supplier) == onboarding.US_ACCOUNT
    bank_accounts.confirm(account=changed, proof=onboarding.CALLED, by=operations, at=LATER)
    assert paid_to(supplier) == OTHER_ACCOUNT
    assert BankAccount.objects.get(status="replaced").account_number == onboarding.US_ACCOUNT


def test_a_first_account_of_another_currency_waits_as_well(supplier: Supplier) -> None:
    onboarding.approved(supplier)
    other = add(supplier, currency="EUR", country="DE", account_number=onboarding.IBAN, routing_number="")
    assert other.usable_from == LATER


def test_who_entered_an_account_never_confirms_it(supplier: Supplier) -> None:
    onboarding.approved(supplier)
    both = EveryPermissionFactory()
    MembershipFactory(user=both, supplier=supplier)
    changed = add(supplier, by=both, account_number=OTHER_ACCOUNT)
    with pytest.raises(CannotConfirm, match="person who entered an account cannot confirm it"):
        bank_accounts.confirm(account=changed, proof=onboarding.CALLED, by=both, at=LATER)
    with pytest.raises(IntegrityError, match="confirmed_by_another"):
        BankAccount.objects.filter(pk=changed.pk).update(
            status="in_use", confirmed_by=both, confirmed_at=LATER, **ON_A_CALL
        )


def test_the_database_itself_refuses_an_early_one(supplier: Supplier, operations: User) -> None:
    onboarding.approved(supplier)
    changed = add(supplier, account_number=OTHER_ACCOUNT)
    BankAccount.objects.filter(status="in_use").update(status="replaced")
    with pytest.raises(IntegrityError, match="after_cooling_off"):
        BankAccount.objects.filter(pk=changed.pk).update(
            status="in_use", confirmed_by=operations, confirmed_at=AT, **ON_A_CALL
        )


def test_an_approval_does_not_confirm_a_change_that_waits(supplier: Supplier, operations: User) -> None:
    """Putting a supplier on hold and back must not bypass the waiting period or the second person."""
    application = onboarding.approved(supplier)
    add(supplier, account_number=OTHER_ACCOUNT)
    staff = EveryPermissionFactory()
    applications.hold(application=application, by=staff, reason="A look.", at=AT)
    applications.approve(application=application, by=staff, at=LATER)
    assert paid_to(supplier) == onboarding.US_ACCOUNT


def test_while_the_application_is_not_approved_none_is_confirmed_by_itself(
    supplier: Supplier, operations: User
) -> None:
    account = add(supplier)
    with pytest.raises(CannotConfirm, match="not approved"):
        bank_accounts.confirm(account=account, proof=onboarding.CALLED, by=operations, at=LATER)


def test_every_owner_is_told_at_once_and_nobody_else(supplier: Supplier, operations: User) -> None:
    second = MembershipFactory(supplier=supplier).user
    MembershipFactory(supplier=supplier, role=Membership.Role.FINANCE)
    MembershipFactory(supplier=supplier, user__is_active=False)
    onboarding.approved(supplier)
    OutgoingMail.objects.all().delete()
    changed = add(supplier, account_number=OTHER_ACCOUNT)
    mails = OutgoingMail.objects.all()
    assert {mail.to for mail in mails} == {onboarding.owner_of(supplier).email, second.email}
    for mail in mails:
        assert "If this was not you" in mail.body
        assert "••••4321" in mail.body
        assert "keeps paying to the current account, ••••6789" in mail.body
        assert OTHER_ACCOUNT not in mail.body
    bank_accounts.refuse(account=changed, by=operations, reason="Nobody answers <there>.", at=AT)
    assert "Nobody answers <there>." in OutgoingMail.objects.filter(key__contains="account_refused").first().body


def test_another_entry_takes_the_place_of_one_that_waits(supplier: Supplier) -> None:
    first = add(supplier)
    second = add(supplier, account_number=OTHER_ACCOUNT)
    assert [BankAccount.objects.get(pk=one.pk).status for one in (first, second)] == ["replaced", "waiting"]
    with pytest.raises(IntegrityError, match="one_account_waiting"):
        BankAccount.objects.filter(pk=first.pk).update(status="waiting")


def test_the_same_account_is_not_entered_twice(supplier: Supplier) -> None:
    add(supplier)
    with pytest.raises(CannotAdd, match="already waits"):
        add(supplier, account_number="000 123-456 789")
    onboarding.approved(supplier)
    with pytest.raises(CannotAdd, match="already in use"):
        add(supplier)
    assert BankAccount.objects.count() == 1


@pytest.mark.parametrize(
    "changes", [{"currency": "XYZW"}, {"currency": "usd"}, {"country": "ZZ"}, {"holder": " "}, {"bank_name": ""}]
)
def test_what_cannot_be_an_account_is_refused(supplier: Supplier, changes: dict[str, str]) -> None:
    with pytest.raises(CannotAdd):
        add(supplier, **changes)
    assert not BankAccount.objects.exists()


def test_an_owner_takes_back_what_waits_and_nothing_else(supplier: Supplier, operations: User) -> None:
    onboarding.approved(supplier)
    changed = add(supplier, account_number=OTHER_ACCOUNT)
    other = MembershipFactory(supplier=supplier).user
    bank_accounts.withdraw(account=changed, by=other, at=AT)
    assert BankAccount.objects.get(pk=changed.pk).refused_by == other
    with pytest.raises(TransitionNotAllowed):
        bank_accounts.confirm(account=changed, proof=onboarding.CALLED, by=operations, at=LATER)
    with pytest.raises(TransitionNotAllowed):
        bank_accounts.withdraw(account=BankAccount.objects.get(status="in_use"), by=other, at=AT)


def test_only_owners_enter_and_only_operations_confirm(supplier: Supplier) -> None:
    onboarding.approved(supplier)
    helper = MembershipFactory(supplier=supplier, role=Membership.Role.FINANCE).user
    stranger = MembershipFactory().user
    for by in (helper, stranger, onboarding.staff_member(roles.OPERATIONS)):
        with pytest.raises(roles.NotAllowed):
            add(supplier, by=by, account_number=OTHER_ACCOUNT)
    changed = add(supplier, account_number=OTHER_ACCOUNT)
    for by in (onboarding.owner_of(supplier), onboarding.staff_member(roles.READ_ONLY), None):
        with pytest.raises(roles.NotAllowed):
            bank_accounts.confirm(account=changed, proof=onboarding.CALLED, by=by, at=LATER)
        with pytest.raises(roles.NotAllowed):
            bank_accounts.refuse(account=changed, by=by, reason="No reason", at=LATER)
    for by in (helper, stranger):
        with pytest.raises(roles.NotAllowed):
            bank_accounts.withdraw(account=changed, by=by, at=AT)


def test_numbers_are_readable_nowhere_but_in_python(supplier: Supplier) -> None:
    account = add(supplier)
    with connection.cursor() as cursor:
        cursor.execute("SELECT suppliers_bankaccount::text FROM suppliers_bankaccount")
        stored = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(core_auditevent::text, '') FROM core_auditevent")
        trail = cursor.fetchone()[0]
    for said in (stored, trail, str(account), repr(account), repr(onboarding.entry())):
        assert onboarding.US_ACCOUNT not in said
        assert onboarding.US_ROUTING not in said
    assert BankAccount.objects.get().account_number == onboarding.US_ACCOUNT
    assert AuditEvent.objects.filter(event="bankaccount.added", subject_id=str(account.pk)).count() == 1
