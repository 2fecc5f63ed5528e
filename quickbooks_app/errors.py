"""Errors of calls to QuickBooks, named by what the caller can do about them (see docs/domain/quickbooks.md)."""

from datetime import datetime


class QuickBooksError(Exception):
    """A call failed. `code` is QuickBooks' error code or ours. `status` is the HTTP status, None without a response.

    `may_be_done` says whether QuickBooks may have done the write that failed. The message is in plain words. It
    contains no token and no data of the company.
    """

    may_be_done = False

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


class NotOffered(Rejected):
    """infactor made no call: the object, the edition or the country does not have what was asked for.

    `may_change` says whether the reason is the company's edition or country.
    """

    def __init__(self, message: str, *, may_change: bool = False) -> None:
        super().__init__(message, code="not_offered")
        self.may_change = may_change


class OutcomeUnknown(Transient):
    """No answer to a write: QuickBooks may have done it. Repeat it with the same key, which does nothing twice."""

    may_be_done = True


class WriteRefused(Rejected):
    """QuickBooks refused a write. `field` is its name of the field at fault; `existing_id` is the object in the way."""

    def __init__(self, message: str, *, field: str = "", existing_id: str = "", **details: str | int | None) -> None:
        super().__init__(message, **details)  # type: ignore[arg-type]
        self.field = field
        self.existing_id = existing_id


class StaleObject(WriteRefused):
    """The object has changed since it was read (5010)."""


class EditConflict(WriteRefused):
    """Somebody in QuickBooks changed the same fields meanwhile; `fields` names them. Nothing was written."""

    def __init__(self, message: str, *, fields: frozenset[str]) -> None:
        super().__init__(message, code="edit_conflict", field=", ".join(sorted(fields)))
        self.fields = fields


class DuplicateName(WriteRefused):
    """Another customer, vendor or employee has the name (6240)."""


class DuplicateNumber(WriteRefused):
    """Another document has the number (6140)."""


class BusinessRuleBroken(WriteRefused):
    """A rule of QuickBooks' accounting forbids it (6000, 6070, 6540)."""


class ReferenceMissing(WriteRefused):
    """It names an object that QuickBooks does not have (2500)."""


class ObjectMissing(WriteRefused):
    """The object to change is deleted or inactive (610)."""


class FieldRefused(WriteRefused):
    """A field is unknown, missing, too long or invalid (2010 to 2170, 4002)."""


class PeriodClosed(WriteRefused):
    """The books are closed for that date (6210)."""


class FeatureMissing(WriteRefused):
    """The company, or the user who connected it, does not have this feature (5020)."""


class ForbiddenWrite(WriteRefused):
    """infactor made no call: it never writes this, because it would harm the supplier's books or ours."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="forbidden_write")


class FileTooLarge(Rejected):
    """A file exceeds QuickBooks' limit. Nothing, or only a part that QuickBooks drops, was sent."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="file_too_large")
