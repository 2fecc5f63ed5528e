"""How old books may be before nobody relies on them without saying so."""

from datetime import datetime, timedelta

from django.utils import dateformat

from infactor.invoices.models import CompanyFile

FRESH_FOR = timedelta(hours=24)
HOURS = FRESH_FOR // timedelta(hours=1)


def is_old(*, read_to: datetime | None, at: datetime) -> bool:
    """Whether books that were read completely up to `read_to` are too old at the moment `at`."""
    return read_to is None or at - read_to > FRESH_FOR


def old_books(*, company_file: CompanyFile, at: datetime) -> str:
    """In words, that these books are old, for staff; empty where they are not. Does not change as time goes on."""
    if not is_old(read_to=company_file.as_of, at=at):
        return ""
    if company_file.as_of is None:
        return f"The books of {company_file.supplier} have not been read completely yet."
    moment = dateformat.format(company_file.as_of, "M j, Y, H:i")
    return f"The books of {company_file.supplier} were last read on {moment} UTC, more than {HOURS} hours ago."
