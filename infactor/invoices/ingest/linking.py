"""Links rows that were imported in any order: documents to buyers, and payment lines to invoices."""

from collections.abc import Iterable

from django.db import connection

from infactor.invoices.models import CompanyFile


def link_allocations(*, company_file: CompanyFile, invoices: Iterable[str]) -> None:
    """Link payment lines that were imported before their invoice, for these references of invoices."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE invoices_paymentallocation AS line SET invoice_id = invoice.id
            FROM invoices_bookspayment AS payment, invoices_invoice AS invoice
            WHERE line.kind = 'Invoice' AND line.reference = ANY(%(references)s) AND line.invoice_id IS NULL
              AND payment.id = line.payment_id AND payment.company_file_id = %(file)s
              AND invoice.company_file_id = %(file)s AND invoice.qbk_invoice_id = line.reference
            """,
            {"references": list(invoices), "file": company_file.pk},
        )


def link_documents_to_buyers(*, company_file: CompanyFile) -> None:
    """Link payments and credit memos that were imported before their customer."""
    with connection.cursor() as cursor:
        for table in ("invoices_bookspayment", "invoices_creditmemo"):
            cursor.execute(
                f"""
                UPDATE {table} AS row SET buyer_id = buyer.id
                FROM invoices_buyer AS buyer
                WHERE row.company_file_id = %(file)s AND row.buyer_id IS NULL
                  AND buyer.company_file_id = %(file)s AND buyer.reference = row.customer_reference
                """,  # noqa: S608  the table names are constants
                {"file": company_file.pk},
            )
