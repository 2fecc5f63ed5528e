"""The pages of reports: who may read them, what bad addresses meet, and files that spreadsheets open."""

import csv
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from defusedxml import ElementTree
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.business_day import business_zone
from infactor.core.models import AuditEvent
from infactor.financing.eligibility import recalculation
from infactor.financing.history import HistoryDeleted
from infactor.invoices.history import VERSIONS
from infactor.invoices.models import Buyer, Invoice
from infactor.reports import figures, receivables
from infactor.reports.catalogue import REPORTS
from infactor.reports.moments import Moment
from infactor.reports.receivables import Receivable
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def funded(scenario: Scenario) -> Iterator[None]:
    scenario.terms()
    scenario.funded(scenario.invoice(scenario.buyer("=1+1 Cedar"), face="10000"))
    with time_machine.travel(timezone.now() + timedelta(seconds=2)):  # a report is as of a whole second
        yield


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


@pytest.mark.parametrize("slug", sorted(REPORTS))
def test_every_report_opens_and_has_the_columns_of_its_file(scenario: Scenario, slug: str) -> None:
    client, address = client_of(scenario.reader), reverse("admin:reports_report", args=[slug])

    at = timezone.now()
    with time_machine.travel(at, tick=False):
        page = client.get(address)
    lines = b"".join(client.get(address, {"format": "csv"})).decode("utf-8-sig").splitlines()

    assert page.status_code == 200
    assert f"{at.astimezone(business_zone()):%H:%M}" in page.content.decode()
    heading, *rows = csv.reader(lines)
    assert heading == [column.title for column in REPORTS[slug].columns]
    for column in REPORTS[slug].columns if rows else ():
        assert f'<th scope="col">{column.title}</th>' in page.content.decode().replace("&#x27;", "'")


def test_a_workbook_keeps_a_name_that_looks_like_a_formula_as_text(scenario: Scenario) -> None:
    address = reverse("admin:reports_report", args=["aging-by-buyer"])

    answer = client_of(scenario.reader).get(address, {"format": "xlsx"})

    with zipfile.ZipFile(BytesIO(b"".join(answer))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    texts = [one.text for one in ElementTree.fromstring(sheet).iter() if one.tag.endswith("}t")]
    assert "=1+1 Cedar" in texts
    assert "<f>" not in sheet
    assert "10000" in sheet


def test_a_file_is_audited_with_the_moment_it_is_of(scenario: Scenario) -> None:
    b"".join(client_of(scenario.reader).get(reverse("admin:reports_report", args=["reserve"]), {"format": "csv"}))

    event = AuditEvent.objects.get(event="reports.exported")
    assert event.actor_id == scenario.reader.pk
    assert event.details["report"] == "reserve"
    assert event.details["format"] == "csv"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"at": "2999-01-01T00:00:00"}, "This moment has not come yet."),
        ({"at": "2026-01-01T00:00:00", "since": "2026-02-01T00:00:00"}, "This is after the end."),
        ({"at": "yesterday"}, "Enter a valid date/time."),
        ({"at": "2026-13-01T00:00:00", "format": "csv"}, "Enter a valid date/time."),
    ],
)
def test_a_moment_that_cannot_be_reported_is_said(scenario: Scenario, asked: dict[str, str], says: str) -> None:
    page = client_of(scenario.reader).get(reverse("admin:reports_report", args=["dilution"]), asked)

    assert page.status_code == 200
    assert says in page.content.decode()


@pytest.mark.parametrize(("slug", "deleted"), [("aging-by-buyer", Buyer), ("borrowing-base", Invoice)])
def test_a_state_that_retention_deleted_is_said_and_no_file_is_made(
    scenario: Scenario, slug: str, deleted: type[Buyer] | type[Invoice]
) -> None:
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    at = timezone.now() - timedelta(seconds=5)
    for model in (Invoice, Buyer):
        model.objects.update(created_at=at - timedelta(seconds=5))
    changed = {"name": "Renamed"} if deleted is Buyer else {"invoice_no": "RENUMBERED"}
    deleted.objects.update(updated_at=at + timedelta(seconds=1), **changed)
    VERSIONS[deleted].objects.all().delete()
    address, asked = (
        reverse("admin:reports_report", args=[slug]),
        {"at": f"{at.astimezone(business_zone()):%Y-%m-%dT%H:%M:%S}"},
    )

    client = client_of(scenario.reader)

    assert "has been deleted" in client.get(address, asked).content.decode()
    assert client.get(address, {**asked, "format": "csv"}).status_code == 409


def test_figures_of_months_whose_state_retention_deleted_are_left_out(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_from = timezone.now() + timedelta(days=40)

    def outstanding(moment: Moment) -> Iterator[Receivable]:
        if moment.at < kept_from:
            raise HistoryDeleted
        return receivables.outstanding(moment)

    monkeypatch.setattr(figures, "outstanding", outstanding)
    with time_machine.travel(timezone.now() + timedelta(days=70)):
        page = client_of(scenario.reader).get(reverse("admin:reports_figures"))

    assert page.status_code == 200
    assert "$8,500.00" in page.content.decode()


def test_no_supplier_reads_a_report_and_an_unknown_one_is_not_found(scenario: Scenario) -> None:
    for page in ("", "figures/", "reserve/"):
        answer = client_of(scenario.owner).get(reverse("admin:reports_index") + page)
        assert answer.status_code in (302, 403)
        assert b"Larkspur" not in answer.content
    assert client_of(scenario.reader).get(reverse("admin:reports_report", args=["nothing"])).status_code == 404


def test_the_figures_show_each_currency_with_its_course(scenario: Scenario) -> None:
    page = client_of(scenario.reader).get(reverse("admin:reports_figures")).content.decode()

    assert page.count("<polyline") == 10
    assert "$8,500.00" in page


def test_the_figures_are_those_of_a_past_moment_on_the_page_and_in_the_file(scenario: Scenario) -> None:
    client, address = client_of(scenario.reader), reverse("admin:reports_figures")
    before = {"at": f"{timezone.now().astimezone(business_zone()) - timedelta(days=60):%Y-%m-%dT%H:%M:%S}"}

    assert "Nothing has been purchased yet." in client.get(address, before).content.decode()
    assert "This moment has not come yet." in client.get(address, {"at": "2999-01-01T00:00:00"}).content.decode()

    heading, *lines = csv.reader(b"".join(client.get(address, {"format": "csv"})).decode("utf-8-sig").splitlines())
    assert heading[:3] == ["Day", "Currency", "Funds employed"]
    assert lines[-1][1:3] == ["USD", "8500.00"]
    assert b"".join(client.get(address, {"format": "xlsx"})).startswith(b"PK")
    assert AuditEvent.objects.filter(event="reports.exported", details__report="figures").count() == 2


def test_a_report_is_in_the_language_of_its_reader_and_its_file_is_not(scenario: Scenario) -> None:
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    scenario.reader.language = "es"
    scenario.reader.save()
    client, address = client_of(scenario.reader), reverse("admin:reports_report", args=["borrowing-base"])

    page = client.get(address).content.decode()
    file = b"".join(client.get(address, {"format": "csv"})).decode("utf-8-sig")

    assert "Todos los proveedores" in page
    assert "Base elegible" in page
    assert "All suppliers,USD,Eligible base" in file
    assert file.startswith("Supplier,Currency,Line,Invoices,Amount")
