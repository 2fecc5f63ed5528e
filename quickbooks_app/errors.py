"""How a call to QuickBooks can fail, named by what the caller can do about it (quickbooks-online.md, section 3)."""

from datetime import datetime


class QuickBooksError(Exception):
    """A call failed. `code` is QuickBooks' or ours; `status` the HTTP status, None where no answer came.

    The message is in plain words and holds no token and nothing of anyone's books.
    """

    def __init__(self, message: str, *, code: str = "", status: int | None = None, intuit_tid: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.intuit_tid = intuit_tid


class Transient(QuickBooksError):
    """It may work the next time: no answer, a server's error, an answer that is none."""


class Throttled(Transient):
    """Too many requests. `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int, **details: str | int | None) -> None:
        super().__init__(message, **details)  # type: ignore[arg-type]
        self.retry_after = retry_after


class NotNow(Transient):
    """We hold back ourselves: nothing was asked. Worth trying again at `until`."""

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message, code="not_now")
        self.until = until


class TokenExpired(QuickBooksError):
    """The access token is not taken (any longer): get a fresh one, once."""


class AccessLost(QuickBooksError):
    """The supplier must act: the grant is dead, the right is gone, or the company's subscription has ended."""


class Rejected(QuickBooksError):
    """QuickBooks understood and refused; the same request will be refused again."""


class TooLarge(Rejected):
    """The answer is larger than we take: ask for less at once."""
