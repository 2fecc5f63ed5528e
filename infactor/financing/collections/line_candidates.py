"""Candidates for a line that a person matches: its proposal, what its payer owes, and what a search finds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from infactor.banking.models import StatementLine
from infactor.financing.collections import line_proposals, open_advances
from infactor.financing.models import Advance

MAX_CANDIDATES = 60


@dataclass(frozen=True)
class Candidate:
    """An advance with what is open of it, and whether the proposal says that the line pays it."""

    advance: Advance
    outstanding: Decimal
    is_proposed: bool


def find(*, line: StatementLine, text: str = "", ticked: Iterable[str] = ()) -> Sequence[Candidate]:
    """The candidates as the books are now: the proposed and the ticked ones first, then the oldest."""
    known = open_advances.load(currency=line.account.currency)
    proposed = line_proposals.of_advances(line=line, advances=known).targets
    chosen = {int(one) for one in ticked if one.isdecimal() and len(one) < 19}
    wanted = {pk for pk in chosen | set(proposed) if pk in known.by_pk}
    groups = {known.by_pk[pk].group for pk in proposed} | line_proposals.payer_groups(line=line, advances=known)
    wanted |= {pk for group in groups for pk in known.by_group[group]}
    if words := text.strip():
        wanted |= known.named_in(words) | _searched(words, line.account.currency) & known.by_pk.keys()
    first = chosen | set(proposed)
    order = sorted(wanted, key=lambda pk: (pk not in first, pk))
    rows = Advance.objects.select_related("invoice", "buyer", "supplier").in_bulk(order[:MAX_CANDIDATES])
    return [Candidate(rows[pk], known.by_pk[pk].outstanding, pk in proposed) for pk in order[:MAX_CANDIDATES]]


def _searched(text: str, currency: str) -> set[int]:
    found = Advance.objects.filter(
        Q(buyer__name__icontains=text)
        | Q(buyer__debtor__name__icontains=text)
        | Q(supplier__name__icontains=text)
        | Q(invoice__invoice_no__icontains=text),
        status=Advance.Status.FUNDED,
        currency=currency,
    )
    return set(found.order_by().values_list("pk", flat=True)[: MAX_CANDIDATES * 5])
