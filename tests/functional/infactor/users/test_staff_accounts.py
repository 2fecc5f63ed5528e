"""Accounts of staff: one invitation by mail, roles that exclude each other, and a superuser who decides no money."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.suppliers.models import Membership
from infactor.users import roles, staff_accounts
from infactor.users.models import User
from infactor.users.permissions import DECISIONS
from tests.support.admin_client import confirm
from tests.support.delivery import delivered
from tests.support.factories.suppliers import PASSWORD, MembershipFactory, SupplierFactory, UserFactory
from tests.support.scenarios import onboarding

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "seven-quiet-lanterns"


@pytest.fixture
def administrator(client: Client) -> User:
    person = User.objects.create_superuser("admin@example.com", PASSWORD)
    client.force_login(person)
    return person


def invite(client: Client, **changes: str) -> str:
    """Invite a member of staff, and return the link of the email."""
    form = {"email": "Uma@Infactor.example", "name": "Uma", "role": roles.UNDERWRITER, **changes}
    assert confirm(client, reverse("admin:users_user_add"), **form).status_code == 302
    return str(re.findall(r"https?://testserver(/\S+)", delivered()[-1].body)[0])


def use(link: str) -> int:
    """Set a password by the link of an invitation; the status of the answer."""
    browser = Client()
    opened = browser.get(link)
    if opened.status_code != 302:
        return opened.status_code
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return browser.post(opened["Location"], form).status_code


def test_an_invitation_opens_an_account_once_and_leads_to_a_second_factor(client: Client, administrator: User) -> None:
    link = invite(client)
    invited = User.objects.get(email="uma@infactor.example")
    assert (invited.is_staff, invited.has_usable_password()) == (True, False)
    assert [group.name for group in invited.groups.all()] == [roles.UNDERWRITER]
    assert delivered()[0].to == ["uma@infactor.example"]
    assert use(link) == 302
    assert use(link) == 200, "the link worked twice"
    browser = Client()
    browser.post(reverse("account_login"), {"login": invited.email, "password": NEW_PASSWORD})
    assert browser.get(reverse("admin:index"))["Location"] == reverse("mfa_index")
    assert AuditEvent.objects.get(event="user.invited").actor_id == administrator.pk


def test_an_invitation_ends_after_a_day(client: Client, administrator: User) -> None:
    link = invite(client)
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert use(link) == 200
    assert not User.objects.get(email="uma@infactor.example").has_usable_password()


def test_an_address_with_an_account_is_not_invited(client: Client, administrator: User) -> None:
    taken = UserFactory(email="supplier@example.com")
    form = {"email": "Supplier@example.com", "name": "Sam", "role": roles.OPERATIONS}
    answer = confirm(client, reverse("admin:users_user_add"), **form)
    assert "has an account already" in answer.content.decode()
    taken.refresh_from_db()
    assert not taken.is_staff


def test_nobody_is_underwriter_and_operations(client: Client, administrator: User) -> None:
    person = onboarding.staff_member(roles.UNDERWRITER)
    operations = Group.objects.get(name=roles.OPERATIONS)
    with pytest.raises(roles.ConflictingRoles), transaction.atomic():
        person.groups.add(operations)
    with pytest.raises(roles.ConflictingRoles), transaction.atomic():
        operations.user_set.add(person)
    address = reverse("admin:users_user_roles", args=[person.pk])
    page = client.get(address)
    both = {"roles": [roles.UNDERWRITER, roles.OPERATIONS], "preview_token": page.context["preview_token"]}
    assert "Nobody is both" in client.post(address, both).content.decode()
    with pytest.raises(IntegrityError, match="exclusive_roles"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO users_user_groups (user_id, group_id) VALUES (%s, %s)", [person.pk, operations.pk])
    assert [group.name for group in person.groups.all()] == [roles.UNDERWRITER]


def test_a_role_is_exchanged_and_recorded(client: Client, administrator: User) -> None:
    person = onboarding.staff_member(roles.UNDERWRITER)
    staff_accounts.set_roles(staff=person, names=[roles.OPERATIONS], by=administrator, at=timezone.now())
    assert [group.name for group in person.groups.all()] == [roles.OPERATIONS]
    details = AuditEvent.objects.get(event="user.roles_set").details
    assert details == {"from": [roles.UNDERWRITER], "to": [roles.OPERATIONS]}


def test_a_superuser_has_no_permission_of_a_role_and_gives_themselves_none(administrator: User) -> None:
    assert [one for one in sorted(DECISIONS) if administrator.has_perm(one)] == []
    assert administrator.has_perm("users.change_user")
    with pytest.raises(staff_accounts.OwnAccount):
        staff_accounts.set_roles(staff=administrator, names=[roles.OPERATIONS], by=administrator, at=timezone.now())


def test_every_permission_of_infactors_own_is_one_of_a_role() -> None:
    own = {
        f"{model._meta.app_label}.{codename}" for model in apps.get_models() for codename, _ in model._meta.permissions
    }
    # How a company is connected and read, the end of a supplier's claim on it, and taking or erasing data of somebody
    # are for those who neither underwrite nor pay: superusers.
    assert own - DECISIONS == {
        "core.answer_data_requests",
        "quickbooks_app.change_mapping",
        "quickbooks_app.manage_integration",
        "quickbooks_app.release_connection",
    }


def test_an_administrator_does_not_make_themselves_a_suppliers_owner(client: Client, administrator: User) -> None:
    supplier = SupplierFactory()
    form = {
        "name": supplier.name,
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-user": str(administrator.pk),
        "memberships-0-role": "owner",
    }
    answer = client.post(reverse("admin:suppliers_supplier_change", args=[supplier.pk]), form)
    assert "cannot act for a supplier" in answer.content.decode()
    assert not supplier.memberships.exists()


def test_an_administrator_never_takes_the_last_owner_of_a_supplier_away(client: Client, administrator: User) -> None:
    owner = MembershipFactory()
    address = reverse("admin:suppliers_supplier_change", args=[owner.supplier_id])
    form = {
        "name": owner.supplier.name,
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": str(owner.pk),
        "memberships-0-supplier": str(owner.supplier_id),
        "memberships-0-user": str(owner.user_id),
        "memberships-0-role": "owner",
    }
    for change in ({"memberships-0-role": "finance"}, {"memberships-0-DELETE": "on"}):
        assert "A company needs an owner" in client.post(address, {**form, **change}).content.decode()
        assert Membership.objects.get(pk=owner.pk).role == "owner"
    MembershipFactory(supplier=owner.supplier)
    client.post(address, {**form, "memberships-0-role": "finance"})
    assert Membership.objects.get(pk=owner.pk).role == "finance"


def test_only_an_administrator_changes_accounts_of_staff() -> None:
    person, now = onboarding.staff_member(roles.READ_ONLY), timezone.now()
    for by in (None, onboarding.staff_member(roles.OPERATIONS), UserFactory()):
        with pytest.raises(roles.NotAllowed):
            staff_accounts.set_roles(staff=person, names=[], by=by, at=now)
        with pytest.raises(roles.NotAllowed):
            staff_accounts.invite(email="x@example.com", name="X", role=roles.READ_ONLY, by=by, at=now)
        with pytest.raises(roles.NotAllowed):
            staff_accounts.remove_factors(person=person, reason="It is lost", by=by, at=now)


def test_a_deactivated_person_is_out_at_once(client: Client, administrator: User) -> None:
    person = onboarding.staff_member(roles.OPERATIONS)
    theirs = Client()
    theirs.force_login(person)
    confirm(client, reverse("admin:users_user_deactivate", args=[person.pk]), reason="Left the company")
    assert theirs.get(reverse("admin:index")).status_code == 302
    assert AuditEvent.objects.get(event="user.deactivated").reason == "Left the company"
    confirm(client, reverse("admin:users_user_activate", args=[person.pk]), reason="Came back again")
    person.refresh_from_db()
    assert person.is_active


def test_admin_changes_no_address_by_hand(client: Client, administrator: User) -> None:
    person = UserFactory()
    answer = client.post(reverse("admin:users_user_change", args=[person.pk]), {"email": "mine@example.com"})
    assert answer.status_code == 403
    person.refresh_from_db()
    assert person.email != "mine@example.com"


def test_the_password_of_staff_is_changed_on_the_page_that_tells_them(client: Client, administrator: User) -> None:
    assert client.post(reverse("admin:password_change"))["Location"] == reverse("account_change_password")
