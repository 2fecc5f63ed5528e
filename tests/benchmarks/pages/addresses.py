"""What the walk finds: pages, and URLs that no row opened."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PageAddress:
    """One page: the name of its URL, its path, who asks for it, and the status that it answers."""

    name: str
    path: str
    who: str
    status: int


@dataclass(frozen=True)
class NotSeen:
    """A URL that no row opened, with the statuses that were answered."""

    name: str
    who: str
    statuses: tuple[int, ...]
