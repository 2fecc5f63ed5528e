"""A supplier that owes infactor reads where to pay, says that it has sent it, and is believed when the money comes."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from infactor.banking.models import StatementLine
from infactor.core.models import OutgoingMail
from infactor.financing.accounting import payoff, payoff_schedule, positions
from infactor.financing.advances import cases, repurchases
from infactor.financing.collections import payments, sent_payments
from infactor.financing.collections.allocation import AllocationTarget
from infactor.financing.collections.incoming import CollectionError
from infactor.financing.collections.sent_payments import Transfer
from infactor.financing.models import Advance, SentPayment
from infactor.ledger.models import Transaction
from infactor.suppliers.models import Membership
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


@pytest.fixture
def advance(scenario: Scenario) -> Advance:
    """Unpaid on its recourse date, which is today."""
    made = money_out.leave(scenario, scenario.funded(scenario.invoice(scenario.buyer(), invoice_no="R-1")))
    Advance.objects.filter(pk=made.pk).update(recourse_on=scenario.today)
    advance = Advance.objects.select_related("invoice", "terms", "supplier").get(pk=made.pk)
    cases.open_recourse(advance=advance, at=scenario.now)
    return advance


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def lead(client: Client, address: str) -> str:
    """What the page says first."""
    (said,) = re.findall(r'<p class="lead">(.*?)</p>', page(client, address))
    return re.sub(r"<[^>]+>", "", said)


def reference(scenario: Scenario) -> str:
    return f"IF-{scenario.supplier.public_id.hex[:8].upper()}"


def price(scenario: Scenario, advance: Advance) -> Decimal:
    return payoff.quote_repurchase(advance=advance, on=scenario.today).payment


def form(scenario: Scenario, amount: Decimal) -> dict[str, str]:
    return {
        "amount": f"{amount}",
        "sent_on": scenario.today.isoformat(),
        "reference": reference(scenario),
    }


def test_the_invoice_shows_the_account_and_the_reference_and_warns_of_mails(
    client: Client, scenario: Scenario, advance: Advance, settings: Settings
) -> None:
    settings.PAY_TO = {"holder": "infactor Inc", "bank": "First", "account": "778899", "routing": "021"}
    client.force_login(scenario.owner)
    shown = page(client, reverse("dashboard:invoice", args=[advance.invoice.public_id]))
    for text in ("778899", reference(scenario), "I have sent it", "We never change these details by email alone."):
        assert text in shown
    assert "778899" in page(client, reverse("dashboard:leave"))
    letter = client.get(reverse("dashboard:payoff_pdf"))
    assert letter.status_code == 200


def test_the_mail_about_recourse_names_account_and_reference(scenario: Scenario, advance: Advance) -> None:
    mail = OutgoingMail.objects.filter(key__contains="recourse_opened").get()
    assert f"Reference: {reference(scenario)}" in mail.body
    assert "by email alone" in mail.body


def test_the_word_is_shown_and_moves_no_money(client: Client, scenario: Scenario, advance: Advance) -> None:
    client.force_login(scenario.owner)
    address, before = reverse("dashboard:pay_advance", args=[advance.public_id]), Transaction.objects.count()
    values = form(scenario, price(scenario, advance))
    assert client.post(address, values).status_code == 302
    assert client.post(address, values).status_code == 302
    assert SentPayment.objects.count() == 1
    assert Transaction.objects.count() == before
    shown = page(client, reverse("dashboard:invoice", args=[advance.invoice.public_id]))
    assert "It has not arrived yet." in shown
    assert "Correct what I sent" in shown
    client.post(address, form(scenario, Decimal(12)))
    assert SentPayment.objects.get().amount == Decimal(12)


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": "0"},
        {"amount": "-5"},
        {"amount": "many"},
        {"amount": ""},
        {"sent_on": "1999-01-01"},
        {"sent_on": "soon"},
        {"reference": ""},
        {"reference": " \u202e "},
        {"reference": "x" * 200},
    ],
)
def test_what_makes_no_sense_is_refused_with_what_was_typed(
    client: Client, scenario: Scenario, advance: Advance, changed: dict[str, str]
) -> None:
    client.force_login(scenario.owner)
    values = {**form(scenario, Decimal(10)), **changed}
    answer = client.post(reverse("dashboard:pay_advance", args=[advance.public_id]), values)
    assert answer.status_code == 400
    assert not SentPayment.objects.exists()


def test_another_supplier_and_a_reader_cannot_say_it(client: Client, scenario: Scenario, advance: Advance) -> None:
    address = reverse("dashboard:pay_advance", args=[advance.public_id])
    client.force_login(build_scenario(name="Other").owner)
    assert client.get(address).status_code == 404
    assert client.post(address, form(scenario, Decimal(10))).status_code == 404
    reader = MembershipFactory(supplier=scenario.supplier, role=Membership.Role.READER).user
    client.force_login(reader)
    assert "I have sent it</button>" not in page(client, address)
    assert client.post(address, form(scenario, Decimal(10))).status_code == 403
    assert not SentPayment.objects.exists()


def test_nothing_is_to_be_paid_where_nothing_is_owed(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.owner)
    for currency in ("USD", "EUR", "nonsense"):
        assert client.get(reverse("dashboard:pay_debt", args=[currency])).status_code == 404


def said(scenario: Scenario, advance: Advance | None, amount: str, **changed: str) -> SentPayment:
    transfer = Transfer("USD", Decimal(amount), scenario.today, changed.get("reference", reference(scenario)))
    return sent_payments.say(
        supplier=scenario.supplier, advance=advance, transfer=transfer, by=scenario.owner, at=scenario.now
    )


def test_a_recorded_payment_answers_the_word_and_its_return_opens_it_again(
    client: Client, scenario: Scenario, advance: Advance
) -> None:
    repurchases.repurchase(
        advance=advance,
        value_date=scenario.money_day,
        by=scenario.operations,
        at=scenario.now,
        reason="Unpaid on its recourse date.",
    )
    owed = f"{price_of_debt(scenario)}"
    client.force_login(scenario.owner)
    assert reference(scenario) in page(client, reverse("dashboard:financing"))
    row = said(scenario, None, owed)
    target = AllocationTarget(Decimal(owed), supplier=scenario.supplier, is_due=True)
    collection = scenario.arrive(owed, targets=[target])
    row.refresh_from_db()
    assert row.outcome == SentPayment.Outcome.RECEIVED
    assert row.collection == collection
    payments.record_return(
        collection=collection,
        value_date=scenario.money_day,
        reason="Returned by the bank",
        by=scenario.operations,
        at=scenario.now,
    )
    row.refresh_from_db()
    assert row.is_open


def price_of_debt(scenario: Scenario) -> Decimal:
    (one,) = positions.supplier_balances(supplier=scenario.supplier)
    return one.due_from_supplier


def test_a_payment_of_another_amount_without_the_reference_answers_nothing(
    scenario: Scenario, advance: Advance
) -> None:
    row = said(scenario, advance, "700")
    scenario.pay(advance, "50")
    scenario.pay(advance, "700", bank_reference="of the buyer")
    row.refresh_from_db()
    assert row.is_open
    scenario.pay(advance, "60", remittance=f"from us: {reference(scenario).replace('-', ' ')}")
    row.refresh_from_db()
    assert not row.is_open


def test_a_reference_that_a_buyer_may_write_too_answers_only_with_the_amount(
    scenario: Scenario, advance: Advance
) -> None:
    """Buyers name the invoice in their transfers."""
    row = said(scenario, advance, "700", reference="Invoice R-1")
    scenario.pay(advance, "60", remittance="payment of invoice R-1")
    row.refresh_from_db()
    assert row.is_open
    scenario.pay(advance, "700", remittance="payment of invoice R-1")
    row.refresh_from_db()
    assert not row.is_open


def test_paying_everything_off_is_no_debt_and_leads_back_to_the_payoff(
    client: Client, scenario: Scenario, advance: Advance
) -> None:
    money_out.leave(scenario, scenario.funded(scenario.invoice(scenario.buyer(), face="2000")))
    repurchases.repurchase(
        advance=advance,
        value_date=scenario.money_day,
        by=scenario.operations,
        at=scenario.now,
        reason="Unpaid on its recourse date.",
    )
    client.force_login(scenario.owner)
    address = reverse("dashboard:pay_debt", args=["USD"])
    due, everything = (
        price_of_debt(scenario),
        payoff_schedule.schedule(supplier=scenario.supplier, today=scenario.today)["USD"][0].amount,
    )
    assert everything > due
    assert f'href="{address}"' in page(client, "/"), "Home leads to where it is paid"
    assert f"You owe ${due:,.2f} today." in lead(client, address)
    assert f"Paying everything off costs ${everything:,.2f} if the money arrives today." in lead(
        client, f"{address}?payoff"
    )
    assert f'value="{everything}"' in page(client, f"{address}?payoff")
    assert f'href="{address}?payoff"' in page(client, reverse("dashboard:leave"))
    sent = client.post(f"{address}?payoff", form(scenario, everything))
    assert sent.headers["Location"] == reverse("dashboard:leave")


def test_staff_see_it_in_their_queue_and_close_it_with_a_reason_once(
    client: Client, scenario: Scenario, advance: Advance
) -> None:
    row = said(scenario, advance, "700")
    client.force_login(scenario.operations)
    assert "Payments that suppliers say they sent" in page(client, reverse("admin:index"))
    assert reference(scenario) in page(client, reverse("admin:financing_sentpayment_changelist"))
    assert "What the supplier says it sent" in page(
        client, reverse("admin:financing_advance_change", args=[advance.pk])
    )
    assert reference(scenario) in page(client, reverse("admin:financing_sentpayment_close", args=[row.pk]))
    sent_payments.close(
        sent=row, outcome="not_received", reason="Not on any statement.", by=scenario.operations, at=scenario.now
    )
    with pytest.raises(CollectionError):
        sent_payments.close(
            sent=row, outcome="received", reason="A second time.", by=scenario.operations, at=scenario.now
        )
    assert said(scenario, advance, "700").pk != row.pk


def test_a_line_of_a_statement_that_names_the_reference_says_who_sent_it(scenario: Scenario, advance: Advance) -> None:
    row = said(scenario, advance, "700")
    line = StatementLine(amount=Decimal(700), remittance=f"payment {reference(scenario)}")
    (reason,) = sent_payments.reasons(line=line, words=[row])
    assert "says that it sent $700.00" in reason
    assert not sent_payments.reasons(line=StatementLine(amount=Decimal(700), remittance="INV 7"), words=[row])


def test_a_day_long_ago_is_no_day_of_a_payment_to_come(scenario: Scenario, advance: Advance) -> None:
    transfer = Transfer("USD", Decimal(5), scenario.today - timedelta(days=90), "IF-1234")
    with pytest.raises(sent_payments.SentPaymentError):
        sent_payments.say(
            supplier=scenario.supplier, advance=advance, transfer=transfer, by=scenario.owner, at=scenario.now
        )
