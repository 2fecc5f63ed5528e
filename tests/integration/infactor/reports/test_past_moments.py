"""A report of a past moment is made from what was known then: the same bytes, whatever happened since."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from infactor.core.past_names import names_as_known
from infactor.financing.advances import funding
from infactor.financing.eligibility import recalculation
from infactor.financing.policy import limits
from infactor.invoices.debtors import grouping
from infactor.invoices.models import Debtor, DebtorName, Invoice
from infactor.suppliers.models import Supplier, SupplierName
from tests.support.reporting import Life, cells, files, rows, usd
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def limit_of(one: Scenario, amount: int, *, debtor: Debtor | None = None, supplier: Supplier | None = None) -> None:
    limits.set_limit(
        debtor=debtor, supplier=supplier, amount=Decimal(amount), currency="USD", reason="Judged anew",
        by=one.underwriter, at=one.now,
    )  # fmt: skip


def test_each_report_is_the_same_byte_for_byte_whatever_happens_later(month: Life) -> None:
    one = month.scenario
    cedar, birch = (one.supplier.buyers.get(name=name) for name in ("Cedar", "Birch"))
    group = grouping.join(buyers=[cedar], debtor=None, name="Cedar Group", by=one.underwriter, at=one.now)
    limit_of(one, 4000, debtor=group)
    limit_of(one, 9000, supplier=one.supplier)
    recalculation.recalculate(supplier_id=one.supplier.pk, at=one.now)
    at = one.now
    before = files(at)

    month.later(3)
    Invoice.objects.filter(invoice_no="C-2").update(
        payable_date=date(2027, 3, 1), invoice_no="C-2 changed", balance=1, updated_at=one.now
    )
    for buyer in one.supplier.buyers.all():
        buyer.name, buyer.updated_at = f"{buyer.name} renamed", one.now
        buyer.save()
    one.supplier.name = "Aardvark Coffee"
    one.supplier.save()
    grouping.update(debtor=group, changes={"name": "Zelkova Group"}, by=one.underwriter, at=one.now)
    month.later(1)
    grouping.join(buyers=[birch], debtor=group, name="", by=one.underwriter, at=one.now)
    grouping.update(debtor=group, changes={"name": "Everything"}, by=one.underwriter, at=one.now)
    one.funded(one.invoice(one.buyer("Alder"), face="500"))
    limit_of(one, 8000, debtor=group)
    limit_of(one, 1, supplier=one.supplier)
    recalculation.recalculate(supplier_id=one.supplier.pk, at=one.now)

    after = files(at)
    for slug, made in before.items():
        assert after[slug] == made, slug
    assert "Cedar Group" in before["exposure"][0]
    assert "Larkspur" in before["aging-by-supplier"][0]
    now = files(one.now)
    assert "Everything" in now["aging-by-buyer"][0]
    assert "Birch" not in now["aging-by-buyer"][0]
    assert "Aardvark Coffee" in now["aging-by-supplier"][0]


def test_a_company_is_called_what_it_was_called_at_each_moment(month: Life) -> None:
    one, moments = month.scenario, [month.now]
    group = Debtor.objects.create(name="First", created_by=one.underwriter)
    for name in ("Second", "Third"):
        month.later(1)
        grouping.update(debtor=group, changes={"name": name}, by=one.underwriter, at=one.now)
        moments.append(one.now)
    month.later(1)
    grouping.update(debtor=group, changes={"note": "No new name"}, by=one.underwriter, at=one.now)

    known = [names_as_known(DebtorName, at=at)[group.pk] for at in moments]

    assert known == ["First", "Second", "Third"]
    assert names_as_known(DebtorName, at=moments[1] - timedelta(seconds=1))[group.pk] == "First"
    assert DebtorName.objects.count() == 2
    assert not SupplierName.objects.exists()


def test_a_funding_that_is_entered_late_falls_due_only_in_what_was_known_from_then_on(month: Life) -> None:
    one = month.scenario
    accepted = one.accepted(one.invoice(one.buyer("Alder"), face="500"))
    month.later(2)
    known = one.now
    before = files(known)

    month.later(1)
    one.now -= timedelta(days=2)  # the payout was made on that day, and is entered now
    day = one.money_day
    one.now += timedelta(days=2)
    funding.fund(advance=accepted, value_date=day, by=one.operations, at=one.now)

    assert files(known) == before
    due = sum(row[2] for row in cells(rows("collections", one.now)))  # type: ignore[misc]
    assert due == usd("15500")


def test_a_file_has_the_same_bytes_in_whatever_language_its_reader_has_the_pages(month: Life) -> None:
    recalculation.recalculate(supplier_id=month.scenario.supplier.pk, at=month.now)
    english = files(month.now)

    with translation.override("es"):
        assert files(month.now) == english
        assert str(rows("borrowing-base", month.now)[0].cells[2]) == "Facturas pendientes"
