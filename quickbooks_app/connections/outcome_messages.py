"""How a consent journey ended, in plain words, each with what to do next."""

from typing import NamedTuple

from quickbooks_app.models import ConsentAttempt

Outcome = ConsentAttempt.Outcome


class Message(NamedTuple):
    """A title, one or two sentences, and whether it went well."""

    title: str
    sentence: str
    is_good: bool = False


MESSAGES = {
    Outcome.PENDING: Message("Not finished yet", "QuickBooks has not answered yet. Approve infactor in its window."),
    Outcome.CONNECTED: Message("QuickBooks is connected", "Your invoices are on their way to your dashboard.", True),
    Outcome.DENIED: Message(
        "Nothing was connected", "You chose Cancel at QuickBooks. Connect again whenever you like."
    ),
    Outcome.EXPIRED: Message("It took too long", "For safety a connection must be approved within ten minutes."),
    Outcome.REALM_TAKEN: Message(
        "This company cannot be connected here",
        "It is connected to another infactor account. Choose another company, or write to us if it is yours.",
    ),
    Outcome.UNREACHABLE: Message("QuickBooks did not answer", "Nothing was lost. Wait a minute, then connect again."),
    Outcome.REFUSED: Message(
        "QuickBooks refused", "It did not accept the approval. Connect again; if it goes on, write to us."
    ),
    Outcome.ASKED: Message(
        "Another company was chosen at QuickBooks",
        "Nothing is connected yet. Say whether you meant it, or connect again.",
    ),
    Outcome.DECLINED: Message(
        "Nothing was changed", "Connect again, and choose at QuickBooks the company that you had before."
    ),
}
UNKNOWN = Message(
    "This link was used already", "Every way back from QuickBooks works once. Begin again from your dashboard."
)
FAILED = Message(
    "Something went wrong on our side", "It is recorded and will be looked at. Wait a minute, then connect again."
)
