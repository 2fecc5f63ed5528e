"""Random portfolios: a supplier's buyers, invoices, limits and what of it is financed, each from its seed.

The supplier has few buyers with sub-customers, some of them one debtor, one that another supplier sells to as well.
Limits bind in some portfolios, concentration in most; some invoices are financed, some requested.
"""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db import transaction

from infactor.financing.models import Limit
from infactor.financing.origination.acceptance import AcceptanceError
from infactor.financing.origination.offers import OfferError
from infactor.financing.origination.requests import RequestError
from infactor.invoices.models import Buyer, CompanyFile, Debtor
from infactor.invoices.states import BooksStatus
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.supplier_books import SupplierBooks

FREE = Decimal(10**9)


class RandomPortfolio:
    """One supplier, from its seed."""

    def __init__(self, seed: int) -> None:
        self.seed, self.r = seed, Random(seed)
        self.scenario: Scenario = build_scenario(name=f"Supplier {seed}")
        self.books = SupplierBooks(self.scenario)
        self.last = 0
        self._set_terms()
        self._make_buyers()
        for buyer in self.buyers:
            for _ in range(self.r.randint(1, 5)):
                self._invoice(buyer)
        self._finance()
        self._set_limits()

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
