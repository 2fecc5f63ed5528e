"""Load a supplier's portfolio: everything that the rules need to know, from the database, in a few queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from infactor.financing.eligibility import set_offs, utilization
from infactor.financing.eligibility.marked_buyers import marks_by_root
from infactor.financing.eligibility.portfolio import (
    NOT_HELD,
    ZERO,
    AgingTotals,
    ConfirmationFacts,
    DebtorAndCurrency,
    Portfolio,
    RuleAndId,
    debtor_key,
)
from infactor.financing.eligibility.results import RuleResult
from infactor.financing.eligibility.rules import books
from infactor.financing.eligibility.rules import supplier as supplier_rules
from infactor.financing.eligibility.rules.buyer import OWED
from infactor.financing.eligibility.rules.dilution import months_before
from infactor.financing.models import (
    HOLDS_OFFERS,
    OUTSTANDING_STATUSES,
    Advance,
    Case,
    Limit,
    Override,
    PurchasedInvoice,
)
from infactor.financing.terms import Terms
from infactor.invoices import invoice_documents, receivables
from infactor.invoices.contra.owed import owed_to_buyers
from infactor.invoices.customer_hierarchy import supplier_roots
from infactor.invoices.duplicates import Duplicate, find_duplicates
from infactor.invoices.models import CompanyFile, Invoice
from infactor.invoices.open_credits import open_credits
from infactor.invoices.receivables import BuyerAndCurrency, Dilution, DilutionDay, ReceivableInvoice
from infactor.suppliers import agreements
from infactor.suppliers.models import Application, Supplier
from infactor.verification.answers import confirmations_by_invoice
from infactor.verification.models import Verification

CONFIRMED = (Verification.Status.CONFIRMED, Verification.Status.PARTLY_CONFIRMED)
LastDays = dict[RuleAndId, date | None]


def load_portfolio(
    *,
    supplier: Supplier,
    terms_by_currency: Mapping[str, Terms],
    as_of: date,
    at: datetime,
    under_decision: Collection[int] = (),
    invoice_ids: Collection[int] | None = None,
    count_accepted_only: bool = False,
) -> Portfolio:
    """The portfolio of `supplier` on its day `as_of`, with the freshness of its books at the moment `at`.

    With `invoice_ids`, only what is still owed and these invoices: paid and deleted ones influence no other. The
    requests and offers of the invoices `under_decision` are ignored. With `count_accepted_only` what is merely
    requested or offered uses no limit.
    """
    condition = None if invoice_ids is None else Q(books_status__in=OWED) | Q(pk__in=invoice_ids)
    invoices = _as_bought(receivables.load(supplier=supplier, condition=condition), supplier=supplier)
    buyers = receivables.buyers(supplier=supplier)
    roots = supplier_roots(supplier=supplier)
    debtor_keys = {buyer: debtor_key(buyer=buyers[root]) for buyer, root in roots.items() if root in buyers}
    debtor_ids = {buyer.debtor_id for buyer in buyers.values() if buyer.debtor_id is not None}
    elsewhere = utilization.buyers_of_other_suppliers(supplier=supplier, debtor_ids=debtor_ids)
    commitments = utilization.commitments_of_supplier(supplier=supplier)
    own = [one for one in commitments if one.invoice_id not in under_decision]
    others = utilization.commitments_on_buyers(buyer_ids=elsewhere)
    used = utilization.total_utilization(own=own, others=others, debtor_keys=debtor_keys, debtors=elsewhere)
    used_of_limits = None
    if count_accepted_only:
        used_of_limits = utilization.total_utilization(
            own=[one for one in own if one.is_accepted],
            others=[one for one in others if one.is_accepted],
            debtor_keys=debtor_keys,
            debtors=elsewhere,
        )
    dilution, dilution_days = _dilution(supplier, terms_by_currency, as_of=as_of)
    buyer_limits, pair_limits, supplier_limits = _limits(supplier, debtor_ids=debtor_ids)
    invoice_overrides, buyer_overrides = _overrides(supplier, as_of=as_of, roots=roots)
    confirmations = _confirmations(supplier)
    owed = owed_to_buyers(supplier=supplier)
    contra, credits = set_offs.not_left_out(
        set_offs.lower_of_both(owed.amounts, invoices=invoices),
        open_credits(supplier=supplier),
        invoices=invoices,
        own=own,
    )
    return Portfolio(
        invoices=invoices,
        buyers=buyers,
        freshness=_freshness(supplier, at=at),
        application=_application(supplier),
        contra=contra,
        payables_unknown=owed.unknown,
        credits=credits,
        books_hold=supplier_rules.HELD if Case.objects.filter(HOLDS_OFFERS, supplier=supplier).exists() else NOT_HELD,
        debtor_marks={root: one.kind for root, one in marks_by_root(roots=list(buyers)).items()},
        disputed=_disputed(supplier, confirmations),
        dilution=dilution,
        dilution_days=dilution_days,
        aging_elsewhere=_aging_elsewhere(elsewhere, terms_by_currency, as_of=as_of),
        confirmations=confirmations,
        known_buyers=_known_buyers(supplier, roots=roots),
        duplicates={pk: tuple(map(_described, found)) for pk, found in find_duplicates(supplier=supplier).items()},
        missing_documents=invoice_documents.missing(invoice_ids=[one.id for one in invoices if one.is_by_hand]),
        invoice_overrides=invoice_overrides,
        buyer_overrides=buyer_overrides,
        used_across_suppliers=used.across_suppliers,
        used_by_pair=used.by_pair,
        used_by_supplier=used.by_supplier,
        buyer_limits=buyer_limits,
        pair_limits=pair_limits,
        supplier_limits=supplier_limits,
        used_of_limits=used_of_limits,
        under_decision=frozenset(under_decision),
    )


def _as_bought(invoices: Iterable[ReceivableInvoice], *, supplier: Supplier) -> list[ReceivableInvoice]:
    """The invoices, those that are financed with the dates that they had when they were bought."""
    rows = PurchasedInvoice.objects.filter(advance__supplier=supplier, advance__status__in=OUTSTANDING_STATUSES)
    bought = {
        invoice: (issued, due)
        for invoice, issued, due in rows.order_by().values_list("advance__invoice", "txn_date", "due_on")
    }
    return [
        one._replace(txn_date=bought[one.id][0], payable_date=bought[one.id][1]) if one.id in bought else one
        for one in invoices
    ]


def _disputed(supplier: Supplier, confirmations: Mapping[int, ConfirmationFacts]) -> frozenset[int]:
    """The invoices that a buyer disputes by its last answer, or by a case that is open."""
    cases = Case.objects.filter(supplier=supplier, kind=Case.Kind.DISPUTE, closed_at__isnull=True).order_by()
    by_answer = {pk for pk, one in confirmations.items() if one.is_disputed}
    decided = Case.objects.filter(supplier=supplier, kind=Case.Kind.DISPUTE, closed_at__isnull=False).order_by()
    return frozenset(
        (by_answer - set(decided.values_list("advance__invoice", flat=True)))
        | set(cases.values_list("advance__invoice", flat=True))
    )


def _application(supplier: Supplier) -> RuleResult:
    return supplier_rules.application(
        status=Application.objects.filter(supplier=supplier).values_list("status", flat=True).first(),
        has_accepted=agreements.is_current(supplier=supplier),
    )


def _freshness(supplier: Supplier, *, at: datetime) -> dict[int, RuleResult]:
    files = CompanyFile.objects.filter(supplier=supplier).order_by().only("source", "as_of")
    return {
        file.pk: books.BY_HAND if file.is_by_hand else books.freshness(books_as_of=file.as_of, at=at) for file in files
    }


def _dilution(
    supplier: Supplier, terms_by_currency: Mapping[str, Terms], *, as_of: date
) -> tuple[dict[BuyerAndCurrency, Dilution], dict[BuyerAndCurrency, tuple[DilutionDay, ...]]]:
    """Credits and invoices in the window of each currency's terms: the totals, and day by day."""
    totals: dict[BuyerAndCurrency, Dilution] = {}
    by_day: dict[BuyerAndCurrency, tuple[DilutionDay, ...]] = {}
    for months in sorted({terms.dilution_months for terms in terms_by_currency.values()}):
        since = months_before(day=as_of, months=months)
        currencies = {code for code, terms in terms_by_currency.items() if terms.dilution_months == months}
        of_window = receivables.dilution(supplier=supplier, since=since, until=as_of)
        days = receivables.dilution_days(supplier=supplier, since=since, until=as_of)
        totals |= {key: one for key, one in of_window.items() if key[1] in currencies}
        by_day |= {key: one for key, one in days.items() if key[1] in currencies}
    return totals, by_day


