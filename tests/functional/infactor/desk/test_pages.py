"""The desk's pages: what staff find on rows, on their home page and on the pages of buyers that owe."""

import csv
import io
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from infactor.core.business_day import business_day
from infactor.core.models import AuditEvent, OutgoingMail
from infactor.desk import assignments, notes, subjects
from infactor.desk.assignments import Owner
from infactor.desk.collecting import accounts
from infactor.desk.models import Contact, Letter, MailChoice, Note, Promise, Task
from infactor.financing.models import Advance
from infactor.users.models import User
from tests.support.admin_client import PREVIEW_TOKEN
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(scenario: Scenario) -> Advance:
    """Funded, five days late."""
    buyer = scenario.buyer("=1+1 Northwind")
    due = scenario.today + timedelta(days=10)
    advance = scenario.funded(scenario.invoice(buyer, invoice_no="77", payable_date=due))
    scenario.later(15)
    return advance


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(client: Client, address: str) -> str:
    page = client.get(address, follow=True)
    assert page.status_code == 200
    return page.content.decode()


def token_of(page: HttpResponse) -> str:
    found = PREVIEW_TOKEN.search(page.content.decode())
    assert found is not None
    return found[1]


def post(client: Client, address: str, **values: object) -> str:
    """Confirm the decision at `address`, and return the page that follows."""
    token = token_of(client.get(address))  # type: ignore[arg-type]
    page = client.post(address, {**values, "preview_token": token}, follow=True)
    assert page.status_code == 200
    return page.content.decode()


def test_notes_and_tasks_are_written_from_the_page_of_a_row_and_stand_there(scenario: Scenario, late: Advance) -> None:
    client, reader = client_of(scenario.operations), client_of(scenario.reader)
    with time_machine.travel(scenario.now, tick=False):
        for row in (scenario.supplier, late.buyer, late.invoice, late):
            about = f"?about={subjects.token(row)}"
            page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
            assert f"{reverse('admin:desk_note_add')}?about=" in text_of(client, page)
            assert f"{reverse('admin:desk_note_add')}?about=" not in text_of(reader, page)
            assert "<b>Call</b>" not in post(client, reverse("admin:desk_note_add") + about, text="<b>Call</b> first")
            values = {"title": "Ask Pat", "owner": "role:Operations", "due_on": business_day(scenario.now)}
            shown = post(client, reverse("admin:desk_task_add") + about, **values)
            assert "&lt;b&gt;Call&lt;/b&gt; first" in shown
            assert "Ask Pat" in text_of(reader, page)
    assert (Note.objects.count(), Task.objects.count()) == (4, 4)
    assert set(Task.objects.values_list("supplier", flat=True)) == {scenario.supplier.pk}


def test_the_home_page_has_my_tasks_with_the_overdue_first(scenario: Scenario, late: Advance) -> None:
    today = business_day(scenario.now)
    for title, days in (("Later", 5), ("Sooner", 1)):
        assignments.add(
            title=title, due_on=today + timedelta(days=days), owner=Owner(scenario.operations), about=late,
            by=scenario.operations, at=scenario.now,
        )  # fmt: skip
    with time_machine.travel(scenario.now + timedelta(days=3), tick=False):
        home = text_of(client_of(scenario.operations), reverse("admin:index"))
        assert "My tasks: 2, 1 overdue" in home
        assert home.index("Sooner") < home.index("Later")
        assert "My tasks" not in text_of(client_of(scenario.reader), reverse("admin:index"))
        listed = text_of(client_of(scenario.reader), f"{reverse('admin:desk_task_changelist')}?overdue=yes")
    assert "Sooner" in listed
    assert ">Later<" not in listed


def test_a_task_about_a_row_that_is_gone_says_so_and_names_nothing(scenario: Scenario) -> None:
    invoice = scenario.invoice(scenario.buyer("Cedar", paid=0), invoice_no="GONE-1")
    task = assignments.add(
        title="Look", due_on=business_day(scenario.now), owner=Owner(scenario.operations), about=invoice,
        by=scenario.operations, at=scenario.now,
    )  # fmt: skip
    invoice.delete()
    client = client_of(scenario.operations)
    for page in (reverse("admin:desk_task_changelist"), reverse("admin:desk_task_change", args=[task.pk])):
        assert "a row that is gone" in text_of(client, page)
        assert "GONE-1" not in text_of(client, page)
    assert client.get(f"{reverse('admin:desk_note_add')}?about=invoices.invoice:{invoice.pk}").status_code == 404
    for bad in ("invoices.invoice", "auth.user:1", "x:y:z", "invoices.invoice:" + "9" * 30):
        assert client.get(f"{reverse('admin:desk_task_add')}?about={bad}").status_code == 404


def test_a_task_is_taken_and_ended_by_its_buttons(scenario: Scenario) -> None:
    task = assignments.add(
        title="Look", due_on=business_day(scenario.now), owner=Owner(role="Operations"), by=scenario.operations,
        at=scenario.now,
    )  # fmt: skip
    client = client_of(scenario.operations)
    with time_machine.travel(scenario.now, tick=False):
        assert "The task is yours." in post(client, reverse("admin:desk_task_take", args=[task.pk]))
        values = {"owner": f"user:{scenario.approver.pk}", "due_on": "2026-11-09"}
        assert "due Nov 9, 2026" in post(client, reverse("admin:desk_task_reassign", args=[task.pk]), **values)
        assert "The task is done." in post(client, reverse("admin:desk_task_finish", args=[task.pk]))
        assert client.get(reverse("admin:desk_task_drop", args=[task.pk])).status_code == 302
        refused = {"owner": f"user:{scenario.reader.pk}", "title": "x", "due_on": "2026-11-09"}
        assert "not one of the available choices" in post(client, reverse("admin:desk_task_add"), **refused)


