"""Statement import: what of a file is new, and keeping it. However files overlap, each line counts once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from infactor.banking import accounts, identity, open_accounts, statement_files
from infactor.banking.errors import BankingError
from infactor.banking.formats.records import ParsedFile, ParsedStatement, Refusal
from infactor.banking.identity import IdentifiedRow
from infactor.banking.models import HouseAccount, Statement, StatementFile, StatementLine
from infactor.core import audit, keys
from infactor.users import roles
from infactor.users.models import User

Status = StatementLine.Status


@dataclass(frozen=True)
class KnownRow:
    """A row that an earlier file, or an earlier part of this one, has brought, and the line that it is."""

    found: IdentifiedRow
    line: StatementLine | None


@dataclass(frozen=True)
class PlannedStatement:
    """What importing one statement of a file would do."""

    parsed: ParsedStatement
    account: HouseAccount
    new: list[IdentifiedRow] = field(default_factory=list)
    known: list[KnownRow] = field(default_factory=list)


@dataclass(frozen=True)
class ImportPlan:
    """The statements of a file that belong to house accounts, and everything that is refused."""

    statements: Sequence[PlannedStatement]
    refusals: Sequence[Refusal]


def plan(*, file: StatementFile, parsed: ParsedFile) -> ImportPlan:
    """What importing `file` would do by what is known now. Nothing is written."""
    planned: list[PlannedStatement] = []
    refusals = list(parsed.refusals)
    for one in parsed.statements:
        refusals += one.refusals
        account = _account_of(one, file)
        if isinstance(account, str):
            refusals += [Refusal(row.place, account) for row in one.rows] or [Refusal("a statement", account)]
        else:
            planned.append(PlannedStatement(one, account))
    by_account: dict[int, list[PlannedStatement]] = defaultdict(list)
    for statement in planned:
        by_account[statement.account.pk].append(statement)
    for statements in by_account.values():
        _sort_rows(statements)
    return ImportPlan(planned, refusals)


def confirm(*, file: StatementFile, by: User, at: datetime) -> StatementFile:
    """Keep the new lines of a file, all or none. Raises NotAllowed, UnreadableFile, BankingError (imported already)."""
    roles.require(by, statement_files.IMPORT_STATEMENTS)
    with transaction.atomic():
        current = StatementFile.objects.select_for_update(of=("self",)).select_related("account").get(pk=file.pk)
        if current.status != StatementFile.Status.UPLOADED:
            raise BankingError("This file is imported already.")
        # One file after the other: both might bring the same line.
        list(HouseAccount.objects.select_for_update(no_key=True).order_by("pk").only("pk"))
        found = statement_files.read(file=current)
        if found.parsed is None:
            raise BankingError("Say first how this file is to be read.")
        planned = plan(file=current, parsed=found.parsed)
        for one in planned.statements:
            _write(one, current)
        if found.detection is not None and current.account is not None:
            HouseAccount.objects.filter(pk=current.account.pk).update(csv_layout=found.detection.layout.as_json())
        current.new_lines = sum(len(one.new) for one in planned.statements)
        current.known_lines = sum(len(one.known) for one in planned.statements)
        current.refusals = [[one.place, one.message] for one in planned.refusals]
        current.status, current.content = StatementFile.Status.IMPORTED, ""
        current.imported_by, current.imported_at = by, at
        current.save()
        counts = {"new": current.new_lines, "known": current.known_lines, "refused": len(planned.refusals)}
        audit.record(event="statement_file.imported", subject=current, by=by, at=at, details=counts)
        return current


def _account_of(statement: ParsedStatement, file: StatementFile) -> HouseAccount | str:
    """The house account of a statement, or why there is none."""
    chosen, number = file.account, statement.account_number
    if not number:
        if chosen is None:
            return "The file does not say of which account it is. Choose the house account."
        if statement.currency and statement.currency != chosen.currency:
            return f"It is in {statement.currency}, and {chosen} is in {chosen.currency}."
        return open_accounts.closed_because(chosen) or chosen
    found = accounts.find_by_number(number=number, currency=statement.currency)
    ending = f"the account ending in {number[-4:]}, {statement.currency or 'no currency'}"
    if len(found) != 1:
        return f"This is of {ending}, which is no house account."
    if chosen is not None and found[0].pk != chosen.pk:
        return f"This is of {found[0]}, not of {chosen}."
    return open_accounts.closed_because(found[0]) or found[0]


def _sort_rows(statements: Sequence[PlannedStatement]) -> None:
    """Part the rows of one account into new and known ones. Pages of one statement are identified together."""
    seen: dict[str, None] = {}
    identified: list[tuple[PlannedStatement, IdentifiedRow]] = []
    for group in _chains(statements):
        places = [(one, row) for one in group for row in one.parsed.rows]
        found = identity.identify(rows=[row for _, row in places])
        identified += [(one, row) for (one, _), row in zip(places, found, strict=True)]
    lines = _known_lines(statements[0].account, [row for _, row in identified])
    for statement, row in identified:
        line = lines.get(row.identity) or lines.get(identity.whole_entry(row=row.row)) or lines.get(row.batch_identity)
        if line is not None or row.identity in seen:
            statement.known.append(KnownRow(row, line))
        else:
            statement.new.append(row)
            seen[row.identity] = None


def _chains(statements: Sequence[PlannedStatement]) -> list[list[PlannedStatement]]:
    """The statements in groups that continue each other: each begins with the balance with which the last has ended.

    The same statement once more does not continue itself, even where its lines come to nothing.
    """
    chains: list[list[PlannedStatement]] = []
    for one in statements:
        last = chains[-1][-1].parsed if chains else None
        continues = (
            last is not None
            and one.parsed.opening_balance is not None
            and last.closing_balance == one.parsed.opening_balance
            and not _is_same(last, one.parsed)
        )
        if continues:
            chains[-1].append(one)
        else:
            chains.append([one])
    return chains


def _is_same(one: ParsedStatement, other: ParsedStatement) -> bool:
    def without_places(statement: ParsedStatement) -> object:
        rows = [replace(row, place="") for row in statement.rows]
        return statement.number, statement.from_date, statement.to_date, statement.opening_balance, rows

    return without_places(one) == without_places(other)


def _known_lines(account: HouseAccount, rows: Sequence[IdentifiedRow]) -> Mapping[str, StatementLine]:
    """Lines of the account by identity, by the batch of which they are a part, and by the batch that they are."""
    own = StatementLine.objects.filter(account=account)
    found = {one.identity: one for one in own.filter(identity__in=[row.identity for row in rows])}
    wholes = {whole for row in rows if (whole := identity.whole_entry(row=row.row))}
    found |= {one.batch_identity: one for one in own.filter(batch_identity__in=wholes)}
    batches = {(row.row.batch_id, row.row.batch_amount): row.batch_identity for row in rows if row.batch_identity}
    for one in own.filter(entry_id__in={entry_id for entry_id, _ in batches}):
        if batch := batches.get((one.entry_id, one.amount)):
            found[batch] = one
    return found


def _write(planned: PlannedStatement, file: StatementFile) -> None:
    parsed = planned.parsed
    days = [row.booking_date for row in parsed.rows]
    to_date = parsed.to_date or max(days, default=None)
    statement = Statement.objects.create(
        file=file,
        account=planned.account,
        number=parsed.number[:100],
        from_date=parsed.from_date or min(days, default=None),
        to_date=to_date,
        opening_balance=parsed.opening_balance,
        closing_balance=parsed.closing_balance if to_date else None,
        difference=parsed.difference,
        findings=parsed.findings,
        line_count=len(parsed.rows),
    )
    StatementLine.objects.bulk_create([_line(one, statement) for one in planned.new], batch_size=1000)


def _line(found: IdentifiedRow, statement: Statement) -> StatementLine:
    row = found.row
    return StatementLine(
        account_id=statement.account_id,
        statement=statement,
        place=row.place[:60],
        value_date=row.value_date,
        booking_date=row.booking_date,
        amount=row.amount,
        reference=row.reference,
        entry_id=row.entry_id,
        payer=row.payer,
        payer_account=row.payer_account,
        payer_fingerprint=keys.fingerprint("payer-account", row.payer_account) if row.payer_account else "",
        remittance=row.remittance,
        identity=found.identity,
        batch_identity=found.batch_identity,
        status=Status.WAITING if row.amount > 0 else Status.DEBIT,
    )
