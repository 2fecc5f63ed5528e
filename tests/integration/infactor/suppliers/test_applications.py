"""A supplier is financed only after another person has approved its complete application."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.utils import InternalError

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.core.reasons import ReasonMissing
from infactor.core.transitions import TransitionNotAllowed
from infactor.suppliers import (
    agreements,
    applications,
    bank_accounts,
    financing_status,
)
from infactor.suppliers.access import require_member
from infactor.suppliers.models import AgreementAcceptance, AgreementText, Application, Owner, Supplier
from infactor.users import roles
from infactor.users.models import User
from tests.support.factories.suppliers import EveryPermissionFactory, MembershipFactory
from tests.support.scenarios import onboarding
from tests.support.scenarios.onboarding import AT, COMPANY, HOLDERS

pytestmark = pytest.mark.django_db


@pytest.fixture
def supplier() -> Supplier:
    return MembershipFactory(supplier__name="Larkspur").supplier


@pytest.fixture
def underwriter() -> User:
    return onboarding.staff_member(roles.UNDERWRITER)


def test_what_keeps_a_supplier_from_being_financed_is_said_step_by_step(supplier: Supplier, underwriter: User) -> None:
    def blockers() -> list[str]:
        return financing_status.blockers(supplier=supplier, currency="USD", on=AT.date())

    assert len(blockers()) == 3
    assert financing_status.company_blocker(supplier=supplier, on=AT.date()) == "Your application is not submitted yet."
    made = onboarding.applied(supplier)
    unconfirmed = "The bank account for USD, ••••6789, is not confirmed yet."
    assert blockers() == ["Your application is being checked.", unconfirmed]
    onboarding.approve(made, by=underwriter)
    assert blockers() == [unconfirmed]
    onboarding.confirm_account(supplier)
    assert blockers() == []
    assert financing_status.company_blocker(supplier=supplier, on=AT.date()) == ""
    assert financing_status.blockers(supplier=supplier, currency="EUR", on=AT.date()) == [
        "There is no confirmed bank account for EUR."
    ]
    applications.hold(application=made, by=underwriter, reason="Newer accounts, please.", at=AT)
    assert blockers() == ["Your application is on hold."]


def test_a_newer_agreement_is_accepted_before_anything_new_is_financed(supplier: Supplier, staff: User) -> None:
    onboarding.approved(supplier)
    agreements.publish(title="Second", body="Text.", by=staff, at=AT)
    assert "latest version of the agreement" in financing_status.company_blocker(supplier=supplier, on=AT.date())
    onboarding.accept(supplier, at=AT + timedelta(days=1))
    onboarding.accept(supplier, at=AT + timedelta(days=2))
    assert financing_status.company_blocker(supplier=supplier, on=AT.date()) == ""
    accepted = agreements.latest_acceptance(supplier=supplier)
    assert accepted is not None
    assert (accepted.text.title, accepted.at) == ("Second", AT + timedelta(days=1))


@pytest.fixture
def staff() -> User:
    return EveryPermissionFactory()


@pytest.mark.parametrize("name", applications.REQUIRED_FIELDS)
def test_whatever_is_missing_is_named(supplier: Supplier, name: str) -> None:
    onboarding.applied(supplier)  # with an account and the agreement
    application = applications.hold(
        application=supplier.application, by=EveryPermissionFactory(), reason="Look.", at=AT
    )
    with pytest.raises(applications.IncompleteApplication) as incomplete:
        applications.submit(
            supplier=supplier,
            company=replace(COMPANY, **{name: ""}),
            owners=HOLDERS,
            consent=None,
            by=onboarding.owner_of(supplier),
            at=AT,
        )
    assert incomplete.value.missing == [applications.REQUIRED_FIELDS[name]]
    application.refresh_from_db()
    assert getattr(application, name), "nothing was written"


def test_owners_account_and_agreement_are_asked_for_too(supplier: Supplier) -> None:
    with pytest.raises(applications.IncompleteApplication) as incomplete:
        applications.submit(
            supplier=supplier, company=COMPANY, owners=(), consent=None, by=onboarding.owner_of(supplier), at=AT
        )
    assert incomplete.value.missing == ["at least one owner", "a bank account", "the agreement, accepted"]


def test_what_was_emptied_while_on_hold_is_not_approved(supplier: Supplier, underwriter: User) -> None:
    made = applications.hold(application=onboarding.applied(supplier), by=underwriter, reason="Look again.", at=AT)
    by = onboarding.owner_of(supplier)
    applications.save_draft(supplier=supplier, company=applications.CompanyDetails(), owners=(), by=by, at=AT)
    with pytest.raises(applications.IncompleteApplication):
        onboarding.approve(made, by=underwriter)
    with pytest.raises(IntegrityError, match="complete_once_submitted"):
        Application.objects.update(status="approved", reason="")


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        ("draft", ("approve", "hold", "refuse")),
        ("submitted", ("submit",)),
        ("on_hold", ("hold",)),
        ("refused", ("approve", "hold", "refuse")),
        ("approved", ("approve", "refuse", "submit")),
    ],
)
def test_only_the_moves_of_the_table_are_made(
    supplier: Supplier, underwriter: User, status: str, refused: tuple[str, ...]
) -> None:
    made = bring_to(supplier, status, by=underwriter)
    for name in refused:
        with pytest.raises((TransitionNotAllowed, applications.NotEditable)):
            try_to(name, made, by=underwriter)
        made.refresh_from_db()
        assert made.status == status


def try_to(name: str, application: Application, *, by: User) -> None:
    if name == "submit":
        onboarding.applied(application.supplier)
    else:
        said = {} if name == "approve" else {"reason": "Some reason."}
        getattr(applications, name)(application=application, by=by, at=AT, **said)


def bring_to(supplier: Supplier, status: str, *, by: User) -> Application:
    if status == "draft":
        bank_accounts.add(supplier=supplier, details=onboarding.entry(), by=onboarding.owner_of(supplier), at=AT)
        who = onboarding.owner_of(supplier)
        return applications.save_draft(supplier=supplier, company=COMPANY, owners=HOLDERS, by=who, at=AT)
    made = onboarding.applied(supplier)
    if status == "approved":
        return onboarding.approve(made, by=by)
    if status == "on_hold":
        return applications.hold(application=made, by=by, reason="Look again.", at=AT)
    if status == "refused":
        return applications.refuse(application=made, by=by, reason="Too young.", at=AT)
    return made


def test_who_submitted_does_not_decide(supplier: Supplier) -> None:
    both = EveryPermissionFactory()
    MembershipFactory(user=both, supplier=supplier)
    bank_accounts.add(supplier=supplier, details=onboarding.entry(), by=onboarding.owner_of(supplier), at=AT)
    made = applications.submit(
        supplier=supplier,
        company=COMPANY,
        owners=HOLDERS,
        consent=applications.AgreementConsent(onboarding.published().version, ip_address="192.0.2.7", user_agent=""),
        by=both,
        at=AT,
    )
    with pytest.raises(applications.SamePerson):
        applications.approve(application=made, by=both, at=AT)
    with pytest.raises(IntegrityError, match="decided_by_another"):
        Application.objects.update(status="approved", decided_by=both, decided_at=AT)


@pytest.mark.parametrize("role", [roles.OPERATIONS, roles.READ_ONLY])
def test_who_is_no_underwriter_decides_nothing(supplier: Supplier, role: str) -> None:
    made, by = onboarding.applied(supplier), onboarding.staff_member(role)
    for decide, extra in ((applications.approve, {}), (applications.hold, {"reason": "Long enough."})):
        with pytest.raises(roles.NotAllowed):
            decide(application=made, by=by, at=AT, **extra)
    with pytest.raises(roles.NotAllowed):
        agreements.publish(title="Mine", body="Text.", by=by, at=AT)
    assert Application.objects.get().status == "submitted"


def test_a_decision_is_mailed_to_the_owners_with_its_reason_and_stands_in_the_trail(
    supplier: Supplier, underwriter: User
) -> None:
    made = onboarding.applied(supplier)
    with pytest.raises(ReasonMissing):
        applications.hold(application=made, by=underwriter, reason=" no ", at=AT)
    applications.hold(application=made, by=underwriter, reason="Send  the\nlast accounts.", at=AT)
    mail = OutgoingMail.objects.get(key__startswith="suppliers.application_on_hold")
    assert mail.to == onboarding.owner_of(supplier).email
    assert "Send the last accounts." in mail.body
    event = AuditEvent.objects.filter(event="application.status").latest("pk")
    assert (event.actor, event.reason) == (underwriter, "Send the last accounts.")
    assert (event.supplier_id, event.details) == (supplier.pk, {"from": "submitted", "to": "on_hold"})


def test_shares_over_the_whole_are_refused_by_the_service_and_by_the_database(supplier: Supplier) -> None:
    by = onboarding.owner_of(supplier)
    half = replace(HOLDERS[0], share=Decimal("50.01"))
    with pytest.raises(applications.InvalidOwners):
        applications.save_draft(supplier=supplier, company=COMPANY, owners=(half, half), by=by, at=AT)
    made = applications.save_draft(supplier=supplier, company=COMPANY, owners=(half,), by=by, at=AT)
    Owner.objects.create(application=made, name="Kim", email="kim@example.com", share=Decimal("50.00"))
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="owner_shares_within_100_percent"):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_changes_no_agreement_and_no_acceptance(supplier: Supplier) -> None:
    onboarding.accept(supplier)
    for change in (
        lambda: AgreementText.objects.update(body="Other."),
        lambda: AgreementAcceptance.objects.update(ip_address="192.0.2.9"),
        lambda: AgreementAcceptance.objects.all().delete(),
    ):
        with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
            change()
    assert AgreementAcceptance.objects.get().ip_address == "192.0.2.7"


def test_members_are_who_act_for_the_supplier_now(supplier: Supplier) -> None:
    owner = onboarding.owner_of(supplier)
    member = MembershipFactory(supplier=supplier, role="finance").user
    assert require_member(by=owner, supplier=supplier, owner=True) == owner
    assert require_member(by=member, supplier=supplier) == member
    gone = MembershipFactory(supplier=supplier, user__is_active=False).user
    cases: list[tuple[Any, bool]] = [(None, False), (gone, False), (MembershipFactory().user, False), (member, True)]
    for by, as_owner in cases:
        with pytest.raises(roles.NotAllowed):
            require_member(by=by, supplier=supplier, owner=as_owner)
