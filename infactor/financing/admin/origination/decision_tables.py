"""The tables of the one screen on which staff decide about a request: what is asked, what stands against it, history.

Together with the price they hold at most 90 figures, however many invoices are asked for: the largest come first, and
a last row says how many more there are.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infactor.core.admin.formatting import amount_text, day_text, figure_text, link
from infactor.core.admin.tables import Table
from infactor.financing.admin.base.background import debts, objections, open_cases
from infactor.financing.admin.base.track_record import Track, track_records, track_table
from infactor.financing.eligibility import explanations
from infactor.financing.eligibility.catalogue import LIMIT_RULES, Outcome, Rule
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.models import Eligibility, FinancingRequest
from infactor.invoices.customer_hierarchy import roots_of
from infactor.invoices.models import Buyer, Invoice

MOST_INVOICES, MOST_LIMITS, MOST_BUYERS = 8, 3, 3
HUNDRED = Decimal(100)
DOUBTS = (Outcome.WARN, Outcome.UNKNOWN)

Assessments = Mapping[int, Assessment]


def asked_table(invoices: Sequence[Invoice], assessments: Assessments, *, currency: str) -> Table:
    """Each invoice with what may be advanced on it: those that cannot be financed first, then the largest."""
    shown = sorted(invoices, key=lambda one: (assessments[one.pk].is_eligible, -assessments[one.pk].face))
    rows: list[Sequence[object]] = [
        (
            link(one),
            str(one.buyer or one.company_name or "-"),
            day_text(one.payable_date),
            amount_text(assessments[one.pk].face, currency),
            amount_text(assessments[one.pk].advance, currency),
            Eligibility.Decision(assessments[one.pk].decision).label,
        )
        for one in shown[:MOST_INVOICES]
    ]
    if more := shown[MOST_INVOICES:]:
        face = sum((assessments[one.pk].face for one in more), Decimal(0))
        advance = sum((assessments[one.pk].advance for one in more), Decimal(0))
        named = ngettext("%(count)s more", "%(count)s more", len(more)) % {"count": len(more)}
        rows.append((named, "", "", amount_text(face, currency), amount_text(advance, currency), ""))
    columns = (_("Invoice"), _("Buyer"), _("Due"), _("Open"), _("Advance"), _("Eligibility"))
    return Table(_("What is asked"), columns, rows)


def against_table(request: FinancingRequest, invoices: Sequence[Invoice], assessments: Assessments) -> Table:
    """What speaks against it: rules that failed or doubt, open cases of the supplier and the buyers, and debts."""
    buyers = [one.buyer_id for one in invoices if one.buyer_id is not None]
    known = [
        *open_cases(supplier=request.supplier, buyers=buyers),
        *debts(supplier=request.supplier, currency=request.currency),
    ]
    return objections([*_rules(invoices, assessments), *known])


def limits_after_table(invoices: Sequence[Invoice], assessments: Assessments) -> Table:
    """The limits that these invoices use, as they would be after the offer, the fullest first."""
    used: dict[tuple[Rule, str], Decimal] = {}
    limits: dict[tuple[Rule, str], Decimal] = {}
    for invoice in invoices:
        found = assessments[invoice.pk]
        for result in found.results:
            limit, actual = result.limit, result.actual
            if result.rule not in LIMIT_RULES or not isinstance(limit, Decimal) or not isinstance(actual, Decimal):
                continue
            of_all = result.rule is Rule.SUPPLIER_LIMIT
            key = (result.rule, _("the supplier") if of_all else str(invoice.buyer or invoice.company_name or "-"))
            used[key] = used.get(key, actual) + found.base
            limits[key] = limit
    currency = assessments[invoices[0].pk].currency if invoices else ""
    fullest = sorted(limits, key=lambda key: (-_share(used[key], limits[key]), key[0].value, key[1]))
    return Table(
        _("Limits after this"),
        (_("Rule"), _("Of"), _("In use"), _("Limit"), _("Used")),
        [
            (
                explanations.staff_title(key[0].value),
                key[1],
                amount_text(used[key], currency),
                amount_text(limits[key], currency),
                figure_text(_share(used[key], limits[key]), "%"),
            )
            for key in fullest[:MOST_LIMITS]
        ],
        _("No limit is set."),
    )


def history_table(request: FinancingRequest, invoices: Sequence[Invoice], assessments: Assessments) -> Table:
    """How the supplier and the buyers have paid so far: advances in the currency of the request."""
    buyers = _buyers(invoices, assessments)
    tracks = track_records(supplier=request.supplier, buyers=[one.pk for one in buyers], currency=request.currency)
    dilution = {
        (one.buyer_id or 0): result.actual
        for one in invoices
        for result in assessments[one.pk].results
        if result.rule is Rule.DILUTION
    }
    rows: list[tuple[object, Track | None, object]] = [(_("Supplier"), tracks.get(None), None)]
    for buyer in buyers[:MOST_BUYERS]:
        share = next((dilution.get(one.buyer_id or 0) for one in invoices if one.buyer_id == buyer.pk), None)
        rows.append((link(buyer), tracks.get(buyer.pk), share))
    return track_table(rows, currency=request.currency)


def _buyers(invoices: Sequence[Invoice], assessments: Assessments) -> list[Buyer]:
    """The buyers' root customers, the one with the most to be advanced first."""
    asked: dict[int, Decimal] = {}
    known = {one.buyer_id for one in invoices if one.buyer_id is not None}
    roots = roots_of(buyers=known)
    for one in invoices:
        if one.buyer_id is not None:
            root = roots.get(one.buyer_id, one.buyer_id)
            asked[root] = asked.get(root, Decimal(0)) + assessments[one.pk].face
    rows = {one.buyer_id: one.buyer for one in invoices if one.buyer is not None}
    rows |= Buyer.objects.in_bulk([root for root in asked if root not in rows])
    return [rows[pk] for pk in sorted(asked, key=lambda pk: (-asked[pk], pk))]


def _rules(invoices: Sequence[Invoice], assessments: Assessments) -> list[Sequence[object]]:
    rows: list[Sequence[object]] = []
    doubts: dict[tuple[str, str], Sequence[object]] = {}
    for invoice in invoices:
        found = assessments[invoice.pk]
        if not found.is_eligible and found.deciding_rule:
            title = explanations.staff_title(found.deciding_rule)
            rows.append((title, link(invoice), explanations.explanation(found)))
        for result in found.results:
            if result.outcome in DOUBTS:
                rule, answer, measured, limit, _changes, behind = explanations.calculation_row(
                    result, currency=found.currency
                )
                of = str(invoice.buyer or invoice.company_name or "-")
                compared = _("%(measured)s, limit %(limit)s") % {"measured": measured, "limit": limit}
                why = "; ".join(part for part in (answer, compared if measured and limit else measured, behind) if part)
                doubts.setdefault((rule, of), (rule, of, why))
    return [*rows, *doubts.values()]


def _share(used: Decimal, limit: Decimal) -> Decimal:
    return (used * HUNDRED / limit).quantize(Decimal("0.1")) if limit > 0 else HUNDRED
