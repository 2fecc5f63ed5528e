"""Receives webhooks: verifies each signature, stores the events of what is signed, and says how to answer.

Those that come at the same moment take few statements together: one for the verifiers, one for the companies, one for
all events, one for the workers to notify.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from quickbooks_app.auth import integrations
from quickbooks_app.models import Integration
from quickbooks_app.webhooks import inbox, parsing, senders
from quickbooks_app.webhooks.sharing import Shared

log = structlog.get_logger(__name__)


class Status(IntEnum):
    """How a webhook is answered."""

    TAKEN = 200
    INVALID_SIGNATURE = 401
    DATABASE_UNAVAILABLE = 503


class Delivery(NamedTuple):
    """One webhook as it came. `public_id` names the integration of its endpoint; None is that of the settings."""

    body: bytes
    signature: str
    public_id: UUID | None


class Outcome(NamedTuple):
    """The answer, and the connections whose worker the caller notifies now that the events are committed."""

    status: Status
    notify: Sequence[int] = ()


def receive(delivery: Delivery) -> Outcome:
    """Store the events of a body with a valid signature, perhaps together with others. Reject any other unparsed."""
    return _shared.do(delivery)


def receive_all(deliveries: Sequence[Delivery]) -> list[Outcome]:
    """The outcomes of several webhooks, in their order."""
    try:
        signed_by = senders.find_all(deliveries)
    except (OperationalError, InterfaceError):
        log.error("webhook_not_checked", sizes=[len(one.body) for one in deliveries])
        return [Outcome(Status.DATABASE_UNAVAILABLE)] * len(deliveries)
    outcomes = [Outcome(Status.TAKEN)] * len(deliveries)
    # By who signed them: the events of a body reach the companies of its own senders only.
    together: dict[tuple[int, ...], list[int]] = {}
    events: dict[int, list[parsing.Event]] = {}
    for number, (delivery, found) in enumerate(zip(deliveries, signed_by, strict=True)):
        if not found:
            _log_invalid(delivery)
            outcomes[number] = Outcome(Status.INVALID_SIGNATURE)
            continue
        parsed = _parse(delivery.body)
        if parsed is not None:
            events[number] = parsed
            together.setdefault(tuple(one.pk for one in found), []).append(number)
    for numbers in together.values():
        every = [event for number in numbers for event in events[number]]
        stored = _store(every, signed_by=signed_by[numbers[0]])
        for number in numbers:
            outcomes[number] = Outcome(stored.status)
        outcomes[numbers[0]] = stored
    return outcomes


def _store(events: Sequence[parsing.Event], *, signed_by: Sequence[Integration]) -> Outcome:
    at = timezone.now()
    try:
        for integration in signed_by:
            integrations.note_webhook(integration, at=at)
        return Outcome(Status.TAKEN, inbox.store_events(events=events, senders=signed_by, at=at))
    except (OperationalError, InterfaceError):
        log.error("webhook_not_stored", events=len(events))
        return Outcome(Status.DATABASE_UNAVAILABLE)


def _parse(body: bytes) -> list[parsing.Event] | None:
    """The events of a signed body; None if nobody can read it, of which the log tells."""
    try:
        parsed = parsing.parse(body)
    except parsing.UnreadableBody:
        # After an error status, Intuit would repeat the body and delay later events. The next sync finds the change.
        log.error("webhook_unreadable", size=len(body))
        return None
    if parsed.unrecognised_count:
        log.warning(
            "webhook_partly_unrecognised", unrecognised=parsed.unrecognised_count, recognised=len(parsed.events)
        )
    return parsed.events


def _log_invalid(delivery: Delivery) -> None:
    log.warning(
        "webhook_signature_invalid",
        has_signature=bool(delivery.signature),
        of=str(delivery.public_id or ""),
        size=len(delivery.body),
    )


_shared = Shared(receive_all)
