"""What is known of a supplier's funded invoices: as bought, as the books have them, and what infactor received.

A fixed number of queries, whatever the number of advances.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Exists, F, OuterRef

from infactor.financing.advances.purchases import ZERO, lines_of
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, Payout
from infactor.financing.pricing import price
from infactor.financing.watch import booked_payments
from infactor.financing.watch.differences import Circumstances, Facts
from infactor.financing.watch.matching import BookedPayment, Receipt, Tolerance
from infactor.financing.watch.receipts import receipts_of, waiting_receipts
from infactor.invoices.customer_hierarchy import roots_of
from infactor.invoices.models import Buyer
from infactor.ledger.balances import balances_by_owner
from infactor.ledger.models import Purpose
from infactor.suppliers.models import Supplier

# A balance and the payments that lower it are read one after the other, within seconds.
SETTLING_TIME = timedelta(minutes=2)


@dataclass(kw_only=True)
class WatchedAdvance:
    """One funded advance. `money` are the payments in the books that may be the buyer's, `credits` all others."""

    advance: Advance
    bought: Facts
    now: Facts
    root: int
    receivable: Decimal
    cushion: Decimal
    short_payments: Decimal
    is_settled_down: bool
    money: list[BookedPayment] = field(default_factory=list)
    credits: list[BookedPayment] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    excess_credit: Decimal = ZERO

    @property
    def around(self) -> Circumstances:
        return Circumstances(
            payments=[*(one for one in self.money if one.is_applied), *self.credits],
            short_payments=self.short_payments,
            cushion=self.cushion,
            excess_credit=self.excess_credit,
            is_collected=self.receivable == 0,
            is_settled_down=self.is_settled_down,
        )


@dataclass(frozen=True)
class Evidence:
    """All that is known of one supplier's funded advances, those due first in front."""

    advances: Sequence[WatchedAdvance]
    waiting: Sequence[Receipt]


def tolerance() -> Tolerance:
    """How near a payment in the books and one of ours must be."""
    return Tolerance(settings.WATCH_MATCH_DAYS, settings.WATCH_MATCH_AMOUNT)


def load(*, supplier: Supplier, at: datetime) -> Evidence:
    """The evidence about `supplier`, as this transaction sees it."""
    rows = _advances(supplier)
    if not rows:
        return Evidence((), ())
    roots = roots_of(
        buyers={one.buyer_id for one in rows} | {one.invoice.buyer_id for one in rows if one.invoice.buyer_id}
    )
    receivable, reserve = (
        balances_by_owner(purpose=purpose, owners=[one.ledger_owner for one in rows])
        for purpose in (Purpose.RECEIVABLE, Purpose.RESERVE)
    )
    receipts, paid = receipts_of(advances=rows)
    booked, touched = booked_payments.booked_on(advances=rows)
    names = dict(Buyer.objects.filter(pk__in=set(roots.values())).values_list("pk", "name"))
    watched = [
        WatchedAdvance(
            advance=one,
            bought=_bought(one, roots, names),
            now=_now(one, roots, names),
            root=roots.get(one.buyer_id, one.buyer_id),
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
            receipts=receipts.get(one.pk, []),
        )
        for one in rows
    ]
    _add_unapplied(watched, supplier=supplier)
    _add_excess_credit(watched, supplier=supplier)
    return Evidence(watched, waiting_receipts(advances=rows))


def _advances(supplier: Supplier) -> list[Advance]:
    """The outstanding advances that were paid out: nothing is bought by a payout that failed."""
    failed = Payout.objects.filter(advance=OuterRef("pk"), purpose=Payout.Purpose.ADVANCE, status=Payout.Status.FAILED)
    found = Advance.objects.filter(
        ~Exists(failed), supplier=supplier, status__in=OUTSTANDING_STATUSES, purchase__isnull=False
    )
    return list(
        found.select_related("purchase", "invoice__buyer", "buyer", "terms").order_by(
            F("purchase__due_on").asc(nulls_last=True), "pk"
        )
    )


def _bought(advance: Advance, roots: Mapping[int, int], names: Mapping[int, str]) -> Facts:
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
        buyer=_now_root(advance, roots) if is_same_customer else root,
        buyer_name=names.get(root, ""),
        books_status=kept.books_status,
        lines=kept.lines,
    )


def _now(advance: Advance, roots: Mapping[int, int], names: Mapping[int, str]) -> Facts:
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
        buyer=root,
        buyer_name=names.get(root, "") if root is not None else "",
        books_status=invoice.books_status,
        lines=lines_of(items=invoice.items),
    )


def _now_root(advance: Advance, roots: Mapping[int, int]) -> int | None:
    buyer = advance.invoice.buyer_id
    return None if buyer is None else roots.get(buyer, buyer)


def _add_unapplied(watched: Sequence[WatchedAdvance], *, supplier: Supplier) -> None:
    """A buyer's payment that lies on no invoice, but has the amount of one that was bought, may be its payment."""
    found = booked_payments.unapplied_payments(supplier=supplier, advances=[one.advance for one in watched])
    near = tolerance().amount
    for one in watched:
        amounts = [amount for amount in (one.bought.balance, one.receivable) if amount]
        for candidate in found:
            root, currency, payment = candidate
            is_early = payment.paid_on and one.advance.funded_on and payment.paid_on < one.advance.funded_on
            is_of_buyer = root in (one.root, one.now.buyer) and currency == one.advance.currency
            if is_of_buyer and not is_early and any(abs(payment.unapplied - amount) <= near for amount in amounts):
                one.money.append(payment)
                found.remove(candidate)
                break


def _add_excess_credit(watched: Sequence[WatchedAdvance], *, supplier: Supplier) -> None:
    """New credit of a buyer that its other open invoices cannot take lowers the one bought that is due first.

    What payments of money have left is not counted: such a payment is explained, or a matter of its own.
    """
    owing = [one for one in watched if one.receivable > 0]
    credits = booked_payments.new_credits(supplier=supplier, keys={(one.root, one.advance.currency) for one in owing})
    for one in owing:
        key = (one.root, one.advance.currency)
        if (credit := credits.pop(key, ZERO)) > 0:
            left = {
                payment.reference: payment.unapplied
                for other in watched
                if (other.root, other.advance.currency) == key
                for payment in other.money
            }
            one.excess_credit = max(credit - one.advance.purchase.open_credit - sum(left.values(), ZERO), ZERO)
