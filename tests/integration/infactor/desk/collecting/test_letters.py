"""A letter goes to who owes and is late, once a level, as it is stored, and to nobody who disputes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from infactor.core.business_day import business_day
from infactor.core.models import OutgoingMail
from infactor.desk.collecting import accounts, collector_list, contacts, letters
from infactor.desk.collecting.collector_list import Filters
from infactor.desk.models import Contact, Letter, LetterLine
from infactor.desk.rights import DeskError
from infactor.financing.advances import cases
from infactor.financing.models import Advance, Case, DebtorMark, Notice
from infactor.financing.notices import issuance
from infactor.financing.policy import debtor_marks
from infactor.invoices.debtors import grouping
from infactor.invoices.models import Buyer
from infactor.users.roles import NotAllowed
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(scenario: Scenario) -> Buyer:
    return scenario.buyer("Northwind", address="5 Canal Street, New York")


@pytest.fixture
def late(scenario: Scenario, buyer: Buyer) -> Advance:
    """Funded, and five days late now."""
    due = scenario.today + timedelta(days=10)
    advance = scenario.funded(scenario.invoice(buyer, invoice_no="77", payable_date=due))
    scenario.later(15)
    return advance


def send(scenario: Scenario, *advances: Advance, **given: Any) -> list[Letter]:
    values = {
        "account": accounts.account_of(Buyer.objects.get(pk=advances[0].buyer_id)),
        "level": Letter.Level.REMINDER,
        "channel": Letter.Channel.MAIL,
        "advance_ids": [one.pk for one in advances],
        "next_contact_on": None,
        "by": scenario.operations,
        "at": scenario.now,
    }
    return letters.send(**{**values, **given})


def mails() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(key__startswith="desk.letter").order_by("pk"))


def test_a_reminder_says_what_is_open_and_whom_to_pay_and_is_kept_as_it_went(scenario: Scenario, late: Advance) -> None:
    scenario.pay(late, "400")
    (letter,) = send(scenario, late)
    notice = Notice.objects.get(advance=late)
    (mail,) = mails()
    assert (mail.to, mail.subject, mail.body) == (notice.to, "Reminder: invoice 77", letter.body)
    for text in ("$600.00", "5 days late", notice.number, *notice.facts["pay_to"].values()):
        assert text in letter.body
    line = LetterLine.objects.get()
    assert (line.amount, line.due_on, line.invoice_id) == (Decimal(600), late.due_on, late.invoice_id)
    contact = Contact.objects.get()
    assert (contact.channel, contact.summary) == (Contact.Channel.MAIL, "Reminder: invoice 77")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Letter.objects.update(body="Pay elsewhere")


def test_an_invoice_gets_each_level_once_and_in_their_order(scenario: Scenario, late: Advance) -> None:
    with pytest.raises(DeskError, match="had no reminder yet"):
        send(scenario, late, level=Letter.Level.SECOND)
    send(scenario, late)
    with pytest.raises(DeskError, match="had its reminder"):
        send(scenario, late)
    send(scenario, late, level=Letter.Level.SECOND)
    (final,) = send(scenario, late, level=Letter.Level.FINAL, channel=Letter.Channel.PRINT)
    assert (final.to, "legal steps" in final.body, len(mails())) == ("5 Canal Street, New York", True, 2)
    line = LetterLine.objects.filter(level=Letter.Level.FINAL).get()
    with pytest.raises(IntegrityError), transaction.atomic():
        LetterLine.objects.create(
            letter=final,
            advance=late,
            invoice=line.invoice,
            level=line.level,
            amount=1,
            currency="USD",
            due_on=line.due_on,
        )


def test_nobody_is_written_to_about_what_is_not_late_or_disputed_or_paid(
    scenario: Scenario, buyer: Buyer, late: Advance
) -> None:
    fresh = scenario.funded(scenario.invoice(buyer, invoice_no="78"))
    with pytest.raises(DeskError, match="not late"):
        send(scenario, late, fresh)
    case = cases.open_dispute(advance=fresh, by=scenario.operations, at=scenario.now, reason="torn")
    with pytest.raises(DeskError, match="disputes an invoice"):
        send(scenario, late)
    cases.close(case=case, outcome=Case.Outcome.REJECTED, conclusion="fine", by=scenario.operations, at=scenario.now)
    scenario.pay(late, "1000")
    with pytest.raises(DeskError, match="not open any more"):
        send(scenario, late)
    with pytest.raises(NotAllowed):
        send(scenario, late, by=scenario.underwriter)
    assert (mails(), Letter.objects.count()) == ([], 0)


def test_nobody_is_written_to_who_was_released_or_paid_the_supplier_or_is_bankrupt(
    scenario: Scenario, late: Advance
) -> None:
    case = Case.objects.create(
        kind=Case.Kind.MISDIRECTED, supplier=late.supplier, advance=late, reason="x", severity="severe",
        opened_at=scenario.now,
    )  # fmt: skip
    with pytest.raises(DeskError, match="paid the supplier"):
        send(scenario, late)
    case.delete()
    with transaction.atomic():
        debtor = grouping.get_or_create_debtor(buyer=late.buyer, by=scenario.underwriter, at=scenario.now)
        debtor_marks.mark(
            debtor=debtor, kind=DebtorMark.Kind.BANKRUPT, reason="chapter 11", by=scenario.underwriter, at=scenario.now
        )
    with pytest.raises(DeskError, match="bankrupt"):
        send(scenario, late)
    assert mails() == []


def test_each_supplier_of_a_debtor_is_told_at_its_own_address_and_one_list_shows_all(
    scenario: Scenario, late: Advance
) -> None:
    other = build_scenario(now=late.accepted_at, name="Juniper Mills")
    due = other.today + timedelta(days=10)
    theirs = other.funded(
        other.invoice(other.buyer("North Wind", email="other@buyer.example"), invoice_no="5", payable_date=due)
    )
    debtor = grouping.get_or_create_debtor(buyer=late.buyer, by=scenario.underwriter, at=scenario.now)
    grouping.join(buyers=[theirs.buyer], debtor=debtor, name="", by=scenario.underwriter, at=scenario.now)
    contacts.record(
        account=accounts.Account("buyer", late.buyer_id), channel="phone", person="Pat", summary="Next week",
        next_contact_on=business_day(scenario.now), by=scenario.operations, at=scenario.now,
    )  # fmt: skip
    (line,) = collector_list.lines(by=scenario.operations, today=business_day(scenario.now), filters=Filters())
    assert (line.account.pk, line.open, line.invoices, line.days_late) == (debtor.pk, Decimal(2000), 2, 5)
    assert (line.overdue[0], line.next_contact_on, line.is_mine) == (Decimal(2000), business_day(scenario.now), True)
    sent = send(scenario, late, theirs)
    assert {(one.to, one.supplier_id) for one in sent} == {
        (Notice.objects.get(advance=one).to, one.supplier_id) for one in (late, theirs)
    }
    assert ["77" in one.body for one in sent] != ["5 " in one.body for one in sent]
    assert all(one.supplier.name in one.body for one in sent)


def test_the_list_has_who_is_due_and_its_filters_narrow_it(scenario: Scenario, late: Advance) -> None:
    scenario.funded(scenario.invoice(scenario.buyer("Cedar"), invoice_no="90"))  # not due yet
    today = business_day(scenario.now)

    def names(by: object = None, **given: bool) -> list[str]:
        found = collector_list.lines(by=by or scenario.operations, today=today, filters=Filters(**given))  # type: ignore[arg-type]
        return [one.name for one in found]

    assert names() == names(overdue=True) == ["Northwind"]
    assert names(mine=True) == names(contact_due=True) == []
    send(scenario, late, next_contact_on=today)
    assert names(mine=True, contact_due=True) == ["Northwind"]
    assert names(by=scenario.approver, mine=True) == []


def test_the_recipient_is_who_staff_sent_the_notice_to_last(scenario: Scenario, late: Advance) -> None:
    notice = Notice.objects.get(advance=late)
    issuance.resend(notice=notice, to="payables@northwind.example", by=scenario.operations, at=scenario.now)
    assert send(scenario, late)[0].to == "payables@northwind.example"
