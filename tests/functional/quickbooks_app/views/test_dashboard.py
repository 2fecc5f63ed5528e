"""The supplier's QuickBooks pages show each connection state, and are private to the supplier."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from infactor.suppliers.models import Supplier
from infactor.users.models import User
from quickbooks_app import tasks
from quickbooks_app.auth import integrations
from quickbooks_app.mapping import invoices
from quickbooks_app.models import ApiCall, Connection, ConsentAttempt, Document, ImportIssue, ImportRun
from tests.support.factories.quickbooks import ConnectionFactory, RunFactory
from tests.support.factories.suppliers import InvoiceFactory, MembershipFactory

pytestmark = pytest.mark.django_db
State = ImportRun.State


@pytest.fixture
def held(supplier: Supplier) -> Connection:
    """The supplier's connection."""
    return ConnectionFactory(company_file__supplier=supplier, company_name="Larkspur Coffee")


def card(member: Client, **query: str) -> Any:
    answer = member.get("/quickbook/card", query)
    assert answer.status_code == 200
    return answer


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def attempt(supplier: Supplier, outcome: str, *, taken: datetime | None) -> ConsentAttempt:
    return ConsentAttempt.objects.create(
        state_digest=f"{outcome}{taken}",
        user=supplier.members.get(),
        supplier=supplier,
        integration=integrations.from_settings(),
        environment="local",
        expires_at=timezone.now(),
        used_at=taken,
        outcome=outcome,
    )


