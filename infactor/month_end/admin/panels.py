"""What month end adds to staff's pages of other rows: the accruals of an advance, the checklist of a closed month,
and the row that a transaction belongs to.
"""

from datetime import date
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from infactor.banking.models import Movement
from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.panels import Panel
from infactor.core.admin.tables import Table
from infactor.financing.models import Advance, Collection, Payout
from infactor.ledger import periods
from infactor.ledger.models import PeriodClosing, Transaction
from infactor.month_end.models import AccrualRun
from infactor.suppliers.models import Supplier

# The rows that references of transactions begin with.
SUBJECTS: dict[str, type[Model]] = {
    "advance": Advance,
    "collection": Collection,
    "payout": Payout,
    "supplier": Supplier,
    "movement": Movement,
}


def panel_of(user: Any, row: Model) -> Panel | None:
    """The panel of `row`, if month end has one."""
    if isinstance(row, Advance):
        return _accruals(row) if row.fee_accruals.exists() else None
    if isinstance(row, Transaction):
        return _subject(row)
    return _closing(row, user) if isinstance(row, PeriodClosing) else None


def _subject(posted: Transaction) -> Panel | None:
    """The row that a transaction belongs to, by its reference: `advance:17:settled`, `accrual:2026-11:1:3:USD:1`."""
    of, number, *rest = [*posted.reference.split(":"), ""]
    found: Model | None = None
    if of == "accrual":
        month = date.fromisoformat(f"{number}-01")
        found = AccrualRun.objects.filter(month=month, number=int(rest[0])).first()
    elif of in SUBJECTS and number.isdecimal():
        found = SUBJECTS[of]._default_manager.filter(pk=int(number)).first()
    if found is None:
        return None
    return Panel(Table(_("It belongs to"), (_("Row"), _("Kind")), [(link(found), found._meta.verbose_name)]))


def _accruals(advance: Advance) -> Panel:
    rows = advance.fee_accruals.select_related("run").order_by("pk")
    return Panel(
        Table(
            caption=_("Fees accrued at month end"),
            columns=(
                _("Accrual"),
                _("Posted on"),
                _("Reversed on"),
                _("Fee by the terms"),
                _("Charged already"),
                _("Accrued"),
                _("Of it late fees"),
            ),
            rows=[
                (
                    link(one.run),
                    day_text(periods.last_day(one.run.month)),
                    day_text(periods.next_month(one.run.month)),
                    one.formula,
                    amount_text(one.charged, advance.currency),
                    amount_text(one.amount, advance.currency),
                    amount_text(one.late_amount, advance.currency),
                )
                for one in rows
            ],
        )
    )


def _closing(closing: PeriodClosing, user: Any) -> Panel:
    table = Table(
        caption=_("What was not in order"),
        columns=(_("Point"), _("What was found"), _("Explanation")),
        rows=[(one["point"], one["findings"], one["explanation"] or "-") for one in closing.explanations],
        empty=_("Every point of the checklist was in order."),
    )
    may_reopen = user.has_perm(periods.PERMISSION) and closing == periods.last_closing()
    address = reverse("admin:month_end_reopen", args=[closing.pk])
    return Panel(table, buttons=[(_("Reopen"), address)] if may_reopen else [])
