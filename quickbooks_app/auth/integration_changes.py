"""Changes of integrations by staff, and of the suppliers' own apps: each is audited, without a key in the record."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from quickbooks_app.auth import app_credentials, app_keys, oauth_client
from quickbooks_app.auth.app_keys import Keys
from quickbooks_app.auth.oauth_client import KeyState
from quickbooks_app.models import Connection, ConsentAttempt, Integration

Environment = Integration.Environment
KEY_FIELDS = ("client_id", "client_secret", "webhook_verifier")


class ChangeRefused(ValueError):
    """The change is not possible; the message says what to do."""


def create(
    *, name: str, environment: str, keys: Keys, only_for: Collection[Supplier], by: User, at: datetime
) -> Integration:
    """A new integration, disabled. Raises ChangeRefused or app_keys.KeysRefused."""
    app_keys.check_environment(environment=environment, client_id=keys.client_id)
    try:
        with transaction.atomic():
            row = Integration.objects.create(name=name, environment=environment, **vars(keys))
            row.only_for.set(only_for)
            audit.record(event="integration.created", subject=row, by=by, at=at, details={"environment": environment})
    except IntegrityError as error:
        raise ChangeRefused(_("Another integration has this name.")) from error
    return row


def change(
    *, integration: Integration, name: str, keys: Keys, only_for: Collection[Supplier] | None, by: User, at: datetime
) -> Integration:
    """Change the name, the keys, and who may connect; its environment stays. None as `only_for` changes nothing there.

    Raises ChangeRefused or app_keys.KeysRefused.
    """
    _refuse_settings(integration)
    app_keys.check_environment(environment=integration.environment, client_id=keys.client_id, pk=integration.pk)
    is_other_app = keys.client_id != integration.client_id
    if is_other_app and (integration.connections.exists() or integration.own_apps.exists()):
        raise ChangeRefused(
            _(
                "Companies are connected with the app that this client ID names, and another app cannot "
                "read them. Add a "
                "second integration, and have the suppliers reconnect with it."
            )
        )
    values = {"name": name, **vars(keys)}
    try:
        with transaction.atomic():
            row = Integration.objects.select_for_update(of=("self",)).get(pk=integration.pk)
            changed = [field for field, value in values.items() if getattr(row, field) != value]
            for field in changed:
                setattr(row, field, values[field])
            if only_for is not None and set(only_for) != set(row.only_for.all()):
                row.only_for.set(only_for)
                changed.append("only_for")
            _refuse_open_test(row)
            row.save(update_fields=[*values, "updated_at"])
            if changed:
                _record("integration.changed", row, by=by, at=at, fields=changed)
    except IntegrityError as error:
        raise ChangeRefused(_("Another integration has this name or these keys.")) from error
    return row


def enable(*, integration: Integration, by: User, at: datetime) -> bool:
    """Let suppliers connect, and go on reading the companies that are connected.

    True if Intuit knows its keys, False if that could not be asked, or if it has none. Raises ChangeRefused if Intuit
    does not know them.
    """
    _refuse_settings(integration)
    _refuse_open_test(integration, enabling=True)
    state = KeyState.NO_ANSWER
    if integration.client_id:
        state = oauth_client.check_keys(credentials=app_credentials.of(integration))
    if state is KeyState.UNKNOWN:
        raise ChangeRefused(
            _(
                "QuickBooks does not know these keys. Compare both with Keys and credentials of your app "
                "at Intuit, and "
                "save them again."
            )
        )
    _switch(integration, is_enabled=True, by=by, at=at)
    return state is KeyState.KNOWN


def disable(*, integration: Integration, by: User, at: datetime) -> Integration:
    """Stop new connections and the reading of connected companies. Their tokens stay, so enabling goes on with them."""
    _refuse_settings(integration)
    return _switch(integration, is_enabled=False, by=by, at=at)


def delete(*, integration: Integration, by: User, at: datetime) -> None:
    """Delete an integration that nothing uses. Raises ChangeRefused while connections or suppliers' apps do."""
    _refuse_settings(integration)
    with transaction.atomic():
        row = Integration.objects.select_for_update(of=("self",)).get(pk=integration.pk)
        if row.connections.exists():
            raise ChangeRefused(_("Companies are, or were, connected with it. Disable it instead."))
        if row.own_apps.exists():
            raise ChangeRefused(_("Suppliers have brought apps of their own for it. Delete those first."))
        if ConsentAttempt.objects.filter(integration=row, used_at__isnull=True, expires_at__gt=at).exists():
            raise ChangeRefused(_("Somebody is connecting with it just now. Try again in ten minutes."))
        audit.record(event="integration.deleted", subject=row, by=by, at=at, reason=row.name)
        row.delete()


