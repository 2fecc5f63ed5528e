"""Import issues of differences that stayed after everything had been read again: what each means, and what to do."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_noop

from quickbooks_app.completeness.comparison import Difference, Kind
from quickbooks_app.models import Connection, ImportIssue

CODE = "differs"
FIELD = "Balance"
WHAT_TO_DO = {
    Kind.AMOUNT: (
        gettext_noop(
            "QuickBooks' receivables report has another open amount than this document itself. Open it in QuickBooks,"
            " check its payments, and save it. infactor compares it again every day."
        )
    ),
    Kind.CUSTOMER: (
        gettext_noop(
            "QuickBooks' receivables report has this document with another customer than the document "
            "itself. Open it in"
            " QuickBooks, check its customer, and save it."
        )
    ),
    Kind.MISSING_HERE: (
        gettext_noop(
            "QuickBooks' receivables report has this document, but QuickBooks does not give it out. "
            "Open it in QuickBooks,"
            " correct what is invalid there, and save it."
        )
    ),
    Kind.MISSING_THERE: (
        gettext_noop(
            "This document is open, but QuickBooks' receivables report does not have it. Open it in "
            "QuickBooks, check that"
            " it is posted and still open, and save it."
        )
    ),
    Kind.UNREADABLE: (
        gettext_noop(
            "QuickBooks' receivables report has this document, but its amount cannot be read. Open it "
            "in QuickBooks, check"
            " its amounts, and save it."
        )
    ),
    Kind.BALANCE: (
        gettext_noop(
            "This customer's balance in QuickBooks is not the sum of its open documents in the "
            "receivables report. Open the"
            " customer in QuickBooks, check its transactions, and save it."
        )
    ),
    Kind.UNNAMED: (
        gettext_noop(
            "QuickBooks' receivables report has an amount that infactor can attribute to no document. "
            "Run the report A/R"
            " Aging Detail in QuickBooks and look for a document without a number or customer."
        )
    ),
    Kind.ACCOUNT: (
        gettext_noop(
            "QuickBooks' trial balance and its receivables report differ. Ask your accountant whether something was"
            " posted to accounts receivable without a customer."
        )
    ),
}


def record_differences(*, connection: Connection, differences: Sequence[Difference], at: datetime) -> None:
    """Open an issue for each of `differences`, and close those of all others, in the caller's transaction."""
    found = {
        (one.entity[:40], (one.qbk_id or one.customer)[:64]): ImportIssue(
            connection=connection,
            entity=one.entity[:40],
            qbk_id=(one.qbk_id or one.customer)[:64],
            field=FIELD,
            code=CODE,
            message=WHAT_TO_DO[one.kind],
            first_seen_at=at,
            last_seen_at=at,
        )
        for one in differences
    }
    ImportIssue.objects.bulk_create(
        found.values(),
        update_conflicts=True,
        unique_fields=["connection", "entity", "qbk_id", "field", "code"],
        update_fields=["message", "last_seen_at", "resolved_at"],
    )
    close_others(connection=connection, keep=differences, at=at)


def close_others(*, connection: Connection, keep: Sequence[Difference], at: datetime) -> None:
    """Close the issues of differences that are not among `keep`."""
    kept = {(one.entity[:40], (one.qbk_id or one.customer)[:64]) for one in keep}
    still_open = ImportIssue.objects.filter(connection=connection, code=CODE, resolved_at__isnull=True)
    settled = [
        pk for pk, entity, qbk_id in still_open.values_list("pk", "entity", "qbk_id") if (entity, qbk_id) not in kept
    ]
    ImportIssue.objects.filter(pk__in=settled).update(resolved_at=at)
