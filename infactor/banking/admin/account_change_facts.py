"""What staff read of a change of a house account: before they ask for it, before they confirm it, and afterwards."""

from django.utils.translation import gettext as _

from infactor.banking.models import AccountChange, HouseAccount
from infactor.banking.models.house_account import number_ending
from infactor.core.admin.formatting import day_text
from infactor.core.admin.tables import Facts, Table

NONE = "-"


def what_buyers_read(source: HouseAccount | AccountChange, *, number: str) -> Facts:
    """All that a buyer is told of the account that it pays to, with as much of the number as the page shows."""
    return [
        (_("Account holder"), source.originator_name or NONE),
        (_("Bank"), source.bank_name),
        (_("Number"), number),
        (_("Routing number"), source.routing_number or NONE),
        (_("BIC"), source.bic or NONE),
    ]


def now_and_afterwards(account: HouseAccount, change: AccountChange) -> Facts:
    """What the account has now beside what it becomes, in full. Somebody may have changed it since it was asked for."""
    return [
        (_("Account holder now"), account.originator_name or NONE),
        (_("Account holder afterwards"), change.originator_name or NONE),
        (_("Bank now"), account.bank_name),
        (_("Bank afterwards"), change.bank_name),
        (_("Number now"), account.account_number),
        (_("Number afterwards"), change.account_number),
        (_("Routing number now"), account.routing_number or NONE),
        (_("Routing number afterwards"), change.routing_number or NONE),
        (_("BIC now"), account.bic or NONE),
        (_("BIC afterwards"), change.bic or NONE),
    ]


def changes_table(account: HouseAccount) -> Table:
    """Every change of an account that redirected money, with what was before: numbers by their ends."""
    return Table(
        caption=_("Changes of holder, number, bank and where buyers pay"),
        columns=(_("Change"), _("Before"), _("Afterwards"), _("Reason"), _("Asked for"), _("State"), _("Decided")),
        rows=[
            (
                one.get_kind_display(),
                _before(one),
                _afterwards(one),
                one.reason,
                f"{one.requested_by}, {day_text(one.requested_at)}",
                one.get_status_display(),
                f"{one.decided_by}, {day_text(one.decided_at)} {one.refusal}".strip() if one.decided_by else "",
            )
            for one in account.all_changes
        ],
        empty=_("None so far."),
    )


def _before(change: AccountChange) -> str:
    """Bank and end of the number, with what else was changed; empty where only buyers are to pay to it."""
    return ", ".join([number_ending(change.former_last4, bank=change.former_bank_name), *_changed(change)[0]])


def _afterwards(change: AccountChange) -> str:
    return ", ".join([number_ending(change.last4, bank=change.bank_name), *_changed(change)[1]])


def _changed(change: AccountChange) -> tuple[list[str], list[str]]:
    """Holder, routing number and BIC before and afterwards, where they differ and there are any."""
    pairs = [
        (change.former_originator_name, change.originator_name),
        (change.former_routing_number, change.routing_number),
        (change.former_bic, change.bic),
    ]
    changed = [pair for pair in pairs if pair[0] != pair[1]]
    return [before for before, _after in changed if before], [after for _before, after in changed if after]
