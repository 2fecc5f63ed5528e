"""No page of staff asks the database more than twelve times for what it shows, however many rows there are."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, resolve, reverse

from infactor.core.models import AuditEvent
from infactor.invoices.models import Invoice
from infactor.users.models import User
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.sample_data import create_sample_data

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]

MOST_QUERIES = 12
# What every request of a signed-in member of staff takes: the session, and the person with roles and second factor.
# Twelve is the limit with these two, but for the two pages that show most: there it is without them.
OF_SIGN_IN = ('SELECT "django_session"', '"known_factor" FROM "users_user"')
WITHOUT_SIGN_IN = {"financing_advance_change", "financing_payout_resend"}
SAVEPOINTS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
PAGES = (
    "admin:index",
    "admin:search",
    "admin:desk_collect",
    "admin:reports_index",
    "admin:month_end",
    "admin:desk_mails",
)


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario()
        scenario.terms()
        for number in range(3):
            create_sample_data(scenario, number)
        buyers = [scenario.buyer(f"Buyer {number}") for number in range(60)]
        for number in range(240):
            scenario.invoice(buyers[number % 60], invoice_no=f"M-{number}")
        AuditEvent.objects.bulk_create(
            AuditEvent(at=scenario.now, event="invoice.state", actor=scenario.owner, subject_type="invoices.invoice")
            for _ in range(200)
        )
        return scenario

    return build


def addresses() -> Iterator[str]:
    """Every list, and the page and the decisions of the last row of each model, and pages of no model."""
    for name in PAGES:
        try:
            yield reverse(name) + ("?q=Northwind" if name == "admin:search" else "")
        except NoReverseMatch:
            raise AssertionError(f"{name} is gone: say here what took its place") from None
    for model, shown_by in admin.site._registry.items():
        app, name = model._meta.app_label, model._meta.model_name
        yield reverse(f"admin:{app}_{name}_changelist")
        last = model._base_manager.order_by("pk").last()
        if last is not None:
            decisions = [one.name for one in getattr(shown_by, "decisions", ()) if one.is_possible(last)]
            yield from (reverse(f"admin:{app}_{name}_{one}", args=[last.pk]) for one in ("change", *decisions))


def test_no_page_asks_more_than_twelve_times(scenario: Scenario, client: Client, staff: User) -> None:
    assert Invoice.objects.count() > 240
    client.force_login(staff)
    over, seen = {}, set()
    for address in addresses():
        client.get(address)  # what is kept in memory, such as content types, is asked for once
        with CaptureQueriesContext(connection) as asked:
            page = client.get(address)
        every = [one["sql"] for one in asked if not one["sql"].startswith(SAVEPOINTS)]
        sign_in = [one for one in every if any(part in one for part in OF_SIGN_IN)]
        name = str(resolve(address.partition("?")[0]).url_name)
        allowed = MOST_QUERIES + (len(sign_in) if name in WITHOUT_SIGN_IN else 0)
        if page.status_code == 200:
            seen.add(name)
            assert len(sign_in) == len(OF_SIGN_IN), name
            if len(every) > allowed:
                over[name] = len(every)
    assert over == {}
    assert seen > WITHOUT_SIGN_IN
