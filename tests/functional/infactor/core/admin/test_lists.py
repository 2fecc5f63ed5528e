"""Lists of staff: one rule for their order, totals by currency of what is filtered, and few queries."""

from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db.models import F
from django.db.models.expressions import OrderBy
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from infactor.core.admin.base import AuditLogMixin
from infactor.financing.admin.queues.definitions import every_queue
from tests.support.admin_client import visible_text
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.sample_data import create_sample_data

pytestmark = pytest.mark.django_db

# Directories: who or what there is, by name. Every other list says what happened, the newest first.
DIRECTORIES = {
    "banking.HouseAccount",
    "financing.Payee",
    "invoices.Buyer",
    "invoices.CompanyFile",
    "invoices.Debtor",
    "invoices.Vendor",
    "ledger.Account",
    "quickbooks_app.BookkeepingSettings",
    "quickbooks_app.Connection",
    "quickbooks_app.ObjectPull",
    "suppliers.Supplier",
    "users.User",
}

BUSY = (
    "financing_advance",
    "financing_collection",
    "financing_offer",
    "financing_financingrequest",
    "financing_payout",
    "banking_statementline",
    "invoices_invoice",
    "financing_case",
)


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario()
        scenario.terms()
        return scenario

    return build


def first_column(model_admin: AuditLogMixin, query: str = "") -> str:
    """The column that a list is ordered by first, with a minus for the newest first."""
    request = RequestFactory().get(f"/?{query}")
    request.user = AnonymousUser()
    first = (model_admin.get_ordering(request) or model_admin.opts.ordering or [""])[0]
    if isinstance(first, OrderBy):
        assert isinstance(first.expression, F)
        assert first.nulls_last or first.nulls_first
        return f"{'-' if first.descending else ''}{first.expression.name}"
    return str(first)


def test_every_list_is_newest_first_unless_it_is_a_directory() -> None:
    others = {
        model._meta.label
        for model, model_admin in admin.site._registry.items()
        if not first_column(model_admin).startswith("-")  # type: ignore[arg-type]
    }
    assert others == DIRECTORIES


def test_every_work_queue_is_a_list_with_the_longest_waiting_first() -> None:
    for queue in every_queue():
        if not queue.address.endswith("_changelist"):
            continue
        model_admin = resolve(reverse(f"admin:{queue.address}")).func.model_admin  # type: ignore[attr-defined]
        assert first_column(model_admin, queue.query.lstrip("?")) == queue.since, queue.name
        assert parse_qs(queue.query.lstrip("?"))


def test_totals_count_what_is_filtered_by_currency(client: Client, scenario: Scenario) -> None:
    buyer = scenario.buyer("Northwind")
    scenario.funded(scenario.invoice(buyer, face="1000"))
    paid = scenario.funded(scenario.invoice(buyer, face="500"))
    scenario.pay(paid, "500")
    client.force_login(scenario.reader)
    address = reverse("admin:financing_advance_changelist")
    assert "USD 2 $1,500.00 $1,275.00 $1,000.00 $500.00 $225.00" in visible_text(client.get(address))
    only = visible_text(client.get(address, {"status__exact": "collected"}))
    assert "USD 1 $500.00 $425.00 $0.00 $500.00 $75.00" in only


def test_the_lists_of_a_day_say_what_is_late_and_due(client: Client, scenario: Scenario) -> None:
    buyer = scenario.buyer("Northwind")
    late = [scenario.funded(scenario.invoice(buyer, invoice_no=number)) for number in ("N1", "N2", "N3")]
    address = reverse("admin:financing_advance_changelist")
    found = {}
    for later in (35, 20, 30, 60):
        scenario.later(later)
        with time_machine.travel(scenario.now, tick=False):
            client.force_login(scenario.reader)
            for name in ("week", "1-30", "31-60", "61-90", "91"):
                if str(late[0]) in visible_text(client.get(address, {"late": name})):
                    found[later] = name
    assert found == {35: "week", 20: "1-30", 30: "31-60", 60: "91"}
    with time_machine.travel(scenario.now, tick=False):
        assert "105 $850.00" in visible_text(client.get(address))


def test_no_list_needs_a_query_for_each_row(
    client: Client, scenario: Scenario, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    create_sample_data(scenario, 3)
    client.force_login(scenario.reader)
    client.get(reverse("admin:index"))
    for name in BUSY:
        with django_assert_max_num_queries(12):
            assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200, name
