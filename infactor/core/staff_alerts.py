"""Alerts: what staff must hear of at once. Whoever sees it happen publishes it; the desk decides whom it mails.

An alert is published in the transaction of what happened, so it is told exactly when that is committed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urljoin

from django.conf import settings


class Kind(StrEnum):
    """What alerts are about. People choose by kind which they get."""

    SEVERE_CASE = "severe_case"
    PAYOUT_RETURNED = "payout_returned"
    CHECK_FAILED = "check_failed"
    SYNC_FAILED = "sync_failed"
    PAYMENTS_UNMATCHED = "payments_unmatched"
    HOUSE_ACCOUNTS = "house_accounts"
    SUPPLIER_WROTE = "supplier_wrote"


@dataclass(frozen=True)
class Alert:
    """One alert. `key` tells it from all others: nobody gets it twice. `text` renders subject and body in the language
    of each who is told. No text holds secrets, nor more about people than the matter needs. `person_id`: the one of
    staff who is responsible, and alone is told; None: all who work on the kind.
    """

    kind: Kind
    key: str
    text: Callable[[], tuple[str, str]]
    supplier_id: int | None = None
    person_id: int | None = None


_registered: list[Callable[[Alert], None]] = []


def register(handler: Callable[[Alert], None]) -> None:
    """Call `handler` with every alert. Apps call it when they are ready."""
    if handler not in _registered:
        _registered.append(handler)


def publish(alert: Alert) -> None:
    """Tell every handler, in the caller's transaction."""
    for handler in _registered:
        handler(alert)


def page_address(path: str) -> str:
    """The whole address of a page of staff, for an email: on ADMIN_HOST where it is set."""
    host = f"https://{settings.ADMIN_HOST}" if settings.ADMIN_HOST else settings.QUICKBOOKS_REDIRECT_URI
    return urljoin(host, path)
