"""Notices of assignment: the mails and links that buyers got."""

from infactor.core.models import OutgoingMail
from infactor.financing.models import Advance, Notice
from tests.support.scenarios.verification import LINK


def notice_of(advance: Advance) -> Notice:
    """The latest notice of `advance`, as it is now."""
    return Notice.objects.select_related("supplier", "invoice").filter(advance=advance).latest("pk")


def mails_of(notice: Notice, kind: str = "") -> list[OutgoingMail]:
    """The mails about `notice`, of one `kind` (sent, reminder, resent, receipt, release) or all, the oldest first."""
    return list(OutgoingMail.objects.filter(key__regex=rf"^notice\.{kind or '[a-z]+'}:{notice.pk}(:|$)").order_by("pk"))


def token_in(mail: OutgoingMail) -> str:
    """The token of the link in a mail to a buyer."""
    found = LINK.search(mail.body)
    assert found, "the mail holds no link"
    return found[1]
