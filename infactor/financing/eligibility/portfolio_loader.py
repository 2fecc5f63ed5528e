"""Rows into a portfolio: what the rules need to know of one supplier, read in a few passes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q, Sum

from infactor.financing.eligibility import staleness, utilization
from infactor.financing.eligibility.portfolio import (
    ZERO,
    Aged,
    DebtorAndCurrency,
    Portfolio,
    Word,
    debtor_key,
)
from infactor.financing.eligibility.rules.buyer import NEVER_READ, OWED
from infactor.financing.eligibility.rules.catalogue import Answer, Rule, Ruling
from infactor.financing.eligibility.rules.dilution import months_before
from infactor.financing.eligibility.utilization import Commitment
from infactor.financing.models import Advance, Limit, Override
from infactor.financing.terms import Terms
from infactor.invoices import receivables
from infactor.invoices.customer_hierarchy import tops_of
from infactor.invoices.duplicates import Collision, collisions
from infactor.invoices.models import CompanyFile, Invoice
from infactor.invoices.receivables import BuyerAndCurrency, Dilution, DilutionDay, ReceivableInvoice
from infactor.suppliers.models import Supplier
from infactor.verification.answers import standing_of
from infactor.verification.models import Verification

CONFIRMED = (Verification.Status.CONFIRMED, Verification.Status.PARTLY_CONFIRMED)


def portfolio(
    *,
    supplier: Supplier,
    terms_by_currency: Mapping[str, Terms],
    as_of: date,
    at: datetime,
    released: Collection[int] = (),
    among: Collection[int] | None = None,
    bought_only: bool = False,
) -> Portfolio:
    """Everything of `supplier` on its day `as_of`, the freshness of its books at the moment `at`.

    To judge only the invoices `among`, what is owed beside them is enough: what is paid or gone touches nothing else.
    `released` are invoices judged for a request or an offer of their own, which is left out of sight. With
    `bought_only` nothing that may still come to nothing takes up room under limits.
    """
    owed = None if among is None else Q(books_status__in=OWED) | Q(pk__in=among)
    invoices = receivables.load(supplier=supplier, those=owed)
    buyers = receivables.buyers(supplier=supplier)
    tops = tops_of(supplier=supplier)
    keys = {buyer: debtor_key(buyer=buyers[top]) for buyer, top in tops.items() if top in buyers}
    debtor_ids = {buyer.debtor_id for buyer in buyers.values() if buyer.debtor_id is not None}
    relatives = utilization.elsewhere(supplier=supplier, debtor_ids=debtor_ids)
    own = [one for one in utilization.of_supplier(supplier=supplier) if one.invoice_id not in released]
    others = utilization.of_buyers(buyer_ids=relatives)
    sums = utilization.add_up(own=own, others=others, keys=keys, debtors=relatives)
    taken = None
    if bought_only:
        bought = [[one for one in some if one.is_bought] for some in (own, others)]
        taken = utilization.add_up(own=bought[0], others=bought[1], keys=keys, debtors=relatives)
    diluted, by_day = _dilution(supplier, terms_by_currency, as_of=as_of)
    buyer_limits, pair_limits, supplier_limits = _limits(supplier, debtor_ids=debtor_ids)
    approved_invoices, approved_buyers = _approved(supplier, as_of=as_of, tops=tops)
    return Portfolio(
        invoices=invoices,
        buyers=buyers,
        freshness=_freshness(supplier, at=at),
        credits=_uncovered(receivables.open_credits(supplier=supplier), invoices=invoices, own=own),
        dilution=diluted,
        dilution_days=by_day,
        aged_elsewhere=_aged(relatives, terms_by_currency, as_of=as_of),
        words=_words(supplier),
        known_buyers=_known(supplier, tops=tops),
        collisions={pk: tuple(map(_told, found)) for pk, found in collisions(supplier=supplier).items()},
        approved_invoices=approved_invoices,
        approved_buyers=approved_buyers,
        committed_house=sums.house,
        committed_pair=sums.pair,
        committed_supplier=sums.supplier,
        buyer_limits=buyer_limits,
        pair_limits=pair_limits,
        supplier_limits=supplier_limits,
        taken=taken,
        released=frozenset(released),
    )


def _freshness(supplier: Supplier, *, at: datetime) -> dict[int, Ruling]:
    """Fresh books are not dated, so that nothing changes with each reading of them."""
    found = {}
    for pk, read_to in CompanyFile.objects.filter(supplier=supplier).order_by().values_list("pk", "as_of"):
        if read_to is None:
            found[pk] = NEVER_READ
        elif staleness.is_old(read_to=read_to, at=at):
            found[pk] = Ruling(Rule.FRESHNESS, Answer.WARN, "stale", names=(read_to.isoformat(timespec="minutes"),))
        else:
            found[pk] = Ruling(Rule.FRESHNESS, Answer.PASS)
    return found


def _uncovered(
    credits: dict[BuyerAndCurrency, Decimal], *, invoices: Iterable[ReceivableInvoice], own: Iterable[Commitment]
) -> dict[BuyerAndCurrency, Decimal]:
    """Open credits less what invoices that are financed already leave uncounted: no credit is taken off twice."""
    left = dict(credits)
    bases = {one.invoice_id: one.base for one in own}
    for invoice in invoices if left and bases else ():
        key = (invoice.buyer_key, invoice.currency)
        if invoice.id in bases and key in left and invoice.balance is not None:
            slack = invoice.balance - max(invoice.tax or ZERO, ZERO) - bases[invoice.id]
            left[key] -= min(max(slack, ZERO), left[key])
    return left


def _dilution(
    supplier: Supplier, terms_by_currency: Mapping[str, Terms], *, as_of: date
) -> tuple[dict[BuyerAndCurrency, Dilution], dict[BuyerAndCurrency, tuple[DilutionDay, ...]]]:
    """Credits and invoices of the months of each currency's terms, all together and day by day."""
    found: dict[BuyerAndCurrency, Dilution] = {}
    by_day: dict[BuyerAndCurrency, tuple[DilutionDay, ...]] = {}
    for months in sorted({terms.dilution_months for terms in terms_by_currency.values()}):
        since = months_before(day=as_of, months=months)
        of_these = {code for code, terms in terms_by_currency.items() if terms.dilution_months == months}
        sums = receivables.dilution(supplier=supplier, since=since, until=as_of)
        days = receivables.dilution_days(supplier=supplier, since=since, until=as_of)
        found |= {key: one for key, one in sums.items() if key[1] in of_these}
        by_day |= {key: one for key, one in days.items() if key[1] in of_these}
    return found, by_day


