"""The collector's list: each buyer with something due, how late it is, and what was last said."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q

from infactor.desk.collecting import accounts, promises
from infactor.desk.collecting.accounts import BUCKETS, ZERO, Account, OpenInvoice, by_key
from infactor.desk.collecting.promises import Standing, State
from infactor.desk.models import Contact, Note, Promise, Task
from infactor.invoices.models import Buyer
from infactor.users.models import User

Keys = Mapping[tuple[str, int], Account]


@dataclass(frozen=True)
class Filters:
    """Which lines are wanted; all that are due or to be contacted where nothing is chosen."""

    mine: bool = False
    overdue: bool = False
    contact_due: bool = False


@dataclass
class Line:
    """What one buyer owes in one currency. `overdue` has an amount for each of BUCKETS."""

    account: Account
    name: str
    currency: str
    open: Decimal = ZERO
    overdue: list[Decimal] = field(default_factory=lambda: [ZERO] * len(BUCKETS))
    days_late: int = 0
    invoices: int = 0
    is_due: bool = False
    is_disputed: bool = False
    last_note: Note | None = None
    last_contact: Contact | None = None
    promised: Decimal = ZERO
    broken: int = 0
    is_mine: bool = False

    @property
    def next_contact_on(self) -> date | None:
        return self.last_contact.next_contact_on if self.last_contact else None

    @property
    def all_overdue(self) -> Decimal:
        return sum(self.overdue, ZERO)

    def is_contact_due(self, today: date) -> bool:
        return self.next_contact_on is not None and self.next_contact_on <= today


def lines(*, by: User, today: date, filters: Filters) -> list[Line]:
    """The lines of every buyer, the longest late first. A fixed number of queries."""
    invoices = accounts.open_invoices()
    keys = _subject_keys(invoices)
    found = [line for account, ours in invoices.items() for line in _of_account(account, ours, today=today)]
    contacts, notes, mine = _last_contacts(invoices), _last_notes(keys), _accounts_of(by, keys)
    promised = _promises(invoices, today=today)
    in_dispute = accounts.disputed([one for ours in invoices.values() for one in ours])
    for line in found:
        line.last_contact, line.last_note = contacts.get(line.account), notes.get(line.account)
        line.is_mine = line.account in mine or bool(line.last_contact and line.last_contact.made_by_id == by.pk)
        line.is_disputed = any(one.advance.pk in in_dispute for one in invoices[line.account])
        for promise, standing in promised.get(line.account, ()):
            if promise.currency == line.currency:
                line.promised += promise.amount - standing.paid if standing.state == State.OPEN else ZERO
                line.broken += standing.state == State.BROKEN
    wanted = [line for line in found if _is_wanted(line, filters, today=today)]
    return sorted(wanted, key=lambda line: (-line.days_late, line.name.casefold(), line.account, line.currency))


def _of_account(account: Account, invoices: Sequence[OpenInvoice], *, today: date) -> Iterable[Line]:
    name = accounts.name_of(invoices)
    found: dict[str, Line] = {}
    for one in invoices:
        line = found.setdefault(one.currency, Line(account, name, one.currency))
        late = one.days_late(today)
        line.open += one.open
        line.invoices += 1
        line.days_late = max(line.days_late, late)
        line.is_due = line.is_due or (one.due_on is not None and late >= 0)
        bucket = accounts.bucket_of(late)
        if bucket is not None:
            line.overdue[bucket] += one.open
    return found.values()


def _is_wanted(line: Line, filters: Filters, *, today: date) -> bool:
    contact_due = line.is_contact_due(today)
    return (
        (line.is_due or contact_due)
        and (line.is_mine or not filters.mine)
        and (line.days_late > 0 or not filters.overdue)
        and (contact_due or not filters.contact_due)
    )


def _records_of(invoices: Iterable[Account]) -> Q:
    debtors = [one.pk for one in invoices if one.kind == "debtor"]
    buyers = [one.pk for one in invoices if one.kind == "buyer"]
    return Q(debtor__in=debtors) | Q(buyer__debtor__in=debtors) | Q(buyer__in=buyers)


def _last_contacts(invoices: Mapping[Account, object]) -> dict[Account, Contact]:
    rows = Contact.objects.filter(_records_of(invoices)).select_related("buyer__parent", "made_by")
    last = rows.order_by("debtor_id", "buyer_id", "-made_at", "-pk").distinct("debtor_id", "buyer_id")
    return {key: max(ours, key=lambda one: (one.made_at, one.pk)) for key, ours in by_key(last).items()}


def _promises(invoices: Mapping[Account, object], *, today: date) -> dict[Account, list[tuple[Promise, Standing]]]:
    rows = Promise.objects.filter(_records_of(invoices), withdrawn_at__isnull=True)
    found = list(rows.select_related("buyer__parent").prefetch_related("advances"))
    states = promises.standings(found, today=today)
    return {key: [(one, states[one.pk]) for one in ours] for key, ours in by_key(found).items()}


def _subject_keys(invoices: Mapping[Account, Sequence[OpenInvoice]]) -> Keys:
    """The account of each debtor and customer that notes and tasks may be about."""
    keys = {(f"invoices.{one.kind}", one.pk): one for one in invoices}
    debtors = {one.pk: one for one in invoices if one.kind == "debtor"}
    for pk, debtor in Buyer.objects.filter(debtor__in=debtors).order_by().values_list("pk", "debtor"):
        keys["invoices.buyer", pk] = debtors[debtor]
    return keys


def _about(keys: Keys) -> Q:
    by_type: dict[str, list[int]] = defaultdict(list)
    for label, pk in keys:
        by_type[label].append(pk)
    found = Q(pk__in=[])
    for label, pks in by_type.items():
        found |= Q(subject_type=label, subject_id__in=pks)
    return found


def _last_notes(keys: Keys) -> dict[Account, Note]:
    rows = Note.objects.filter(_about(keys)).order_by("subject_type", "subject_id", "-written_at", "-pk")
    found: dict[Account, Note] = {}
    for note in rows.distinct("subject_type", "subject_id"):
        key = keys[note.subject_type, note.subject_id]
        if key not in found or _moment(note) > _moment(found[key]):
            found[key] = note
    return found


def _moment(note: Note) -> tuple[datetime, int]:
    return note.written_at, note.pk


def _accounts_of(by: User, keys: Keys) -> set[Account]:
    """Those about which `by` has an open task."""
    rows = Task.objects.filter(_about(keys), owner=by, status=Task.Status.OPEN)
    return {keys[label, pk] for label, pk in rows.values_list("subject_type", "subject_id") if pk}
