"""Which integrations there are, and through which of them a supplier connects."""

from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from infactor.suppliers.models import Supplier
from quickbooks_app.auth import app_credentials
from quickbooks_app.models import Integration

Environment = Integration.Environment
NAME_FROM_SETTINGS = "QuickBooks Online"
WEBHOOK_STEP = timedelta(minutes=1)


def environments() -> list[str]:
    """The environments of this installation. The sandbox of this machine runs only where the settings ask for it."""
    every = [Environment.SANDBOX.value, Environment.PRODUCTION.value]
    return [Environment.LOCAL.value, *every] if settings.QUICKBOOKS_ENVIRONMENT == Environment.LOCAL else every


def base_domains() -> dict[str, str]:
    """The host of the API for each environment of this installation, such as `sandbox-quickbooks.api.intuit.com`."""
    return {one: app_credentials.base_domain(one) for one in environments()}


def from_settings() -> Integration:
    """The row that stands for the keys in the settings, in the environment that they name."""
    row, _ = Integration.objects.get_or_create(
        environment=settings.QUICKBOOKS_ENVIRONMENT,
        is_from_settings=True,
        defaults={"name": NAME_FROM_SETTINGS, "is_enabled": True},
    )
    return row


def enabled() -> QuerySet[Integration]:
    """The integrations through which somebody can connect, without the suppliers' own apps."""
    found = Integration.objects.filter(is_enabled=True, supplier__isnull=True, environment__in=environments())
    others = Q(is_from_settings=False)
    if settings.QUICKBOOKS_CLIENT_ID:
        return found.filter(others | Q(environment=settings.QUICKBOOKS_ENVIRONMENT))
    return found.filter(others)


def listed() -> QuerySet[Integration]:
    """The enabled ones. The row of the settings comes with its first use: here at the latest."""
    if settings.QUICKBOOKS_CLIENT_ID:
        from_settings()
    return enabled()


def is_any_enabled() -> bool:
    """Whether somebody can connect. Writes nothing and reads no secret: the process that serves metrics asks, too."""
    named = Integration.objects.filter(is_from_settings=True, environment=settings.QUICKBOOKS_ENVIRONMENT)
    from_settings_alone = bool(settings.QUICKBOOKS_CLIENT_ID) and not named.exists()
    return from_settings_alone or enabled().exists()


def offered_to(supplier: Supplier) -> list[Integration]:
    """The integrations through which `supplier` can connect a company, that of the settings first.

    An integration that asks for keys stands there until the supplier has given its own.
    """
    return list(listed().filter(Q(only_for__isnull=True) | Q(only_for=supplier)).distinct())


def own_apps(supplier: Supplier) -> QuerySet[Integration]:
    """The apps that `supplier` has brought and not forgotten, enabled or not."""
    return Integration.objects.filter(supplier=supplier).exclude(client_id="").select_related("parent")


def own_app(*, supplier: Supplier, parent: Integration) -> Integration | None:
    """The app that `supplier` brought last for `parent`, which asks for keys."""
    return own_apps(supplier).filter(parent=parent, is_enabled=True).order_by("-pk").first()


def asks_for_keys(integration: Integration) -> bool:
    """Whether each supplier brings keys of its own."""
    return not integration.is_from_settings and not integration.client_id


def verifier(integration: Integration) -> str:
    """The verifier token of its webhooks; "" if it takes none."""
    if not integration.is_from_settings:
        return integration.webhook_verifier
    in_settings: str = settings.QUICKBOOKS_WEBHOOK_VERIFIER
    return in_settings if integration.environment == settings.QUICKBOOKS_ENVIRONMENT else ""


def receives_webhooks(integration: Integration) -> bool:
    """Whether QuickBooks tells of changes, so that the scheduled reading only finds what was lost. Decrypts nothing."""
    if integration.is_from_settings:
        return bool(verifier(integration))
    return bool(integration.__dict__.get("webhook_verifier"))


def sync_interval(integration: Integration) -> timedelta:
    """The time between two scheduled readings of a company: reads are metered."""
    intervals: dict[bool, timedelta] = settings.QUICKBOOKS_SYNC_INTERVALS
    return intervals[receives_webhooks(integration)]


def webhook_address(integration: Integration) -> str:
    """The endpoint to enter at Intuit. Each integration has its own, so that its verifier is known at once."""
    path = reverse("quickbooks:webhook")
    if not integration.is_from_settings:
        path = reverse("quickbooks:integration_webhook", args=[integration.public_id])
    address: str = urljoin(settings.QUICKBOOKS_REDIRECT_URI, path)
    return address


def note_webhook(integration: Integration, *, at: datetime) -> None:
    """Remember that a signed webhook came; once a minute is enough."""
    if integration.last_webhook_at is None or integration.last_webhook_at <= at - WEBHOOK_STEP:
        Integration.objects.filter(pk=integration.pk).update(last_webhook_at=at)