def _aging_elsewhere(
    debtors: Mapping[int, int], terms_by_currency: Mapping[str, Terms], *, as_of: date
) -> dict[DebtorAndCurrency, AgingTotals]:
    """What debtors owe other suppliers, and what of it is late. `debtors` has the debtor of each of their buyers."""
    found: dict[DebtorAndCurrency, AgingTotals] = defaultdict(AgingTotals)
    bought = PurchasedInvoice.objects.filter(advance__invoice=OuterRef("pk"), advance__status__in=OUTSTANDING_STATUSES)
    for currency, terms in terms_by_currency.items() if debtors else ():
        late = Q(issued__lt=as_of - timedelta(days=terms.cross_aging_days))
        rows = (
            Invoice.objects.filter(buyer__in=debtors, books_status__in=OWED, balance__gt=0, currency=currency)
            .annotate(issued=Coalesce(Subquery(bought.values("txn_date")[:1]), "txn_date"))
            .order_by()
            .values_list("buyer_id")
            .annotate(owed=Sum("balance"), late=Sum("balance", filter=late, default=ZERO))
        )
        for buyer, balance, late_balance in rows:
            key = (f"debtor:{debtors[buyer]}", currency)
            found[key] = AgingTotals(found[key].balance + balance, found[key].late + late_balance)
    return dict(found)


