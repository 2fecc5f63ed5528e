"""Warnings for staff that act on an invoice whose books are out of date."""

from datetime import datetime, timedelta

from infactor.core.dates import format_moment
from infactor.financing.eligibility.rules.books import MAX_BOOKS_AGE, is_stale
from infactor.invoices.models import CompanyFile


def stale_books_warning(*, company_file: CompanyFile, at: datetime) -> str:
    """One sentence for staff where these books are stale, else empty. It does not change as time goes on."""
    if company_file.is_by_hand or not is_stale(books_as_of=company_file.as_of, at=at):
        return ""
    if company_file.as_of is None:
        return f"The books of {company_file.supplier} have not been read completely yet."
    moment = format_moment(company_file.as_of)
    hours = MAX_BOOKS_AGE // timedelta(hours=1)
    return f"The books of {company_file.supplier} were last read on {moment} UTC, more than {hours} hours ago."
