"""Owners invite people and change roles; a link joins one address once; who is removed is out at the next request."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.suppliers import invitations, people
from infactor.suppliers.models import Invitation, Membership, Supplier
from infactor.users import roles
from infactor.users.models import User
from tests.support.delivery import delivered
from tests.support.factories.suppliers import PASSWORD, MembershipFactory, SupplierFactory, UserFactory

pytestmark = pytest.mark.django_db
PEOPLE = "/settings/people/"
NEWCOMER = "new@example.com"


@pytest.fixture
def owner(supplier: Supplier) -> User:
    return supplier.members.get()


@pytest.fixture
def boss(owner: User) -> Client:
    """A client whose owner has just entered the password."""
    client = Client()
    client.force_login(owner)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def invite(boss: Client, email: str = NEWCOMER, role: str = "finance") -> str:
    """Invite an address; the path of the link that it is sent."""
    boss.post(f"{PEOPLE}invite", {"email": email, "role": role})
    return link_to(email)


def link_to(email: str) -> str:
    message = [one for one in delivered() if one.to == [email]][-1]
    return re.findall(r"https?://[^/\s]+(/invitations/\S+)", message.body)[0]


def test_a_new_person_signs_up_by_the_link_and_works_for_the_company_at_once(boss: Client, supplier: Supplier) -> None:
    link = invite(boss)
    newcomer = Client()
    assert supplier.name in newcomer.get(link).content.decode()
    form = newcomer.get(reverse("account_signup")).content.decode()
    assert NEWCOMER in form
    assert "company_name" not in form
    newcomer.post(reverse("account_signup"), {"email": "other@example.com", "password1": "nine-tall-lanterns"})
    member = Membership.objects.get(user__email=NEWCOMER)
    assert (member.supplier, member.role) == (supplier, "finance")
    assert EmailAddress.objects.get(user=member.user).verified
    assert newcomer.get("/").status_code == 200
    assert Supplier.objects.count() == 1
    assert {"invitation.sent", "membership.joined"} <= set(AuditEvent.objects.values_list("event", flat=True))
    assert f"{NEWCOMER} now works for {supplier.name}" in [one.subject for one in delivered()]
    assert Client().get(link).status_code == 404


def test_an_accountant_joins_a_second_company_with_the_account_they_have(boss: Client, supplier: Supplier) -> None:
    first = MembershipFactory(role="reader")
    accountant = Client()
    accountant.force_login(first.user)
    link = invite(boss, email=first.user.email, role="reader")
    assert accountant.post(link)["Location"] == "/"
    assert set(first.user.suppliers.all()) == {first.supplier, supplier}
    assert supplier.name in accountant.get("/settings/").content.decode()


def test_a_forwarded_link_lets_nobody_else_in(boss: Client, supplier: Supplier) -> None:
    link = invite(boss)
    stranger = Client()
    stranger.force_login(UserFactory())
    assert "another email address" in stranger.post(link).content.decode()
    unconfirmed = UserFactory(email="a@example.com")
    EmailAddress.objects.create(user=unconfirmed, email=NEWCOMER, verified=False)
    stranger.force_login(unconfirmed)
    stranger.post(link)
    assert supplier.members.count() == 1


def test_a_link_ends_when_it_is_sent_again_canceled_or_old(boss: Client, owner: User, supplier: Supplier) -> None:
    first = invite(boss)
    made = Invitation.objects.get()
    boss.post(f"/settings/invitations/{made.public_id}/send")
    second = link_to(NEWCOMER)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(second).status_code == 404
    assert "Link expired" in boss.get(PEOPLE).content.decode()
    boss.post(f"/settings/invitations/{made.public_id}/send")
    third = link_to(NEWCOMER)
    boss.post(f"/settings/invitations/{made.public_id}/cancel")
    assert Client().get(third).status_code == 404
    with pytest.raises(invitations.CannotInvite):
        invitations.resend(invitation=made, by=owner, at=timezone.now())


def test_an_invitation_by_somebody_who_is_no_owner_any_more_lets_nobody_in(boss: Client, supplier: Supplier) -> None:
    other = MembershipFactory(supplier=supplier)
    link = invite(boss)
    inviter = Membership.objects.get(supplier=supplier, user=Invitation.objects.get().invited_by)
    people.change_role(membership=inviter, role="finance", by=other.user, at=timezone.now())
    newcomer = Client()
    newcomer.force_login(UserFactory(email=NEWCOMER))
    assert "no longer an owner" in newcomer.post(link).content.decode()
    assert not Membership.objects.filter(user__email=NEWCOMER).exists()


def test_who_is_removed_is_out_at_the_next_request_and_everybody_hears_of_it(boss: Client, supplier: Supplier) -> None:
    member = MembershipFactory(supplier=supplier, role="finance")
    colleague = Client()
    colleague.force_login(member.user)
    assert colleague.get("/invoices/").status_code == 200
    boss.post(f"{PEOPLE}{member.pk}/remove")
    assert colleague.get("/invoices/").status_code == 403
    told = {(one.to[0], one.subject) for one in delivered()}
    assert (member.user.email, f"You no longer work for {supplier.name} on infactor") in told
    assert any(f"{member.user.email} no longer works" in subject for _, subject in told)
    assert AuditEvent.objects.filter(event="membership.removed", supplier_id=supplier.pk).exists()


def test_the_last_owner_can_neither_leave_nor_become_less(boss: Client, supplier: Supplier) -> None:
    own = Membership.objects.get(supplier=supplier)
    MembershipFactory(supplier=supplier, user__is_active=False)
    for page, form in (("remove", {}), ("role", {"role": "reader"})):
        answer = boss.post(f"{PEOPLE}{own.pk}/{page}", form, follow=True)
        assert "A company needs an owner" in answer.content.decode()
    own.refresh_from_db()
    assert own.role == "owner"


@pytest.mark.parametrize("role", ["finance", "reader"])
def test_only_owners_decide_about_people(role: str, supplier: Supplier) -> None:
    member = MembershipFactory(supplier=supplier, role=role)
    target = Membership.objects.get(supplier=supplier, role="owner")
    kwargs: Any = {"by": member.user, "at": timezone.now()}
    with pytest.raises(roles.NotAllowed):
        invitations.invite(supplier=supplier, email=NEWCOMER, role="owner", **kwargs)
    with pytest.raises(roles.NotAllowed):
        people.change_role(membership=member, role="owner", **kwargs)
    with pytest.raises(roles.NotAllowed):
        people.remove(membership=target, **kwargs)
    people.remove(membership=member, **kwargs)  # anybody may leave


def test_the_people_of_another_company_are_not_there(boss: Client, supplier: Supplier) -> None:
    other = MembershipFactory()
    theirs = invitations.invite(
        supplier=other.supplier, email=NEWCOMER, role="reader", by=other.user, at=timezone.now()
    )
    for page, form in (
        (f"{PEOPLE}{other.pk}/remove", {}),
        (f"{PEOPLE}{other.pk}/role", {"role": "reader"}),
        (f"/settings/invitations/{theirs.public_id}/send", {}),
        (f"/settings/invitations/{theirs.public_id}/cancel", {}),
    ):
        assert boss.post(page, form).status_code == 404
    theirs.refresh_from_db()
    assert theirs.status == "waiting"


def test_inviting_needs_a_password_entered_lately(supplier: Supplier, owner: User) -> None:
    client = Client()
    client.force_login(owner)
    answer = client.post(f"{PEOPLE}invite", {"email": NEWCOMER, "role": "owner"})
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not Invitation.objects.exists()


def test_an_address_is_invited_once_and_a_member_not_at_all(boss: Client, owner: User, supplier: Supplier) -> None:
    invite(boss)
    for email, words in ((NEWCOMER.upper(), "invited already"), (owner.email, "already"), ("nonsense", "valid email")):
        answer = boss.post(f"{PEOPLE}invite", {"email": email, "role": "finance"})
        assert words in answer.content.decode()
    assert Invitation.objects.count() == 1


def test_who_may_only_read_is_refused_in_plain_words(supplier: Supplier) -> None:
    reader = Client()
    reader.force_login(MembershipFactory(supplier=supplier, role="reader").user)
    answer = reader.post("/financing/request/")
    assert answer.status_code == 403
    assert "Your role is read-only" in answer.content.decode()
    assert reader.get("/invoices/").status_code == 200
    assert reader.get("/invoices.csv").status_code == 200


def test_every_part_of_the_settings_is_one_step_away(boss: Client) -> None:
    page = boss.get("/settings/").content.decode()
    for name in ("company", "people", "notification_settings", "bank"):
        assert reverse(f"dashboard:{name}") in page
        assert boss.get(reverse(f"dashboard:{name}")).status_code == 200
    for name in ("mfa_index", "account_email", "account_change_password", "usersessions_list"):
        assert 'aria-label="Settings"' in boss.get(reverse(name)).content.decode()


def test_a_company_of_which_one_is_no_member_lists_no_people(boss: Client) -> None:
    SupplierFactory(name="Elsewhere")
    assert "Elsewhere" not in boss.get(PEOPLE).content.decode()