def test_a_collector_works_on_one_page_of_a_buyer(scenario: Scenario, late: Advance) -> None:
    client = client_of(scenario.operations)
    slug = accounts.account_of(late.buyer).slug
    with time_machine.travel(scenario.now, tick=False):
        listed = text_of(client, reverse("admin:desk_collect"))
        page = reverse("admin:desk_collect_account", args=[slug])
        assert page in listed
        said = {"channel": "phone", "person": "Pat", "summary": "Pays soon", "next_contact_on": "2026-11-17"}
        assert "Pays soon" in post(client, reverse("admin:desk_collect_contact", args=[slug]), **said)
        promised = {"amount": "400", "promised_on": "2026-11-20", "said_by": "Pat", "invoices": [late.pk]}
        assert "$400.00" in post(client, reverse("admin:desk_collect_promise", args=[slug]), **promised)
        refused = post(client, reverse("admin:desk_collect_promise", args=[slug]), **{**promised, "amount": "4000"})
        assert "up to what is open" in refused
        assert "=1+1 Northwind" in text_of(client, f"{reverse('admin:desk_collect')}?show=contact&mine=yes")
        assert "No buyer here" in text_of(client_of(scenario.approver), f"{reverse('admin:desk_collect')}?mine=yes")
        reader = text_of(client_of(scenario.reader), page)
        of_buyer = text_of(client, reverse("admin:invoices_buyer_change", args=[late.buyer_id]))
    assert page in of_buyer
    assert "Record a contact" not in reader
    assert (Contact.objects.get().made_by, Promise.objects.get().amount) == (scenario.operations, Decimal(400))


def test_the_list_is_a_file_in_which_no_name_runs_as_a_formula(scenario: Scenario, late: Advance) -> None:
    with time_machine.travel(scenario.now, tick=False):
        answer = client_of(scenario.reader).get(reverse("admin:desk_collect"), {"format": "csv"})
        rows = list(csv.DictReader(b"".join(answer).decode("utf-8-sig").splitlines()))
    assert [(one["Buyer"], one["Open"], one["Days late"]) for one in rows] == [("'=1+1 Northwind", "1000.00", "5")]
    assert AuditEvent.objects.filter(event="collector_list.exported").count() == 1


def test_the_list_is_a_workbook_too_with_amounts_as_numbers(scenario: Scenario, late: Advance) -> None:
    with time_machine.travel(scenario.now, tick=False):
        address = reverse("admin:desk_collect")
        assert "format=xlsx" in text_of(client_of(scenario.reader), address)
        answer = client_of(scenario.reader).get(address, {"format": "xlsx", "show": "overdue"})
        book = zipfile.ZipFile(io.BytesIO(b"".join(answer)))
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert ">=1+1 Northwind<" in sheet  # a text, which never runs
    assert "<f>" not in sheet
    assert "<v>1000.00</v>" in sheet
    assert AuditEvent.objects.get(event="collector_list.exported").details == {"lines": 1, "format": "xlsx"}


def test_a_letter_is_shown_first_and_sent_by_the_second_press_exactly_so(scenario: Scenario, late: Advance) -> None:
    client = client_of(scenario.operations)
    address = reverse("admin:desk_collect_letter", args=[accounts.account_of(late.buyer).slug])
    values = {"level": "reminder", "channel": "mail", "next_contact_on": "2026-11-24", "invoices": [late.pk]}
    with time_machine.travel(scenario.now, tick=False):
        shown = client.post(address, {**values, "preview": "1"})
        assert "Reminder: invoice 77" in shown.content.decode()
        assert (Letter.objects.count(), OutgoingMail.objects.filter(key__startswith="desk.").count()) == (0, 0)
        token = token_of(shown)  # type: ignore[arg-type]
        scenario.pay(late, "100")
        stale = client.post(address, {**values, "confirm": "1", "preview_token": token})
        assert "have changed" in stale.content.decode()
        assert not Letter.objects.exists()
        sent = client.post(address, {**values, "confirm": "1", "preview_token": token_of(stale)}, follow=True)
        assert "The letter is sent." in sent.content.decode()
        again = client.post(address, {**values, "preview": "1"})
        assert "has had its reminder" in again.content.decode()
    letter = Letter.objects.get()
    assert "$900.00" in letter.body
    printed = text_of(client_of(scenario.reader), reverse("admin:desk_letter_print", args=[letter.pk]))
    assert "$900.00" in printed


def test_everybody_chooses_their_own_mails_of_their_role(scenario: Scenario) -> None:
    page = text_of(client_of(scenario.underwriter), reverse("admin:desk_mails"))
    assert "severe cases" in page
    assert "payouts" not in page
    post(client_of(scenario.underwriter), reverse("admin:desk_mails"), severe_case="on")
    row = MailChoice.objects.get()
    assert (row.user, row.digest, row.severe_case, row.payout_returned) == (scenario.underwriter, False, True, True)
    assert "works on no queue" in text_of(client_of(scenario.reader), reverse("admin:desk_mails"))


def test_no_supplier_reads_a_note(scenario: Scenario, late: Advance) -> None:
    notes.write(about=late.invoice, text="Never to be seen", by=scenario.operations, at=scenario.now)
    client = client_of(scenario.owner)
    for page in (reverse("dashboard:home"), reverse("dashboard:invoice", args=[late.invoice.public_id])):
        assert "Never to be seen" not in text_of(client, page)
    assert client.get(reverse("admin:desk_note_changelist")).status_code in (302, 403)
