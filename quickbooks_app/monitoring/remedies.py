"""What a supplier can do about each failure, in a sentence; staff group failures by the same causes."""

from typing import NamedTuple


class Cause(NamedTuple):
    """What a group of failures has in common, and what the supplier does about it."""

    name: str
    step: str


BY_ITSELF = "You need not do anything: it is tried again by itself."
WRITE = "If it goes on for a day, write to us and name the reference of the failed request."

ACCESS = Cause("QuickBooks gives no access", "Press Reconnect, then Connect at QuickBooks, as an administrator there.")
SUBSCRIPTION = Cause(
    "The QuickBooks subscription has ended", "Renew the subscription in QuickBooks, then press Reconnect here."
)
BUSY = Cause("QuickBooks asked to wait", BY_ITSELF)
AWAY = Cause("QuickBooks did not answer", f"{BY_ITSELF} {WRITE}")
BROKEN = Cause("QuickBooks' answer could not be read", f"{BY_ITSELF} {WRITE}")
WORKER = Cause("Reading stopped on our side too often", f"We look into it. {BY_ITSELF}")
REFUSED = Cause("QuickBooks refused the request", f"We look into it. {WRITE}")
ENDED = Cause("The connection was ended", "Press Reconnect to go on.")

CAUSES = {
    "3100": ACCESS,
    "invalid_grant": ACCESS,
    "no_token": ACCESS,
    "3200": ACCESS,
    "3201": ACCESS,
    "100": ACCESS,
    "120": ACCESS,
    "6190": SUBSCRIPTION,
    "3001": BUSY,
    "refresh_busy": BUSY,
    "no_answer": AWAY,
    "timeout": AWAY,
    "130": AWAY,
    "10000": AWAY,
    "not_json": BROKEN,
    "unreadable": BROKEN,
    "too_large": BROKEN,
    "attempts": WORKER,
}


def cause_of(*, code: str, status: int | None = None) -> Cause:
    """The cause that an error code (ours or QuickBooks') or an HTTP status stands for."""
    if code in CAUSES:
        return CAUSES[code]
    if status == 429:
        return BUSY
    if status in (401, 403):
        return ACCESS
    if status is not None and status >= 500:
        return AWAY
    # Without a code no answer came, or one of a server in trouble.
    return REFUSED if code else AWAY
