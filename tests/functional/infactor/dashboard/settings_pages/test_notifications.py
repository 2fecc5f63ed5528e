"""People hear of an event once, by the channels that they chose; what binds or protects them is never switched off."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from infactor.core.models import OutgoingMail
from infactor.suppliers import notifications
from infactor.suppliers.models import Membership, Notification, NotificationKind, Supplier
from infactor.users.models import User
from tests.support.delivery import delivered
from tests.support.factories.suppliers import MembershipFactory

pytestmark = pytest.mark.django_db
MATRIX = "/settings/notifications/"


@pytest.fixture
def owner(supplier: Supplier) -> User:
    return supplier.members.get()


def notify(supplier: Supplier, kind: NotificationKind = NotificationKind.OFFERS, key: str = "test.offer:1") -> None:
    notifications.notify(
        notifications.Event(
            supplier_id=supplier.pk, kind=kind, key=key, path="/financing/", text=lambda member: ("An offer", "Text")
        ),
        at=timezone.now(),
    )


def test_one_event_is_told_once_however_often_it_is_recorded(member: Client, supplier: Supplier, owner: User) -> None:
    notify(supplier)
    notify(supplier)
    (message,) = delivered()
    assert message.to == [owner.email]
    page = member.get("/notifications/").content.decode()
    assert page.count("An offer") == 1
    assert "1 unread" in page


def test_opening_one_leads_to_its_page_and_it_counts_no_more(member: Client, supplier: Supplier) -> None:
    notify(supplier)
    note = Notification.objects.get()
    assert member.post(f"/notifications/{note.pk}/open")["Location"] == "/financing/"
    assert "unread" not in member.get("/notifications/").content.decode().partition("<main")[2]
    other = MembershipFactory()
    notify(other.supplier, key="test.offer:2")
    assert member.post(f"/notifications/{Notification.objects.get(read_at=None).pk}/open").status_code == 404


def test_the_count_of_unread_ones_is_that_of_this_person_and_company(member: Client, supplier: Supplier) -> None:
    MembershipFactory(supplier=supplier, role="finance")
    notify(supplier)
    notify(supplier, key="test.offer:2")
    assert member.get("/settings/").context["unread_notifications"] == 2


def test_a_choice_holds_from_then_on_and_mandatory_kinds_stay(member: Client, supplier: Supplier, owner: User) -> None:
    assert "disabled" in member.get(MATRIX).content.decode()
    member.post(MATRIX, {"app-money": "on"})
    for kind in NotificationKind:
        notify(supplier, kind, key=f"test.{kind}:1")
    assert set(Notification.objects.values_list("kind", flat=True)) == {"money", "legal", "security"}
    mailed = {mail.key.split(":")[0] for mail in OutgoingMail.objects.all()}
    assert mailed == {"test.legal", "test.security"}


def test_people_other_than_owners_hear_in_the_app_but_not_of_what_is_for_owners(supplier: Supplier) -> None:
    helper = MembershipFactory(supplier=supplier, role="finance").user
    notify(supplier)
    notify(supplier, NotificationKind.SECURITY, key="test.security:1")
    assert list(Notification.objects.filter(user=helper).values_list("kind", flat=True)) == ["offers"]
    assert helper.email not in [to for one in delivered() for to in one.to]


def test_one_click_in_the_mail_program_stops_these_emails_only(supplier: Supplier, owner: User) -> None:
    notify(supplier)
    notify(supplier, NotificationKind.LEGAL, key="test.legal:1")
    by_key = {mail.key.split(":")[0]: mail for mail in OutgoingMail.objects.all()}
    assert by_key["test.legal"].unsubscribe_url == ""
    (offer, legal) = delivered()
    assert offer.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe" not in legal.extra_headers
    path = "/" + offer.extra_headers["List-Unsubscribe"].strip("<>").split("/", 3)[3]
    machine = Client(enforce_csrf_checks=True)
    assert "Stop these emails?" in machine.get(path).content.decode()
    notify(supplier, key="test.offer:2")  # looking stops nothing
    assert machine.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    notify(supplier, key="test.offer:3")
    notify(supplier, NotificationKind.MONEY, key="test.money:1")
    keys = [mail.key.rpartition(":")[0] for mail in OutgoingMail.objects.order_by("pk")]
    assert keys[2:] == ["test.offer:2", "test.money:1"]
    assert Notification.objects.filter(key__startswith="test.offer:3").exists()


def test_a_link_to_unsubscribe_that_was_altered_or_of_who_left_does_nothing(supplier: Supplier, owner: User) -> None:
    member = Membership.objects.select_related("supplier", "user").get(supplier=supplier)
    url = notifications.unsubscribe_url(member=member, kind=NotificationKind.OFFERS)
    path = "/" + url.split("/", 3)[3]
    assert Client().post(path.replace("offers", "money")).status_code == 404
    member.delete()
    assert Client().post(path).status_code == 404


def test_old_ones_are_deleted(supplier: Supplier) -> None:
    notify(supplier)
    Notification.objects.update(created_at=timezone.now() - timedelta(days=181))
    notify(supplier, key="test.offer:2")
    assert notifications.delete_old(at=timezone.now()) == 1
    assert Notification.objects.count() == 1