def _aged(
    relatives: Mapping[int, int], terms_by_currency: Mapping[str, Terms], *, as_of: date
) -> dict[DebtorAndCurrency, Aged]:
    """What the debtors of these buyers of other suppliers owe them, and what of it is late."""
    found: dict[DebtorAndCurrency, Aged] = defaultdict(Aged)
    for currency, terms in terms_by_currency.items() if relatives else ():
        late = Q(txn_date__lt=as_of - timedelta(days=terms.cross_aging_days))
        rows = (
            Invoice.objects.filter(buyer__in=relatives, books_status__in=OWED, balance__gt=0, currency=currency)
            .order_by()
            .values_list("buyer_id")
            .annotate(owed=Sum("balance"), late=Sum("balance", filter=late, default=ZERO))
        )
        for buyer, balance, aged in rows:
            so_far = found[f"debtor:{relatives[buyer]}", currency]
            found[f"debtor:{relatives[buyer]}", currency] = Aged(so_far.balance + balance, so_far.late + aged)
    return dict(found)


def _words(supplier: Supplier) -> dict[int, Word]:
    found = {
        pk: Word(
            confirmed=said.confirmed_amount,
            is_part=said.status == Verification.Status.PARTLY_CONFIRMED,
            is_disputed=said.is_disputed,
            has_changed=said.has_changed,
        )
        for pk, said in standing_of(invoices=Invoice.objects.of(supplier).order_by()).items()
    }
    sent = Verification.objects.filter(supplier=supplier, status=Verification.Status.SENT).order_by()
    for pk in sent.values_list("invoice_id", flat=True):
        found[pk] = found.get(pk, Word())._replace(waits=True)
    return found


def _known(supplier: Supplier, *, tops: Mapping[int, int]) -> frozenset[int]:
    """Buyers that have confirmed an invoice of this supplier before, or of whom one was bought."""
    answered = Verification.objects.filter(supplier=supplier, status__in=CONFIRMED, invoice__buyer__isnull=False)
    bought = Advance.objects.filter(supplier=supplier).exclude(status=Advance.Status.CANCELLED)
    buyers = {
        *answered.order_by().values_list("invoice__buyer_id", flat=True).distinct(),
        *bought.order_by().values_list("buyer_id", flat=True).distinct(),
    }
    return frozenset(tops.get(buyer, buyer) for buyer in buyers)


def _told(collision: Collision) -> str:
    return f"{collision.supplier_name}, {collision.company_file_name}: {collision.number} ({collision.state})"


def _limits(
    supplier: Supplier, *, debtor_ids: Collection[int]
) -> tuple[dict[DebtorAndCurrency, Decimal], dict[DebtorAndCurrency, Decimal], dict[str, Decimal]]:
    """The last limits of debtors, of debtors with this supplier, and of this supplier."""
    of_debtors: dict[DebtorAndCurrency, Decimal] = {}
    of_pairs: dict[DebtorAndCurrency, Decimal] = {}
    of_supplier: dict[str, Decimal] = {}
    rows = (
        Limit.objects.filter(Q(supplier=supplier) | Q(supplier=None, debtor__in=debtor_ids))
        .order_by("debtor_id", "supplier_id", "currency", "-set_at", "-pk")
        .distinct("debtor_id", "supplier_id", "currency")
    )
    for limit in rows:
        if limit.debtor_id is None:
            of_supplier[limit.currency] = limit.amount
        elif limit.supplier_id is None:
            of_debtors[f"debtor:{limit.debtor_id}", limit.currency] = limit.amount
        else:
            of_pairs[f"debtor:{limit.debtor_id}", limit.currency] = limit.amount
    return of_debtors, of_pairs, of_supplier


Approved = dict[tuple[str, int], date | None]


def _approved(supplier: Supplier, *, as_of: date, tops: Mapping[int, int]) -> tuple[Approved, Approved]:
    """What staff let pass on this day: by rule and invoice, and by rule and top customer."""
    rows = Override.objects.filter(Q(until=None) | Q(until__gte=as_of), supplier=supplier, ended_at=None).order_by()
    of_invoices: Approved = {}
    of_buyers: Approved = {}
    for override in rows:
        if override.invoice_id is not None:
            of_invoices[override.rule, override.invoice_id] = override.until
        if override.buyer_id is not None:
            of_buyers[override.rule, tops.get(override.buyer_id, override.buyer_id)] = override.until
    return of_invoices, of_buyers
