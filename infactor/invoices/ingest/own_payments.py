"""Payments in the books that infactor wrote itself: the app that writes them says which, and the row remembers it."""

from collections.abc import Callable, Collection, Mapping

from django.db import transaction

from infactor.core.bulk import InArray
from infactor.invoices.ingest.revisions import increment
from infactor.invoices.models import BooksPayment, CompanyFile

# Answers which of {reference: number} of one company file infactor wrote.
Finder = Callable[[CompanyFile, Mapping[str, str]], Collection[str]]

_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Ask `finder` about every payment that is read, in the transaction that writes it. Once at start."""
    if finder not in _finders:
        _finders.append(finder)


def mark_own(*, company_file: CompanyFile, references: Collection[str]) -> int:
    """Note that infactor wrote these payments, whatever is read of them later. Returns how many were not noted.

    For a writer that learns the id of its payment after the payment was read.
    """
    with transaction.atomic():
        rows = BooksPayment.objects.filter(InArray("reference", references), company_file=company_file, is_own=False)
        marked = rows.update(is_own=True)
        if marked:
            increment(company_file_ids=[company_file.pk])
        return marked


def mark_found(*, company_file: CompanyFile, numbers: Mapping[str, str]) -> None:
    """Ask the finders about {reference: number}, just written by the caller, and note what is ours."""
    for finder in _finders:
        if own := finder(company_file, numbers):
            BooksPayment.objects.filter(InArray("reference", own), company_file=company_file).update(is_own=True)
