"""What apps above add to the demo: the books that its invoices come from, and what is played after the scenario."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from infactor.financing.demo.content import BooksContent
from infactor.financing.demo.dates import DemoCalendar
from infactor.financing.demo.participants import Participants
from infactor.invoices.models import CompanyFile
from infactor.suppliers.models import Supplier

Play = Callable[..., None]


class OpenedBooks(NamedTuple):
    """Books that were opened in an accounting system, and connected."""

    company_file: CompanyFile
    content: BooksContent
    calendar: DemoCalendar


# Opens the books `opened_days_ago`, and connects them to the supplier; None where no accounting system is at hand.
OpenBooks = Callable[..., OpenedBooks | None]
_registered: list[Play] = []
_openers: list[OpenBooks] = []


def register(play: Play) -> None:
    """Call `play(supplier=..., participants=..., at=...)` after the scenario. Apps call it when they are ready."""
    if play not in _registered:
        _registered.append(play)


def register_books(open_books: OpenBooks) -> None:
    """Ask `open_books` for the books of the demo company, with the arguments of this module's own `open_books`."""
    if open_books not in _openers:
        _openers.append(open_books)


def open_books(
    *, supplier: Supplier, participants: Participants, opened_days_ago: int, at: datetime
) -> OpenedBooks | None:
    """The books of the first app that opens them; None if none does."""
    for opener in _openers:
        opened = opener(supplier=supplier, participants=participants, opened_days_ago=opened_days_ago, at=at)
        if opened is not None:
            return opened
    return None


def play_all(*, supplier: Supplier, participants: Participants, at: datetime) -> None:
    """Call all that is played after the scenario, in the order of registration."""
    for play in _registered:
        play(supplier=supplier, participants=participants, at=at)
