"""Subscribers to changes of what a supplier may do. Apps in higher layers register callbacks."""

from collections.abc import Collection
from typing import Protocol


class Subscriber(Protocol):
    """Called in the transaction of the change. `supplier_ids` is None where every supplier is concerned."""

    def __call__(self, *, supplier_ids: Collection[int] | None) -> None: ...


_registered: list[Subscriber] = []


def register(callback: Subscriber) -> None:
    """Call `callback` whenever an application is decided or an agreement accepted or published."""
    if callback not in _registered:
        _registered.append(callback)


def notify(*, supplier_ids: Collection[int] | None) -> None:
    """Call every registered subscriber, in the order of registration."""
    for callback in _registered:
        callback(supplier_ids=supplier_ids)