class TestCard:
    def test_without_a_connection_it_offers_one(self, member: Client, supplier: Supplier) -> None:
        shown = text_of(card(member))
        assert "Connect QuickBooks" in shown
        assert 'action="/quickbook/authorize"' in shown
        assert "every 5s" in shown

    def test_while_it_reads_it_says_how_far_it_is_and_looks_again_soon(self, member: Client, held: Connection) -> None:
        RunFactory(connection=held, state=State.RUNNING, stage="invoices", invoices_seen=312, invoices_expected=1240)
        shown = text_of(card(member))
        assert "312 of 1,240 invoices" in shown
        assert "every 1s" in shown
        assert "Connect QuickBooks</button>" not in shown

    def test_before_the_first_page_it_says_that_it_starts(self, member: Client, held: Connection) -> None:
        RunFactory(connection=held)
        assert "Starting…" in text_of(card(member))

    def test_a_run_that_waits_after_trouble_says_so(self, member: Client, held: Connection) -> None:
        RunFactory(connection=held, error="QuickBooks asked infactor to wait.", attempt=1)
        assert "QuickBooks asked infactor to wait. infactor will try again automatically." in text_of(card(member))

    def test_after_a_failure_it_says_why_and_offers_to_try_at_once(self, member: Client, held: Connection) -> None:
        RunFactory(
            connection=held, state=State.FAILED, error="QuickBooks had an internal error.", finished_at=timezone.now()
        )
        shown = text_of(card(member))
        assert "The last sync did not finish." in shown
        assert "QuickBooks had an internal error." in shown
        assert f"/quickbook/{held.public_id}/sync" in shown

    def test_after_a_success_it_says_what_came(self, member: Client, held: Connection) -> None:
        RunFactory(
            connection=held,
            state=State.SUCCEEDED,
            finished_at=timezone.now(),
            invoices_seen=1240,
            invoices_new=3,
            invoices_changed=2,
        )
        assert "1,240 invoices checked, 3 new, 2 updated" in text_of(card(member))

    def test_a_dead_grant_asks_for_a_new_one_in_plain_words(self, member: Client, held: Connection) -> None:
        Connection.objects.update(
            status="needs_attention",
            status_reason="QuickBooks no longer takes the refresh token.",
            access_token="",
            refresh_token="",
        )
        shown = text_of(card(member))
        assert "Needs attention" in shown
        assert "Press Reconnect, then Connect at QuickBooks, as an administrator there. Nothing is lost." in shown
        assert f'action="/quickbook/{held.public_id}/reconnect"' in shown
        assert f"/quickbook/{held.public_id}/sync" not in shown

    def test_a_connection_that_was_ended_can_be_made_again(self, member: Client, held: Connection) -> None:
        Connection.objects.update(status="disconnected", access_token="", refresh_token="")
        shown = text_of(card(member))
        assert "Disconnected" in shown
        assert f'action="/quickbook/{held.public_id}/reconnect"' in shown

    @pytest.mark.parametrize(
        ("outcome", "words"),
        [
            ("denied", "You chose Cancel at QuickBooks."),
            ("expired", "within ten minutes"),
            ("realm_taken", "connected to another infactor account"),
            ("unreachable", "QuickBooks did not answer"),
            ("refused", "QuickBooks refused the connection"),
        ],
    )
    def test_a_journey_that_ended_badly_is_explained_for_a_while(
        self, member: Client, supplier: Supplier, outcome: str, words: str
    ) -> None:
        one = attempt(supplier, outcome, taken=timezone.now() - timedelta(minutes=14))
        assert words in text_of(card(member))
        ConsentAttempt.objects.filter(pk=one.pk).update(used_at=timezone.now() - timedelta(minutes=16))
        assert words not in text_of(card(member))

    def test_a_journey_that_went_well_ends_the_trouble_of_before(self, member: Client, supplier: Supplier) -> None:
        attempt(supplier, "denied", taken=timezone.now() - timedelta(minutes=2))
        attempt(supplier, "connected", taken=timezone.now() - timedelta(minutes=1))
        assert "You chose Cancel" not in text_of(card(member))

    def test_it_tells_the_page_only_when_something_came_in(self, member: Client, held: Connection) -> None:
        run = RunFactory(connection=held, state=State.RUNNING, stage="invoices", invoices_seen=10)
        seen = card(member).context["change_token"]
        assert "HX-Trigger" not in card(member)
        assert "HX-Trigger" not in card(member, since=seen)
        ImportRun.objects.filter(pk=run.pk).update(invoices_seen=20, api_calls=2)
        assert "HX-Trigger" not in card(member, since=seen)
        ImportRun.objects.filter(pk=run.pk).update(invoices_new=1)
        assert card(member, since=seen)["HX-Trigger"] == "books-changed"

    def test_its_address_for_the_next_look_is_what_it_saw(self, member: Client, held: Connection) -> None:
        RunFactory(connection=held)
        first = card(member)
        again = member.get(first.content.decode().split('hx-get="')[1].split('"')[0])
        assert "HX-Trigger" not in again

    def test_names_are_text_and_never_markup(self, member: Client, held: Connection) -> None:
        Connection.objects.update(company_name="<script>alert(1)</script>", status_reason="<b>x</b>")
        assert "<script>alert" not in card(member).content.decode()

    def test_it_costs_the_same_however_many_issues_there_are(
        self, member: Client, held: Connection, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        now = timezone.now()
        ImportIssue.objects.bulk_create(
            ImportIssue(connection=held, entity="Invoice", qbk_id=str(n), field="TotalAmt", code="missing",
                        message="The amount is missing.", first_seen_at=now, last_seen_at=now)
            for n in range(120)
        )  # fmt: skip
        with django_assert_max_num_queries(12):
            assert "120 issues in your books" in text_of(card(member))


class TestHome:
    def test_it_lists_the_runs_and_what_to_look_at_with_the_invoice(self, member: Client, held: Connection) -> None:
        RunFactory(connection=held, state=State.SUCCEEDED, finished_at=timezone.now(), invoices_seen=1240)
        row = InvoiceFactory(
            buyer__company_file=held.company_file, invoice_no="INV-7", qbk_invoice_id="7", invoice_amount=None
        )
        now = timezone.now()
        for qbk_id, message in (("7", "The amount is not a number."), ("8", "The due date is missing.")):
            ImportIssue.objects.create(
                connection=held, entity="Invoice", qbk_id=qbk_id, field="TotalAmt", code="c", message=message,
                first_seen_at=now, last_seen_at=now,
            )  # fmt: skip
        shown = text_of(member.get("/quickbook/"))
        assert f"/invoices/{row.public_id}" in shown
        for words in ("1,240", "INV-7", "The amount is not a number.", "The due date is missing.", "Larkspur Coffee"):
            assert words in shown

    def test_what_was_resolved_is_no_longer_shown(self, member: Client, held: Connection) -> None:
        now = timezone.now()
        ImportIssue.objects.create(
            connection=held, entity="Invoice", qbk_id="7", field="TotalAmt", code="c", message="The amount is missing.",
            first_seen_at=now, last_seen_at=now, resolved_at=now,
        )  # fmt: skip
        assert "The amount is missing." not in text_of(member.get("/quickbook/"))

    def test_syncing_twice_makes_one_run_and_rings_for_it(
        self, member: Client, held: Connection, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
    ) -> None:
        rung: list[int] = []
        monkeypatch.setattr(tasks.process_import_run, "apply_async", lambda arguments, **_: rung.append(*arguments))
        with django_capture_on_commit_callbacks(execute=True):
            for _ in range(2):
                assert member.post(f"/quickbook/{held.public_id}/sync").status_code == 302
        run = ImportRun.objects.get()
        assert (run.connection, run.requested_by) == (held, held.supplier.members.get())
        assert rung == [run.pk, run.pk]

    @pytest.mark.parametrize("status", ["needs_attention", "disconnected"])
    def test_what_is_not_connected_is_not_synced(self, member: Client, held: Connection, status: str) -> None:
        Connection.objects.update(status=status, access_token="", refresh_token="")
        answer = member.post(f"/quickbook/{held.public_id}/sync", follow=True)
        assert "is not connected. Reconnect it first." in answer.content.decode()
        assert not ImportRun.objects.exists()

    def test_disconnecting_is_asked_first_and_changes_nothing(self, member: Client, held: Connection) -> None:
        shown = text_of(member.get(f"/quickbook/{held.public_id}/disconnect"))
        assert f"/quickbook/{held.public_id}/disconnect/confirmed" in shown
        assert Connection.objects.get().status == "connected"

    def test_the_help_shows_every_row_of_the_table_to_everybody(self) -> None:
        shown = text_of(Client().get("/quickbook/help"))
        assert "writes into your books only what an owner of your company allows" in shown
        rows = (*invoices.MAPPING_TABLE, *invoices.ADDITIONAL_FIELDS)
        assert len(invoices.MAPPING_TABLE) == 15
        assert shown.count('<th scope="row"') == len(rows)
        assert [row.field for row in rows if f"<code>{row.field}</code>" not in shown] == []


class TestOthers:
    @pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
    @pytest.mark.parametrize("name", ["sync", "disconnect", "disconnect/confirmed"])
    def test_another_suppliers_connection_is_not_there(
        self, member: Client, supplier: Supplier, method: str, name: str
    ) -> None:
        theirs = ConnectionFactory()
        RunFactory(connection=theirs)
        before = (Connection.objects.values().get(), ImportRun.objects.values().get())
        answer = getattr(member, method)(f"/quickbook/{theirs.public_id}/{name}")
        assert answer.status_code in (404, 405)
        if (method, name) in {("post", "sync"), ("get", "disconnect"), ("post", "disconnect/confirmed")}:
            assert answer.status_code == 404
        assert (Connection.objects.values().get(), ImportRun.objects.values().get()) == before

    def test_no_page_shows_anything_of_another_supplier(self, member: Client, supplier: Supplier) -> None:
        theirs = ConnectionFactory(company_name="Canary Books")
        now = timezone.now()
        RunFactory(connection=theirs, state=State.FAILED, error="Canary error", finished_at=now)
        ImportIssue.objects.create(
            connection=theirs, entity="Invoice", qbk_id="7", field="f", code="c", message="Canary issue",
            first_seen_at=now, last_seen_at=now,
        )  # fmt: skip
        attempt(MembershipFactory().supplier, "realm_taken", taken=now)
        for address in ("/quickbook/", "/quickbook/card"):
            shown = text_of(member.get(address))
            assert "Canary" not in shown
            assert "another infactor account" not in shown

    def test_an_issue_never_leads_to_an_invoice_of_another_company(self, member: Client, held: Connection) -> None:
        theirs = InvoiceFactory(qbk_invoice_id="7", invoice_no="CANARY-7")
        now = timezone.now()
        ImportIssue.objects.create(
            connection=held, entity="Invoice", qbk_id="7", field="f", code="c", message="The amount is missing.",
            first_seen_at=now, last_seen_at=now,
        )  # fmt: skip
        shown = text_of(member.get("/quickbook/"))
        assert "CANARY-7" not in shown
        assert str(theirs.public_id) not in shown

    @pytest.mark.parametrize("address", ["", "card", "status?attempt=1"])
    def test_staff_without_a_company_are_shown_the_way_to_admin(
        self, client: Client, staff: User, address: str
    ) -> None:
        client.force_login(staff)
        answer = client.get(f"/quickbook/{address}")
        if address.startswith("status"):
            assert answer.status_code == 404
        else:
            assert answer.status_code == 403
            assert 'href="/admin/"' in answer.content.decode()

    def test_a_person_without_a_company_gets_no_page(self, client: Client, django_user_model: Any) -> None:
        client.force_login(django_user_model.objects.create_user("nobody@example.com", "correct-horse-battery"))
        assert client.get("/quickbook/").status_code == 403
        assert not ApiCall.objects.exists()
        assert not Document.objects.exists()
