"""Everything of a supplier's own as one ZIP: invoices and statement as CSV, all other data as JSON, its documents.

The JSON is that of staff's copy of data (core.privacy.export), of the tables that the supplier's own pages show: no
checks, notes or limits of staff, and no full numbers of bank accounts, which no page shows either.
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from infactor.core import audit, prepared_files
from infactor.core.privacy import export, registry
from infactor.core.privacy.declarations import SUPPLIER
from infactor.dashboard.invoices import csv_export as invoice_export
from infactor.dashboard.invoices.filters import filtered_invoices
from infactor.dashboard.models import DataExport
from infactor.dashboard.statement import csv_export as statement_export
from infactor.documents import storage
from infactor.documents.models import Document
from infactor.financing.accounting.statement import statements
from infactor.financing.value_dates import supplier_today
from infactor.invoices.invoice_documents import FROM_BUYER
from infactor.invoices.selectors import InvoiceFilters

TABLES = frozenset(
    {
        "correspondence.Message",
        "financing.Acceptance",
        "financing.Notice",
        "invoices.Buyer",
        "invoices.CompanyFile",
        "invoices.CreditMemo",
        "invoices.Invoice",
        "suppliers.AccountClosing",
        "suppliers.AgreementAcceptance",
        "suppliers.Application",
        "suppliers.BankAccount",
        "suppliers.Invitation",
        "suppliers.Membership",
        "suppliers.Notification",
        "suppliers.Owner",
        "suppliers.Supplier",
        "verification.Verification",
    }
)
# The last four digits stay. What was said in the proof of an account, and why staff decided, is staff's.
LEFT_OUT = frozenset({"account_number", "routing_number", "proof_phone", "proof_note"})
README = """\
{name}: copy of all data, made {at:%Y-%m-%d %H:%M} UTC

data.json       what infactor stores about your company, your people and your buyers, with purpose and retention
invoices.csv    every invoice
statement.csv   every movement of money, with its formula
documents/      the files that you uploaded, and those that your buyers sent
"""


def write(made: DataExport, at: datetime) -> tuple[bytes, int]:
    """The compressed ZIP, and how many files it has. A file that is damaged is named in the list, not left out."""
    supplier = made.supplier
    today = supplier_today(supplier=supplier, at=at)
    (subject,) = registry.find_subjects(kind=SUPPLIER, key=str(supplier.public_id))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README.format(name=supplier.name, at=at))
        tables = export.copy_of(subject=subject, only=TABLES, leave_out=LEFT_OUT)
        archive.writestr("data.json", export.as_json(subject=subject, tables=tables, at=at))
        _add(archive, "invoices.csv", invoice_export.invoice_csv(_invoices(made), today=today))
        movements = statements(supplier=supplier, start=None, end=None)
        _add(archive, "statement.csv", statement_export.statement_csv(movements))
        for document in _documents(made):
            name = f"documents/{document.pk}-{document.name.replace('/', '_')}"
            try:
                archive.writestr(name, storage.read(document=document))
            except storage.DamagedDocument:
                archive.writestr(f"{name}.missing.txt", "This file cannot be read. Write to us.")
        files = len(archive.namelist())
    audit.record(
        event="dataexport.written",
        subject=made,
        by=made.user,
        at=at,
        supplier_id=supplier.pk,
        details={"files": files, "tables": sorted(tables)},
    )
    return prepared_files.compressed([buffer.getvalue()]), files


def _add(archive: zipfile.ZipFile, name: str, lines: Iterator[str]) -> None:
    with archive.open(name, "w") as file:
        for line in lines:
            file.write(line.encode())


def _invoices(made: DataExport):  # type: ignore[no-untyped-def]  # a query with annotations
    today = supplier_today(supplier=made.supplier, at=made.asked_at)
    return filtered_invoices(made.supplier, InvoiceFilters(), today=today)


def _documents(made: DataExport) -> Iterator[Document]:
    """The newest version of each file that people of the supplier uploaded or its buyers sent, and nobody deleted."""
    rows = Document.objects.filter(supplier_id=made.supplier_id, deleted_at=None, replaced_by=None)
    return rows.filter(Q(uploaded_by__is_staff=False) | FROM_BUYER).order_by("pk").iterator()
