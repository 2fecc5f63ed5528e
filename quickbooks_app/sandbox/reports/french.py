"""Reports of French companies: the file of entries that the tax office asks for (FECReport)."""

from quickbooks_app.sandbox.reports import document_facts as facts
from quickbooks_app.sandbox.reports.shape import Column, cell, data_row, money, report
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.reports.transactions.lines import Line, in_period, lines_of
from quickbooks_app.sandbox.runtime.documents import Document

# The columns that French law names.
_COLUMNS = (
    *("JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib"),
    *("PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate"),
    *("Montantdevise", "Idevise"),
)
_MONEY = ("Debit", "Credit", "Montantdevise")
# The type of the journal that transactions of an entity belong to; all others are of the type Others.
_JOURNALS = {
    **dict.fromkeys(("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt"), "Sales"),
    **dict.fromkeys(("Bill", "VendorCredit", "Purchase"), "Expenses"),
    **dict.fromkeys(("Payment", "BillPayment", "Deposit", "Transfer", "CreditCardPayment"), "Bank"),
}


def fec_report(source: Source) -> Document:
    """Return every entry of a period, in the order of their days."""
    first, last, _ = source.parameters.period()
    codes = source.lists["JournalCode"].values()
    by_type = {str(one["Type"]): one for one in codes if one.get("Active", True)}
    rows = []
    for number, lines in enumerate(lines_of(source, in_period(source.postings(until=last), first=first)), start=1):
        for line in lines:
            cells = _cells(line, journal=_journal_of(line, by_type, source=source), number=number)
            rows.append(data_row([cell(cells.get(key, "")) for key in _COLUMNS]))
    columns = [Column(key, key, "Money" if key in _MONEY else "String") for key in _COLUMNS]
    return report(source.period_header("FECReport"), options={}, columns=columns, rows=rows)


def _journal_of(line: Line, by_type: dict[str, Document], *, source: Source) -> Document:
    """The journal that the transaction names, or else the one of its kind."""
    named = (line.document.get("JournalCodeRef") or {}).get("value", "")
    kind = _JOURNALS.get(line.posting.entity, "Others")
    return source.lists["JournalCode"].get(named) or by_type.get(kind) or by_type.get("Others") or {}


def _cells(line: Line, *, journal: Document, number: int) -> dict[str, str]:
    posting, day = line.posting, line.posting.date.replace("-", "")
    return {
        "JournalCode": str(journal.get("Name", "")),
        "JournalLib": str(journal.get("Description", "")),
        "EcritureNum": str(number),
        "EcritureDate": day,
        "CompteNum": posting.account.id,
        "CompteLib": posting.account.name,
        "CompAuxNum": posting.customer,
        "CompAuxLib": line.party,
        "PieceRef": facts.number_of(line.document) or posting.id,
        "PieceDate": day,
        "EcritureLib": facts.memo_of(line.document) or facts.type_of(posting.entity, line.document),
        "Debit": money(max(posting.home, 0 * posting.home)),
        "Credit": money(max(-posting.home, 0 * posting.home)),
        "ValidDate": facts.day_of(line.document, "LastUpdatedTime").replace("-", ""),
    }
