"""Who wants to know of an answer: upper floors register, and are told in the transaction that writes it."""

from datetime import datetime
from typing import Protocol

from infactor.users.models import User
from infactor.verification.models import Verification


class Callback(Protocol):
    """Called with the answered, locked verification; its invoice is locked, too. `by` is None for the buyer."""

    def __call__(self, *, verification: Verification, at: datetime, by: User | None) -> None: ...


_registered: list[Callback] = []


def register(callback: Callback) -> None:
    """Tell `callback` of every answer from now on. What it raises undoes the answer."""
    if callback not in _registered:
        _registered.append(callback)


def announce(*, verification: Verification, at: datetime, by: User | None) -> None:
    """Tell everybody who registered, in their order."""
    for callback in _registered:
        callback(verification=verification, at=at, by=by)
