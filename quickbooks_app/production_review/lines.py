"""The lines of the review: Intuit's words, what checks each, and what a person confirms.

After Intuit's publishing and security requirements and its app assessment questionnaire, as of November 2026.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from quickbooks_app.production_review import installation, records
from quickbooks_app.production_review.outcomes import Outcome, to_confirm

APP, LENDING, OAUTH, API, ERRORS, SECURITY, COMPANY = (
    "App details",
    "Lending",
    "Authorization and authentication",
    "API usage",
    "Error handling",
    "Security",
    "General questions",
)


class Line(NamedTuple):
    """One requirement. `key` names it in the database."""

    key: str
    section: str
    title: str
    check: Callable[[], Outcome]


def _page(key: str, title: str, name: str) -> Line:
    return Line(key, APP, title, partial(installation.page, name))


def _person(key: str, section: str, title: str, to_do: str) -> Line:
    return Line(key, section, title, partial(to_confirm, to_do))


LINES = (
    Line("redirect", APP, "Host domain and redirect URI", installation.redirect_address),
    _page("launch", "Launch URL", "quickbooks:launch"),
    _page("disconnect", "Disconnect URL", "quickbooks:disconnect_landing"),
    _page("reconnect", "Reconnect URL", "quickbooks:reconnect_landing"),
    _page("privacy", "Privacy policy", "dashboard:privacy"),
    _page("terms", "End user license agreement", "dashboard:terms"),
    _person("legal_texts", APP, "Privacy policy and terms fit your company", "Have a lawyer read both pages."),
    _person("urls_entered", APP, "The addresses stand at Intuit", "Copy them from the page of the integration."),
    _person("categories", APP, "Categories and regions", "Choose them, with the countries of your hosts."),
    _person(
        "lender", LENDING, "“Lender” is ticked among the regulated industries",
        "At Intuit: Production Settings, regulated industries. Only then does the Lending section appear.",
    ),
    _person(
        "lending_section", LENDING, "The Lending section is answered",
        "Answer it with docs/guide/questionnaire.md: licences, states, disclosure, use of data for decisions.",
    ),
    _person("licences", LENDING, "Licences and disclosures by state", "Confirm with counsel, state by state."),
    Line("tried", OAUTH, "Connected, disconnected and reconnected in a sandbox", records.tried_in_the_sandbox),
    Line("discovery", OAUTH, "Endpoints from the discovery document", records.discovery),
    Line("refresh", OAUTH, "Access tokens are refreshed only when they expire", records.refresh_on_expiry),
    Line("keys_apart", OAUTH, "Development and production keys apart", records.development_keys_apart),
    Line("webhooks", API, "Webhooks are verified", records.webhooks),
    _person(
        "editions", API, "Companies gain and lose features of an edition",
        "Change the edition of a sandbox company, and see that its next sync says what is missing.",
    ),
    Line("yearly", API, "Yearly review", records.yearly_review),
    Line("intuit_tid", ERRORS, "intuit_tid is stored", records.intuit_tid),
    Line("error_log", ERRORS, "Errors are logged and can be shared", records.error_log),
    Line("own_errors", ERRORS, "Errors of our own are kept", installation.error_reports),
    Line("support", ERRORS, "Customers reach support from the app", installation.support),
    Line("https", SECURITY, "Every page over https", installation.https),
    Line("cookies", SECURITY, "Cookies are Secure and HttpOnly", installation.cookies),
    Line("headers", SECURITY, "No frames, no scripts of others, no caching", installation.headers),
    Line("debug", SECURITY, "Error pages show nothing", installation.no_debug),
    Line("encryption", SECURITY, "Tokens and company ids are encrypted", installation.encryption),
    Line("keys", SECURITY, "Client ID and secret are stored securely", installation.keys_are_kept_apart),
    Line("factors", SECURITY, "Multi-factor authentication", installation.staff_factors),
    _person("scan", SECURITY, "Vulnerabilities are looked for regularly", "Name the last test, and who made it."),
    _person("breaches", SECURITY, "Breaches that had to be notified", "Confirm that there was none, or tell Intuit."),
    _person(
        "data_use", COMPANY, "Intuit data is used for the customer's own purposes only",
        "Confirm that books are shown to nobody else: buyers see their own invoice alone.",
    ),
    _person("counsel", COMPANY, "Legal counsel on regulation and use of data", "Name who advised, and when."),
    _person("sanctions", COMPANY, "No sanctions, no embargoed countries", "Confirm for owners and representatives."),
    _person("complaints", COMPANY, "Complaints, lawsuits, investigations", "Confirm that there is none."),
)  # fmt: skip
BY_KEY = {line.key: line for line in LINES}
