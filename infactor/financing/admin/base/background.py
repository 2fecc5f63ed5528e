"""What stands beside every decision about an invoice or an advance: what speaks against it, and how it went before.

Few figures by design: together with its own a screen of a decision holds at most 90.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Model, Q
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.tables import Table
from infactor.financing import netting
from infactor.financing.admin.base.track_record import track_records, track_table
from infactor.financing.eligibility import explanations, serialization
from infactor.financing.models import Advance, Case, Eligibility
from infactor.invoices.customer_hierarchy import root_customer
from infactor.invoices.models import Buyer, Invoice
from infactor.suppliers.models import Supplier

MOST_AGAINST = 8
MOST_PAID = 3  # advances that one payment is for, each with its background


def objections(rows: Sequence[Sequence[object]]) -> Table:
    """What stands against a decision: each row what it is, of whom, and why. The first ones, and how many more."""
    cut = list(rows[:MOST_AGAINST])
    if left := len(rows) - len(cut):
        cut.append((ngettext("%(count)s more", "%(count)s more", left) % {"count": left}, "", _("See the request.")))
    return Table(
        _("What stands against it"),
        (_("What"), _("Of"), _("Why")),
        cut,
        _("Nothing: all rules pass, no case is open, and the supplier owes nothing."),
    )


def open_cases(*, supplier: Supplier, buyers: Collection[int]) -> list[Sequence[object]]:
    """The open cases of the supplier and of these buyers, as rows of `objections`."""
    is_theirs = Q(supplier=supplier) | Q(advance__buyer__in=buyers)
    found = Case.objects.filter(is_theirs, closed_at__isnull=True).select_related("advance__buyer", "advance__invoice")
    return [
        (
            link(one, one.get_kind_display()),
            format_html("{}, {}", one.advance.invoice, one.advance.buyer),
            _("Open since %(day)s: %(reason)s") % {"day": day_text(one.opened_at), "reason": one.reason},
        )
        for one in found.order_by("opened_at", "pk")[: MOST_AGAINST + 1]
    ]


def debts(*, supplier: Supplier, currency: str) -> list[Sequence[object]]:
    """What the supplier owes infactor, as a row of `objections`; none where it owes nothing."""
    owed = netting.debt(supplier_id=supplier.pk, currency=currency)
    return [(_("Debt"), link(supplier), format_html("{}", amount_text(owed, currency)))] if owed > 0 else []


def advances_background(advances: Sequence[Advance]) -> list[Table]:
    """What stands against paying these advances, and how their buyers and suppliers did before; of the first few."""
    shown = list(advances[:MOST_PAID])
    if not shown:
        return []
    against: dict[str, Sequence[object]] = {}
    history: dict[tuple[int, int], list[Any]] = {}
    for one in shown:
        for row in open_cases(supplier=one.supplier, buyers=[one.buyer_id]):
            against.setdefault(str(row), row)
        history.setdefault((one.supplier_id, one.buyer_id), _history(one.supplier, one.buyer, one.currency))
    rows = {str(name): (name, track, share) for found in history.values() for name, track, share in found}
    return [objections(list(against.values())), track_table(rows.values(), currency=shown[0].currency)]


def of_row(user: Any, row: Model) -> Sequence[Table]:
    """Beside decisions about an invoice, as a buyer's answer: its eligibility, what stands against it, the history."""
    if not isinstance(row, Invoice) or not user.has_perm("financing.view_eligibility"):
        return ()
    found = Eligibility.objects.filter(invoice=row).first()
    buyers = [] if row.buyer_id is None else [row.buyer_id]
    against = [*_refusal(row, found), *open_cases(supplier=row.supplier, buyers=buyers)]
    against += debts(supplier=row.supplier, currency=row.currency)
    root = None if row.buyer is None else root_customer(buyer=row.buyer)
    history = track_table(_history(row.supplier, root, row.currency), currency=row.currency)
    return [*([_worth(row, found)] if found else []), objections(against), history]


def _worth(invoice: Invoice, found: Eligibility) -> Table:
    """What the invoice may bring by its last assessment."""
    amounts = (found.face, found.base, found.advance, found.base - found.advance)
    return Table(
        _("What it may bring"),
        (_("Open"), _("Base"), _("Advance"), _("Reserve"), _("Eligibility")),
        [(*(amount_text(one, invoice.currency) for one in amounts), found.get_decision_display())],
    )


def _refusal(invoice: Invoice, found: Eligibility | None) -> list[Sequence[object]]:
    if found is None or not found.deciding_rule:
        return []
    results, _deductions = serialization.loads(found.breakdown)
    why = explanations.explain_results(results, currency=invoice.currency)
    return [(explanations.staff_title(found.deciding_rule), link(invoice), why)]


def _history(supplier: Supplier, buyer: Buyer | None, currency: str) -> list[Any]:
    tracks = track_records(supplier=supplier, buyers=[] if buyer is None else [buyer.pk], currency=currency)
    rows: list[Any] = [(link(supplier), tracks.get(None), None)]
    return rows if buyer is None else [*rows, (link(buyer), tracks.get(buyer.pk), None)]
