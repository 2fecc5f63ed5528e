"""Staff view a supplier's own pages: all of them, read-only, audited, and of no other supplier."""

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse, set_script_prefix
from django.utils import timezone
from time_machine import TimeMachineFixture

from infactor.core.models import AuditEvent
from infactor.help_center.pages import library
from infactor.help_center.terms import terms
from infactor.suppliers.models import Supplier
from infactor.suppliers.viewing_middleware import PERMISSION_OF
from infactor.users import roles
from infactor.users.models import User
from tests.support.admin_client import confirm, visible_text
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios.lifecycle import Lifecycle
from tests.support.scenarios.onboarding import staff_member
from tests.support.second_factor import show_factor, sign_in_without_factor

pytestmark = pytest.mark.django_db

HREF = re.compile(r'(?:href|action|hx-get|hx-post)="(/[^"#]*)')
WRITTEN = re.compile(r'^(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
REASON = "The supplier called about a late rebate."
STOP = "/admin/suppliers/supplier/stop-viewing/"
# Pages that the supplier's read-only people are refused, too, and one of local mode.
FROM_QUICKBOOKS = {"quickbooks:printed_invoice"}  # a file that is fetched there, and nobody answers here
NOT_FOR_READERS = {
    "dashboard:bank_change",
    "dashboard:companies",
    "dashboard:design",
    "quickbooks:confirm_disconnect",
    "quickbooks:make_buyer",
    "quickbooks:make_invoice",
    "quickbooks:make_payment",
}


@pytest.fixture
def person() -> User:
    return staff_member(roles.OPERATIONS)


def start(client: Client, supplier: Supplier) -> HttpResponse:
    return confirm(client, reverse("admin:suppliers_supplier_view_as", args=[supplier.pk]), reason=REASON)


def home_of(supplier: Supplier) -> str:
    return f"/admin/viewing/{supplier.public_id}/"


def events(supplier: Supplier) -> list[str]:
    rows = AuditEvent.objects.filter(supplier_id=supplier.pk, event__startswith="supplier.")
    return list(rows.order_by("pk").values_list("event", flat=True))


def test_every_page_of_the_supplier_opens_and_every_link_stays_on_its_pages(
    lifecycle: Lifecycle, client: Client, person: User
) -> None:
    supplier = lifecycle.scenario.supplier
    client.force_login(person)
    assert start(client, supplier)["Location"] == home_of(supplier)
    waiting, seen, strange = [home_of(supplier)], set(), set()
    with CaptureQueriesContext(connection) as asked:
        while waiting:
            address = waiting.pop()
            outside = address.removeprefix(home_of(supplier).rstrip("/"))
            view = resolve(outside.split("?")[0]).view_name
            if view in seen:
                continue
            seen.add(view)
            page = client.get(address)
            if page.status_code not in (200, 302, 405) and view not in NOT_FOR_READERS | FROM_QUICKBOOKS:
                strange.add((view, page.status_code))
            if page.status_code != 200 or "html" not in page["Content-Type"]:
                continue
            html = page.content.decode()
            if "<body" in html:
                assert "You are viewing <strong><bdi>Larkspur" in html, view
            for found in map(unescape, HREF.findall(html)):
                if found.startswith(home_of(supplier)):
                    waiting.append(found)
                elif not found.startswith(("/static/", f"/admin/suppliers/supplier/{supplier.pk}/", STOP)):
                    strange.add((view, found))
    assert strange == set()
    assert {
        "dashboard:home",
        "dashboard:invoices",
        "dashboard:invoice",
        "dashboard:financing",
        "dashboard:offer",
    } <= seen
    assert {
        "dashboard:statement",
        "dashboard:settings",
        "dashboard:people",
        "dashboard:bank",
        "quickbooks:home",
    } <= seen
    written = {found[1] for one in asked if (found := WRITTEN.match(one["sql"]))}
    assert written <= {"core_auditevent", "django_session", "django_cache"}
    pages = AuditEvent.objects.filter(event="supplier.page_viewed", actor=person, supplier_id=supplier.pk)
    assert "/invoices/" in pages.values_list("details__page", flat=True)


def test_nothing_can_be_changed(lifecycle: Lifecycle, client: Client, person: User) -> None:
    supplier = lifecycle.scenario.supplier
    client.force_login(person)
    start(client, supplier)
    accept = reverse("dashboard:offer_accept", args=[lifecycle.offer.public_id])
    viewed = f"{home_of(supplier).rstrip('/')}{accept}"
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)(viewed)
        assert answer.status_code == 403
        assert "You cannot change anything here" in visible_text(answer)
    assert client.post(accept).status_code == 403
    htmx = client.post(viewed, headers={"HX-Request": "true"})
    assert htmx.status_code == 403
    assert "You cannot change anything here" in visible_text(client.get(htmx["HX-Redirect"]))
    lifecycle.offer.refresh_from_db()
    assert lifecycle.offer.status == "proposed"


def test_another_supplier_is_never_reached(lifecycle: Lifecycle, client: Client, person: User) -> None:
    supplier, other = lifecycle.scenario.supplier, MembershipFactory().supplier
    client.force_login(person)
    start(client, supplier)
    first_tab = home_of(supplier)
    assert client.get(home_of(other)).status_code == 403
    assert client.get(home_of(Supplier(public_id=uuid.uuid4()))).status_code == 403
    foreign = f"{first_tab}companies/{other.public_id}/choose"
    assert client.post(foreign).status_code == 403
    start(client, other)
    assert client.get(home_of(other)).status_code == 200
    ended = client.get(first_tab)
    assert ended.status_code == 403
    assert f"Back to {other.name}" in visible_text(ended)
    invoice = reverse("dashboard:invoice", args=[lifecycle.ready[0].public_id])
    assert client.get(f"{home_of(other).rstrip('/')}{invoice}").status_code == 404
    assert client.get(invoice).status_code == 403
    assert events(supplier)[-1] == "supplier.viewing_stopped"


