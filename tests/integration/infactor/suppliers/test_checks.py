"""A supplier is approved once every check that is needed has passed, and financed as long as none has lapsed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from infactor.core.reasons import ReasonMissing
from infactor.documents import storage
from infactor.documents.models import Kind
from infactor.suppliers import applications, check_requirements, checks, financing_status, supplier_documents
from infactor.suppliers.check_requirements import InvalidRequirement, set_requirement
from infactor.suppliers.checks import CheckDetails, InvalidCheck, State
from infactor.suppliers.models import Check, Supplier
from infactor.users import roles
from infactor.users.models import User
from tests.support.factories.suppliers import EveryPermissionFactory, MembershipFactory
from tests.support.files import PDF
from tests.support.scenarios import onboarding
from tests.support.scenarios.onboarding import AT

pytestmark = pytest.mark.django_db
TODAY = AT.date()
SANCTIONS = CheckDetails("sanctions", "passed", TODAY, TODAY + timedelta(days=365), reference="List of November")


@pytest.fixture
def supplier() -> Supplier:
    return MembershipFactory(supplier__name="Larkspur").supplier


@pytest.fixture
def underwriter() -> User:
    return onboarding.staff_member(roles.UNDERWRITER)


def states(supplier: Supplier, days: int = 0) -> dict[str, State]:
    found = checks.checklist(supplier=supplier, on=TODAY + timedelta(days=days))
    return {one.item.kind.value: one.state for one in found}


def test_approval_needs_every_check_that_is_not_expired(supplier: Supplier, underwriter: User) -> None:
    application = onboarding.applied(supplier)
    with pytest.raises(applications.IncompleteChecks) as incomplete:
        applications.approve(application=application, by=underwriter, at=AT)
    assert len(incomplete.value.missing) == 6
    onboarding.complete_checks(supplier, by=underwriter)
    failed = replace(SANCTIONS, outcome="not_passed", note="An owner is listed.")
    checks.record(supplier=supplier, details=failed, by=underwriter, at=AT)
    with pytest.raises(applications.IncompleteChecks, match="Sanctions check: not passed"):
        applications.approve(application=application, by=underwriter, at=AT)
    checks.record(supplier=supplier, details=SANCTIONS, by=underwriter, at=AT)
    with pytest.raises(applications.IncompleteChecks, match="UCC or register search: expired"):
        applications.approve(application=application, by=underwriter, at=AT + timedelta(days=181))
    assert applications.approve(application=application, by=underwriter, at=AT).status == "approved"


def test_a_check_that_lapses_is_queued_and_after_the_grace_nothing_new_is_financed(
    supplier: Supplier, underwriter: User
) -> None:
    onboarding.approved(supplier, by=underwriter)

    def blockers(days: int) -> list[str]:
        return financing_status.blockers(supplier=supplier, currency="USD", on=TODAY + timedelta(days=days))

    def queues(days: int) -> tuple[list[str], list[str]]:
        day = TODAY + timedelta(days=days)
        return [row.kind for row in checks.expiring(on=day)], [row.kind for row in checks.expired(on=day)]

    assert states(supplier)["liens"] == State.PASSED
    assert queues(149) == ([], [])
    assert (states(supplier, 151)["liens"], queues(151)) == (State.EXPIRES_SOON, (["liens"], []))
    assert (states(supplier, 181)["liens"], queues(181)) == (State.EXPIRED, ([], ["liens"]))
    assert blockers(210) == []
    assert blockers(211) == ["We are renewing our checks of your company. You need not do anything."]
    with override_settings(CHECK_GRACE=timedelta(0)):
        assert blockers(180) == []
        assert len(blockers(181)) == 1
    assert "Upload a new one on the page of your company." in " ".join(blockers(400))
    again = CheckDetails("liens", "passed", TODAY, TODAY + timedelta(days=900), reference="Search 119")
    checks.record(supplier=supplier, details=again, by=underwriter, at=AT)
    assert blockers(211) == []


def test_a_check_that_is_not_passed_stops_an_approved_supplier_at_once_and_is_not_told(
    supplier: Supplier, underwriter: User
) -> None:
    onboarding.approved(supplier, by=underwriter)
    failed = replace(SANCTIONS, outcome="not_passed", note="An owner is listed.")
    checks.record(supplier=supplier, details=failed, by=underwriter, at=AT)
    said = financing_status.company_blocker(supplier=supplier, on=TODAY)
    assert said == "We are checking your company again, and will write to you."
    assert financing_status.application_blocker(supplier=supplier) == ""


def test_staff_say_which_checks_approval_needs(supplier: Supplier, underwriter: User) -> None:
    onboarding.applied(supplier)
    second = onboarding.staff_member(roles.UNDERWRITER)
    drop: Any = {"kind": "liens", "is_required": False, "reason": "No register there", "by": underwriter, "at": AT}
    with pytest.raises(ReasonMissing):
        set_requirement(**{**drop, "reason": "no"}, approver=second)
    with pytest.raises(roles.NotAllowed):
        set_requirement(**{**drop, "by": onboarding.staff_member(roles.OPERATIONS)}, approver=second)
    for nobody in (None, underwriter):
        with pytest.raises(InvalidRequirement, match="A second person"):
            set_requirement(**drop, approver=nobody)
    set_requirement(**drop, approver=second)
    assert not any("register search" in one for one in checks.missing_for_approval(supplier=supplier, on=TODAY))
    with pytest.raises(InvalidRequirement, match="so already"):
        set_requirement(**drop, approver=second)
    set_requirement(kind="liens", is_required=True, reason="There is one now", by=underwriter, at=AT)
    assert check_requirements.requirements()["liens"]


@pytest.mark.parametrize("grace_days", [0, 20])
def test_a_check_that_approval_needs_again_stops_approved_suppliers_without_it_after_its_days(
    supplier: Supplier, underwriter: User, grace_days: int
) -> None:
    changed: Any = {"kind": "liens", "reason": "The register is back", "by": underwriter, "at": AT}
    second = onboarding.staff_member(roles.UNDERWRITER)
    set_requirement(**changed, is_required=False, approver=second)
    application = onboarding.applied(supplier)
    onboarding.complete_checks(supplier, by=underwriter, without=("liens",))
    applications.approve(application=application, by=underwriter, at=AT)
    onboarding.confirm_account(supplier)
    assert (checks.blockers(supplier=supplier, on=TODAY), [*checks.approved_without()]) == ([], [])
    set_requirement(**changed, is_required=True, grace_days=grace_days)
    assert [one.supplier for one in checks.approved_without()] == [supplier]

    def blockers(days: int) -> list[str]:
        return financing_status.blockers(supplier=supplier, currency="USD", on=TODAY + timedelta(days=days))

    assert blockers(grace_days - 1) == []
    assert blockers(grace_days) == ["We are making a further check of your company. You need not do anything."]
    made = CheckDetails("liens", "passed", TODAY, TODAY + timedelta(days=180), reference="Search 120")
    checks.record(supplier=supplier, details=made, by=underwriter, at=AT)
    assert (blockers(grace_days), [*checks.approved_without()]) == ([], [])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "horoscope"}, "Choose a check"),
        ({"outcome": "perhaps"}, "Choose a check"),
        ({"made_on": TODAY + timedelta(days=1)}, "still to come"),
        ({"expires_on": None}, "for the last time"),
        ({"expires_on": TODAY - timedelta(days=1)}, "must lie after"),
        ({"expires_on": TODAY + timedelta(days=4000)}, "within ten years"),
        ({"reference": " "}, "Give the reference"),
    ],
)
def test_a_check_that_says_nothing_or_nonsense_is_refused(
    supplier: Supplier, underwriter: User, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidCheck, match=said):
        checks.record(supplier=supplier, details=replace(SANCTIONS, **changes), by=underwriter, at=AT)  # type: ignore[arg-type]
    assert not Check.objects.exists()


def test_a_check_rests_on_documents_of_its_own_supplier_and_is_made_by_who_may(
    supplier: Supplier, underwriter: User
) -> None:
    other = MembershipFactory().supplier
    foreign = supplier_documents.upload(
        supplier=other,
        kind=Kind.IDENTITY,
        file=storage.File("passport.pdf", PDF),
        note="",
        by=onboarding.owner_of(other),
        at=AT,
    )
    identity = CheckDetails("identity", "passed", TODAY, TODAY + timedelta(days=90), document=foreign)
    with pytest.raises(InvalidCheck, match="document of this supplier"):
        checks.record(supplier=supplier, details=identity, by=underwriter, at=AT)
    for by in (onboarding.staff_member(roles.OPERATIONS), onboarding.owner_of(supplier), None):
        with pytest.raises(roles.NotAllowed):
            checks.record(supplier=supplier, details=SANCTIONS, by=by, at=AT)
    both = EveryPermissionFactory()
    application = onboarding.applied(supplier)
    type(application).objects.filter(pk=application.pk).update(submitted_by=both)
    with pytest.raises(InvalidCheck, match="person who submitted"):
        checks.record(supplier=supplier, details=SANCTIONS, by=both, at=AT)


def test_the_history_of_checks_stays(supplier: Supplier, underwriter: User) -> None:
    first = checks.record(supplier=supplier, details=SANCTIONS, by=underwriter, at=AT)
    for change in (lambda: Check.objects.update(outcome="not_passed", note="x"), lambda: first.delete()):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()


def test_a_supplier_reads_what_is_still_missing_by_the_name_of_each_owner(
    supplier: Supplier, underwriter: User
) -> None:
    def missing() -> list[str]:
        return supplier_documents.still_missing(supplier=supplier, on=TODAY)

    owner = onboarding.owner_of(supplier)
    onboarding.applied(supplier)
    assert len(missing()) == 3
    for kind, note in ((Kind.REGISTRATION, ""), (Kind.BANK_LETTER, ""), (Kind.IDENTITY, "Somebody Else")):
        file = storage.File("paper.pdf", PDF)
        supplier_documents.upload(supplier=supplier, kind=kind, file=file, note=note, by=owner, at=AT)
    assert missing() == ["An identity document of Robin Larkspur"]
    onboarding.complete_checks(supplier, by=underwriter)
    assert missing() == []
    later = TODAY + timedelta(days=350)
    (wish,) = supplier_documents.still_missing(supplier=supplier, on=later)
    assert "The registration of your company, from the public register: a new one, as the last one counts" in wish
    new = storage.File("new.pdf", PDF)
    at = AT + timedelta(days=350)
    supplier_documents.upload(supplier=supplier, kind=Kind.REGISTRATION, file=new, note="", by=owner, at=at)
    assert supplier_documents.still_missing(supplier=supplier, on=later) == []
