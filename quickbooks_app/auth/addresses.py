"""The addresses of this installation that are registered at Intuit, for one integration."""

from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from quickbooks_app.auth import integrations
from quickbooks_app.models import Integration

PAGES = (
    ("Launch URL", "quickbooks:launch"),
    ("Disconnect URL", "quickbooks:disconnect_landing"),
    ("Reconnect URL", "quickbooks:reconnect_landing"),
    ("Privacy policy", "dashboard:privacy"),
    ("End user license agreement", "dashboard:terms"),
)


def absolute(name: str) -> str:
    """The address of the page called `name`, on the host of QUICKBOOKS_REDIRECT_URI."""
    address: str = urljoin(settings.QUICKBOOKS_REDIRECT_URI, reverse(name))
    return address


def to_register(integration: Integration) -> list[tuple[str, str]]:
    """Each of Intuit's names with the address to enter there."""
    return [
        ("Redirect URI", settings.QUICKBOOKS_REDIRECT_URI),
        ("Webhook endpoint", integrations.webhook_address(integration)),
        *((label, absolute(name)) for label, name in PAGES),
    ]