def test_it_begins_by_a_confirmed_reason_only(supplier: Supplier, client: Client, person: User) -> None:
    client.force_login(person)
    page = reverse("admin:suppliers_supplier_view_as", args=[supplier.pk])
    assert page in client.get(reverse("admin:suppliers_supplier_change", args=[supplier.pk])).content.decode()
    client.get(page, headers={"Sec-Purpose": "prefetch"})
    assert "at least 5 characters" in visible_text(confirm(client, page, reason="x"))
    assert client.get(home_of(supplier)).status_code == 403
    assert events(supplier) == []
    start(client, supplier)
    begun = AuditEvent.objects.get(event="supplier.viewing_started")
    assert (begun.actor, begun.reason, begun.supplier_id) == (person, REASON, supplier.pk)


def test_it_ends_when_it_is_stopped_or_after_half_an_hour(
    supplier: Supplier, client: Client, person: User, time_machine: TimeMachineFixture
) -> None:
    client.force_login(person)
    start(client, supplier)
    assert client.get(STOP).status_code == 405
    assert client.post(STOP)["Location"] == reverse("admin:suppliers_supplier_change", args=[supplier.pk])
    assert client.get(home_of(supplier)).status_code == 403
    assert client.post(STOP).status_code == 302
    start(client, supplier)
    assert client.get(home_of(supplier)).status_code == 200
    time_machine.move_to(timezone.now() + timedelta(minutes=29), tick=False)
    client.get(reverse("admin:index"))
    assert client.get(home_of(supplier)).status_code == 200
    time_machine.move_to(timezone.now() + timedelta(minutes=1), tick=False)
    assert client.get(home_of(supplier)).status_code == 403
    assert AuditEvent.objects.filter(event="supplier.viewing_stopped").first().details == {"because": "time over"}


def test_it_ends_with_the_role_and_with_the_session(supplier: Supplier, client: Client, person: User) -> None:
    client.force_login(person)
    start(client, supplier)
    person.groups.set([Group.objects.get(name=roles.READ_ONLY)])
    assert "takes the role Operations or Underwriter" in visible_text(client.get(home_of(supplier)))
    person.groups.set([Group.objects.get(name=roles.OPERATIONS)])
    assert client.get(home_of(supplier)).status_code == 403
    start(client, supplier)
    client.post(reverse("admin:logout"))
    assert AuditEvent.objects.filter(event="supplier.viewing_stopped").first().details == {"because": "signed out"}
    assert client.get(home_of(supplier))["Location"].startswith(reverse("account_login"))


def test_others_are_let_in_nowhere(supplier: Supplier, client: Client, person: User) -> None:
    client.force_login(supplier.members.get())
    assert client.get(home_of(supplier)).status_code == 403
    client.force_login(staff_member(roles.READ_ONLY))
    assert start(client, supplier).status_code == 403
    sign_in_without_factor(client, person)
    assert client.get(home_of(supplier))["Location"] == reverse("mfa_index")


@override_settings(SECOND_FACTOR_FRESH=timedelta(minutes=15))
def test_starting_asks_for_the_second_factor_anew(supplier: Supplier, client: Client, person: User) -> None:
    client.force_login(person)
    show_factor(client, person, at=timezone.now().timestamp() - 3600)
    assert "reauthenticate" in start(client, supplier)["Location"]


@override_settings(ADMIN_HOST="staff.example.com", ALLOWED_HOSTS=["*"])
def test_it_works_on_the_host_of_admin_alone(supplier: Supplier, client: Client, person: User) -> None:
    client.force_login(person)
    client.defaults["HTTP_HOST"] = "staff.example.com"
    start(client, supplier)
    assert client.get(home_of(supplier)).status_code == 200
    assert client.get(home_of(supplier), headers={"Host": "www.example.com"}).status_code == 404


def test_a_part_that_asks_again_by_itself_is_recorded_once(supplier: Supplier, client: Client, person: User) -> None:
    client.force_login(person)
    start(client, supplier)
    for _ in range(3):
        client.get(f"{home_of(supplier)}figures/", headers={"HX-Request": "true"})
    client.get(f"{home_of(supplier)}invoices/?q=private")
    pages = AuditEvent.objects.filter(event="supplier.page_viewed").order_by("pk")
    assert list(pages.values_list("details__page", flat=True)) == ["/figures/", "/invoices/"]


def test_a_file_takes_the_permission_that_it_takes_elsewhere(
    supplier: Supplier, client: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(person)
    start(client, supplier)
    address = f"{home_of(supplier)}calendar.ics"
    assert client.get(address).status_code == 200
    monkeypatch.setitem(PERMISSION_OF, "dashboard:calendar", "suppliers.decide_application")
    assert "your role does not fetch such files" in visible_text(client.get(address))


def test_the_help_of_others_keeps_its_address_after_staff_have_viewed_it() -> None:
    set_script_prefix("/admin/viewing/of-somebody/")
    try:
        assert "/admin/viewing/of-somebody/" in library().pages[0].html + str(terms())
    finally:
        set_script_prefix("/")
    assert "/admin/" not in "".join(page.html for page in library().pages) + str(terms())
