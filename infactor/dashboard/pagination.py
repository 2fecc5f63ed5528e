"""Pagination with a short list of page links: of lists with a known total, and of several lists on one page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import HttpRequest

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


class NumberedPaginator(Paginator):
    """Django's paginator, whose pages know which page numbers to link."""

    def _get_page(self, *args: Any, **kwargs: Any) -> NumberedPage:
        return NumberedPage(*args, **kwargs)


class CountedPaginator(NumberedPaginator):
    """A paginator without the COUNT query: the caller passes the `total`."""

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


@dataclass(frozen=True)
class ListPage:
    """A page of one of several lists on a page. `href`: the address up to its number, with the pages of the others."""

    page: NumberedPage
    href: str
    anchor: str

    def __len__(self) -> int:
        """The number of rows of all pages, so that a list without any is false."""
        return int(self.page.paginator.count)


def page_of(rows: Any, request: HttpRequest, *, name: str, per_page: int) -> ListPage:
    """The page of `rows` that the address asks for with `name`, which is the anchor of the list, too."""
    others = request.GET.copy()
    others.pop(name, None)
    page = NumberedPaginator(rows, per_page).get_page(request.GET.get(name))
    return ListPage(page, f"?{others.urlencode()}{'&' if others else ''}{name}=", name)  # type: ignore[arg-type]
