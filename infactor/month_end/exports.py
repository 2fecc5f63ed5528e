"""Exports of the general ledger: each is audited, and QuickBooks gets closed months only."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime

from django.db.transaction import atomic

from infactor.core import audit, spreadsheets
from infactor.ledger import periods
from infactor.ledger.models import Purpose
from infactor.ledger.periods import PeriodError
from infactor.month_end import general_ledger
from infactor.month_end.models import JournalAccountName, LedgerExport
from infactor.users import roles
from infactor.users.models import User

Format = LedgerExport.Format


def export(
    *, start: date, end: date, currency: str, format: str, is_detailed: bool, part: int, by: User, at: datetime
) -> tuple[LedgerExport, bytes]:
    """The file of a time, or one `part` of it (from 1) where QuickBooks takes several, with the record of the export.

    The same closed months give the same bytes. Raises NotAllowed, and PeriodError where there is nothing to export, or
    where QuickBooks would get a month that may still change.
    """
    roles.require(by, periods.PERMISSION)
    first_open = periods.first_open_day()
    if start > end:
        raise PeriodError("The last day is before the first.")
    if format == Format.QUICKBOOKS and (first_open is None or end >= first_open):
        raise PeriodError("Close the month first: what is imported into QuickBooks must not change any more.")
    with atomic():
        found = general_ledger.journals(start=start, end=end, currency=currency, is_detailed=is_detailed)
        files = _files(found, format=format, currency=currency, start=start, end=end)
        if not 1 <= part <= len(files):
            nothing = f"Nothing was posted in {currency} in this time."
            raise PeriodError(nothing if part == 1 else "There is no such part.")
        content = files[part - 1]
        row: LedgerExport = LedgerExport.objects.create(
            start=start,
            end=end,
            currency=currency,
            format=format,
            is_detailed=is_detailed,
            part=part,
            parts=len(files),
            digest=hashlib.sha256(content).hexdigest(),
            exported_by=by,
            exported_at=at,
        )
        details = {"from": f"{start}", "to": f"{end}", "currency": currency, "format": format, "part": part}
        audit.record(event="ledger.exported", subject=row, by=by, at=at, details=details)
        return row, content


def _files(
    found: Iterable[general_ledger.Journal], *, format: str, currency: str, start: date, end: date
) -> list[bytes]:
    """The files of an export; none where there is nothing in it. Raises PeriodError for more rows than a sheet has."""
    if format == Format.QUICKBOOKS:
        return [one.encode() for one in general_ledger.quickbooks_files(found, currency=currency)]
    known = list(found)
    if not known:
        return []
    if format == Format.CSV:
        return [general_ledger.csv_file(known, currency=currency).encode()]
    try:
        return [general_ledger.workbook(known, currency=currency, title=f"{currency} {start} to {end}", end=end)]
    except spreadsheets.TooLong as error:
        raise PeriodError("This is more than a spreadsheet holds. Choose fewer days, or CSV.") from error


def name_accounts(*, names: dict[str, str], banks: dict[int, str], by: User, at: datetime) -> None:
    """Set what the accounts are called in the house's QuickBooks, by purpose and by house account.

    Without a name a house account has that of its purpose again. Raises NotAllowed.
    """
    roles.require(by, periods.PERMISSION)
    with atomic():
        for purpose in Purpose:
            if name := names.get(purpose.value, "").strip():
                JournalAccountName.objects.update_or_create(
                    purpose=purpose.value, house_account=None, defaults={"name": name}
                )
        for account, typed in banks.items():
            mine = JournalAccountName.objects.filter(house_account=account)
            if name := typed.strip():
                mine.update_or_create(house_account_id=account, defaults={"name": name, "purpose": Purpose.CASH})
            else:
                mine.delete()
        audit.record(event="month_end.accounts_named", subject=by, by=by, at=at, details={"names": names})