def _confirmations(supplier: Supplier) -> dict[int, ConfirmationFacts]:
    """The latest answer about each invoice, and whether its buyer is being asked, by the invoice's id."""
    answered = confirmations_by_invoice(invoices=Invoice.objects.for_supplier(supplier).order_by())
    found = {
        pk: ConfirmationFacts(
            confirmed_amount=answer.confirmed_amount,
            is_partial=answer.status == Verification.Status.PARTLY_CONFIRMED,
            is_disputed=answer.is_disputed,
            has_changed=answer.has_changed,
        )
        for pk, answer in answered.items()
    }
    sent = Verification.objects.filter(supplier=supplier, status=Verification.Status.SENT).order_by()
    for pk in sent.values_list("invoice_id", flat=True):
        found[pk] = found.get(pk, ConfirmationFacts())._replace(is_pending=True)
    return found


def _known_buyers(supplier: Supplier, *, roots: Mapping[int, int]) -> frozenset[int]:
    """Buyers that have confirmed an invoice of this supplier, or whose invoice infactor has bought."""
    confirmed = Verification.objects.filter(supplier=supplier, status__in=CONFIRMED, invoice__buyer__isnull=False)
    bought = Advance.objects.filter(supplier=supplier).exclude(status=Advance.Status.CANCELLED)
    buyers = {
        *confirmed.order_by().values_list("invoice__buyer_id", flat=True).distinct(),
        *bought.order_by().values_list("buyer_id", flat=True).distinct(),
    }
    return frozenset(roots.get(buyer, buyer) for buyer in buyers)


def _described(duplicate: Duplicate) -> str:
    return f"{duplicate.supplier_name}, {duplicate.company_file_name}: {duplicate.number} ({duplicate.state})"


def _limits(
    supplier: Supplier, *, debtor_ids: Collection[int]
) -> tuple[dict[DebtorAndCurrency, Decimal], dict[DebtorAndCurrency, Decimal], dict[str, Decimal]]:
    """The limits in force of debtors, of debtors with this supplier, and of this supplier."""
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


def _overrides(supplier: Supplier, *, as_of: date, roots: Mapping[int, int]) -> tuple[LastDays, LastDays]:
    """The last days of the overrides in force: by rule and invoice, and by rule and root customer."""
    rows = Override.objects.filter(Q(until=None) | Q(until__gte=as_of), supplier=supplier, ended_at=None).order_by()
    of_invoices: LastDays = {}
    of_buyers: LastDays = {}
    for override in rows:
        if override.invoice_id is not None:
            of_invoices[override.rule, override.invoice_id] = override.until
        if override.buyer_id is not None:
            of_buyers[override.rule, roots.get(override.buyer_id, override.buyer_id)] = override.until
    return of_invoices, of_buyers
