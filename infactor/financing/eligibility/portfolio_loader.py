"""Load a supplier's portfolio: everything that the rules need to know, from the database, in a few queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from infactor.financing.eligibility import policy_in_force, set_offs, utilization
from infactor.financing.eligibility.marked_buyers import marks_by_root
from infactor.financing.eligibility.portfolio import (
    NOT_HELD,
    ZERO,
    AgingTotals,
    ConfirmationFacts,
    DebtorAndCurrency,
    Portfolio,
    debtor_key,
)
from infactor.financing.eligibility.results import RuleResult
from infactor.financing.eligibility.rules import books
from infactor.financing.eligibility.rules import supplier as supplier_rules
from infactor.financing.eligibility.rules.buyer import OWED
from infactor.financing.eligibility.rules.dilution import months_before
from infactor.financing.eligibility.scope import Scope
from infactor.financing.models import (
    HOLDS_OFFERS,
    OUTSTANDING_STATUSES,
    Advance,
    Case,
    PurchasedInvoice,
)
from infactor.financing.terms import Terms
from infactor.invoices import invoice_documents, receivables
from infactor.invoices.contra.owed import owed_to_buyers
from infactor.invoices.customer_hierarchy import Roots, supplier_roots, within
from infactor.invoices.duplicates import Duplicate, find_duplicates
from infactor.invoices.models import CompanyFile, Invoice
from infactor.invoices.open_credits import open_credits
from infactor.invoices.receivables import BuyerAndCurrency, Dilution, DilutionDay, ReceivableInvoice
from infactor.suppliers import agreements
from infactor.suppliers.models import Application, Supplier
from infactor.verification.answers import confirmations_by_invoice
from infactor.verification.models import Verification

CONFIRMED = (Verification.Status.CONFIRMED, Verification.Status.PARTLY_CONFIRMED)


def load_portfolio(
    *,
    supplier: Supplier,
    terms_by_currency: Mapping[str, Terms],
    as_of: date,
    at: datetime,
    under_decision: Collection[int] = (),
    invoice_ids: Collection[int] | None = None,
    count_accepted_only: bool = False,
    scope: Scope | None = None,
) -> Portfolio:
    """The portfolio of `supplier` on its day `as_of`, with the freshness of its books at the moment `at`.

    With `invoice_ids`, only what is still owed and these invoices: paid and deleted ones influence no other. The
    requests and offers of the invoices `under_decision` are ignored. With `count_accepted_only` what is merely
    requested or offered uses no limit. With a `scope` only these buyers are loaded, with all that concerns them; the
    rest of the supplier, whose shares of its limits are not loaded, is to be added.
    """
    buyer_ids = None if scope is None else scope.buyer_ids
    if scope is not None:
        condition: Q | None = scope.invoices()
    else:
        condition = None if invoice_ids is None else Q(books_status__in=OWED) | Q(pk__in=invoice_ids)
    invoices = _as_bought(
        receivables.load(supplier=supplier, condition=condition, buyer_ids=buyer_ids), supplier=supplier, scope=scope
    )
    roots = supplier_roots(supplier=supplier, buyer_ids=buyer_ids)
    buyers = receivables.buyers(supplier=supplier, buyer_ids=buyer_ids, roots=roots)
    debtor_keys = {buyer: debtor_key(buyer=buyers[root]) for buyer, root in roots.items() if root in buyers}
    debtor_ids = {buyer.debtor_id for buyer in buyers.values() if buyer.debtor_id is not None}
    elsewhere = utilization.buyers_of_other_suppliers(supplier=supplier, debtor_ids=debtor_ids)
    commitments = utilization.commitments_of_supplier(supplier=supplier, buyer_ids=buyer_ids)
    own = [one for one in commitments if one.invoice_id not in under_decision]
    others = utilization.commitments_on_buyers(buyer_ids=elsewhere)
    # In a scope, what was bought of a customer outside is among what the others use, whomever its invoice names now.
    counted = [one for one in own if buyer_ids is None or one.buyer_id is None or one.buyer_id in debtor_keys]
    used = utilization.total_utilization(own=counted, others=others, debtor_keys=debtor_keys, debtors=elsewhere)
    used_of_limits = None
    if count_accepted_only:
        used_of_limits = utilization.total_utilization(
            own=[one for one in counted if one.is_accepted],
            others=[one for one in others if one.is_accepted],
            debtor_keys=debtor_keys,
            debtors=elsewhere,
        )
    dilution, dilution_days = _dilution(supplier, terms_by_currency, as_of=as_of, buyer_ids=buyer_ids, roots=roots)
    buyer_limits, pair_limits, supplier_limits = policy_in_force.limits_of(supplier=supplier, debtor_ids=debtor_ids)
    overrides = policy_in_force.overrides_of(supplier=supplier, as_of=as_of, roots=roots)
    confirmations = _confirmations(supplier, scope)
    owed = owed_to_buyers(supplier=supplier, buyer_ids=buyer_ids, roots=roots)
    contra, credits = set_offs.not_left_out(
        set_offs.lower_of_both(owed.amounts, invoices=invoices),
        open_credits(supplier=supplier, buyer_ids=buyer_ids, roots=roots),
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
        payables_not_read=owed.not_read,
        credits=credits,
        books_hold=supplier_rules.HELD if Case.objects.filter(HOLDS_OFFERS, supplier=supplier).exists() else NOT_HELD,
        debtor_marks={root: one.kind for root, one in marks_by_root(roots=list(buyers)).items()},
        disputed=_disputed(supplier, confirmations),
        dilution=dilution,
        dilution_days=dilution_days,
        aging_elsewhere=_aging_elsewhere(elsewhere, terms_by_currency, as_of=as_of),
        confirmations=confirmations,
        known_buyers=_known_buyers(supplier, roots=roots, of_buyers=buyer_ids),
        duplicates=duplicates_of(supplier=supplier) if scope is None else scope.duplicates,
        missing_documents=invoice_documents.missing(invoice_ids=[one.id for one in invoices if one.is_by_hand]),
        invoice_overrides=overrides[0],
        buyer_overrides=overrides[1],
        used_across_suppliers=used.across_suppliers,
        used_by_pair=used.by_pair,
        used_by_supplier=used.by_supplier,
        buyer_limits=buyer_limits,
        pair_limits=pair_limits,
        supplier_limits=supplier_limits,
        used_of_limits=used_of_limits,
        under_decision=frozenset(under_decision),
    )


def duplicates_of(*, supplier: Supplier, invoice_ids: Collection[int] | None = None) -> dict[int, tuple[str, ...]]:
    """What each invoice duplicates, in words for staff. See `find_duplicates`."""
    found = find_duplicates(supplier=supplier, invoice_ids=invoice_ids)
    return {pk: tuple(map(_described, ones)) for pk, ones in found.items()}


def _as_bought(
    invoices: Iterable[ReceivableInvoice], *, supplier: Supplier, scope: Scope | None
) -> list[ReceivableInvoice]:
    """The invoices, those that are financed with the dates that they had when they were bought."""
    condition = Q() if scope is None else scope.invoices("advance__invoice__")
    rows = PurchasedInvoice.objects.filter(
        condition, advance__supplier=supplier, advance__status__in=OUTSTANDING_STATUSES
    )
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
    supplier: Supplier,
    terms_by_currency: Mapping[str, Terms],
    *,
    as_of: date,
    buyer_ids: Collection[int] | None,
    roots: Roots,
) -> tuple[dict[BuyerAndCurrency, Dilution], dict[BuyerAndCurrency, tuple[DilutionDay, ...]]]:
    """Credits and invoices in the window of each currency's terms: the totals, and day by day."""
    totals: dict[BuyerAndCurrency, Dilution] = {}
    by_day: dict[BuyerAndCurrency, tuple[DilutionDay, ...]] = {}
    for months in sorted({terms.dilution_months for terms in terms_by_currency.values()}):
        since = months_before(day=as_of, months=months)
        currencies = {code for code, terms in terms_by_currency.items() if terms.dilution_months == months}
        of_window = receivables.dilution(supplier=supplier, since=since, until=as_of, buyer_ids=buyer_ids, roots=roots)
        days = receivables.dilution_days(supplier=supplier, since=since, until=as_of, buyer_ids=buyer_ids, roots=roots)
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


