"""Pages of a list whose length is known already, and the page numbers that are worth a link."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Page, Paginator

NEAR = 2


class WindowPage(Page):
    """A page that knows which numbers to show: first, last, its neighbours, and None for each gap."""

    def window(self) -> Iterator[int | None]:
        before = 0
        for number in range(1, self.paginator.num_pages + 1):
            if number in (1, self.paginator.num_pages) or abs(number - self.number) <= NEAR:
                if number - before > 1:
                    yield None
                yield number
                before = number


class CountedPaginator(Paginator):
    """Django's paginator without its COUNT query: `total` comes from a query that was asked anyway."""

    def __init__(self, object_list: Any, *, per_page: int, total: int) -> None:
        super().__init__(object_list, per_page)
        self.count = total  # shadows the cached property

    def _get_page(self, *args: Any, **kwargs: Any) -> WindowPage:
        return WindowPage(*args, **kwargs)
