"""Tables about a statement file: how it is read, what of it is new, and what is refused."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from infactor.banking import gaps, statement_files
from infactor.banking.formats import csv_layout
from infactor.banking.formats.records import StatementRow
from infactor.banking.models import StatementFile
from infactor.banking.statement_files import ReadFile
from infactor.banking.statement_import import ImportPlan, PlannedStatement
from infactor.core.admin.formatting import amount_text, day_text, figure_text, link
from infactor.core.admin.tables import CollapsibleTable, Facts, Table
from infactor.core.money import format_number

MAX_LISTED, SAMPLE = 100, 8


def facts(file: StatementFile, found: ReadFile) -> Facts:
    """What a file is, and how it is read."""
    shown: list[tuple[str, object]] = [(_("File"), file.name), (_("Format"), file.format)]
    if same := statement_files.same_content(file=file):
        shown.append((_("Imported before"), link(same)))
    if found.detection is not None:
        layout = found.detection.layout
        shown += [
            (_("Characters"), csv_layout.ENCODINGS.get(layout.encoding, layout.encoding)),
            (_("Parted by"), csv_layout.DELIMITERS[layout.delimiter]),
            (_("Decimal sign"), csv_layout.DECIMAL_SIGNS.get(layout.decimal_sign, _("not decided"))),
            (_("Days"), csv_layout.DATE_ORDERS.get(layout.date_order, _("not decided"))),
        ]
        columns = [f"{csv_layout.ROLES[role][0]}: {', '.join(names)}" for role, names in layout.columns.items()]
        shown.append((_("Columns"), "; ".join(columns)))
    return shown


def sample(found: ReadFile) -> Sequence[Table]:
    """The first lines of a CSV file as they stand in it."""
    if found.detection is None:
        return ()
    header = found.detection.layout.header
    rows = [
        [_("line %(line)s") % {"line": line}, *(cells + [""] * len(header))[: len(header)]]
        for line, cells in found.detection.rows[:SAMPLE]
    ]
    return [Table(_("The first lines"), (_("Line"), *header), rows)]


def plan(planned: ImportPlan) -> Sequence[Table]:
    """What importing the file would do."""
    tables = [
        Table(
            _("Statements"),
            (
                _("Account"),
                _("From"),
                _("To"),
                _("Begins with"),
                _("Ends with"),
                _("Lines"),
                _("New"),
                _("Known"),
                _("Problem"),
            ),
            [_statement(one) for one in planned.statements],
            _("No statement of a house account."),
        ),
        refusals([(one.place, one.message) for one in planned.refusals]),
    ]
    for one in planned.statements:
        new = [_row(one, found.row) for found in one.new[:MAX_LISTED]]
        if more := len(one.new) - len(new):
            new.append((_("and %(more)s more") % {"more": more}, "", "", "", "", ""))
        columns = (_("Place"), _("Booked"), _("Amount"), _("Payer or payee"), _("Text"), _("Reference"))
        tables.append(
            Table(_("New lines of %(account)s") % {"account": one.account}, columns, new, _("No line is new."))
        )
        lines = [
            (*_row(one, known.found.row), link(known.line) if known.line else "-") for known in one.known[:MAX_LISTED]
        ]
        if lines:
            tables.append(CollapsibleTable(_("Known before: left as they are"), (*columns, _("Is")), lines))
    return tables


def refusals(rows: Sequence[Sequence[str]]) -> Table:
    """Every refused line with its place."""
    return Table(_("Refused"), (_("Place"), _("Why")), [tuple(row) for row in rows], _("No line is refused."))


def statements(file: StatementFile) -> Table:
    """The statements that an imported file has brought."""
    rows = file.statements.select_related("account").order_by("pk")
    return Table(
        _("Statements"),
        (_("Statement"), _("Account"), _("From"), _("To"), _("Lines")),
        [
            (link(one), str(one.account), day_text(one.from_date), day_text(one.to_date), figure_text(one.line_count))
            for one in rows
        ],
    )


def _statement(one: PlannedStatement) -> tuple[object, ...]:
    parsed, currency = one.parsed, one.account.currency
    problems = list(parsed.findings)
    if parsed.difference:
        problems.append(
            _("The balances differ by %(difference)s from the lines.")
            % {"difference": format_number(parsed.difference, places=2)}
        )
    if before := _gap(one):
        problems.append(before)
    return (
        link(one.account),
        day_text(parsed.from_date),
        day_text(parsed.to_date),
        "" if parsed.opening_balance is None else amount_text(parsed.opening_balance, currency),
        "" if parsed.closing_balance is None else amount_text(parsed.closing_balance, currency),
        figure_text(len(parsed.rows)),
        figure_text(len(one.new)),
        figure_text(len(one.known)),
        " ".join(problems) or "-",
    )


def _gap(one: PlannedStatement) -> str:
    """A sentence if the statement does not begin with what the one before it has left."""
    parsed = one.parsed
    if parsed.opening_balance is None or parsed.from_date is None:
        return ""
    return gaps.gap_before(account=one.account, from_date=parsed.from_date, opening_balance=parsed.opening_balance)


def _row(one: PlannedStatement, row: StatementRow) -> tuple[object, ...]:
    return (
        row.place,
        day_text(row.booking_date),
        amount_text(row.amount, one.account.currency),
        row.payer or "-",
        row.remittance or "-",
        row.entry_id or row.reference or "-",
    )
