"""Messages for each outcome of an attempt to connect, with what to do next."""

from typing import NamedTuple

from quickbooks_app.models import ConsentAttempt

Outcome = ConsentAttempt.Outcome


class Message(NamedTuple):
    """A title, one or two sentences, and whether the attempt succeeded."""

    title: str
    sentence: str
    is_success: bool = False


MESSAGES = {
    Outcome.PENDING: Message("Not finished yet", "Approve infactor in the QuickBooks window."),
    Outcome.CONNECTED: Message("QuickBooks is connected", "Your invoices will appear in your dashboard shortly.", True),
    Outcome.DENIED: Message("Nothing was connected", "You chose Cancel at QuickBooks. You can connect at any time."),
    Outcome.EXPIRED: Message(
        "The attempt expired", "For security, you must approve a connection within ten minutes. Connect again."
    ),
    Outcome.REALM_TAKEN: Message(
        "This company cannot be connected here",
        "It is connected to another infactor account. Choose another company, or contact us if it is yours.",
    ),
    Outcome.UNREACHABLE: Message("QuickBooks did not answer", "Wait a minute, then connect again."),
    Outcome.REFUSED: Message(
        "QuickBooks refused the connection", "Connect again. If the problem continues, contact us."
    ),
    Outcome.KEYS_REFUSED: Message(
        "QuickBooks does not know the keys of the app",
        "The client secret may have been replaced at Intuit. If it is your own app, enter its keys again; otherwise "
        "contact us.",
    ),
    Outcome.WRONG_ENVIRONMENT: Message(
        "This company does not belong to these keys",
        "Development keys open sandbox companies only, and production keys live companies only. If it is your own app, "
        "enter the keys of the other kind. If the company is of the right kind, connect as its administrator.",
    ),
    Outcome.OTHER_PENDING: Message(
        "You chose another company at QuickBooks",
        "Nothing is connected yet. Confirm the other company, or connect again.",
    ),
    Outcome.OTHER_REJECTED: Message(
        "Nothing was changed", "To reconnect, connect again and choose the same company as before at QuickBooks."
    ),
}
LINK_USED = Message(
    "This link has already been used", "Each link from QuickBooks works once. Start again from your dashboard."
)
NO_INTEGRATION = Message(
    "QuickBooks cannot be connected now", "No app at Intuit is set up for you. Contact us; we set it up."
)
INTERNAL_ERROR = Message("Something went wrong on our side", "We will look into it. Wait a minute, then connect again.")
