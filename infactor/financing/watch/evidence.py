"""What is known of a supplier's funded invoices: as bought, as the books have them, and what infactor received.

A fixed number of queries, whatever the number of advances.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Exists, F, OuterRef

from infactor.financing.advances.purchases import ZERO, lines_of
from infactor.financing.models import NOT_ARRIVED, OUTSTANDING_STATUSES, Advance, Payout
from infactor.financing.pricing import price
from infactor.financing.value_dates import supplier_today
from infactor.financing.watch import booked_payments, unapplied
from infactor.financing.watch.differences import Circumstances, Facts
from infactor.financing.watch.matching import Explained, Tolerance
from infactor.financing.watch.payments_and_receipts import BookedPayment, BuyerAndCurrency, Claim, Receipt
from infactor.financing.watch.receipts import receipts_of, waiting_receipts
from infactor.financing.watch.unapplied import Possible
from infactor.invoices.customer_hierarchy import roots_of
from infactor.invoices.models import Buyer
from infactor.ledger.balances import balances_by_purpose
from infactor.ledger.models import Purpose
from infactor.suppliers.models import Supplier

# A balance and the payments that lower it are read one after the other, within seconds.
SETTLING_TIME = timedelta(minutes=2)


@dataclass(kw_only=True)
class WatchedAdvance:
    """One funded advance. `money` are the payments of money on its invoice in the books, `credits` all others there."""

    advance: Advance
    bought: Facts
    now: Facts
    root: int
    root_now: int | None
    receivable: Decimal
    cushion: Decimal
    short_payments: Decimal
    is_settled_down: bool
    money: list[BookedPayment] = field(default_factory=list)
    credits: list[BookedPayment] = field(default_factory=list)
    excess_credit: Decimal = ZERO

    @property
    def around(self) -> Circumstances:
        return Circumstances(
            payments=[*self.money, *self.credits],
            short_payments=self.short_payments,
            cushion=self.cushion,
            excess_credit=self.excess_credit,
            is_collected=self.receivable == 0,
            is_settled_down=self.is_settled_down,
        )


@dataclass(frozen=True)
class Evidence:
    """All that is known of one supplier's funded advances, those due first in front.

    `claims` are the payments in its books that pay or may pay them, `receipts` what infactor has for them, both with
    those of advances that were settled lately. `numbers` are those of all these advances' invoices, as bought.
    """

    advances: Sequence[WatchedAdvance]
    claims: Sequence[Claim]
    receipts: Sequence[Receipt]
    numbers: Mapping[int, str] = field(default_factory=dict)


def tolerance() -> Tolerance:
    """How near a payment in the books and one of ours must be."""
    return Tolerance(settings.WATCH_MATCH_DAYS, settings.WATCH_MATCH_AMOUNT)


def load(*, supplier: Supplier, at: datetime) -> Evidence:
    """The evidence about `supplier`, as this transaction sees it."""
    rows = _advances(supplier)
    if not rows:
        return Evidence((), (), ())
    near = timedelta(days=settings.WATCH_MATCH_DAYS)
    lately = supplier_today(supplier=supplier, at=at) - 2 * near
    settled = _settled(supplier, since=min(lately, *(one.funded_on - near for one in rows if one.funded_on)))
    open_buyers = {key for one in rows for key in (one.buyer_id, one.invoice.buyer_id) if key is not None}
    roots = roots_of(buyers=open_buyers | {one.buyer_id for one in settled})
    open_roots = {roots.get(key, key) for key in open_buyers}
    settled = [
        one for one in settled if (one.ended_on and one.ended_on >= lately) or roots.get(one.buyer_id) in open_roots
    ]
    every = [*rows, *settled]
    balances = balances_by_purpose(
        purposes=[Purpose.RECEIVABLE, Purpose.RESERVE], owners=[one.ledger_owner for one in rows]
    )
    receivable, reserve = balances[Purpose.RECEIVABLE], balances[Purpose.RESERVE]
    buyers = {one.pk: (roots.get(one.buyer_id, one.buyer_id), one.currency) for one in every}
    matched, paid = receipts_of(advances=every, buyers=buyers)
    booked, touched = booked_payments.booked_on(advances=every)
    customers = Buyer.objects.in_bulk(set(roots.values()))
    watched = [
        WatchedAdvance(
            advance=one,
            bought=_bought(one, roots, customers),
            now=_now(one, roots, customers),
            root=roots.get(one.buyer_id, one.buyer_id),
            root_now=_now_root(one, roots),
            receivable=receivable[one.ledger_owner],
            cushion=max(
                reserve[one.ledger_owner] - price.fee(fee_base=one.fee_base, days=0, terms=one.terms.record()).amount,
                ZERO,
            ),
            short_payments=max(one.face - receivable[one.ledger_owner] - paid.get(one.pk, ZERO), ZERO),
            is_settled_down=at - max(one.invoice.updated_at, touched.get(one.invoice_id, one.invoice.updated_at))
            >= SETTLING_TIME,
            money=[payment for payment in booked.get(one.pk, ()) if payment.moves_money],
            credits=[payment for payment in booked.get(one.pk, ()) if not payment.moves_money],
        )
        for one in rows
    ]
    receipts = [*matched, *waiting_receipts(advances=rows)]
    owing = {one.advance.pk for one in watched if one.receivable > 0}
    applied = [
        Claim(payment, (one.pk,), buyers[one.pk], matters=one.pk in owing)
        for one in every
        for payment in booked.get(one.pk, ())
        if payment.moves_money
    ]
    possible = [*(_possible(one, buyers) for one in watched), *(_possibly_settled(one, buyers) for one in settled)]
    found = unapplied.claims(
        supplier=supplier, possible=possible, receipts=receipts, tolerance=settings.WATCH_MATCH_AMOUNT
    )
    return Evidence(watched, [*applied, *found], receipts, {one.pk: one.purchase.number for one in every})


def _possible(one: WatchedAdvance, buyers: Mapping[int, BuyerAndCurrency]) -> Possible:
    return Possible(
        one.advance,
        buyers[one.advance.pk],
        frozenset({one.root, one.root_now or one.root}),
        tuple(amount for amount in (one.bought.balance, one.receivable) if amount),
        is_owing=one.receivable > 0,
    )


def _possibly_settled(advance: Advance, buyers: Mapping[int, BuyerAndCurrency]) -> Possible:
    return Possible(advance, buyers[advance.pk], frozenset({buyers[advance.pk][0]}))


def _advances(supplier: Supplier) -> list[Advance]:
    """The outstanding advances that were paid out: nothing is bought by a payout that failed."""
    failed = Payout.objects.filter(advance=OuterRef("pk"), purpose=Payout.Purpose.ADVANCE, status__in=NOT_ARRIVED)
    found = Advance.objects.filter(
        ~Exists(failed), supplier=supplier, status__in=OUTSTANDING_STATUSES, purchase__isnull=False
    )
    return list(
        found.select_related("purchase", "invoice__buyer", "buyer", "terms").order_by(
            F("purchase__due_on").asc(nulls_last=True), "pk"
        )
    )


def _settled(supplier: Supplier, *, since: date) -> list[Advance]:
    """Advances that were settled: what was received for them may still be entered, or entered on another invoice.

    It may also lie on no invoice for as long as an advance of the same buyer is open, which it would seem to pay.
    """
    found = Advance.objects.filter(
        supplier=supplier, status=Advance.Status.SETTLED, ended_on__gte=since, purchase__isnull=False
    )
    return list(found.select_related("purchase", "invoice").order_by("pk"))


def _bought(advance: Advance, roots: Mapping[int, int], customers: Mapping[int, Buyer]) -> Facts:
    kept = advance.purchase
    root = roots.get(advance.buyer_id, advance.buyer_id)
    is_same_customer = kept.customer_reference == advance.invoice.customer_reference
    return Facts(
        number=kept.number,
        currency=kept.currency,
        amount=kept.amount,
        balance=kept.balance,
        tax_amount=kept.tax_amount,
        deposit=kept.deposit,
        txn_date=kept.txn_date,
        due_on=kept.due_on,
        # A customer that got a parent after funding owes it all the same.
        buyer=_company(_now_root(advance, roots) if is_same_customer else root, customers),
        buyer_name=_name(root, customers),
        books_status=kept.books_status,
        lines=kept.lines,
    )


def _now(advance: Advance, roots: Mapping[int, int], customers: Mapping[int, Buyer]) -> Facts:
    invoice, root = advance.invoice, _now_root(advance, roots)
    return Facts(
        number=invoice.invoice_no,
        currency=invoice.currency,
        amount=invoice.invoice_amount,
        balance=invoice.balance,
        tax_amount=invoice.tax_amount,
        deposit=invoice.deposit,
        txn_date=invoice.txn_date,
        due_on=invoice.payable_date,
        buyer=_company(root, customers),
        buyer_name=_name(root, customers),
        books_status=invoice.books_status,
        lines=lines_of(items=invoice.items),
    )


def _company(root: int | None, customers: Mapping[int, Buyer]) -> tuple[str, int] | None:
    """Who owes: the debtor that staff joined this customer into, so that two of its customers may be merged."""
    if root is None:
        return None
    debtor = customers[root].debtor_id if root in customers else None
    return ("customer", root) if debtor is None else ("debtor", debtor)


def _name(root: int | None, customers: Mapping[int, Buyer]) -> str:
    return customers[root].name if root is not None and root in customers else ""


def _now_root(advance: Advance, roots: Mapping[int, int]) -> int | None:
    buyer = advance.invoice.buyer_id
    return None if buyer is None else roots.get(buyer, buyer)


def add_excess_credit(*, known: Evidence, explained: Explained, supplier: Supplier) -> None:
    """New credit of a buyer that its other open invoices cannot take lowers the one bought that is due first.

    What payments of money have left is not counted: such a payment is explained, or a matter of its own.
    """
    owing = [one for one in known.advances if one.receivable > 0]
    credits = booked_payments.new_credits(supplier=supplier, keys={(one.root, one.advance.currency) for one in owing})
    looked_at = [*explained.explained, *(claim for claim, _ in explained.left if claim.is_meant)]
    looked_at += [one for one in known.claims if one.payment.is_own]
    left: dict[tuple[int, str], dict[str, Decimal]] = defaultdict(dict)
    for claim in looked_at:
        left[claim.buyer][claim.payment.reference] = claim.payment.unapplied
    for one in owing:
        key = (one.root, one.advance.currency)
        if (credit := credits.pop(key, ZERO)) > 0:
            open_before = one.advance.purchase.open_credit
            one.excess_credit = max(credit - open_before - sum(left[key].values(), ZERO), ZERO)