def save_own_app(*, parent: Integration, supplier: Supplier, keys: Keys, by: User, at: datetime) -> Integration:
    """Store the app that a supplier brings for `parent`; the same client id replaces the secret and the verifier.

    Raises ChangeRefused if Intuit does not know the keys, and app_keys.KeysRefused.
    """
    if not keys.client_id:
        raise app_keys.KeysRefused(_("Enter the Client ID of your app."), field="client_id")
    app_keys.check_environment(environment=parent.environment, client_id=keys.client_id)
    unsaved = Integration(environment=parent.environment, client_id=keys.client_id, client_secret=keys.client_secret)
    if oauth_client.check_keys(credentials=app_credentials.of(unsaved)) is KeyState.UNKNOWN:
        raise ChangeRefused(
            _(
                "QuickBooks does not know these keys. Compare both with Keys and credentials of your app "
                "at Intuit, and "
                "check that they are of the environment that is named above."
            )
        )
    with transaction.atomic():
        row, is_new = Integration.objects.select_for_update(of=("self",)).get_or_create(
            parent=parent,
            supplier=supplier,
            client_id=keys.client_id,
            defaults={
                "name": f"Own app of {supplier.name}"[:60],
                "environment": parent.environment,
                "client_secret": keys.client_secret,
                "webhook_verifier": keys.webhook_verifier,
                "is_enabled": True,
            },
        )
        changed = [field for field in KEY_FIELDS if getattr(row, field) != getattr(keys, field)]
        if is_new:
            _record("integration.own_app_added", row, by=by, at=at, fields=[])
        elif changed:
            for field in changed:
                setattr(row, field, getattr(keys, field))
            row.save(update_fields=[*changed, "updated_at"])
            _record("integration.changed", row, by=by, at=at, fields=changed)
    return row


def forget_own_app(*, integration: Integration, by: User, at: datetime) -> None:
    """Erase the keys of a supplier's own app. Raises ChangeRefused while a company is connected with it."""
    with transaction.atomic():
        row = Integration.objects.select_for_update(of=("self",)).get(pk=integration.pk)
        if row.connections.filter(status__in=(Connection.Status.CONNECTED, Connection.Status.NEEDS_ATTENTION)).exists():
            raise ChangeRefused(_("A company is connected with this app. Disconnect it first."))
        row.client_id = row.client_secret = row.webhook_verifier = ""
        row.is_enabled = False
        row.save(update_fields=[*KEY_FIELDS, "is_enabled", "updated_at"])
        _record("integration.own_app_forgotten", row, by=by, at=at, fields=[])


def _switch(integration: Integration, *, is_enabled: bool, by: User, at: datetime) -> Integration:
    with transaction.atomic():
        row = Integration.objects.select_for_update(of=("self",)).get(pk=integration.pk)
        if row.is_enabled == is_enabled:
            return row
        row.is_enabled = is_enabled
        row.save(update_fields=["is_enabled", "updated_at"])
        _record("integration.enabled" if is_enabled else "integration.disabled", row, by=by, at=at, fields=[])
        if is_enabled:
            Connection.objects.filter(
                integration=row, status=Connection.Status.CONNECTED, next_sync_at__isnull=False
            ).update(next_sync_at=at)
    return row


def _refuse_settings(integration: Integration) -> None:
    if integration.is_from_settings:
        raise ChangeRefused(_("This integration comes from the settings. Change QUICKBOOKS_… there, and restart."))


def _refuse_open_test(integration: Integration, *, enabling: bool = False) -> None:
    """Where real money is paid, companies of a sandbox are for named suppliers: their invoices are invented."""
    is_test = (
        settings.QUICKBOOKS_ENVIRONMENT == Environment.PRODUCTION and integration.environment != Environment.PRODUCTION
    )
    is_offered = (integration.is_enabled or enabling) and not integration.supplier_id
    if is_test and is_offered and not integration.only_for.exists():
        raise ChangeRefused(
            _("Sandbox companies have invented invoices. Name the suppliers that test with them: no others see it.")
        )


def _record(event: str, row: Integration, *, by: User, at: datetime, fields: list[str]) -> None:
    audit.record(
        event=event,
        subject=row,
        by=by,
        at=at,
        supplier_id=row.supplier_id,
        details={"fields": fields} if fields else {},
    )
