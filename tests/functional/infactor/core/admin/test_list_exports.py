"""Every list of staff is a file too: all rows that it shows, as numbers and days, and who took it is on record."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from infactor.core import tasks
from infactor.core.admin.base import AuditLogMixin
from infactor.core.fields import EncryptedTextField
from infactor.core.models import AuditEvent, ListExport
from infactor.desk import notes
from infactor.financing.models import Advance
from infactor.invoices.models import Invoice
from infactor.suppliers.models import BankAccount
from tests.support.scenarios.financing import Scenario, build_scenario, staff_member
from tests.support.scenarios.sample_data import create_sample_data

pytestmark = pytest.mark.django_db
ADVANCES = reverse("admin:financing_advance_export", args=["csv"])
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario()
        scenario.terms()
        return scenario

    return build


def rows_of(client: Client, address: str, **asked: str) -> list[dict[str, str]]:
    answer = client.get(address, asked)
    assert answer.status_code == 200, answer.content[:300]
    return list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"), newline="")))


def test_the_file_of_a_list_has_all_its_filtered_rows_with_numbers_days_and_currencies(
    client: Client, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin.site._registry[Advance], "list_per_page", 2)
    buyer = scenario.buyer("=HYPERLINK(1)")
    funded = [scenario.funded(scenario.invoice(buyer, face="12400")) for _ in range(3)]
    scenario.accepted(scenario.invoice(buyer))
    client.force_login(scenario.reader)
    found = rows_of(client, ADVANCES, status__exact="funded", p="2")
    assert [row["Advance"] for row in found] == [str(one) for one in reversed(funded)]
    first = found[0]
    assert (first["Currency"], first["Open"], first["Status"]) == ("USD", "12400.00", "Funded")
    assert first["Due"] == (scenario.today + timedelta(days=40)).isoformat()
    assert first["Buyer"].startswith("'=HYPERLINK")
    listed = client.get(reverse("admin:financing_advance_changelist"), {"status__exact": "funded"}).content.decode()
    assert f'href="{ADVANCES}?status__exact=funded"' in listed
    event = AuditEvent.objects.get(event="list.exported")
    assert event.actor == scenario.reader
    assert event.details == {
        "list": "financing.advance",
        "filters": "status__exact=funded",
        "format": "csv",
        "rows": 3,
    }


def test_a_workbook_holds_numbers_and_days_and_runs_no_formula(client: Client, scenario: Scenario) -> None:
    scenario.funded(scenario.invoice(scenario.buyer("=1+1"), face="12400"))
    client.force_login(scenario.reader)
    answer = client.get(reverse("admin:financing_advance_export", args=["xlsx"]))
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer)))
    sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314  our own file
    titles, cells = (list(row.iter(f"{SHEET}c")) for row in sheet.iter(f"{SHEET}row"))
    by_title = {"".join(title.itertext()): cell for title, cell in zip(titles, cells, strict=True)}
    assert Decimal(by_title["Open"].findtext(f"{SHEET}v") or 0) == 12400
    assert Decimal(by_title["Due"].findtext(f"{SHEET}v") or 0) > 46000  # a day of a spreadsheet, not a text
    assert by_title["Buyer"].get("t") == "inlineStr"
    assert list(sheet.iter(f"{SHEET}f")) == []
    assert answer["Content-Disposition"].endswith('.xlsx"')


def test_every_list_is_a_file_without_what_is_stored_encrypted(client: Client, scenario: Scenario) -> None:
    create_sample_data(scenario, 1)
    numbers = [getattr(one, name) for one in BankAccount.objects.all() for name in ("account_number", "routing_number")]
    client.force_login(scenario.reader)
    for model, model_admin in admin.site._registry.items():
        assert isinstance(model_admin, AuditLogMixin), model
        if model._meta.label == "users.User":
            continue
        names = {one.name for one in model._meta.fields if isinstance(one, EncryptedTextField)}
        assert names.isdisjoint(model_admin.list_display), model
        for file_format in ("csv", "xlsx"):
            opts = model._meta
            address = reverse(f"admin:{opts.app_label}_{opts.model_name}_export", args=[file_format])
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr("allauth.core.ratelimit.consume_or_429", lambda *args, **kwargs: None)
                answer = client.get(address)
                assert answer.status_code == 200, address
                content = b"".join(answer)
            if file_format == "csv":
                assert content.decode("utf-8-sig").splitlines()[0]
                assert all(number.encode() not in content for number in numbers if number)
                assert b"<bdi" not in content, address


def test_a_long_list_is_prepared_by_a_worker_and_read_by_its_person_only(
    client: Client, scenario: Scenario, settings: Settings
) -> None:
    settings.EXPORT_MAX_ROWS = 1
    for _ in range(3):
        scenario.invoice(scenario.buyer("Northwind", paid=0), invoice_no="N7")
    client.force_login(scenario.operations)
    address = f"{reverse('admin:invoices_invoice_export', args=['csv'])}?q=N7"
    assert "3 rows" in client.get(address).content.decode()
    page = client.post(address)["Location"]
    assert client.post(address)["Location"] == page  # pressed twice
    assert "being prepared" in client.get(page).content.decode()
    assert client.get(f"{page}file/").status_code == 404
    tasks.prepare_waiting_list_exports()
    tasks.prepare_list_export(ListExport.objects.get().pk)
    assert "3 rows" in client.get(page).content.decode()
    assert [row["Invoice"] for row in rows_of(client, f"{page}file/")] == ["N7"] * 3
    client.force_login(scenario.reader)
    assert client.get(page).status_code == client.get(f"{page}file/").status_code == 404


def test_a_person_who_lost_the_right_meanwhile_gets_no_file(scenario: Scenario) -> None:
    lost = staff_member("Read-only")
    asked = ListExport.objects.create(user=lost, listed="invoices.invoice", file_format="csv", asked_at=timezone.now())
    lost.groups.clear()
    for _ in range(3):
        with pytest.raises(PermissionError):
            tasks.prepare_list_export(asked.pk)
    tasks.prepare_list_export(asked.pk)
    asked.refresh_from_db()
    assert asked.state == ListExport.State.FAILED


def test_odd_filters_and_formats_are_answered(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.reader)
    assert client.get(ADVANCES, {"no_such": "1"})["Location"].endswith("/financing/advance/?e=1")
    assert client.get(ADVANCES.replace("csv", "exe")).status_code == 404
    assert rows_of(client, ADVANCES, q="\u202e%_😀") == []
    client.force_login(scenario.owner)
    assert client.get(ADVANCES).status_code in (302, 403)


def test_files_need_no_query_for_each_row(
    client: Client, scenario: Scenario, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    buyer = scenario.buyer("Northwind", paid=0)
    client.force_login(scenario.reader)
    for _ in range(30):
        scenario.invoice(buyer)
    assert Invoice.objects.count() >= 30
    with django_assert_max_num_queries(16):
        assert len(rows_of(client, reverse("admin:invoices_invoice_export", args=["csv"]))) >= 30


def test_a_column_that_is_read_for_all_rows_together_costs_a_file_of_any_length_the_same(
    client: Client, scenario: Scenario
) -> None:
    address = reverse("admin:financing_payout_export", args=["csv"])
    buyer = scenario.buyer()
    client.force_login(scenario.reader)

    def taken() -> tuple[list[dict[str, str]], int]:
        with CaptureQueriesContext(connection) as queries:
            found = rows_of(client, address)
        return found, len(queries)

    first = scenario.funded(scenario.invoice(buyer))
    Invoice.objects.filter(pk=first.invoice_id).update(books_status="voided", balance=0)
    taken()
    _, of_one = taken()
    for _ in range(4):
        scenario.funded(scenario.invoice(buyer))
    found, of_five = taken()
    assert of_five == of_one
    assert [bool(row["Blocked by"]) for row in found] == [False] * 4 + [True]
    assert "is voided" in found[-1]["Blocked by"]


def test_notes_tasks_and_promises_are_files_too(client: Client, scenario: Scenario) -> None:
    """What their lists read for a page of rows is read for a file as well."""
    supplier = scenario.supplier
    notes.write(text="Called them", about=supplier, by=scenario.operations, at=scenario.now)
    client.force_login(scenario.operations)
    (row,) = rows_of(client, reverse("admin:desk_note_export", args=["csv"]))
    assert supplier.name in row["About"]
