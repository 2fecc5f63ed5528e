"""Statement, fees, payoff and release come as PDF: what the pages say, for the supplier's own people, and audited."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db.models import F, Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from infactor.core.models import AuditEvent
from infactor.core.money import format_amount
from infactor.dashboard import letter_views, tasks
from infactor.dashboard.models import PreparedExport
from infactor.financing.accounting import payoff_schedule
from infactor.financing.accounting.statement import statements
from infactor.financing.letters import fees_letter, release_letter, statement_letter
from infactor.ledger.models import FEE_PURPOSES, Entry, PeriodClosing
from infactor.ledger.periods import month_of
from infactor.suppliers.models import AccountClosing, Membership
from infactor.users.models import User
from tests.support import pdf
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios.lifecycle import Lifecycle

pytestmark = pytest.mark.django_db


def last_month(day: date) -> tuple[date, date]:
    end = month_of(day) - timedelta(days=1)
    return month_of(end), end


def test_the_statement_has_every_movement_with_its_formula(client: Client, lifecycle: Lifecycle) -> None:
    supplier = lifecycle.scenario.supplier
    response = client.get("/statement.pdf")
    assert "private" in response["Cache-Control"]
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Disposition"].startswith('attachment; filename="infactor-statement-until-20')
    file = pdf.content(response)
    text, (told,) = pdf.words(file), statements(supplier=supplier)
    for row in told.movements:
        for said in (row.label, *row.formulas):
            assert said in text, said
    assert f"{told.closing.held:,.2f}" in text
    assert f"{told.closing.fee:,.2f}" in text
    assert "Page 1 of" in text
    assert "infactor" in text
    assert "Café <b>Ñandú</b>" in text
    audited = AuditEvent.objects.get(event="letter.downloaded")
    assert (audited.supplier_id, audited.details["letter"]) == (supplier.pk, "statement")


def test_a_month_opens_with_what_the_one_before_closed_with(lifecycle: Lifecycle) -> None:
    supplier, today = lifecycle.scenario.supplier, lifecycle.scenario.today
    start, end = last_month(today)
    (before,) = statements(supplier=supplier, end=start - timedelta(days=1))
    (during,) = statements(supplier=supplier, start=start, end=end)
    text = pdf.words(statement_letter.statement_pdf(supplier=supplier, start=start, end=end, at=timezone.now()))
    assert during.opening == before.closing
    assert f"{before.closing.held:,.2f}" in text
    assert f"{start:%B %Y}" in text
    assert "not closed yet" in text


def test_the_statement_of_a_closed_month_is_the_same_bytes_for_good(lifecycle: Lifecycle) -> None:
    supplier, owner = lifecycle.scenario.supplier, lifecycle.scenario.owner
    start, end = last_month(lifecycle.scenario.today)
    PeriodClosing.objects.create(month=start, closed_by=owner, closed_at=timezone.now())

    def drawn(at: datetime) -> bytes:
        with time_machine.travel(at, tick=False):
            return statement_letter.statement_pdf(supplier=supplier, start=start, end=end, at=at)

    first = drawn(timezone.now())
    assert drawn(timezone.now() + timedelta(days=400)) == first
    assert "not closed yet" not in pdf.words(first)


def test_readers_download_their_own_and_nobody_sees_another_suppliers(lifecycle: Lifecycle) -> None:
    reader, stranger, visitor = Client(), Client(), Client()
    reader.force_login(MembershipFactory(supplier=lifecycle.scenario.supplier, role=Membership.Role.READER).user)
    stranger.force_login(MembershipFactory().user)
    assert lifecycle.settled.invoice.invoice_no in pdf.words(pdf.content(reader.get("/statement.pdf")))
    for address in ("/statement.pdf", "/settings/leave/payoff.pdf", "/statement/fees.pdf"):
        text = pdf.words(pdf.content(stranger.get(address)))
        assert "INV-9" not in text
        assert lifecycle.scenario.supplier.name not in text
        assert visitor.get(address).status_code == 302
    assert stranger.get("/settings/leave/letter.pdf").status_code == 404


def test_bad_periods_lead_to_the_page_that_says_so(client: Client, lifecycle: Lifecycle) -> None:
    for query in ("from=2026-13-01", "from=2026-02-01&to=2026-01-01", "to=x%00"):
        answer = client.get(f"/statement.pdf?{query}")
        assert answer.status_code == 302
        assert "errorlist" in client.get(answer["Location"]).content.decode()
    assert client.get("/statement/fees.pdf?year=1900").status_code == 404


def test_a_long_statement_is_prepared_by_a_worker(
    client: Client, lifecycle: Lifecycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letter_views, "MAX_AT_ONCE", 3)
    offered = client.get("/statement.pdf")
    assert offered["Location"].startswith("/statement/export/")
    assert "Prepare the file" in client.get(offered["Location"]).content.decode()
    page = client.post(offered["Location"])["Location"]
    made = PreparedExport.objects.get()
    tasks.prepare_export(made.pk)
    assert "Your statement is ready" in client.get(page).content.decode()
    file = reverse("dashboard:export_pdf", args=[made.public_id])
    assert lifecycle.settled.invoice.invoice_no in pdf.words(pdf.content(client.get(file)))
    assert client.get(reverse("dashboard:export_file", args=[made.public_id])).status_code == 404
    stranger = Client()
    stranger.force_login(MembershipFactory().user)
    assert stranger.get(file).status_code == 404


def test_a_prepared_statement_is_in_the_language_of_who_asked(
    client: Client, lifecycle: Lifecycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letter_views, "MAX_AT_ONCE", 3)
    User.objects.filter(pk=lifecycle.scenario.owner.pk).update(language="es")
    client.post(client.get("/statement.pdf")["Location"])
    made = PreparedExport.objects.get()
    tasks.prepare_export(made.pk)
    text = pdf.words(pdf.content(client.get(reverse("dashboard:export_pdf", args=[made.public_id]))))
    (told,) = statements(supplier=lifecycle.scenario.supplier)
    with translation.override("es"):
        assert format_amount(told.closing.held, "") in text
    assert "Saldo" in text
    assert "Balance" not in text


def test_the_fee_summary_ties_to_the_ledger_to_the_cent(client: Client, lifecycle: Lifecycle) -> None:
    supplier, year = lifecycle.scenario.supplier, lifecycle.scenario.today.year
    charged = Entry.objects.filter(
        transaction__supplier=supplier, account__purpose__in=FEE_PURPOSES, transaction__value_date__year=year
    ).aggregate(total=Sum(F("credit") - F("debit")))["total"]
    text = pdf.words(pdf.content(client.get(f"/statement/fees.pdf?year={year}")))
    assert charged > Decimal(0)
    assert text.count(f"{charged:,.2f}") >= 3  # in words, by month, and by advance
    assert f"Invoice {lifecycle.settled.invoice}" in text
    future = fees_letter.fees_pdf(supplier=supplier, year=year, at=timezone.now() + timedelta(days=400))
    assert f"Fee summary {year}" in pdf.words(future)
    assert "so far" not in pdf.words(future)


def test_the_payoff_letter_has_the_formula_and_all_thirty_days(client: Client, lifecycle: Lifecycle) -> None:
    supplier, today = lifecycle.scenario.supplier, lifecycle.scenario.today
    (figures,) = payoff_schedule.schedule(supplier=supplier, today=today).values()
    on = today + timedelta(days=9)
    text = pdf.words(pdf.content(client.get(f"/settings/leave/payoff.pdf?on={on.isoformat()}")))
    for figure in figures:
        assert f"{figure.amount:,.2f}".replace("-", "−") in text, figure.on
    for line in figures[9].lines:
        assert str(line.advance.invoice) in text
        assert line.fee.formula in text
    assert f"Valid until {on:%b} {on.day}, {on.year}" in text


def test_the_release_letter_says_what_was_frozen(lifecycle: Lifecycle) -> None:
    supplier, staff = lifecycle.scenario.supplier, User.objects.filter(is_staff=True).first()
    letter = {
        "company": "Łódź Press", "day": "2026-11-20", "released_by": "Kim Lee", "agreement": 3,
        "accepted_on": "2026-01-05", "advances": 2, "totals": {"EUR": "10.00", "USD": "1200.50"},
    }  # fmt: skip
    closing = AccountClosing(supplier=supplier, status="released", letter=letter, decided_by=staff)
    text = pdf.words(release_letter.release_pdf(closing=closing))
    for said in (
        "Łódź Press",
        "Nov 20, 2026",
        "Kim Lee",
        "version 3",
        "Jan 5, 2026",
        "€10.00, $1,200.50",
        "2 advances",
    ):
        assert said in text, said
