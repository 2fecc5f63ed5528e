"""Who closes QuickBooks' window halfway is told so, at once and later, and can still come back through it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from infactor.suppliers.models import Supplier
from quickbooks_app import tasks
from quickbooks_app.models import Connection, ConsentAttempt
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import MembershipFactory
from tests.support.processes.sandbox_company import Company, outcome_of, set_out

pytestmark = pytest.mark.django_db
SAID = "The QuickBooks window was closed before connecting."
PAGES = ("/quickbook/", "/quickbook/card")
MINUTE = timedelta(minutes=1)


def shown(member: Client, address: str, **headers: str) -> str:
    return " ".join(member.get(address, headers=headers).content.decode().split())


def begun_ago(minutes: int) -> None:
    ends = timezone.now() + timedelta(minutes=10 - minutes)
    ConsentAttempt.objects.update(expires_at=ends)


@pytest.mark.parametrize("address", PAGES)
def test_a_window_that_is_open_is_waited_for(member: Client, company: Company, address: str) -> None:
    set_out(member)
    assert "Waiting for QuickBooks" in shown(member, address)
    assert SAID not in shown(member, address)


@pytest.mark.parametrize("address", PAGES)
def test_a_closed_window_is_named_and_one_can_try_again(member: Client, company: Company, address: str) -> None:
    set_out(member)
    assert member.post("/quickbook/closed").status_code == 204
    page = shown(member, address)
    assert SAID in page
    assert "Try again." in page
    assert "Connect QuickBooks" in page
    assert "Waiting for QuickBooks" not in page


def test_who_connected_before_the_window_closed_is_connected(member: Client, company: Company) -> None:
    back = company.consent(set_out(member))
    assert outcome_of(member.get(back)) == "connected"
    member.post("/quickbook/closed")
    assert ConsentAttempt.objects.get().outcome == "connected"
    assert SAID not in shown(member, "/quickbook/card")


def test_a_window_that_was_only_kept_apart_still_connects(member: Client, company: Company) -> None:
    back = company.consent(set_out(member))
    member.post("/quickbook/closed")
    assert outcome_of(member.get(back)) == "connected"
    assert SAID not in shown(member, "/quickbook/card")


def test_who_comes_back_later_is_told_that_the_attempt_is_over(member: Client, company: Company) -> None:
    back = company.consent(set_out(member))
    begun_ago(minutes=12)
    assert "The attempt expired" in shown(member, "/quickbook/card")
    tasks.expire_pending_choices()
    assert ConsentAttempt.objects.get().outcome == "expired"
    assert "The attempt expired" in shown(member, "/quickbook/card")
    assert outcome_of(member.get(back)) == "expired"
    assert not Connection.objects.exists()


def test_an_old_attempt_is_no_longer_mentioned(member: Client, company: Company) -> None:
    set_out(member)
    begun_ago(minutes=40)
    assert "The attempt expired" not in shown(member, "/quickbook/card")


def test_nobody_closes_the_attempt_of_another_person_or_browser(
    member: Client, company: Company, supplier: Supplier
) -> None:
    set_out(member)
    colleague = Client()
    colleague.force_login(MembershipFactory(supplier=supplier).user)
    elsewhere = Client()
    elsewhere.force_login(supplier.members.order_by("pk")[0])
    for other in (colleague, elsewhere):
        assert other.post("/quickbook/closed").status_code == 204
    assert ConsentAttempt.objects.get().outcome == "pending"
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(supplier.members.order_by("pk")[0])
    assert strict.post("/quickbook/closed").status_code == 403


def test_the_banner_says_it_where_the_page_does_not(member: Client, company: Company, supplier: Supplier) -> None:
    lost = ConnectionFactory(company_file__supplier=supplier, status=Connection.Status.NEEDS_ATTENTION)
    member.post(f"/quickbook/{lost.public_id}/reconnect", {"window": "popup"})
    member.post("/quickbook/closed")
    assert SAID in shown(member, "/quickbook/banner", **{"HX-Current-URL": "http://testserver/invoices/"})
    for page in ("/", "/quickbook/"):
        assert SAID not in shown(member, "/quickbook/banner", **{"HX-Current-URL": f"http://testserver{page}"})
