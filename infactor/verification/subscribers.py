"""Subscribers to changes of verifications. Apps in higher layers register callbacks."""

from datetime import datetime
from typing import Protocol

from infactor.users.models import User
from infactor.verification.models import Verification


class Subscriber(Protocol):
    """Called with the changed verification, in the transaction of the change. `by` is None for the buyer."""

    def __call__(self, *, verification: Verification, at: datetime, by: User | None) -> None: ...


_registered: list[Subscriber] = []


def register(callback: Subscriber) -> None:
    """Call `callback` on every change. An exception from it rolls the change back."""
    if callback not in _registered:
        _registered.append(callback)


def notify(*, verification: Verification, at: datetime, by: User | None) -> None:
    """Call every registered subscriber, in the order of registration."""
    for callback in _registered:
        callback(verification=verification, at=at, by=by)
