"""What an open line of a statement is likely for: the likeliest, with reasons in words, and whether it is certain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from infactor.banking.models import StatementLine
from infactor.core.money import format_amount
from infactor.financing.collections import subset_sums
from infactor.financing.collections.invoice_tokens import number_form
from infactor.financing.collections.look_alikes import LookAlike
from infactor.financing.collections.open_advances import OpenAdvance, OpenAdvances
from infactor.financing.models import LineProposal
from infactor.invoices.debtors.company_names import normalized_name
from infactor.ledger.models import Entry

Kind = LineProposal.Kind
MAX_REASONS = 3  # of a kind
NAMED, PAYER, NAMED_IN_PART, SUM_OF_PAYER, AMOUNT_ONLY = 100, 90, 70, 60, 30


@dataclass
class Found:
    """A proposal before it is stored: which advances get how much, and why."""

    targets: dict[int, Decimal] = field(default_factory=dict)
    score: int = 0
    is_certain: bool = False
    reasons: list[str] = field(default_factory=list)


def propose(
    *,
    line: StatementLine,
    found: Found,
    alike: Sequence[LookAlike],
    booked: Sequence[Entry],
    at: datetime,
    sent: Sequence[str] = (),
) -> LineProposal:
    """What `line` is likely for: the advances `found`, unless payments look like it or the books have it already.

    `sent`: why it may be a payout, or one that came back, in words; then no person is spared a look. Not saved; no
    query.
    """
    if line.amount < 0:
        return _proposal(line, Found(reasons=[*sent, *_of_booked(booked)]), booked, (), at)
    if sent:
        found = Found(reasons=[*sent, *found.reasons])
    return _proposal(line, found, booked, alike, at)


def of_advances(*, line: StatementLine, advances: OpenAdvances) -> Found:
    """The advances that a credit pays, as its text, its payer and its amount say; of a debit none. Pure."""
    if line.amount < 0:
        return Found()
    named = [advances.by_pk[pk] for pk in sorted(advances.named_in(f"{line.remittance} {line.reference}"))]
    groups, how = _payer(line, advances)
    of_payer = [one for one in named if one.group in groups]
    if named:
        found = _exact(line, named, groups, how) or (_exact(line, of_payer, groups, how) if of_payer else None)
        return found or _in_part(line, of_payer or named)
    if groups:
        return _by_payer(line, [advances.by_pk[pk] for group in sorted(groups) for pk in advances.by_group[group]], how)
    same = [advances.by_pk[pk] for pk in sorted(advances.by_amount.get(line.amount, ()))]
    if len(same) == 1:
        return Found({same[0].pk: line.amount}, AMOUNT_ONLY, False, [f"Only {_of(same[0])} is open with this amount."])
    return Found(reasons=[f"{len(same)} invoices are open with this amount."] if same else [])


def payer_groups(*, line: StatementLine, advances: OpenAdvances) -> set[str]:
    """The buyers, over all suppliers, that the payer of a line is known as."""
    return _payer(line, advances)[0]


def _payer(line: StatementLine, advances: OpenAdvances) -> tuple[set[str], str]:
    """The buyers that the payer is, and how that is known."""
    if line.payer_fingerprint and (groups := advances.groups_by_account.get(line.payer_fingerprint)):
        return groups, "It comes from the account from which this buyer has paid before."
    name = normalized_name(line.payer)
    if name and (groups := advances.groups_by_name.get(name)):
        learnt = name in advances.learnt_names
        return groups, "The payer has paid for this buyer before." if learnt else "The payer has the buyer's name."
    return set(), ""


def _exact(line: StatementLine, named: Sequence[OpenAdvance], groups: set[str], how: str) -> Found | None:
    """The named invoices come to the amount, all of them or one choice of them only."""
    total = sum((one.outstanding for one in named), Decimal(0))
    ways = [tuple(range(len(named)))] if total == line.amount else _ways(named, line.amount)
    if len(ways) != 1:
        return None
    chosen = [named[position] for position in ways[0]]
    reasons = [f"It names {_list(chosen)}, and the amount is exactly what is open."]
    numbers = {number_form(one.invoice_no) for one in chosen}
    # Two suppliers may use one number: the amount says which.
    is_certain = all(number_form(one.invoice_no) in numbers for one in named)
    if not is_certain:
        reasons.append(f"It names {len(named) - len(chosen)} more, which the amount does not cover.")
    if groups and not all(one.group in groups for one in chosen):
        reasons.append("But the payer is known as another buyer.")
        is_certain = False
    elif how:
        reasons.append(how)
    return Found({one.pk: one.outstanding for one in chosen}, NAMED if is_certain else NAMED - 5, is_certain, reasons)


def _in_part(line: StatementLine, named: Sequence[OpenAdvance]) -> Found:
    """The named invoices do not come to the amount: the oldest first, as far as it goes."""
    targets, left = {}, line.amount
    for one in named:
        if part := min(one.outstanding, left):
            targets[one.pk] = part
            left -= part
    total = sum((one.outstanding for one in named), Decimal(0))
    difference = format_amount(abs(line.amount - total), line.account.currency)
    more = "more" if line.amount > total else "less"
    return Found(targets, NAMED_IN_PART, False, [f"It names {_list(named)}, and is {difference} {more} than is open."])


def _by_payer(line: StatementLine, open_: Sequence[OpenAdvance], how: str) -> Found:
    """No invoice is named, and the buyer is known: the amount says which."""
    same = [one for one in open_ if one.outstanding == line.amount]
    ways = _ways(open_, line.amount)
    if len(same) == 1 and len(ways) == 1:
        return Found({same[0].pk: line.amount}, PAYER, True, [how, f"Only {_of(same[0])} of it fits the amount."])
    if len(same) > 1:
        return Found({same[0].pk: line.amount}, SUM_OF_PAYER, False, [how, f"{_list(same)} are open with this amount."])
    if ways:
        chosen = [open_[position] for position in ways[0]]
        only = "Only" if len(ways) == 1 else "For instance"
        reasons = [how, f"{only} {_list(chosen)} come to this amount."]
        score = SUM_OF_PAYER if len(ways) == 1 else AMOUNT_ONLY
        return Found({one.pk: one.outstanding for one in chosen}, score, False, reasons)
    return Found(reasons=[how, "No open invoices of this buyer come to the amount."])


def _ways(open_: Sequence[OpenAdvance], amount: Decimal) -> list[tuple[int, ...]]:
    return subset_sums.find(amounts=[one.outstanding for one in open_], total=amount)


def _proposal(
    line: StatementLine, found: Found, booked: Sequence[Entry], alike: Sequence[LookAlike], at: datetime
) -> LineProposal:
    reasons = list(found.reasons)
    if alike:
        reasons = [*(str(one) for one in alike[:MAX_REASONS]), *reasons]
    elif booked and line.amount > 0:
        reasons = [*_of_booked(booked), *reasons]
    kind = Kind.BOOKED if booked else Kind.ADVANCES if found.targets else Kind.NONE
    is_certain = found.is_certain and not alike and not booked
    return LineProposal(
        line=line,
        kind=kind,
        is_certain=is_certain,
        score=found.score,
        targets=[[pk, str(amount)] for pk, amount in found.targets.items()],
        entries=[one.pk for one in booked],
        reasons=reasons,
        looks_like=[one.collection.pk for one in alike if one.collection is not None],
        found_at=at,
    )


def _of_booked(booked: Sequence[Entry]) -> list[str]:
    return [
        "The books have it already, on no statement yet: "
        f"{one.transaction.description}, {one.transaction.effective_date}."
        for one in booked[:MAX_REASONS]
    ]


def _of(one: OpenAdvance) -> str:
    return f"invoice {one.invoice_no or 'without a number'} (A{one.pk}, {one.buyer_name})"


def _list(advances: Sequence[OpenAdvance]) -> str:
    shown = ", ".join(_of(one) for one in advances[:4])
    return f"{shown} and {len(advances) - 4} more" if len(advances) > 4 else shown


def targets_of(proposal: LineProposal) -> Mapping[int, Decimal]:
    """The advances of a stored proposal and the amount for each."""
    return {int(pk): Decimal(amount) for pk, amount in proposal.targets}
