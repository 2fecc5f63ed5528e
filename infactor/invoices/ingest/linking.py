"""What came in any order finds together: payments and credit memos their buyers, lines of payments their invoices."""

from collections.abc import Iterable

from django.db import connection

from infactor.invoices.models import CompanyFile


def tie_allocations(*, company_file: CompanyFile, invoices: Iterable[str]) -> None:
    """Lines of payments that came before the invoice that they name get it, for `invoices` by their references."""
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


def tie_to_buyers(*, company_file: CompanyFile) -> None:
    """Payments and credit memos that came before their customer get their buyer."""
    with connection.cursor() as cursor:
        for table in ("invoices_bookspayment", "invoices_creditmemo"):
            cursor.execute(
                f"""
                UPDATE {table} AS row SET buyer_id = buyer.id
                FROM invoices_buyer AS buyer
                WHERE row.company_file_id = %(file)s AND row.buyer_id IS NULL
                  AND buyer.company_file_id = %(file)s AND buyer.reference = row.customer_reference
                """,  # noqa: S608  the names stand above
                {"file": company_file.pk},
            )
