"""Who wants to know that a question was sent, answered or ended: upper floors register, and are told with it."""

from datetime import datetime
from typing import Protocol

from infactor.users.models import User
from infactor.verification.models import Verification


class Callback(Protocol):
    """Called with the verification as it is now, in the transaction of its change; `by` is None for the buyer."""

    def __call__(self, *, verification: Verification, at: datetime, by: User | None) -> None: ...


_registered: list[Callback] = []


def register(callback: Callback) -> None:
    """Tell `callback` of every change from now on. What it raises undoes the change."""
    if callback not in _registered:
        _registered.append(callback)


def announce(*, verification: Verification, at: datetime, by: User | None) -> None:
    """Tell everybody who registered, in their order."""
    for callback in _registered:
        callback(verification=verification, at=at, by=by)
