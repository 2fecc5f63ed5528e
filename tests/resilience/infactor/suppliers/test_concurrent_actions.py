"""Of two concurrent actions on one supplier one wins, and nothing is half done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from infactor.core.models import AuditEvent
from infactor.core.transitions import TransitionNotAllowed
from infactor.suppliers import agreements, applications, bank_accounts
from infactor.suppliers.models import AgreementText, BankAccount, Supplier
from tests.support.factories.suppliers import EveryPermissionFactory, MembershipFactory
from tests.support.scenarios import onboarding
from tests.support.scenarios.onboarding import AT

pytestmark = pytest.mark.django_db(transaction=True)
LATER = AT + timedelta(days=3)


@pytest.fixture
def supplier() -> Supplier:
    onboarding.published()
    return MembershipFactory().supplier


def at_once(*works: Callable[[], object]) -> list[str]:
    """Run all of them concurrently, and return how each ended: "" for success."""
    ready = Barrier(len(works))

    def one(work: Callable[[], object]) -> str:
        try:
            ready.wait()
            work()
        except (TransitionNotAllowed, applications.NotEditable, bank_accounts.CannotAdd) as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(max_workers=len(works)) as pool:
        return list(pool.map(one, works))


def test_of_many_accounts_entered_at_once_one_waits(supplier: Supplier) -> None:
    by = onboarding.owner_of(supplier)
    numbers = [f"00012345{number:04}" for number in range(6)]
    ended = at_once(
        *(
            lambda number=number: bank_accounts.add(  # type: ignore[misc]
                supplier=supplier, details=onboarding.entry(account_number=number), by=by, at=AT
            )
            for number in numbers
        )
    )
    assert ended == [""] * 6
    statuses = sorted(BankAccount.objects.values_list("status", flat=True))
    assert statuses == ["replaced"] * 5 + ["waiting"]


def test_an_application_is_decided_once(supplier: Supplier) -> None:
    made = onboarding.applied(supplier)
    onboarding.complete_checks(supplier)
    staff = [EveryPermissionFactory() for _ in range(4)]
    ended = at_once(
        *(lambda by=by: applications.approve(application=made, by=by, at=AT) for by in staff[:2]),  # type: ignore[misc]
        *(
            lambda by=by: applications.refuse(application=made, by=by, reason="Too young.", at=AT)  # type: ignore[misc]
            for by in staff[2:]
        ),
    )
    assert sorted(ended) == ["", "TransitionNotAllowed", "TransitionNotAllowed", "TransitionNotAllowed"]
    assert AuditEvent.objects.filter(event="application.status", details__from="submitted").count() == 1


def test_a_confirmed_account_is_not_taken_back_in_the_same_moment(supplier: Supplier) -> None:
    onboarding.approved(supplier)
    owner, staff = onboarding.owner_of(supplier), EveryPermissionFactory()
    entry = onboarding.entry(account_number=onboarding.OTHER_ACCOUNT)
    changed = bank_accounts.add(supplier=supplier, details=entry, by=owner, at=AT)
    ended = at_once(
        lambda: bank_accounts.confirm(account=changed, proof=onboarding.CALLED, by=staff, at=LATER),
        lambda: bank_accounts.withdraw(account=changed, by=owner, at=LATER),
    )
    assert sorted(ended) == ["", "TransitionNotAllowed"]
    assert BankAccount.objects.filter(status="in_use").count() == 1


def test_versions_published_at_once_all_have_a_number_of_their_own(supplier: Supplier) -> None:
    staff = EveryPermissionFactory()
    before = onboarding.published().version
    ended = at_once(*(lambda: agreements.publish(title="T", body="B", by=staff, at=AT),) * 4)
    assert ended == [""] * 4
    assert sorted(AgreementText.objects.values_list("version", flat=True)) == list(range(before, before + 5))
