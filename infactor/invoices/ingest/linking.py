"""Links rows that were imported in any order: sub-customers to parents, documents to buyers, payments to invoices."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from infactor.invoices.models import CompanyFile


def link_sub_customers(*, company_file: CompanyFile, at: datetime) -> set[str]:
    """Link sub-customers to the parents that they name. Returns the references of those that have another one now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE invoices_buyer AS buyer SET parent_id = named.parent_id, updated_at = %(at)s
            FROM (
                SELECT job.id, parent.id AS parent_id
                FROM invoices_buyer AS job
                LEFT JOIN invoices_buyer AS parent
                  ON parent.company_file_id = job.company_file_id
                 AND parent.reference = job.parent_reference AND job.parent_reference <> ''
                WHERE job.company_file_id = %(file)s AND job.parent_id IS DISTINCT FROM parent.id
            ) AS named
            WHERE buyer.id = named.id
            RETURNING buyer.reference
            """,
            {"file": company_file.pk, "at": at},
        )
        return {reference for (reference,) in cursor.fetchall()}


def link_invoices_to_buyers(*, company_file: CompanyFile, at: datetime) -> list[int]:
    """Link invoices that were imported before their customer; one without an email address takes the customer's.

    Returns those that were linked.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE invoices_invoice AS invoice
            SET buyer_id = buyer.id, updated_at = %(at)s,
                buyer_email = CASE WHEN invoice.buyer_email = '' THEN buyer.email ELSE invoice.buyer_email END
            FROM invoices_buyer AS buyer
            WHERE invoice.company_file_id = %(file)s AND invoice.buyer_id IS NULL
              AND buyer.company_file_id = invoice.company_file_id
              AND buyer.reference = invoice.customer_reference
            RETURNING invoice.id
            """,
            {"file": company_file.pk, "at": at},
        )
        return [pk for (pk,) in cursor.fetchall()]


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
