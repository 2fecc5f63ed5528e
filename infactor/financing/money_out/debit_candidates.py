"""What a line of a statement may be of what infactor sent: by the ids in its text, by amount and payee, by batch."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from infactor.banking.models import StatementLine
from infactor.financing.models import CollectionCost, Payout, PayoutBatch
from infactor.financing.money_out import return_codes
from infactor.invoices.debtors.company_names import normalized_name

Status = Payout.Status
MAX_NAMED = 3
_IDS = re.compile(r"\bIF([PB])([0-9]{9})\b")


@dataclass(frozen=True)
class Certain:
    """The payouts that a debit is, and why, in words."""

    payouts: Sequence[Payout]
    reason: str


@dataclass(frozen=True)
class Returned:
    """A payout that a credit gives back, with the bank's code ("": none that is known), and why, in words."""

    payout: Payout
    code: str
    reason: str


def certain(*, line: StatementLine) -> Certain | None:
    """The payouts that `line` is for certain; None where a person has to say it."""
    amount = -line.amount
    payout_ids, batch_ids = _ids_in(line)
    if payout_ids or batch_ids:
        return _by_ids(line, amount, payout_ids, batch_ids)
    return _by_payee(line, amount) or _by_control_sum(line, amount)


def undebited(*, line: StatementLine) -> "QuerySet[Payout]":
    """What left the account of `line` in a file, and what no statement has yet."""
    rows = Payout.objects.filter(
        batch__house_account=line.account_id, batch__status=PayoutBatch.Status.EXPORTED, debited_on=None
    )
    return rows.exclude(status=Status.APPROVED).select_related("supplier", "bank_account", "payee_account", "batch")


def whole_batches(*, line: StatementLine) -> "QuerySet[Payout, dict[str, Any]]":
    """What is undebited of each batch of several payouts: `count` and `total`, and of those that were sent and did not
    fail since `sent_count` and `sent_total` (None: none did not).
    """
    is_sent = Q(status=Status.SENT)
    sums = {"count": Count("pk"), "total": Sum("amount")}
    of_sent = {"sent_count": Count("pk", filter=is_sent), "sent_total": Sum("amount", filter=is_sent)}
    rows: QuerySet[Payout, Any] = undebited(line=line).select_related(None).order_by().values("batch_id")
    return rows.annotate(**sums, **of_sent).filter(Q(count__gt=1))


def unpaid_costs(*, line: StatementLine) -> "QuerySet[CollectionCost]":
    """The collection costs in the currency of `line` that no statement has yet."""
    rows = CollectionCost.objects.filter(debited_on=None, cancelled_on=None, advance__currency=line.account.currency)
    return rows.select_related("advance__invoice", "advance__supplier", "payee")


def returnable(*, line: StatementLine) -> "QuerySet[Payout]":
    """What the bank has debited from the account of `line`, has not given back, and comes to the amount of `line`."""
    rows = Payout.objects.filter(
        batch__house_account=line.account_id, debited_on__isnull=False, credited_on=None, amount=line.amount
    )
    return rows.select_related("supplier", "bank_account", "payee_account").order_by("-debited_on", "-pk")


def returnable_costs(*, line: StatementLine) -> "QuerySet[CollectionCost]":
    """The collection costs that the bank has debited from the account of `line`, and that have its amount."""
    rows = CollectionCost.objects.filter(
        debit_line__account=line.account_id, credited_on=None, amount=line.amount, cancelled_on=None
    )
    return rows.select_related("advance__invoice", "advance__supplier").order_by("-debited_on", "-pk")


def returned(*, line: StatementLine) -> Returned | None:
    """The payout that a credit gives back, as its text or its amount and payee say; None where none fits."""
    rows = returnable(line=line)
    code = return_codes.find(_text(line))
    ids, _ = _ids_in(line)
    named = list(rows.filter(pk__in=ids)) if ids else []
    if len(named) == 1:
        return Returned(named[0], code, f"It names {named[0].end_to_end_id}, and has its amount.")
    if not code:
        return None
    same = [one for one in rows.filter(debited_on__lte=line.booking_date) if _names_payee(line, one)]
    if len(same) != 1:
        return None
    return Returned(same[0], code, f"It has the code {code}, and the amount and the payee of {same[0]}.")


