"""Connections and import runs in admin show every row, no secret, and no way to edit a fact."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from infactor.users.models import User
from quickbooks_app.auth import integrations
from quickbooks_app.mapping import versions
from quickbooks_app.mapping.overrides import Override
from quickbooks_app.models import (
    ApiCall,
    BookkeepingComparison,
    BookkeepingEntry,
    BookkeepingSettings,
    BooksAnswer,
    CompletenessCheck,
    Connection,
    ConsentAttempt,
    Document,
    ImportIssue,
    ImportRun,
    Integration,
    MappingVersion,
    ObjectPull,
    Push,
)
from tests.support.factories.completeness import LineFactory
from tests.support.factories.quickbooks import ConnectionFactory, RunFactory, create_document
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db
MODELS = [
    ApiCall,
    BookkeepingComparison,
    BookkeepingEntry,
    BookkeepingSettings,
    BooksAnswer,
    CompletenessCheck,
    Connection,
    ConsentAttempt,
    Document,
    ImportIssue,
    ImportRun,
    MappingVersion,
    ObjectPull,
    Push,
]
CANARIES = ["eyJ-canary-access", "RT1-canary-refresh", "9341450000077777", "canary@customer.example", "canary-state"]


@pytest.fixture
def staff_client(client: Client, staff: User) -> Client:
    """Django's client, signed in as staff."""
    client.force_login(staff)
    return client


def create_rows(number: int) -> None:
    """Create `number` connections, each with one row of every model."""
    for count in range(number):
        held = ConnectionFactory(
            realm_id=f"{9341450000077777 + count}",
            company_name=f"Company {count}",
            access_token="eyJ-canary-access",
            refresh_token="RT1-canary-refresh",
        )
        RunFactory(connection=held, error="QuickBooks did not answer.")
        ObjectPull.objects.create(connection=held, entity="Vendor")
        LineFactory(completeness_check__connection=held)
        ApiCall.objects.create(
            connection=held, at=NOON, operation="query", entity="Invoice", status=200, intuit_tid="1-abc", duration_ms=5
        )
        BooksAnswer.objects.create(
            connection=held,
            kind="report",
            name="TrialBalance",
            parameters={},
            asked_by=held.connected_by,
            asked_at=NOON,
        )
        Push.objects.create(
            connection=held, entity="Customer", operation="create", requested_by=held.connected_by, requested_at=NOON
        )
        BookkeepingSettings.objects.create(connection=held, start_on=NOON.date(), currency="USD")
        BookkeepingEntry.objects.create(
            connection=held,
            key=f"IF-ADV-{count}",
            source=f"payout:{count}",
            kind="advance",
            value_date=NOON.date(),
            currency="USD",
            bank=100,
            advances=-100,
            recorded_at=NOON,
        )
        BookkeepingComparison.objects.create(
            connection=held, compared_on=NOON.date(), compared_at=NOON, state="failed", error="No answer."
        )
        ImportIssue.objects.create(
            connection=held,
            entity="Invoice",
            qbk_id="7",
            field="TotalAmt",
            code="missing",
            message="The amount is missing.",
            first_seen_at=NOON,
            last_seen_at=NOON,
        )
        versions.save_version(
            owner=held,
            overrides=[Override("source", constant="Books UK")],
            reason="As agreed.",
            by=held.connected_by,
            at=NOON,
        )
        create_document(connection=held, qbk_id="7", raw=b'{"BillEmail":"canary@customer.example"}')
        ConsentAttempt.objects.create(
            state_digest=f"canary-state-{count}",
            user=held.connected_by,
            supplier=held.supplier,
            integration=integrations.from_settings(),
            environment="local",
            expires_at=NOON + timedelta(minutes=10),
            used_at=NOON,
            outcome="connected",
            connection=held,
        )


def address(model: type[Any], page: str, *arguments: object) -> str:
    return reverse(f"admin:quickbooks_app_{model._meta.model_name}_{page}", args=arguments)


def assert_no_secret(answer: Any) -> None:
    page = answer.content.decode()
    assert [canary for canary in CANARIES if canary in page] == []


def test_every_model_is_there_for_staff() -> None:
    ours = {model for model in admin.site._registry if model._meta.app_label == "quickbooks_app"}
    assert ours == {*MODELS, Integration}


