"""A supplier sees what its buyers dispute and answers; the case and the invoice stay the only truth about it."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from infactor.correspondence import disputes, writing
from infactor.correspondence.dispute_list import DisputeList
from infactor.correspondence.disputes import Turn
from infactor.correspondence.models import Message
from infactor.dashboard.disputes import views
from infactor.documents.models import Document, Kind
from infactor.financing.advances import cases
from infactor.financing.models import Case
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.users.models import User
from infactor.verification import answers
from infactor.verification.submitted import Answer, SubmittedAnswer
from tests.support.factories.suppliers import InvoiceFactory, MembershipFactory
from tests.support.files import PDF
from tests.support.scenarios.lifecycle import Lifecycle
from tests.support.scenarios.verification import ask, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def denied(lifecycle: Lifecycle) -> Invoice:
    """An invoice that is not financed, and that its buyer disputes by a line."""
    return deny(lifecycle.todo)


@pytest.fixture
def case(lifecycle: Lifecycle) -> Case:
    """The open case of a funded invoice."""
    return Case.objects.get(kind=Case.Kind.DISPUTE, advance__supplier=lifecycle.scenario.supplier)


def deny(invoice: Invoice) -> Invoice:
    at = timezone.now()
    said = SubmittedAnswer(Answer.DISPUTE, "Ann Lee", reason="One bag was open.")
    answers.submit_answer(token=token_of(ask(invoice, at=at)), submitted=said, ip=None, at=at)
    invoice.refresh_from_db()
    return invoice


def page_of(invoice: Invoice) -> str:
    return reverse("dashboard:dispute", args=[invoice.public_id])


def say(client: Client, invoice: Invoice, stance: str, **values: Any) -> HttpResponse:
    posted = {"stance": stance, "text": "We have talked.", "key": uuid.uuid4(), **values}
    return client.post(page_of(invoice), posted, follow=True)  # type: ignore[return-value]


def turn_of(invoice: Invoice) -> Turn:
    found = disputes.of_invoice(invoice)
    assert found is not None
    return found.turn


def test_the_list_has_each_dispute_with_its_reason_those_that_wait_first(
    client: Client, denied: Invoice, case: Case
) -> None:
    say(client, case.advance.invoice, "explains")
    page = client.get("/disputes/").content.decode()
    assert page.index("INV-9200") < page.index("INV-9011")
    assert "One bag was open." in page
    assert "Two bags were missing." in page
    assert "Waiting for you" in page
    assert "Waiting for us" in page


def test_the_invoice_leads_to_its_dispute_while_that_is_open(
    client: Client, lifecycle: Lifecycle, denied: Invoice, case: Case
) -> None:
    for invoice in (denied, case.advance.invoice):
        page = client.get(reverse("dashboard:invoice", args=[invoice.public_id])).content.decode()
        assert page_of(invoice) in page
    quiet = client.get(reverse("dashboard:invoice", args=[lifecycle.ready[0].public_id])).content.decode()
    assert "View dispute" not in quiet


def test_of_a_funded_invoice_the_reserve_is_held_and_staff_decide(client: Client, case: Case, staff: User) -> None:
    invoice = case.advance.invoice
    page = client.get(page_of(invoice)).content.decode()
    assert "until the dispute is decided" in page
    assert "Credit memo" in page
    assert turn_of(invoice) == Turn.SUPPLIER
    say(client, invoice, "resolved")
    assert turn_of(invoice) == Turn.STAFF
    case.refresh_from_db()
    assert case.is_open
    desk = Client()
    desk.force_login(staff)
    assert "We have talked." in desk.get(reverse("admin:financing_case_change", args=[case.pk])).content.decode()
    cases.close(case=case, outcome="rejected", conclusion="They must pay in full.", by=staff, at=timezone.now())
    assert turn_of(invoice) == Turn.NOBODY
    over = client.get(page_of(invoice)).content.decode()
    assert "They must pay in full." in over
    assert "<textarea" not in over


def test_said_to_be_resolved_an_invoice_that_is_not_funded_is_resubmitted(client: Client, denied: Invoice) -> None:
    assert "We have paid nothing for this invoice" in client.get(page_of(denied)).content.decode()
    assert denied.state == State.REJECTED
    say(client, denied, "resolved")
    denied.refresh_from_db()
    assert denied.state == State.CREATED
    assert "Ask your buyer to confirm the invoice again." in client.get(page_of(denied)).content.decode()
    asked = ask(denied, at=timezone.now())
    assert turn_of(denied) == Turn.BUYER
    at = timezone.now()
    answers.submit_answer(token=token_of(asked), submitted=SubmittedAnswer(Answer.ALL, "Ann Lee"), ip=None, at=at)
    assert turn_of(denied) == Turn.NOBODY


def test_a_buyer_that_is_right_gets_a_credit_note_which_is_kept_as_one(client: Client, case: Case) -> None:
    note = SimpleUploadedFile("credit.pdf", PDF)
    assert "credit.pdf" in say(client, case.advance.invoice, "accepts", attachments=[note]).content.decode()
    assert Document.objects.get(name="credit.pdf").kind == Kind.CREDIT_NOTE
    assert Message.objects.get().case == case


def test_a_double_click_answers_once(client: Client, denied: Invoice) -> None:
    key = uuid.uuid4()
    for _ in range(2):
        assert say(client, denied, "resolved", key=key).status_code == 200
    assert Message.objects.count() == 1


def test_a_dispute_that_is_over_takes_no_answer(client: Client, case: Case, staff: User) -> None:
    cases.close(case=case, outcome="upheld", conclusion="They returned it.", by=staff, at=timezone.now())
    page = say(client, case.advance.invoice, "explains")
    assert page.status_code == 422
    assert "This dispute is over." in page.content.decode()
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "values", [{"stance": ""}, {"stance": "nonsense"}, {"text": ""}, {"key": "x"}, {"text": "y" * 4001}]
)
def test_what_cannot_be_kept_is_refused(client: Client, denied: Invoice, values: dict[str, str]) -> None:
    posted = {"stance": "resolved", **values}
    assert say(client, denied, **posted).status_code == 422
    denied.refresh_from_db()
    assert (denied.state, Message.objects.count()) == (State.REJECTED, 0)


def test_a_reader_reads_and_cannot_answer(denied: Invoice) -> None:
    reader = Client()
    reader.force_login(MembershipFactory(supplier=denied.supplier, role="reader").user)
    page = reader.get(page_of(denied)).content.decode()
    assert "One bag was open." in page
    assert "<textarea" not in page
    assert say(reader, denied, "resolved").status_code == 403
    denied.refresh_from_db()
    assert denied.state == State.REJECTED


def test_nobody_sees_or_answers_the_dispute_of_another_company(denied: Invoice) -> None:
    stranger = Client()
    stranger.force_login(MembershipFactory().user)
    assert stranger.get(page_of(denied)).status_code == 404
    assert say(stranger, denied, "resolved").status_code == 404
    assert "INV-9200" not in stranger.get("/disputes/").content.decode()


def test_an_invoice_that_nobody_disputes_has_no_such_page(client: Client, lifecycle: Lifecycle) -> None:
    assert client.get(page_of(lifecycle.ready[0])).status_code == 404
    assert client.get(page_of(InvoiceFactory())).status_code == 404


def test_what_was_said_to_an_earlier_case_is_not_said_to_the_next(client: Client, case: Case, staff: User) -> None:
    invoice, at = case.advance.invoice, timezone.now()
    say(client, invoice, "explains")
    cases.close(case=case, outcome="rejected", conclusion="They must pay in full.", by=staff, at=at)
    cases.open_dispute(advance=case.advance, by=staff, at=at + timedelta(hours=1), reason="Now a third bag.")
    assert turn_of(invoice) == Turn.SUPPLIER
    assert "Now a third bag." in client.get(page_of(invoice)).content.decode()


def test_the_list_asks_the_same_number_of_queries_however_long(
    client: Client, lifecycle: Lifecycle, denied: Invoice, django_assert_max_num_queries: Any
) -> None:
    for invoice in lifecycle.ready:
        deny(invoice)
    with django_assert_max_num_queries(14):
        client.get("/disputes/")


def test_who_says_that_the_invoice_is_right_waits_for_us_until_we_have_written(
    client: Client, denied: Invoice, staff: User
) -> None:
    shown = say(client, denied, "explains").content.decode()
    assert turn_of(denied) == Turn.STAFF
    assert "We have your answer. We will decide and write to you." in shown
    assert "correct the invoice" not in shown.partition('class="lead"')[2].partition("</p>")[0]
    at = timezone.now()
    writing.answer(supplier=denied.supplier, about=denied, key=uuid.uuid4(), text="Send the order.", by=staff, at=at)
    assert turn_of(denied) == Turn.SUPPLIER


def test_who_says_that_the_buyer_is_right_corrects_the_invoice_next(client: Client, denied: Invoice) -> None:
    shown = say(client, denied, "accepts").content.decode()
    assert "Correct the invoice, then resubmit it." in shown
    page = reverse("dashboard:invoice", args=[denied.public_id])
    assert f'Then <a href="{page}#verification">resubmit the invoice</a>.' in shown
    assert "fixed it, resubmit" in client.get(page).content.decode()
    assert "We will write to you" not in shown


def test_said_to_be_resolved_in_another_state_the_buyer_is_asked_next(client: Client, denied: Invoice) -> None:
    Invoice.objects.filter(pk=denied.pk).update(state=State.ACCEPTED)
    shown = say(client, denied, "resolved").content.decode()
    assert "Ask your buyer to confirm the invoice again." in shown
    assert "Talk to your buyer and correct the invoice." not in shown


def test_nobody_is_said_to_have_answered_or_resubmitted_who_has_not(client: Client, denied: Invoice) -> None:
    for state, lead in ((State.REQUESTED, "We will check what your buyer says."), (State.CREATED, "Ask your buyer")):
        Invoice.objects.filter(pk=denied.pk).update(state=state)
        shown = client.get(page_of(denied)).content.decode()
        assert lead in shown
        assert "We have your answer" not in shown
        assert "Resubmitted" not in shown


def test_of_an_invoice_that_is_financed_nobody_says_that_nothing_was_paid(client: Client, denied: Invoice) -> None:
    Invoice.objects.filter(pk=denied.pk).update(state=State.PREPAID)
    shown = client.get(page_of(denied)).content.decode()
    assert "This invoice is financed." in shown
    assert "We have paid nothing" not in shown


def test_a_dispute_that_ended_with_its_advance_says_so_in_the_language_of_the_reader(
    client: Client, case: Case, staff: User
) -> None:
    Case.objects.filter(pk=case.pk).update(
        outcome="ended", conclusion="Settled", closed_at=timezone.now(), closed_by=staff
    )
    shown = client.get(page_of(case.advance.invoice), HTTP_ACCEPT_LANGUAGE="es").content.decode()
    assert "Settled" not in shown
    assert "Cerrada" in shown


def test_the_list_reads_those_that_are_over_by_the_page_and_no_large_column(
    client: Client, lifecycle: Lifecycle, denied: Invoice, case: Case, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    cases.close(case=case, outcome="upheld", conclusion="They returned it.", by=staff, at=timezone.now())
    for invoice in lifecycle.ready:
        deny(invoice)
    Invoice.objects.filter(pk__in=[one.pk for one in lifecycle.ready[:2]]).update(books_status="voided")
    say(client, denied, "explains")
    with CaptureQueriesContext(connection) as queries:
        pages = [client.get("/disputes/", {"page": number}).content.decode() for number in (1, 2, 3)]
    text = " ".join(one["sql"] for one in queries)
    assert '"invoices_invoice"."items"' not in text
    assert '"verification_verification"."facts"' not in text
    shown = [re.findall(r"<bdi>(INV-\d+)</bdi></a>", one) for one in pages]
    assert shown == [["INV-9102", "INV-9200"], ["INV-9101", "INV-9100"], ["INV-9011"]]


def test_what_the_list_takes_for_over_is_over(
    client: Client, lifecycle: Lifecycle, denied: Invoice, case: Case
) -> None:
    Case.objects.filter(pk=case.pk).update(
        outcome="rejected", conclusion="c", closed_at=timezone.now(), closed_by=lifecycle.scenario.operations
    )
    for state in State:
        Invoice.objects.filter(pk=denied.pk).update(state=state)
        found = DisputeList(denied.supplier)
        by_list = [one.invoice.pk for one in found._open]
        assert (denied.pk in by_list) == (turn_of(denied) != Turn.NOBODY), state
        assert sorted(one.invoice.pk for one in found[0:9]) == sorted([denied.pk, case.advance.invoice_id])


def test_who_sends_very_many_files_waits(client: Client, case: Case, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "upload": "1/m/user"}
    assert say(client, case.advance.invoice, "explains").status_code == 200
    assert say(client, case.advance.invoice, "explains").status_code == 429
