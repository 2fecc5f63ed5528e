"""Errors of calls to QuickBooks, named by what the caller can do about them (see docs/domain/quickbooks.md)."""

from datetime import datetime


class QuickBooksError(Exception):
    """A call failed. `code` is QuickBooks' error code or ours. `status` is the HTTP status, None without a response.

    The message is in plain words. It contains no token and no data of the company.
    """

    def __init__(self, message: str, *, code: str = "", status: int | None = None, intuit_tid: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.intuit_tid = intuit_tid


class Transient(QuickBooksError):
    """A retry may succeed: no response, a server error, or a response that is not one of QuickBooks'."""


class InternalFault(Transient):
    """QuickBooks answered with an internal error: an outage, or one object that it fails to give out."""


class Throttled(Transient):
    """Too many requests. `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int, **details: str | int | None) -> None:
        super().__init__(message, **details)  # type: ignore[arg-type]
        self.retry_after = retry_after


class CircuitOpen(Transient):
    """infactor made no call: the circuit is open, or the next free slot is too far off. Retry at `until`."""

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message, code="circuit_open")
        self.until = until


class IntegrationUnavailable(Transient):
    """The integration is disabled or has no keys: staff must act. infactor made no call."""


class TokenExpired(QuickBooksError):
    """QuickBooks rejected the access token: get a new one and retry once."""


class AuthorizationLost(QuickBooksError):
    """The supplier must act: the grant is revoked, a permission is missing, or the subscription has ended."""


class Rejected(QuickBooksError):
    """QuickBooks understood the request and rejected it. A retry would be rejected again."""


class AnswerRefused(Rejected):
    """QuickBooks refuses the answer because of an object in it: ask for fewer objects, and the others come."""


class ObjectSuspected(AnswerRefused):
    """An internal error that has repeated, so that an object in the answer may be its cause. `fault` is the error, and
    counts if no smaller answer succeeds."""

    def __init__(self, fault: InternalFault) -> None:
        super().__init__(str(fault), code=fault.code, status=fault.status, intuit_tid=fault.intuit_tid)
        self.fault = fault


class ResponseTooLarge(Rejected):
    """The response exceeds the size limit: request fewer objects."""