@pytest.mark.parametrize("model", MODELS)
def test_the_list_and_the_row_are_shown_without_a_secret(staff_client: Client, model: type[Any]) -> None:
    create_rows(2)
    rows = staff_client.get(address(model, "changelist"))
    assert rows.status_code == 200
    assert rows.context["cl"].result_count == 2
    assert_no_secret(rows)
    row = staff_client.get(address(model, "change", model.objects.first().pk))
    assert row.status_code == 200
    assert_no_secret(row)


@pytest.mark.parametrize("model", MODELS)
def test_nothing_can_be_added_changed_or_deleted(staff_client: Client, model: type[Any]) -> None:
    create_rows(1)
    row = model.objects.values().get()
    change = address(model, "change", row["id"])
    fields = dict.fromkeys(row, "")
    assert staff_client.get(address(model, "add")).status_code == 403
    assert staff_client.post(address(model, "add"), fields).status_code == 403
    assert staff_client.post(change, fields).status_code == 403
    assert staff_client.post(address(model, "delete", row["id"]), {"post": "yes"}).status_code == 403
    listed = {"action": "delete_selected", "_selected_action": [row["id"]], "post": "yes"}
    staff_client.post(address(model, "changelist"), listed)
    assert model.objects.values().get() == row


@pytest.mark.parametrize("model", MODELS)
def test_a_long_list_costs_no_more_queries_than_a_short_one(
    staff_client: Client, model: type[Any], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    create_rows(12)
    with django_assert_max_num_queries(14):
        assert staff_client.get(address(model, "changelist")).context["cl"].result_count == 12


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("text", ["Company 1", "1-abc", "7", "\x00", "'; DROP TABLE", "eyJ-canary-access"])
def test_a_search_finds_or_finds_nothing_and_never_fails(staff_client: Client, model: type[Any], text: str) -> None:
    create_rows(2)
    answer = staff_client.get(address(model, "changelist"), {"q": text})
    assert answer.status_code in (200, 302)
    if text == "eyJ-canary-access":
        assert answer.context["cl"].result_count == 0


@pytest.mark.parametrize("model", MODELS)
def test_the_filters_of_a_list_lead_to_pages(staff_client: Client, model: type[Any]) -> None:
    create_rows(1)
    page = staff_client.get(address(model, "changelist"))
    links = [
        choice["query_string"]
        for spec in page.context["cl"].filter_specs
        for choice in spec.choices(page.context["cl"])
    ]
    assert links
    for link in links[:12]:
        assert staff_client.get(address(model, "changelist") + link).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_a_supplier_sees_none_of_it(member: Client, model: type[Any]) -> None:
    create_rows(1)
    row = model.objects.get()
    for one in (address(model, "changelist"), address(model, "change", row.pk)):
        answer = member.get(one)
        assert answer.status_code in (302, 403, 404)
        assert_no_secret(answer)


def test_an_open_issue_is_found_among_those_that_are_resolved(staff_client: Client) -> None:
    create_rows(2)
    ImportIssue.objects.filter(pk=ImportIssue.objects.first().pk).update(resolved_at=timezone.now())  # type: ignore[union-attr]
    answer = staff_client.get(address(ImportIssue, "changelist"), {"resolved_at__isempty": "1"})
    assert answer.context["cl"].result_count == 1


@pytest.mark.parametrize("text", ["1-made", "9130", "a3f0a3f0", "Larkspur"])
def test_a_call_is_found_by_what_intuit_or_the_books_call_it(staff_client: Client, text: str) -> None:
    create_rows(1)
    made = ApiCall.objects.create(
        connection=ConnectionFactory(company_name="Larkspur Coffee"),
        at=NOON,
        operation="create",
        entity="Invoice",
        object_ids=["9130"],
        request_id="a3f0a3f0",
        status=200,
        intuit_tid="1-made",
        duration_ms=5,
    )
    page = staff_client.get(address(ApiCall, "changelist"), {"q": text})
    assert [call.pk for call in page.context["cl"].result_list] == [made.pk]
    assert "9130" in page.content.decode()
    assert not staff_client.get(address(ApiCall, "changelist"), {"q": "913"}).context["cl"].result_count


def test_calls_are_told_apart_by_object_operation_and_metering(staff_client: Client) -> None:
    create_rows(2)
    ApiCall.objects.filter(pk=ApiCall.objects.latest("pk").pk).update(entity="Vendor", is_metered=True)
    for query in ({"entity": "Vendor"}, {"is_metered__exact": "1"}, {"entity": "Vendor", "operation": "query"}):
        assert staff_client.get(address(ApiCall, "changelist"), query).context["cl"].result_count == 1
