"""Messages for each outcome of an attempt to connect, with what to do next."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from infactor.core.translatable import Text
from quickbooks_app.models import ConsentAttempt

Outcome = ConsentAttempt.Outcome


class Message(NamedTuple):
    """A title, one or two sentences, and whether the attempt succeeded."""

    title: Text
    sentence: Text
    is_success: bool = False


MESSAGES = {
    Outcome.PENDING: Message(
        _("Waiting for QuickBooks…"), _("Approve infactor in the QuickBooks window. If you closed it, connect again.")
    ),
    Outcome.CONNECTED: Message(
        _("QuickBooks is connected"), _("Your invoices will appear in your dashboard shortly."), True
    ),
    Outcome.DENIED: Message(
        _("Nothing was connected"), _("You chose Cancel at QuickBooks. You can connect at any time.")
    ),
    Outcome.CLOSED: Message(_("The QuickBooks window was closed before connecting."), _("Try again.")),
    Outcome.EXPIRED: Message(
        _("The attempt expired"), _("For security, you must approve a connection within ten minutes. Connect again.")
    ),
    Outcome.REALM_TAKEN: Message(
        _("This company cannot be connected here"),
        _("It is connected to another infactor account. Choose another company, or contact us if it is yours."),
    ),
    Outcome.UNREACHABLE: Message(_("QuickBooks did not answer"), _("Wait a minute, then connect again.")),
    Outcome.REFUSED: Message(
        _("QuickBooks refused the connection"), _("Connect again. If the problem continues, contact us.")
    ),
    Outcome.KEYS_REFUSED: Message(
        _("QuickBooks does not know the keys of the app"),
        _(
            "The client secret may have been replaced at Intuit. If it is your own app, enter its keys again; "
            "otherwise contact us."
        ),
    ),
    Outcome.WRONG_ENVIRONMENT: Message(
        _("This company does not belong to these keys"),
        _(
            "Development keys open sandbox companies only, and production keys live companies only. "
            "If it is your own app, enter the keys of the other kind. "
            "If the company is of the right kind, connect as its administrator."
        ),
    ),
    Outcome.OTHER_PENDING: Message(
        _("You chose another company at QuickBooks"),
        _("Nothing is connected yet. Confirm the other company, or connect again."),
    ),
    Outcome.OTHER_REJECTED: Message(
        _("Nothing was changed"), _("To reconnect, connect again and choose the same company as before at QuickBooks.")
    ),
}
LINK_USED = Message(
    _("This link has already been used"), _("Each link from QuickBooks works once. Start again from your dashboard.")
)
NO_INTEGRATION = Message(
    _("QuickBooks cannot be connected now"), _("No app at Intuit is set up for you. Contact us; we set it up.")
)
INTERNAL_ERROR = Message(
    _("Something went wrong on our side"), _("We will look into it. Wait a minute, then connect again.")
)
