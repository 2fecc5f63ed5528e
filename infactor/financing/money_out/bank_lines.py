"""Debits of a statement: which payouts and collection costs one confirms. Only then has the money left the account."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from infactor.banking import cash, matches, open_accounts
from infactor.banking.debits import ExplainedDebit
from infactor.banking.errors import BankingError
from infactor.banking.models import HouseAccount, StatementLine
from infactor.core import audit
from infactor.core.transitions import TransitionNotAllowed, move
from infactor.financing.accounting import references, reversals, transit
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.models import PAYOUT_TRANSITIONS, CollectionCost, Payout
from infactor.financing.money_out import debit_candidates
from infactor.financing.money_out.approval import lock
from infactor.financing.payouts import PayoutError
from infactor.ledger.models import Entry
from infactor.users import roles
from infactor.users.models import User

Status = Payout.Status
MATCH_DEBITS = "financing.record_collections"


def confirm(
    *, line: StatementLine, payout_ids: Collection[int], cost_ids: Collection[int] = (), by: User, at: datetime
) -> StatementLine:
    """Say that a debit is these payouts and costs, which come to its amount.

    Raises NotAllowed, PayoutError, BankingError.
    """
    roles.require(by, MATCH_DEBITS)
    with transaction.atomic():
        current = matches.lock_open(line=line)
        entries = _post(current, payout_ids=payout_ids, cost_ids=cost_ids, by=by, at=at)
        return matches.link(line=current, entries=entries, by=by, at=at)


def explain(lines: Sequence[StatementLine], by: User | None, at: datetime) -> list[ExplainedDebit]:
    """The debits among `lines` that payouts explain for certain, posted; for `banking.debits`, which links them."""
    found = []
    for line in lines:
        certain = debit_candidates.certain(line=line)
        if certain is None:
            continue
        try:
            entries = _post(line, payout_ids=[one.pk for one in certain.payouts], cost_ids=(), by=by, at=at)
        except (PayoutError, TransitionNotAllowed) as changed:
            raise BankingError("A payout changed while its debit was matched.") from changed
        found.append(ExplainedDebit(line, entries, certain.reason))
    return found


def take_back(*, line: StatementLine, reason: str, by: User, at: datetime) -> bool:
    """Take back that a debit was payouts or costs: they are in transit again. False if it was none.

    Raises NotAllowed, AccountClosed, and PayoutError for a credit, or where one has come back since.
    """
    roles.require(by, MATCH_DEBITS)
    with transaction.atomic():
        open_accounts.lock(account=HouseAccount(pk=line.account_id))
        current = StatementLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
        if Payout.objects.filter(credit_line=current).exists():
            raise PayoutError("A payout came back by this line. Take that return back: it undoes what followed.")
        if CollectionCost.objects.filter(credit_line=current).exists():
            raise PayoutError("A collection cost came back by this line. Take that return back.")
        ids = list(Payout.objects.filter(debit_line=current).values_list("pk", flat=True))
        costs = list(CollectionCost.objects.select_for_update().filter(debit_line=current).order_by("pk"))
        found = lock(payout_ids=ids) if ids else []
        if not found and not costs:
            return False
        for one in costs:
            if one.credited_on is not None:
                raise PayoutError(f"{one} came back on {one.credited_on}: this line cannot be taken back.")
        for payout in found:
            if payout.credited_on is not None:
                raise PayoutError(f"{payout} came back on {payout.credited_on}: this line cannot be taken back.")
        matches.unlink(line=current, reason=reason, by=by, at=at)
        for owner in [one.ledger_owner for one in found] + [one.ledger_owner for one in costs]:
            (posted,) = references.in_force(owner=owner, step="confirmed")
            reversals.undo(transaction=posted, at=at, by=by, description=reason)
        for payout in found:
            undone = {"debit_line": None, "debited_on": None}
            if payout.status == Status.CONFIRMED:
                move(
                    payout,
                    to=Status.SENT,
                    transitions=PAYOUT_TRANSITIONS,
                    by=by,
                    at=at,
                    supplier_id=payout.supplier_id,
                    reason=reason,
                    changes=undone,
                )
            else:
                Payout.objects.filter(pk=payout.pk).update(**undone, updated_at=at)
        CollectionCost.objects.filter(pk__in=[one.pk for one in costs]).update(debit_line=None, debited_on=None)
        return True


def _post(
    line: StatementLine, *, payout_ids: Collection[int], cost_ids: Collection[int], by: User | None, at: datetime
) -> list[Entry]:
    """Post that the locked `line` took these from its account, and return the entries on it."""
    if line.amount >= 0:
        raise PayoutError("This line is a credit.")
    found = lock(payout_ids=payout_ids) if payout_ids else []
    costs = list(
        CollectionCost.objects.select_for_update(of=("self",))
        .filter(pk__in=cost_ids)
        .select_related("advance__invoice")
        .order_by("pk")
    )
    if len(costs) != len(set(cost_ids)) or not (found or costs):
        raise PayoutError("Choose what was paid, of what is in transit.")
    _require_fit(line, found, costs)
    context = PostingContext(line.booking_date, by=by, at=at)
    entries: list[Entry] = []
    for payout in found:
        debited = {"debit_line": line, "debited_on": line.booking_date}
        if payout.status == Status.SENT:
            move(
                payout,
                to=Status.CONFIRMED,
                transitions=PAYOUT_TRANSITIONS,
                by=by,
                at=at,
                supplier_id=payout.supplier_id,
                changes=debited,
            )
        else:
            Payout.objects.filter(pk=payout.pk).update(**debited, updated_at=at)
            audit.record(event="payout.debited_late", subject=payout, by=by, at=at, supplier_id=payout.supplier_id)
        posted = transit.post_debit(of=payout, line=line, context=context)
        entries += cash.entries_of(transaction=posted, account=line.account)
    for cost in costs:
        cost.debit_line, cost.debited_on = line, line.booking_date
        cost.save(update_fields=["debit_line", "debited_on"])
        posted = transit.post_debit(of=cost, line=line, context=context)
        entries += cash.entries_of(transaction=posted, account=line.account)
    return entries


def _require_fit(line: StatementLine, payouts: Iterable[Payout], costs: Iterable[CollectionCost]) -> None:
    """Raise PayoutError unless `line` can be the debit of all of these together."""
    account: HouseAccount = line.account
    total = Decimal(0)
    for payout in payouts:
        if payout.batch is None or payout.status == Status.APPROVED:
            raise PayoutError(f"{payout} is {payout.get_status_display().lower()}: it was not sent.")
        if payout.batch.house_account_id != account.pk:
            raise PayoutError(f"{payout} leaves {payout.batch.house_account}, and this line is on {account}.")
        if payout.debited_on is not None:
            raise PayoutError(f"{payout} was debited on {payout.debited_on} already.")
        total += payout.amount
    for cost in costs:
        if cost.debited_on is not None:
            raise PayoutError(f"{cost} was debited on {cost.debited_on} already.")
        if cost.cancelled_on is not None:
            raise PayoutError(f"{cost} was cancelled on {cost.cancelled_on}.")
        if cost.advance.currency != account.currency:
            raise PayoutError(f"{cost} is in {cost.advance.currency}, and {account} has another currency.")
        total += cost.amount
    if total != -line.amount:
        raise PayoutError(f"What you chose comes to {total:,.2f}, the line to {-line.amount:,.2f}.")
