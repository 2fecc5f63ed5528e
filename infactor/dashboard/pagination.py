"""Pagination with a known total and a short list of page links."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator

NEIGHBOURS = 2


class NumberedPage(Page):
    """A page of a list that knows which page numbers to link."""

    def page_numbers(self) -> Iterator[int | None]:
        """The first, the last and the neighbouring page numbers, with None for each gap."""
        previous = 0
        for number in range(1, self.paginator.num_pages + 1):
            if number in (1, self.paginator.num_pages) or abs(number - self.number) <= NEIGHBOURS:
                if number - previous > 1:
                    yield None
                yield number
                previous = number


class CountedPaginator(Paginator):
    """Django's paginator without its COUNT query: the caller passes the `total`."""

    def __init__(self, object_list: Any, *, per_page: int, total: int) -> None:
        super().__init__(object_list, per_page)
        self.count = total  # shadows the cached property

    def is_beyond(self, number: str | None) -> bool:
        """Whether there is no page `number`, as an address asks for it: the first or the last is shown instead."""
        try:
            self.validate_number(number or 1)
        except InvalidPage:
            return True
        return False

    def _get_page(self, *args: Any, **kwargs: Any) -> NumberedPage:
        return NumberedPage(*args, **kwargs)
