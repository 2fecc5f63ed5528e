"""What the page of a house account lists: its last statements and movements."""

from django.utils.translation import gettext as _

from infactor.banking.models import HouseAccount, Movement
from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.tables import Table

RECENT = 20


def statements_table(account: HouseAccount) -> Table:
    """The last statements of an account."""
    rows = account.statements.select_related("file").order_by("-to_date", "-pk")[:RECENT]
    return Table(
        caption=_("Last statements"),
        columns=(_("Statement"), _("From"), _("To"), _("Begins with"), _("Ends with"), _("Lines")),
        rows=[
            (
                link(one),
                day_text(one.from_date),
                day_text(one.to_date),
                "" if one.opening_balance is None else amount_text(one.opening_balance, account.currency),
                "" if one.closing_balance is None else amount_text(one.closing_balance, account.currency),
                str(one.line_count),
            )
            for one in rows
        ],
        empty=_("No statement is imported yet."),
    )


def movements_table(account: HouseAccount) -> Table:
    """The last movements on an account."""
    return Table(
        caption=_("Last movements"),
        columns=(_("Movement"), _("Value date"), _("Kind"), _("Amount"), _("Note")),
        rows=[
            (link(one), day_text(one.value_date), _kind_of(one), amount_text(one.amount, account.currency), one.note)
            for one in account.movements.order_by("-value_date", "-pk")[:RECENT]
        ],
    )


def _kind_of(movement: Movement) -> str:
    kind = movement.get_kind_display()
    return kind if movement.withdrawn_at is None else _("%(kind)s (withdrawn)") % {"kind": kind}
