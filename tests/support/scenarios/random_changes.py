"""Random changes of random portfolios, each evaluated narrowly and then, for comparison, in full."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch

from django.db import transaction

from infactor.financing.eligibility import reassessment, recalculation, supplier_evaluation
from infactor.financing.eligibility.recalculation.partial import Part
from infactor.financing.models import DebtorShare, Eligibility, EligibilityRecalculation
from infactor.financing.origination.requests import RequestError
from infactor.invoices.ingest import deletions, payments, upserts
from infactor.invoices.ingest.records import BuyerRecord, CreditMemoRecord, InvoiceRecord
from infactor.invoices.models import Buyer, Invoice
from infactor.invoices.states import BooksStatus
from tests.support.scenarios.random_portfolio import RandomPortfolio


@dataclass
class Report:
    """What the histories came to: how many changes were evaluated narrowly and in full, and what was cut."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class RandomChanges(RandomPortfolio):
    """One history, from its seed."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.done: list[str] = []
        self.chance = Random(f"{seed} parts")  # of its own, so that a seed's history stays what it is
        self.recalculate_in_full()

    def play(self, report: Report, *, steps: int) -> None:
        """Change the books `steps` times; compare each time what a narrow recalculation leaves with a full one."""
        for _ in range(steps):
            for _ in range(self.r.choice((1, 1, 1, 2, 3))):
                act = self.r.choice(self._acts())
                self.done.append(act.__name__)
                act()
            self._compare_part(report)
            narrow = recalculation.recalculate_changes(supplier_id=self.scenario.supplier.pk, at=self.scenario.now)
            if narrow is None:
                self.recalculate_in_full()
                report.counts["full"] += 1
                continue
            report.counts["narrow"] += 1
            report.counts["evaluated"] += narrow.evaluated
            found, expected = self.results(), self._results_of_full(report)
            if found != expected or not narrow.is_up_to_date:
                differ = sorted(str(key) for key in {*found, *expected} if found.get(key) != expected.get(key))
                report.wrong.append(f"seed {self.seed}, after {self.done}: {differ}")
                return
            self._compare_part(report)

    def recalculate_in_full(self) -> None:
        recalculation.recalculate(supplier_id=self.scenario.supplier.pk, at=self.scenario.now)

    def results(self) -> dict[object, Any]:
        """The result of each invoice, what each debtor brings, and which invoices duplicate others."""
        supplier = self.scenario.supplier
        shares = DebtorShare.objects.filter(supplier=supplier)
        found: dict[object, Any] = {
            (one.debtor, one.currency): (one.candidates, one.counted, one.for_limit, one.left, one.capped, one.used)
            for one in shares
        }
        rows = Eligibility.objects.filter(supplier=supplier)
        found |= dict(rows.values_list("invoice_id", "result_digest"))
        found["duplicates"] = EligibilityRecalculation.objects.get(pk=supplier.pk).duplicate_ids
        return found

    def _results_of_full(self, report: Report) -> dict[object, Any]:
        with transaction.atomic():
            self.recalculate_in_full()
            found = self.results()
            for one in Eligibility.objects.filter(supplier=self.scenario.supplier):
                report.counts.update(f"cut by {what}" for what, _ in one.breakdown.get("deductions", ()))
                report.counts.update(
                    f"{rule} fails" for rule, outcome, *_ in one.breakdown["results"] if outcome == "fail"
                )
            transaction.set_rollback(True)
        return found

    def _compare_part(self, report: Report) -> None:
        """Assess a few invoices as a request, an offer or its acceptance does: from kept sums, and from everything."""
        rows = list(Invoice.objects.filter(supplier=self.scenario.supplier).order_by("pk"))
        few = self.chance.sample(rows, min(len(rows), self.chance.choice((1, 1, 2))))
        given: dict[str, Any] = {"supplier": self.scenario.supplier, "invoices": few, "at": self.scenario.now}
        assess = self.chance.choice(
            (
                partial(reassessment.reassess, **given),
                partial(reassessment.reassess, **given, ignore_own_request=True),
                partial(reassessment.reassess, **given, ignore_own_request=True, count_accepted_only=True),
                partial(reassessment.assess_request, **given),
            )
        )
        is_enough, answers = Part.is_enough, list[bool]()

        def noted(part: Part, **values: Any) -> bool:
            answers.append(is_enough(part, **values))
            return answers[-1]

        with patch.object(Part, "is_enough", noted):
            found = assess()
        with patch.object(supplier_evaluation, "load_part", return_value=None):
            expected = assess()
        report.counts.update("part" if one else "not enough" for one in answers)
        if found != expected:
            report.wrong.append(f"seed {self.seed}, after {self.done}: {assess}: {found} instead of {expected}")

    def _acts(self) -> list[Callable[[], None]]:
        often = [self._new, self._new, self._amount, self._pay, self._move, self._duplicate, self._due, self._void]
        seldom = [self._delete, self._currency, self._memo, self._balance, self._email, self._deactivate, self._read]
        return [*often, *seldom, self._issue, self._newcomer, self._parent, self._rename, self._request, self._unpay]

    def _new(self) -> None:
        self._save(self._record(self.r.choice(self.buyers).reference))

    def _amount(self) -> None:
        self._edit(**self._figures())

    def _pay(self) -> None:
        invoice = self._any()
        balance = Decimal(0) if invoice is None else invoice.balance or Decimal(0)
        if invoice is not None and balance > 0:
            part = self.r.choice((balance, (balance / 2).quantize(Decimal("0.01"))))
            unapplied = self.r.choice(("0", "0", "150"))
            self.books.pay(invoice, amount=f"{part}", kind=self.r.choice(("", "", "CreditMemo")), unapplied=unapplied)

    def _unpay(self) -> None:
        if self.books.payments:
            self.books.delete_payment(self.r.choice(sorted(self.books.payments)))

    def _move(self) -> None:
        self._edit(customer_reference=self.r.choice([*(one.reference for one in self.buyers), "nobody"]))

    def _duplicate(self) -> None:
        """Enter an invoice again, in half of the cases one that the other supplier has of the same company."""
        own, theirs = (
            Invoice.objects.filter(supplier=self.scenario.supplier),
            Invoice.objects.filter(buyer=self.foreign),
        )
        twin = self.r.choice(list((own if self.r.random() < 0.5 else theirs).order_by("pk")))
        same = ("invoice_no", "txn_date", "invoice_amount", "balance", "currency", "company_name")
        values = {name: getattr(twin, name) for name in same}
        is_own = twin.supplier_id == self.scenario.supplier.pk
        self._edit(**values, customer_reference=twin.customer_reference if is_own else self.roots[0].reference)

    def _due(self) -> None:
        self._edit(payable_date=self.scenario.today + timedelta(days=self.r.randint(-5, 45)))

    def _issue(self) -> None:
        self._edit(txn_date=self.scenario.today - timedelta(days=self.r.choice((1, 5, 20, 60, 120))))

    def _void(self) -> None:
        self._edit(balance=Decimal(0), books_status=BooksStatus.VOIDED)

    def _delete(self) -> None:
        if invoice := self._any():
            deletions.mark_invoices_deleted(
                company_file=self._file(), deleted={invoice.qbk_invoice_id: None}, at=self.scenario.now
            )

    def _currency(self) -> None:
        self._edit(currency=self.r.choice(("CAD", "CAD", "USD", "JPY")))

    def _memo(self) -> None:
        amount = Decimal(self.r.choice((0, 100, 800)))
        record = CreditMemoRecord(
            reference=f"memo-{self.r.randint(1, 3)}",
            customer_reference=self.r.choice(self.buyers).reference,
            issued_on=self.scenario.today - timedelta(days=self.r.choice((3, 400))),
            amount=amount,
            remaining=self.r.choice((amount, Decimal(0))),
            currency="USD",
        )
        payments.upsert_credit_memos(company_file=self._file(), records=[record], at=self.scenario.now)

    def _balance(self) -> None:
        self._edit_buyer(balance=Decimal(self.r.choice((-300, 0, 500))), books_updated_at=self.scenario.now)

    def _email(self) -> None:
        self._edit_buyer(email=self.r.choice(("ap@buyer.example", "not an address", "new@buyer.example")))

    def _rename(self) -> None:
        self._edit_buyer(company_name=self.r.choice(("", "Buyer 0", "Another Inc")))

    def _deactivate(self) -> None:
        if self.r.random() < 0.3:
            gone = {self.r.choice(self.buyers).reference: None}
            deletions.deactivate_buyers(company_file=self._file(), inactive=gone, at=self.scenario.now)

    def _read(self) -> None:
        self.scenario.now += timedelta(minutes=self.r.randint(1, 30))
        upserts.set_as_of(company_file=self._file(), as_of=self.scenario.now)

    def _newcomer(self) -> None:
        """An invoice comes before its customer, who may be a sub-customer."""
        reference = f"new-{self.seed}-{self._next()}"
        self._save(self._record(reference))
        parent = self.r.choice((self.r.choice(self.roots).reference, f"parent-{self.seed}", ""))
        record = BuyerRecord(
            reference,
            name=reference,
            full_name=reference,
            company_name="New Inc",
            parent_reference=parent,
            currency="USD",
        )
        upserts.upsert_buyers(company_file=self._file(), records=[record], at=self.scenario.now)

    def _parent(self) -> None:
        """The parent of sub-customers that may be here already."""
        record = BuyerRecord(f"parent-{self.seed}", name="Parent", company_name="Parent Inc", currency="USD")
        upserts.upsert_buyers(company_file=self._file(), records=[record], at=self.scenario.now)

    def _request(self) -> None:
        if self.r.random() < 0.2 and (invoice := self._any()):
            with suppress(RequestError), transaction.atomic():
                self.scenario.request(invoice)

    def _any(self) -> Invoice | None:
        rows = list(Invoice.objects.filter(supplier=self.scenario.supplier).order_by("pk"))
        return self.r.choice(rows) if rows else None

    def _edit(self, **changed: Any) -> None:
        if invoice := self._any():
            self.books.edit(invoice, **changed)

    def _edit_buyer(self, **changed: Any) -> None:
        buyer = Buyer.objects.get(pk=self.r.choice(self.buyers).pk)
        record = BuyerRecord(**{name: getattr(buyer, name) for name in BuyerRecord._fields})
        upserts.upsert_buyers(company_file=self._file(), records=[record._replace(**changed)], at=self.scenario.now)

    def _save(self, record: InvoiceRecord) -> None:
        upserts.upsert_invoices(company_file=self._file(), records=[record], at=self.scenario.now)

    def _record(self, customer: str) -> InvoiceRecord:
        number = self._next()
        return InvoiceRecord(
            qbk_invoice_id=f"r{self.seed}-{number}",
            invoice_no=f"R-{self.seed}-{number}",
            txn_date=self.scenario.today - timedelta(days=self.r.choice((2, 2, 10, 120))),
            payable_date=self.scenario.today + timedelta(days=self.r.randint(10, 50)),
            company_name="Buyer",
            buyer_email="ap@buyer.example",
            source="QuickBooks",
            currency=self.r.choice(("USD", "USD", "USD", "CAD")),
            customer_reference=customer,
            books_updated_at=self.r.choice((None, self.scenario.now)),
            **self._figures(),
        )
