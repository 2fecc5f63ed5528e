"""Functions of higher layers that are called when a statement file is imported."""

from collections.abc import Callable
from datetime import datetime

from infactor.banking.models import StatementFile
from infactor.users.models import User

Subscriber = Callable[..., None]
_subscribers: list[Subscriber] = []


def register(subscriber: Subscriber) -> None:
    """Call `subscriber(file=..., by=..., at=...)` in the transaction that imports a file."""
    if subscriber not in _subscribers:
        _subscribers.append(subscriber)


def notify(*, file: StatementFile, by: User, at: datetime) -> None:
    """Call every subscriber."""
    for subscriber in _subscribers:
        subscriber(file=file, by=by, at=at)
