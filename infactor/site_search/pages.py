"""The pages that the search finds by their names, with further words for what people call them."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from infactor.core.translatable import Text
from infactor.invoices.search_text import normalize


@dataclass(frozen=True)
class SitePage:
    """A page without a row of its own. `words` is what else it is called, in the reader's language."""

    name: str
    title: Text
    words: Text = ""

    @property
    def url(self) -> str:
        return reverse(self.name)


PAGES = (
    SitePage("dashboard:home", _("Home"), _("start overview dashboard")),
    SitePage("dashboard:invoices", _("Invoices"), _("receivables list")),
    SitePage("dashboard:invoice_new", _("Add invoice"), _("new enter by hand")),
    SitePage("dashboard:invoice_upload", _("Upload invoices"), _("file csv xlsx spreadsheet import")),
    SitePage("dashboard:buyers", _("Buyers"), _("customers debtors")),
    SitePage("dashboard:waiting_buyers", _("Waiting for buyers"), _("confirmation reminder unanswered")),
    SitePage("dashboard:financing", _("Financing"), _("advances offers concentration fees")),
    SitePage("dashboard:financing_request_new", _("Request financing"), _("advance quote money cash amount")),
    SitePage("dashboard:disputes", _("Disputes"), _("objection wrong credit note buyer rejects")),
    SitePage("dashboard:messages", _("Messages"), _("write ask contact question answer")),
    SitePage("dashboard:statement", _("Statement"), _("movements balance account print pdf")),
    SitePage("dashboard:statement_fees", _("Fees of the year"), _("costs tax summary late wire discount")),
    SitePage("dashboard:settings", _("Settings"), _("preferences")),
    SitePage("dashboard:company", _("Company"), _("address tax application")),
    SitePage("dashboard:documents", _("Documents of your application"), _("upload identity registration bank letter")),
    SitePage("dashboard:people", _("People and roles"), _("invite users team accountant permissions owner")),
    SitePage("dashboard:two_people", _("Two people accept offers"), _("second person approval")),
    SitePage("dashboard:bank", _("Bank accounts"), _("payout account number")),
    SitePage("dashboard:notifications", _("Notifications"), _("bell unread messages")),
    SitePage("dashboard:notification_settings", _("Notification settings"), _("emails alerts subscribe")),
    SitePage("dashboard:data", _("Your data"), _("export download privacy")),
    SitePage("dashboard:leave", _("Payoff and closing"), _("leave close account release letter")),
    SitePage("dashboard:companies", _("Switch company"), _("another company")),
    SitePage("mfa_index", _("Sign-in and security"), _("second factor two-factor passkey code authenticator")),
    SitePage("usersessions_list", _("Sessions"), _("devices sign out signed in")),
    SitePage("account_email", _("Email address"), _("change mail")),
    SitePage("account_change_password", _("Password"), _("change")),
    SitePage("quickbooks:home", "QuickBooks", _("connection sync connect disconnect import books")),
    SitePage("help:index", _("Help"), _("support contact questions")),
)


def find_pages(text: str, *, limit: int) -> list[SitePage]:
    """The pages with every word of `text` at the beginning of a word of theirs; those with it in the title first."""
    wanted = normalize(text).split()

    def matches(known: str) -> bool:
        words = normalize(known).split()
        return all(any(word.startswith(one) for word in words) for one in wanted)

    found = [page for page in PAGES if wanted and matches(f"{page.title} {page.words}")]
    return sorted(found, key=lambda page: not matches(str(page.title)))[:limit]
