"""An owner chooses the company's time zone; QuickBooks changes it only while nobody has chosen."""

import pytest
from django.test import Client

from infactor.core.models import AuditEvent
from infactor.suppliers.models import Membership, Supplier
from infactor.suppliers.time_zone import adopt_time_zone
from tests.support.admin_client import visible_text
from tests.support.factories.suppliers import MembershipFactory

pytestmark = pytest.mark.django_db
COMPANY = "/settings/company/"


def test_an_owner_chooses_it_and_the_page_says_what_it_decides(member: Client, supplier: Supplier) -> None:
    before = visible_text(member.get(COMPANY))
    assert "America/Los_Angeles, until you choose one or connect QuickBooks" in before
    assert "It decides which day it is for due dates, fees and your statement." in before
    answered = member.post(COMPANY, {"time_zone": "Europe/Madrid"}, follow=True)
    assert "Europe/Madrid, chosen by an owner" in visible_text(answered)
    supplier.refresh_from_db()
    assert supplier.zone.key == "Europe/Madrid"
    event = AuditEvent.objects.get(event="supplier.time_zone_chosen")
    assert (event.supplier_id, event.details) == (supplier.pk, {"from": "America/Los_Angeles", "to": "Europe/Madrid"})
    member.post(COMPANY, {"time_zone": "Europe/Madrid"})
    assert AuditEvent.objects.filter(event="supplier.time_zone_chosen").count() == 1, "chosen twice"


def test_what_is_no_time_zone_is_refused(member: Client, supplier: Supplier) -> None:
    for name in ("", "Mars/Olympus", "../etc/passwd"):
        assert member.post(COMPANY, {"time_zone": name}).status_code == 422, name
    supplier.refresh_from_db()
    assert supplier.time_zone == "America/Los_Angeles"


def test_nobody_but_an_owner_chooses_it(supplier: Supplier, client: Client) -> None:
    client.force_login(MembershipFactory(supplier=supplier, role=Membership.Role.FINANCE).user)
    assert "Save time zone" not in client.get(COMPANY).content.decode()
    assert client.post(COMPANY, {"time_zone": "Europe/Madrid"}).status_code == 403
    supplier.refresh_from_db()
    assert supplier.time_zone == "America/Los_Angeles"


def test_quickbooks_says_it_until_an_owner_has_chosen(member: Client, supplier: Supplier) -> None:
    assert adopt_time_zone(supplier=supplier, name="America/New_York")
    assert supplier.time_zone == "America/New_York"
    member.post(COMPANY, {"time_zone": "America/New_York"})
    assert not adopt_time_zone(supplier=supplier, name="Asia/Tokyo")
    supplier.refresh_from_db()
    assert supplier.time_zone == "America/New_York"
