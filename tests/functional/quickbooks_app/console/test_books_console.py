"""Staff ask the books of a company for reports and queries, see how old an answer is, and pay for none twice."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.users.models import User
from quickbooks_app import retention
from quickbooks_app.console import answers
from quickbooks_app.models import ApiCall, BooksAnswer, Connection
from quickbooks_app.sandbox.runtime.faults import Fault
from tests.functional.quickbooks_app.sync.conftest import Company
from tests.support.admin_client import confirm, visible_text
from tests.support.factories.suppliers import UserFactory

pytestmark = pytest.mark.django_db
TRIAL_BALANCE = {
    "report": "TrialBalance",
    "start": "1970-01-01",
    "end": "2099-12-31",
    "basis": "Accrual",
    "by": "Total",
}


def ask(client: Client, connection: Connection, name: str, **typed: str) -> str:
    """The address of the answer's page."""
    response = confirm(client, f"/admin/quickbooks_app/connection/{connection.pk}/{name}/", **typed)
    assert response.status_code == 302, visible_text(response)
    return response["Location"]


def work(company: Company) -> None:
    for answer_id in answers.waiting_ids():
        answers.fetch(answer_id=answer_id, now=company.clock)


def test_a_report_is_asked_once_shown_with_its_age_and_given_as_a_file(
    underwriter: Client, company: Company, connection: Connection
) -> None:
    address = ask(underwriter, connection, "report", **TRIAL_BALANCE)
    waiting = underwriter.get(address)
    assert (waiting["Refresh"], "Waiting" in visible_text(waiting)) == ("3", True)
    work(company)
    shown = underwriter.get(address)
    assert "Refresh" not in shown
    assert "Accounts Receivable (A/R)" in visible_text(shown)
    assert "TOTAL" in visible_text(shown)
    file = underwriter.get(f"{address.removesuffix('change/')}csv/")
    assert "Accounts Receivable (A/R)" in file.content.decode()
    assert "\N{EM SPACE}" not in file.content.decode(), "no space hides a text that starts like a formula"
    assert ApiCall.objects.filter(connection=connection).count() == 1
    assert ask(underwriter, connection, "report", **TRIAL_BALANCE) == address
    work(company)
    assert ApiCall.objects.filter(connection=connection).count() == 1, "the answer was here already"
    assert ask(underwriter, connection, "report", **TRIAL_BALANCE, ask_again="on") != address


def test_a_query_is_paged_and_counted(underwriter: Client, company: Company, connection: Connection) -> None:
    address = ask(underwriter, connection, "query", statement="select * from Invoice orderby DocNumber")
    work(company)
    assert "CustomerRef.name" in visible_text(underwriter.get(address))
    count = ask(underwriter, connection, "query", statement="SELECT count(*) FROM Invoice")
    work(company)
    number = len(company.all("Invoice"))
    assert f"count {number}" in visible_text(underwriter.get(count))
    assert [event.details for event in AuditEvent.objects.filter(event="quickbooks.books_asked")] == [
        {"kind": "query", "name": "Invoice"}
    ] * 2


def test_the_next_page_is_asked_for_where_a_page_is_full(
    underwriter: Client, company: Company, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quickbooks_app.console.statements.PAGE_SIZE", 2)
    monkeypatch.setattr("quickbooks_app.admin.books_questions.PAGE_SIZE", 2)
    address = ask(underwriter, connection, "query", statement="SELECT Id FROM Invoice ORDERBY DocNumber")
    work(company)
    first = BooksAnswer.objects.get()
    assert "Next page" in visible_text(underwriter.get(address))
    assert confirm(underwriter, f"{address.removesuffix('change/')}next_page/").status_code == 302
    work(company)
    second = BooksAnswer.objects.first()
    assert second is not None
    rows = [answers.grid_of(one).rows for one in (first, second)]
    assert [len(one) for one in rows] == [2, 2]
    assert rows[0] != rows[1]


def test_a_refusal_of_quickbooks_is_shown_in_words(
    underwriter: Client, company: Company, connection: Connection
) -> None:
    address = ask(underwriter, connection, "query", statement="SELECT * FROM Invoice WHERE Unicorn = '7'")
    work(company)
    company.faults.switch_on(Fault(kind="server_error", remaining=1))
    report = ask(underwriter, connection, "report", **TRIAL_BALANCE)
    work(company)
    states = dict(BooksAnswer.objects.values_list("name", "state"))
    assert states == {"Invoice": "failed", "TrialBalance": "failed"}
    for page in (address, report):
        assert BooksAnswer.objects.get(pk=page.split("/")[-3]).error in visible_text(underwriter.get(page))


def test_a_worker_that_died_is_not_followed_by_another_call(
    underwriter: Client, company: Company, connection: Connection
) -> None:
    ask(underwriter, connection, "report", **TRIAL_BALANCE)
    BooksAnswer.objects.update(state="asking", started_at=company.clock())
    work(company)
    assert answers.give_up(at=company.clock() + timedelta(minutes=14)) == 0
    assert answers.give_up(at=company.clock() + timedelta(minutes=16)) == 1
    assert "Ask again" in BooksAnswer.objects.get().error
    assert not ApiCall.objects.filter(connection=connection).exists()


def test_a_company_that_is_not_connected_is_not_asked(underwriter: Client, connection: Connection) -> None:
    Connection.objects.update(status="needs_attention")
    page = underwriter.get(f"/admin/quickbooks_app/connection/{connection.pk}/report/", follow=True)
    assert answers.NOT_CONNECTED in visible_text(page)  # type: ignore[arg-type]


@pytest.mark.parametrize("typed", [{"start": "2027-01-01", "end": "2026-01-01"}, {"report": "Unicorn"}, {"basis": "x"}])
def test_bad_input_costs_no_call(underwriter: Client, connection: Connection, typed: dict[str, str]) -> None:
    address = f"/admin/quickbooks_app/connection/{connection.pk}/report/"
    assert confirm(underwriter, address, **{**TRIAL_BALANCE, **typed}).status_code == 200
    assert not BooksAnswer.objects.exists()


def test_only_those_who_may_ask_do_and_others_read(client: Client, connection: Connection, staff: User) -> None:
    client.force_login(UserFactory(is_staff=True))
    assert client.get(f"/admin/quickbooks_app/connection/{connection.pk}/report/").status_code in (302, 403)
    assert not BooksAnswer.objects.exists()


def test_answers_are_deleted_after_ninety_days(underwriter: Client, company: Company, connection: Connection) -> None:
    ask(underwriter, connection, "report", **TRIAL_BALANCE)
    retention.delete_expired(at=timezone.now() + timedelta(days=89))
    assert BooksAnswer.objects.exists()
    retention.delete_expired(at=timezone.now() + timedelta(days=91))
    assert not BooksAnswer.objects.exists()
