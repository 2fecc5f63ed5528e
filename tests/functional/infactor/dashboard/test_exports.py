"""A long list is prepared by a worker, and one person downloads one file at a time."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from infactor.core import downloads
from infactor.dashboard import tasks
from infactor.dashboard.invoices import prepared_export
from infactor.dashboard.models import PreparedExport
from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory, MembershipFactory

pytestmark = pytest.mark.django_db
NEW = "/invoices/export/"


@pytest.fixture(autouse=True)
def long_list(supplier: Supplier, settings: Settings) -> None:
    settings.EXPORT_MAX_ROWS = 2
    buyer = BuyerFactory(company_file=CompanyFileFactory(supplier=supplier))
    for number in range(4):
        InvoiceFactory(buyer=buyer, invoice_no=f"N{number}", currency="USD" if number else "EUR")


def ask(member: Client, query: str = "") -> PreparedExport:
    response = member.post(f"{NEW}?{query}")
    export = PreparedExport.objects.latest("pk")
    assert response["Location"] == reverse("dashboard:export", args=[export.public_id])
    return export


def test_a_long_list_is_prepared_shown_and_downloaded(member: Client) -> None:
    listed = member.get("/invoices/", {"currency": "USD"}).content.decode()
    assert '<a class="button button-small" href="/invoices.csv?currency=USD">' in listed
    assert member.get("/invoices.csv", {"currency": "USD"})["Location"] == f"{NEW}?currency=USD"
    assert "Prepare CSV" in member.get(NEW, {"currency": "USD"}).content.decode()
    export = ask(member, "currency=USD&sort=number")
    page = reverse("dashboard:export", args=[export.public_id])
    assert "We are preparing your file" in member.get(page).content.decode()
    assert member.get(reverse("dashboard:export_file", args=[export.public_id])).status_code == 404
    tasks.prepare_export(export.pk)
    assert "3 invoices" in member.get(page, headers={"HX-Request": "true"}).content.decode()
    file = member.get(reverse("dashboard:export_file", args=[export.public_id]))
    lines = list(csv.DictReader(io.StringIO(b"".join(file).decode("utf-8-sig"), newline="")))
    assert [line["Invoice number"] for line in lines] == ["N1", "N2", "N3"]
    assert file["Content-Disposition"].startswith('attachment; filename="infactor-invoices-20')


def test_a_long_list_is_prepared_as_a_workbook_with_the_same_rows(member: Client) -> None:
    listed = member.get("/invoices/", {"currency": "USD"}).content.decode()
    assert '<a class="button button-small" href="/invoices.xlsx?currency=USD">' in listed
    offered = member.get("/invoices.xlsx", {"currency": "USD"})["Location"]
    assert offered == f"{NEW}?currency=USD&format=xlsx"
    assert "XLSX opens in Excel" in member.get(offered).content.decode()
    made = member.post(offered, {"format": "xlsx"})
    export = PreparedExport.objects.get()
    tasks.prepare_export(export.pk)
    assert "3 invoices" in member.get(made["Location"]).content.decode()
    file = member.get(reverse("dashboard:export_workbook", args=[export.public_id]))
    sheet = ZipFile(io.BytesIO(b"".join(file))).read("xl/worksheets/sheet1.xml").decode()  # type: ignore[arg-type]
    assert [f"N{number}" in sheet for number in range(4)] == [False, True, True, True]
    assert member.get(reverse("dashboard:export_file", args=[export.public_id])).status_code == 404


def test_another_format_waits_until_the_first_file_is_ready(member: Client) -> None:
    first = ask(member)
    page = member.post(NEW, {"format": "xlsx"}, follow=True).content.decode()
    assert "You asked for this file before." in page
    assert PreparedExport.objects.get() == first


@pytest.mark.parametrize("wanted", ["pdf", "", "../../etc"])
def test_a_format_that_there_is_not_is_a_csv(member: Client, wanted: str) -> None:
    member.post(NEW, {"format": wanted})
    assert PreparedExport.objects.get().kind == PreparedExport.Kind.INVOICES


def test_a_short_list_still_comes_at_once(member: Client) -> None:
    assert member.get("/invoices.csv", {"currency": "EUR"}).streaming


def test_pressing_twice_prepares_one_file(member: Client) -> None:
    assert ask(member).pk == ask(member, "currency=EUR").pk


def test_nobody_else_reads_the_file(member: Client, client: Client) -> None:
    export = ask(member)
    tasks.prepare_export(export.pk)
    client.force_login(MembershipFactory().user)
    for name in ("dashboard:export", "dashboard:export_file", "dashboard:export_workbook"):
        assert client.get(reverse(name, args=[export.public_id])).status_code == 404


def test_a_file_that_was_never_begun_is_found_again_and_one_a_day_old_is_deleted(
    member: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = ask(member)
    monkeypatch.setattr(tasks.prepare_export, "delay", tasks.prepare_export)
    tasks.prepare_waiting_exports()
    export.refresh_from_db()
    assert export.state == PreparedExport.State.READY
    PreparedExport.objects.update(asked_at=timezone.now() - timedelta(days=1))
    assert member.get(reverse("dashboard:export", args=[export.public_id])).status_code == 404
    tasks.prepare_waiting_exports()
    assert not PreparedExport.objects.exists()


def test_a_file_that_kills_its_worker_is_given_up(member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    export = ask(member)

    def die(*args: object, **kwargs: object) -> None:
        raise SystemExit

    monkeypatch.setattr(prepared_export, "_write", die)
    for _ in range(prepared_export.MAX_ATTEMPTS):
        with pytest.raises(SystemExit):
            prepared_export.prepare(pk=export.pk, now=timezone.now)
    assert prepared_export.prepare(pk=export.pk, now=timezone.now) is False
    page = member.get(reverse("dashboard:export", args=[export.public_id])).content.decode()
    assert "could not be prepared" in page


@pytest.fixture
def other_session() -> Iterator[object]:
    """A database session of another thread, which downloads for the same person."""
    other = connections.create_connection("default")
    yield other
    other.close()


@pytest.mark.parametrize("address", ["/invoices.csv?currency=EUR", "/statement.csv", "a prepared file"])
def test_a_second_download_at_once_is_refused_until_the_first_ends(
    member: Client, supplier: Supplier, other_session: object, address: str
) -> None:
    if address == "a prepared file":
        export = ask(member)
        tasks.prepare_export(export.pk)
        address = reverse("dashboard:export_file", args=[export.public_id])
    key = [downloads.LOCK_NAMESPACE, supplier.members.get().pk]
    with other_session.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
        refused = member.get(address)
        assert (refused.status_code, refused["Retry-After"]) == (429, "60")
        assert "Your last download is still running" in refused.content.decode()
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
    first = member.get(address)
    assert first.status_code == 200
    list(first)
    with other_session.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        assert cursor.fetchone() == (True,), "a download that ended still holds its place"
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
