"""Comparisons in a simulation: edits that no sync can see, and what every company's last comparison must say.

QuickBooks conceals some of the edits: a payment changes its invoice without moving its time, new documents are told of
by neither change data capture nor webhooks, and a journal entry is an object that infactor never reads.
"""

from datetime import datetime
from decimal import Decimal
from random import Random

from infactor.invoices.models import Buyer
from quickbooks_app.models import CompletenessCheck, CompletenessLine, Connection
from quickbooks_app.sandbox.accounting.books import Concealment
from tests.simulation.books import Bookkeeper
from tests.simulation.debts import ENTRY_ENTITIES
from tests.support.assertions.matches_quickbooks import Refused

OLD_TIMES, UNREPORTED = Concealment(old_times=True), Concealment(unreported=True)
# Edits that stay concealed for as long as nothing else changes their objects.
WHILE_OTHERS_EDIT = (("pay", OLD_TIMES), ("post_entry", OLD_TIMES))
# An unreported document stays so, whatever becomes of it: nobody edits it afterwards.
AT_THE_END = (
    *WHILE_OTHERS_EDIT,
    ("create_sales_form", UNREPORTED),
    ("credit", UNREPORTED),
    ("pay_unapplied", UNREPORTED),
)


def conceal_edit(person: Bookkeeper, *, chance: Random, at: datetime, is_end: bool) -> list[tuple[str, str, str]]:
    """Make an edit that no sync can see. Returns its objects, or nothing if the books refuse it."""
    kind, concealment = chance.choice(AT_THE_END if is_end else WHILE_OTHERS_EDIT)
    return person.edit(at=at, kind=kind, concealment=concealment)


def assert_complete(connection: Connection, person: Bookkeeper, refused: Refused) -> None:
    """The last comparison explains every cent, and infactor has the balance of each customer that is given out."""
    check = CompletenessCheck.objects.filter(connection=connection).latest("pk")
    lines = CompletenessLine.objects.filter(completeness_check=check)
    remaining = [f"{line.kind} {line}: {line.theirs} there, {line.ours} here" for line in lines.filter(outcome="open")]
    assert not remaining, "\n".join(remaining)
    because = list(lines.filter(outcome="refused").values_list("kind", "entity", "qbk_id"))
    expected = "different" if because else "complete"
    assert (check.state, check.error, check.needs_full_read) == (expected, "", False), (check.state, check.error)
    given_out = [one for one in because if one[2] not in refused.get(one[1], ())]
    assert not given_out, f"explained by a refusal, and given out: {given_out}"
    totals = (check.our_total, check.entries_total, check.refused_total)
    assert check.unexplained == 0, check.unexplained
    assert check.account_total == check.report_total == sum(totals), (check.account_total, check.report_total, totals)  # type: ignore[arg-type]
    named = set(lines.filter(kind="entry").values_list("qbk_id", flat=True))
    posted = {one["Id"] for entity in ENTRY_ENTITIES for one in person.objects(entity)}
    assert named <= posted, "an entry is named that does not exist"
    assert posted or not check.entries_total
    held = dict(Buyer.objects.filter(company_file=connection.company_file_id).values_list("reference", "balance"))
    for customer in person.objects("Customer"):
        if customer["Id"] in refused["Customer"]:
            continue
        assert held[customer["Id"]] == Decimal(str(customer["Balance"])), customer["DisplayName"]
