"""CSV files of statements, read by a layout. One file may hold several accounts."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from infactor.banking.formats import csv_values
from infactor.banking.formats.csv_layout import Detection, Layout
from infactor.banking.formats.csv_values import UnreadableCell
from infactor.banking.formats.records import (
    PAYER_LENGTH,
    REFERENCE_LENGTH,
    REMITTANCE_LENGTH,
    ParsedFile,
    ParsedStatement,
    Refusal,
    StatementRow,
    checked_amount,
    clean,
    identifying,
    is_spoilt,
    joined,
    sentence,
)
from infactor.core.money import InvalidAmount


def parse(*, detection: Detection, currency: str) -> ParsedFile:
    """Every line of a CSV file whose layout is decided, by account. `currency` is for lines that name none.

    The first line of a statement with a column of balances states its opening balance, the last its closing balance,
    or the other way round where the newest line comes first.
    """
    layout = detection.layout
    statements: dict[tuple[str, str], ParsedStatement] = {}
    balances: dict[tuple[str, str], list[Decimal | None]] = {}
    refusals: list[Refusal] = []
    for line, cells in detection.rows:
        place = f"line {line}"
        if len(cells) != len(layout.header):
            refusals.append(Refusal(place, f"It has {len(cells)} columns; the header has {len(layout.header)}."))
            continue
        values = _values(layout, cells)
        account, code = values["account"], (values["currency"] or currency).upper()
        key = account, code
        try:
            row, balance = _row(values, layout, place, currency=code)
        except (UnreadableCell, InvalidAmount) as problem:
            refusals.append(Refusal(place, sentence(problem)))
            continue
        statements.setdefault(key, ParsedStatement(account_number=account, currency=code)).rows.append(row)
        balances.setdefault(key, []).append(balance)
    return ParsedFile(
        "CSV", [_with_balances(one, balances[key]) for key, one in statements.items()], refusals
    ).checked()


def _values(layout: Layout, cells: Sequence[str]) -> dict[str, str]:
    """The text of each role; a spoilt reference is part of the text only."""
    by_name = dict(zip(layout.header, cells, strict=True))
    names = {role: [by_name[name] for name in columns] for role, columns in layout.columns.items()}
    roles = ("value_date", "booking_date", "amount", "debit", "credit", "direction", "currency", "account", "balance")
    values = {role: clean(" ".join(names.get(role, ())), length=100) for role in roles}
    references = [one.strip() for one in names.get("reference", ()) if one.strip()]
    values["reference"] = next((one for one in map(identifying, references) if one), "")
    values["entry_id"] = identifying(" ".join(names.get("entry_id", ())))
    spoilt = [one for one in references if is_spoilt(one)]
    values["remittance"] = joined([*names.get("remittance", ()), *spoilt], length=REMITTANCE_LENGTH)
    values["payer"] = clean(" ".join(names.get("payer", ())), length=PAYER_LENGTH)
    values["payer_account"] = clean(" ".join(names.get("payer_account", ())), length=50)
    return values


def _row(
    values: Mapping[str, str], layout: Layout, place: str, *, currency: str
) -> tuple[StatementRow, Decimal | None]:
    days = [
        csv_values.parse_day(values[role], layout.date_order) for role in ("value_date", "booking_date") if values[role]
    ]
    if not days:
        raise UnreadableCell("it has no day")
    sign = layout.decimal_sign
    row = StatementRow(
        place=place,
        value_date=days[0],
        booking_date=days[-1],
        amount=checked_amount(_amount(values, sign), currency),
        reference=values["reference"][:REFERENCE_LENGTH],
        entry_id=values["entry_id"],
        payer=values["payer"],
        payer_account=values["payer_account"],
        remittance=values["remittance"],
    )
    return row, csv_values.parse_amount(values["balance"], sign) if values["balance"] else None


def _amount(values: Mapping[str, str], sign: str) -> Decimal:
    """The amount of a line by its one column of amounts, with a direction or not, or by its debit and its credit."""
    if values["amount"]:
        amount = csv_values.parse_amount(values["amount"], sign)
        if values["direction"] and amount > 0 and csv_values.is_debit(values["direction"]):
            return -amount
        return amount
    sides = [
        csv_values.parse_amount(values[role], sign) if values[role] else Decimal(0) for role in ("credit", "debit")
    ]
    credit, debit = sides[0], abs(sides[1])
    if credit and debit:
        raise UnreadableCell("it has both a debit and a credit")
    if not credit and not debit:
        raise UnreadableCell("it has no amount")
    return credit - debit


def _with_balances(statement: ParsedStatement, balances: Sequence[Decimal | None]) -> ParsedStatement:
    """The statement with its days, and with the balances that its column of balances states."""
    rows = statement.rows
    days = [row.booking_date for row in rows]
    opening = closing = None
    stated = [one for one in balances if one is not None]
    findings = []
    if len(stated) == len(rows):
        amounts = [row.amount for row in rows]
        forwards = all(stated[n] == stated[n - 1] + amounts[n] for n in range(1, len(rows)))
        backwards = all(stated[n - 1] == stated[n] + amounts[n - 1] for n in range(1, len(rows)))
        if forwards and (days[0] <= days[-1] or not backwards):
            opening, closing = stated[0] - amounts[0], stated[-1]
        elif backwards:
            opening, closing = stated[-1] - amounts[-1], stated[0]
        else:
            findings.append("The column of balances does not follow from the amounts: a line is missing, or altered.")
    return ParsedStatement(
        account_number=statement.account_number,
        currency=statement.currency,
        from_date=min(days),
        to_date=max(days),
        opening_balance=opening,
        closing_balance=closing,
        rows=rows,
        findings=findings,
    )