def reasons(*, line: StatementLine) -> list[str]:
    """Why a line may be a payout, or one that came back, a sentence each; empty where nothing says so."""
    if line.amount > 0:
        found = returned(line=line)
        return [] if found is None else [f"It is likely {found.payout}, which came back. {found.reason}"]
    same = undebited(line=line).filter(amount=-line.amount).order_by("pk")[:MAX_NAMED]
    costs = unpaid_costs(line=line).filter(amount=-line.amount).order_by("pk")[:MAX_NAMED]
    return [
        *(f"{one} to {one.payee}, {one.batch}, has this amount." for one in same),
        *(f"{one} to {one.payee} has this amount." for one in costs),
    ]


def _by_ids(line: StatementLine, amount: Decimal, payout_ids: set[int], batch_ids: set[int]) -> Certain | None:
    rows = undebited(line=line)
    named = list(rows.filter(pk__in=payout_ids).order_by("pk"))
    if named and len(named) == len(payout_ids) and _sum(named) == amount:
        return Certain(named, f"It names {', '.join(one.end_to_end_id for one in named)}, and has the amount.")
    if len(batch_ids) == 1 and not payout_ids:
        of_batch = list(rows.filter(batch__in=batch_ids).order_by("pk"))
        sent = [one for one in of_batch if one.status == Status.SENT]
        for found in (of_batch, sent):
            if found and _sum(found) == amount:
                return Certain(found, f"It names {found[0].batch}, and has its sum.")
    return None


def _by_payee(line: StatementLine, amount: Decimal) -> Certain | None:
    """Only one payout that was sent has this amount and this payee."""
    rows = undebited(line=line).filter(status=Status.SENT, amount=amount)
    found = [one for one in rows if _names_payee(line, one)]
    return Certain(found, f"Only {found[0]} has this amount and payee.") if len(found) == 1 else None


def _by_control_sum(line: StatementLine, amount: Decimal) -> Certain | None:
    """Only one batch has this sum, and nothing else that is in transit has this amount."""
    by_batch: dict[int, list[Payout]] = {}
    for one in undebited(line=line).filter(status=Status.SENT).order_by("pk"):
        by_batch.setdefault(one.batch_id or 0, []).append(one)
    fitting = [found for found in by_batch.values() if _sum(found) == amount]
    if len(fitting) != 1 or unpaid_costs(line=line).filter(amount=amount).exists():
        return None
    inside = {one.pk for one in fitting[0]}
    singles = {one.pk for found in by_batch.values() for one in found if one.amount == amount}
    if singles - inside or (singles and len(inside) > 1):
        return None
    return Certain(fitting[0], f"It has the sum of {fitting[0][0].batch}, and nothing else in transit has.")


def _names_payee(line: StatementLine, payout: Payout) -> bool:
    """Whether the line names whom the payout goes to, as its payee or in its text."""
    names = {normalized_name(payout.payee)}
    if payout.supplier is not None:
        names.add(normalized_name(payout.supplier.name))
    if normalized_name(line.payer) in names - {""}:
        return True
    text = f" {normalized_name(line.remittance)} "
    return any(name and f" {name} " in text for name in names)


def _ids_in(line: StatementLine) -> tuple[set[int], set[int]]:
    """The keys of payouts and of batches whose ids the bank repeats in a line."""
    found = _IDS.findall(_text(line).upper())
    return {int(key) for kind, key in found if kind == "P"}, {int(key) for kind, key in found if kind == "B"}


def _text(line: StatementLine) -> str:
    return f"{line.reference} {line.entry_id} {line.remittance}"


def _sum(payouts: Sequence[Payout]) -> Decimal:
    return sum((one.amount for one in payouts), Decimal(0))
