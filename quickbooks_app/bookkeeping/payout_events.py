"""What infactor's bank has paid to a supplier, and what came back, as events in the books of one company.

Staff may take either back, and it may happen again. So each posting of the ledger is one event, and so is its reversal.
"""

from collections.abc import Iterator
from datetime import date

from django.db.models import Q

from infactor.financing.models import Payout
from infactor.ledger.models import Transaction
from quickbooks_app.bookkeeping.event import Event, Scope, undone
from quickbooks_app.models import BookkeepingEntry

Kind = BookkeepingEntry.Kind
KINDS = {
    Payout.Purpose.ADVANCE: (Kind.ADVANCE, "advances"),
    Payout.Purpose.REBATE: (Kind.REBATE, "due"),
    Payout.Purpose.SURPLUS: (Kind.REMITTANCE, "due"),
}
LEFT, CAME_BACK, TAKEN_BACK = "confirmed", "returned", "taken back"
SUFFIXES = {LEFT: "", CAME_BACK: ":failed", TAKEN_BACK: ":taken-back"}


def payouts(scope: Scope) -> Iterator[Event]:
    """Each time that money of a payout left the bank or came back, and each time that staff took that back."""
    steps = _steps(scope)
    since = [pk for pk, life in steps.items() if life[0][1] >= scope.start]
    ours = (scope.of_advances() & ~Q(purpose=Payout.Purpose.SURPLUS)) | (
        scope.of_company() & Q(purpose=Payout.Purpose.SURPLUS, pk__in=since)
    )
    rows = Payout.objects.filter(ours, supplier=scope.supplier_id, pk__in=list(steps))
    recorded: set[str] = set()
    if not scope.known:
        entries = BookkeepingEntry.objects.filter(connection__supplier=scope.supplier_id, source__startswith="payout:")
        recorded |= set(entries.values_list("source", flat=True))
    for payout in rows.select_related("advance").order_by("pk"):
        yield from (one for one in _life(payout, steps[payout.pk]) if one.source not in recorded)


def _steps(scope: Scope) -> dict[int, list[tuple[str, date]]]:
    """What happened to each payout, by its id: the step and its value date, in the order of the ledger."""
    found: list[tuple[int, int, str, date]] = []
    posted = Transaction.objects.filter(
        supplier=scope.supplier_id,
        reverses__isnull=True,
        reference__regex=rf"^payout:[0-9]+:({LEFT}|{CAME_BACK})(:[0-9]+)*$",
    )
    for one in posted.select_related("reversed_by"):
        _, number, step, *_again = one.reference.split(":")
        found.append((one.pk, int(number), step, one.value_date))
        taken_back = getattr(one, "reversed_by", None)
        if taken_back is not None:
            found.append((taken_back.pk, int(number), TAKEN_BACK, taken_back.value_date))
    steps: dict[int, list[tuple[str, date]]] = {}
    for _pk, payout_id, step, on in sorted(found):
        steps.setdefault(payout_id, []).append((step, on))
    return steps


def _life(payout: Payout, steps: list[tuple[str, date]]) -> Iterator[Event]:
    """The events of one payout. Each but a departure undoes the one before it."""
    kind, account = KINDS[Payout.Purpose(payout.purpose)]
    source = f"payout:{payout.public_id}"
    last: Event | None = None
    for number, (step, on) in enumerate(steps, start=1):
        name = SUFFIXES[step] if number < 3 else f":{number}"
        if step == LEFT or last is None:
            amounts = {"bank": payout.amount, account: -payout.amount}
            last = Event(source + name, kind, on, payout.currency, amounts, advance=payout.advance)
        else:
            last = undone(last, suffix="", on=on)._replace(source=source + name)
        yield last