def _confirmations(supplier: Supplier, scope: Scope | None) -> dict[int, ConfirmationFacts]:
    """The latest answer about each invoice, and whether its buyer is being asked, by the invoice's id."""
    condition = Q() if scope is None else scope.invoices()
    answered = confirmations_by_invoice(invoices=Invoice.objects.for_supplier(supplier).filter(condition).order_by())
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


def _known_buyers(supplier: Supplier, *, roots: Mapping[int, int], of_buyers: Collection[int] | None) -> frozenset[int]:
    """Buyers that have confirmed an invoice of this supplier, or whose invoice infactor has bought."""
    confirmed = Verification.objects.filter(
        within(of_buyers, field="invoice__buyer"),
        supplier=supplier,
        status__in=CONFIRMED,
        invoice__buyer__isnull=False,
    )
    bought = Advance.objects.filter(within(of_buyers), supplier=supplier).exclude(status=Advance.Status.CANCELLED)
    buyers = {
        *confirmed.order_by().values_list("invoice__buyer_id", flat=True).distinct(),
        *bought.order_by().values_list("buyer_id", flat=True).distinct(),
    }
    return frozenset(roots.get(buyer, buyer) for buyer in buyers)


def _described(duplicate: Duplicate) -> str:
    return f"{duplicate.supplier_name}, {duplicate.company_file_name}: {duplicate.number} ({duplicate.state})"
