"""What a supplier can do about each failure. Staff group failures by the same causes."""

from typing import NamedTuple


class Remedy(NamedTuple):
    """The common cause of a group of failures, and what the supplier should do."""

    cause: str
    next_step: str


RETRIED_AUTOMATICALLY = "You do not need to do anything: infactor will try again automatically."
CONTACT_US = "If it continues for a day, contact us with the reference of the failed request."

ACCESS = Remedy(
    "QuickBooks does not allow access", "Press Reconnect, then Connect at QuickBooks, as an administrator there."
)
SUBSCRIPTION = Remedy(
    "The QuickBooks subscription has ended", "Renew the subscription in QuickBooks, then press Reconnect here."
)
BUSY = Remedy("QuickBooks asked infactor to wait", RETRIED_AUTOMATICALLY)
UNAVAILABLE = Remedy("QuickBooks did not answer", f"{RETRIED_AUTOMATICALLY} {CONTACT_US}")
UNREADABLE = Remedy("QuickBooks' response could not be read", f"{RETRIED_AUTOMATICALLY} {CONTACT_US}")
WORKER = Remedy("The sync failed too often on our side", f"We will look into it. {RETRIED_AUTOMATICALLY}")
DISABLED = Remedy("Our access to QuickBooks is switched off", f"We switch it on again soon. {CONTACT_US}")
REFUSED = Remedy("QuickBooks refused the request", f"We will look into it. {CONTACT_US}")

REMEDIES = {
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
    "no_answer": UNAVAILABLE,
    "timeout": UNAVAILABLE,
    "130": UNAVAILABLE,
    "10000": UNAVAILABLE,
    "500": UNAVAILABLE,
    "not_json": UNREADABLE,
    "unreadable": UNREADABLE,
    "too_large": UNREADABLE,
    "disabled": DISABLED,
    "no_keys": DISABLED,
    "attempts": WORKER,
}


def remedy_for(*, code: str, status: int | None = None) -> Remedy:
    """The remedy for an error code, QuickBooks' or ours, or for an HTTP status."""
    if code in REMEDIES:
        return REMEDIES[code]
    if status == 429:
        return BUSY
    if status in (401, 403):
        return ACCESS
    if status is not None and status >= 500:
        return UNAVAILABLE
    # Without a code there was no response, or a server error without one.
    return REFUSED if code else UNAVAILABLE
