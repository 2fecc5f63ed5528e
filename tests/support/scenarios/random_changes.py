"""Random books of a supplier and random changes of them, each judged narrowly and then, for comparison, in full.

The supplier has few buyers with sub-customers, some of them one debtor, one that another supplier sells to as well.
Limits bind in some histories, concentration in most; some invoices are financed, some requested.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db import transaction

from infactor.financing.eligibility import recalculation
from infactor.financing.models import DebtorShare, Eligibility, EligibilityRecalculation, Limit
from infactor.financing.origination.acceptance import AcceptanceError
from infactor.financing.origination.offers import OfferError
from infactor.financing.origination.requests import RequestError
from infactor.invoices.ingest import deletions, payments, upserts
from infactor.invoices.ingest.records import BuyerRecord, CreditMemoRecord, InvoiceRecord
from infactor.invoices.models import Buyer, CompanyFile, Debtor, Invoice
from infactor.invoices.states import BooksStatus
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.supplier_books import SupplierBooks

FREE = Decimal(10**9)


@dataclass
class Report:
    """What the histories came to: how many changes were judged narrowly and in full, and what was cut."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class RandomChanges:
    """One history, from its seed."""

    def __init__(self, seed: int) -> None:
        self.seed, self.r = seed, Random(seed)
        self.scenario: Scenario = build_scenario(name=f"Supplier {seed}")
        self.books = SupplierBooks(self.scenario)
        self.last = 0
        self.done: list[str] = []
        self._set_terms()
        self._make_buyers()
        for buyer in self.buyers:
            for _ in range(self.r.randint(1, 5)):
                self._invoice(buyer)
        self._finance()
        self._set_limits()
        self.judge_in_full()

    def play(self, report: Report, *, steps: int) -> None:
        """Change the books `steps` times; after each time compare what a narrow judgement leaves with a full one."""
        for _ in range(steps):
            for _ in range(self.r.choice((1, 1, 1, 2, 3))):
                act = self.r.choice(self._acts())
                self.done.append(act.__name__)
                act()
            narrow = recalculation.judge_changes(supplier_id=self.scenario.supplier.pk, at=self.scenario.now)
            if narrow is None:
                self.judge_in_full()
                report.counts["full"] += 1
                continue
            report.counts["narrow"] += 1
            report.counts["evaluated"] += narrow.evaluated
            found, expected = self.results(), self._results_of_full(report)
            if found != expected or not narrow.is_up_to_date:
                differ = sorted(key for key in {*found, *expected} if found.get(key) != expected.get(key))
                report.wrong.append(f"seed {self.seed}, after {self.done}: {differ}")
                return

    def judge_in_full(self) -> None:
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
            self.judge_in_full()
            found = self.results()
            for one in Eligibility.objects.filter(supplier=self.scenario.supplier):
                report.counts.update(f"cut by {what}" for what, _ in one.breakdown.get("deductions", ()))
                report.counts.update(
                    f"{rule} fails" for rule, outcome, *_ in one.breakdown["results"] if outcome == "fail"
                )
            transaction.set_rollback(True)
        return found

    def _acts(self) -> list[Callable[[], None]]:
        often = [self._new, self._new, self._amount, self._pay, self._move, self._duplicate, self._due, self._void]
        seldom = [self._delete, self._currency, self._memo, self._balance, self._email, self._deactivate, self._read]
        return [*often, *seldom, self._issue, self._newcomer, self._rename, self._request, self._unpay]

    # What the histories begin with.

    def _set_terms(self) -> None:
        r = self.r
        self.scenario.terms(
            concentration_limit_pct=Decimal(r.choice((15, 30, 40, 60, 100))),
            supplier_limit=r.choice((FREE, FREE, FREE, Decimal(9000))),
            buyer_limit=r.choice((FREE, Decimal(4000))),
            pair_limit=r.choice((FREE, Decimal(3000))),
            min_paid_invoices=r.choice((0, 0, 1, 2)),
            cross_aging_pct=Decimal(r.choice((25, 60, 100))),
            dilution_stop_pct=Decimal(r.choice((10, 100))),
            minimum_amount=Decimal(r.choice((0, 100, 400))),
            verify_threshold=r.choice((FREE, Decimal(1500))),
            wire_fee=Decimal(r.choice((0, 15))),
        )
        self.scenario.terms(currency="CAD", concentration_limit_pct=Decimal(r.choice((30, 100))), min_paid_invoices=0)

    def _make_buyers(self) -> None:
        r, scenario = self.r, self.scenario
        self.roots = [scenario.buyer(f"Buyer {n}", paid=r.choice((0, 2, 2))) for n in range(r.choice((1, 2, 4, 6)))]
        jobs = [
            BuyerFactory(
                company_file=scenario.books,
                name=f"Job {n}",
                is_job=True,
                parent=parent,
                parent_reference=parent.reference,
            )
            for n, parent in enumerate(r.sample(self.roots, r.randint(0, min(2, len(self.roots)))))
        ]
        self.buyers = [*self.roots, *jobs]
        debtor = Debtor.objects.create(name=f"Debtor {self.seed}", created_by=scenario.underwriter)
        shared = r.sample(self.roots, min(len(self.roots), r.choice((0, 1, 2))))
        Buyer.objects.filter(pk__in=[one.pk for one in shared]).update(debtor=debtor)
        self.foreign = BuyerFactory(company_file=CompanyFileFactory(as_of=scenario.now), debtor=debtor, name="Buyer 0")
        for _ in range(2):
            days = r.choice((5, 200))
            InvoiceFactory(buyer=self.foreign, txn_date=scenario.today - timedelta(days=days), **self._figures())
        self.debtor = debtor

    def _finance(self) -> None:
        for _ in range(self.r.randint(0, 2)):
            invoice = self.scenario.invoice(self.r.choice(self.buyers), face=self._face())
            is_funded = self.r.random() < 0.7
            # The terms may refuse it, which is as good a beginning.
            with suppress(RequestError, OfferError, AcceptanceError), transaction.atomic():
                offer = self.scenario.offer(invoice)
                if is_funded:
                    self.scenario.fund(self.scenario.accept(offer)[0])

    def _set_limits(self) -> None:
        r, supplier = self.r, self.scenario.supplier
        for given in ({"debtor": self.debtor}, {"supplier": supplier}, {"debtor": self.debtor, "supplier": supplier}):
            if r.random() < 0.2:
                Limit.objects.create(
                    currency="USD",
                    amount=Decimal(r.choice((1000, 5000, 20000))),
                    reason="for the test",
                    set_by=self.scenario.underwriter,
                    set_at=self.scenario.now,
                    **given,
                )

    # What changes.

    def _new(self) -> None:
        self._save(self._record(self.r.choice(self.buyers).reference))

    def _amount(self) -> None:
        self._edit(**self._figures())

    def _pay(self) -> None:
        if (invoice := self._any()) and (invoice.balance or 0) > 0:
            part = self.r.choice((invoice.balance, (invoice.balance / 2).quantize(Decimal("0.01"))))
            unapplied = self.r.choice(("0", "0", "150"))
            self.books.pay(invoice, amount=f"{part}", kind=self.r.choice(("", "", "CreditMemo")), unapplied=unapplied)

    def _unpay(self) -> None:
        if self.books.payments:
            self.books.delete_payment(self.r.choice(sorted(self.books.payments)))

    def _move(self) -> None:
        self._edit(customer_reference=self.r.choice([*(one.reference for one in self.buyers), "nobody"]))

    def _duplicate(self) -> None:
        twin = self.r.choice(list(Invoice.objects.order_by("pk")))
        same = ("invoice_no", "txn_date", "invoice_amount", "balance", "currency", "company_name")
        values = {name: getattr(twin, name) for name in same}
        if twin.supplier_id == self.scenario.supplier.pk:
            values["customer_reference"] = twin.customer_reference
        self._edit(**values)

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
        parent = self.r.choice(self.roots).reference if self.r.random() < 0.5 else ""
        record = BuyerRecord(
            reference,
            name=reference,
            full_name=reference,
            company_name="New Inc",
            parent_reference=parent,
            currency="USD",
        )
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

    def _invoice(self, buyer: Buyer) -> None:
        self.scenario.invoice(
            buyer,
            face=self._face(),
            txn_date=self.scenario.today - timedelta(days=self.r.choice((2, 5, 10, 10, 10, 10, 150))),
            currency=self.r.choice(("USD", "USD", "USD", "CAD")),
        )

    def _figures(self) -> dict[str, Any]:
        amount = Decimal(self._face())
        return {
            "invoice_amount": amount,
            "balance": amount,
            "tax_amount": self.r.choice((Decimal(0), (amount / 12).quantize(Decimal("0.01")))),
            "books_status": BooksStatus.OPEN,
        }

    def _face(self) -> str:
        return f"{Decimal(self.r.choice((self.r.randint(2_000, 60_000), self.r.randint(60_000, 400_000)))) / 100}"

    def _file(self) -> CompanyFile:
        return CompanyFile.objects.get(pk=self.scenario.books.pk)

    def _next(self) -> int:
        self.last += 1
        return self.last
