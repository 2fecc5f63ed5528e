"""The ten figures agree with the reports to the cent, and those of past months are read once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from infactor.financing.advances import repurchases, short_payments, write_offs
from infactor.invoices.models import Invoice
from infactor.ledger.models import Purpose
from infactor.ledger.trial_balance import Period, lines
from infactor.reports import figures
from tests.support.reporting import Life, rows, totals, usd
from tests.support.scenarios import money_out

pytestmark = pytest.mark.django_db


def test_the_figures_of_past_months_are_read_once(month: Life) -> None:
    month.later(30)
    moments, found = figures.courses(at=month.now)

    course = {one.title.text: one.values for one in found["USD"]}
    assert len(moments) == 13
    assert course["Outstanding"][-2:] == [usd("5100"), usd("5100")]
    assert course["Purchased in the month"][-2:] == [usd("15000"), 0]
    assert course["Over 30 days late"][-1] == usd("39.22")
    assert course["Outstanding"][0] is None
    Invoice.objects.update(payable_date=None)
    assert figures.courses(at=month.now)[1]["USD"][2].values[-2] == course["Over 30 days late"][-2]


def test_each_figure_is_that_of_its_report_to_the_cent_as_of_a_past_moment(month: Life) -> None:
    one, advances = month.scenario, month.scenario.supplier.advances
    month.later(60)
    today = {"value_date": one.today, "by": one.operations, "at": one.now}
    first = advances.get(invoice__invoice_no="C-1")
    short_payments.accept_short_payment(advance=first, amount=usd("100"), reason="damaged", **today)
    first.refresh_from_db()
    one.settle(first)
    one.pay(advances.get(invoice__invoice_no="B-1"), "333.33")
    lost = one.funded(one.invoice(one.buyer("Lost"), face="700.07"))
    again = money_out.leave(one, advances.get(invoice__invoice_no="C-2"))
    repurchases.repurchase(advance=again, reason="recourse", **today)
    money_out.leave(one, lost)
    write_offs.write_off(advance=lost, reason="insolvent", **today)
    one.funded(one.invoice(one.buyer("Alder"), face="456.78", payable_date=one.today + timedelta(days=9)))
    month.later(5)
    at = one.now
    month.later(5)
    one.pay(advances.get(invoice__invoice_no="B-1"), "1000", value_date=at.date())  # known later: counts in none of it

    _moments, found = figures.courses(at=at)

    now = {name: one.now for name, one in zip(figures.TITLES, found["USD"], strict=True)}
    since = at.replace(day=1, hour=7, minute=59, second=59)  # the last second of the month before, in Los Angeles
    month_of = {"at": at, "since": since}
    (aging,) = totals(rows("aging-by-buyer", at))
    by_buyer = [row.cells for row in rows("aging-by-buyer", at) if not row.is_total]
    _buyers, suppliers = totals(rows("concentration", at))
    (moved,) = totals(rows("roll-forward", **month_of))
    (dilution,) = totals(rows("dilution", **month_of))
    (fees,) = totals(rows("fee-income", **month_of)) or [(usd("0"),)]
    (reserve,) = totals(rows("reserve", at))
    (employed,) = [row.cells for row in rows("funds-employed", **month_of)][-1:]
    lost_by_then = {
        line.purpose: line.debits - line.credits
        for line in lines(Period(start=at.date().replace(day=1), end=at.date(), known_at=at))
    }
    assert now["outstanding"] == aging[-2] == reserve[3] == moved[-2]
    assert now["employed"] == suppliers[6] == employed[4]
    late = sum(aging[4:7], Decimal(0))  # type: ignore[arg-type]
    assert now["late"] == (late / aging[-2] * 100).quantize(usd("0.01"))  # type: ignore[operator]
    largest = max(row[-2] for row in by_buyer)  # type: ignore[type-var]
    assert now["largest"] == (largest / aging[-2] * 100).quantize(usd("0.01"))  # type: ignore[operator]
    assert (now["purchased"], now["collected"]) == (dilution[2], dilution[3]) == (moved[4], -moved[5])  # type: ignore[operator]
    assert now["fees"] == fees[-1]
    assert now["yield"] == (now["fees"] * 365 / at.day / now["employed"] * 100).quantize(usd("0.01"))  # type: ignore[operator]
    assert now["due"] == reserve[7]
    assert now["lost"] == lost_by_then.get(Purpose.BAD_DEBT, 0) + lost_by_then.get(Purpose.BAD_DEBT_RECOVERED, 0)
    report = [row.cells for row in figures.rows(figures.Span(figures.Moment(at), figures.Moment(at)))]
    assert list(report[-1][2:]) == list(now.values())
