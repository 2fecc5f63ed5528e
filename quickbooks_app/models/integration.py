"""An app at Intuit, through which companies are connected: its keys, and who may use it."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.fields import EncryptedModel, EncryptedTextField
from infactor.core.models import TimestampedModel


class Integration(EncryptedModel, TimestampedModel):
    """The keys of one app in one environment of QuickBooks.

    Three kinds. Staff add integrations by name. One row stands for the keys in the settings and holds none. If an
    integration has no keys, each supplier brings an app of its own: that is a row with `supplier` and `parent`.
    """

    class Environment(models.TextChoices):
        SANDBOX = "sandbox", _("Sandbox (development keys)")
        PRODUCTION = "production", _("Production (production keys)")
        LOCAL = "local", _("Local (the sandbox on this machine)")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=60)
    environment = models.CharField(max_length=12, choices=Environment.choices)
    is_from_settings = models.BooleanField("from settings", default=False)
    supplier = models.ForeignKey(
        "suppliers.Supplier", null=True, on_delete=models.PROTECT, related_name="+", help_text="Whose own app it is."
    )
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="own_apps", help_text="What asked for these keys."
    )
    only_for = models.ManyToManyField(
        "suppliers.Supplier", related_name="+", help_text="Who may connect with it. Empty: every supplier."
    )
    client_id = models.CharField(max_length=200, blank=True)
    client_secret = EncryptedTextField(blank=True)
    webhook_verifier = EncryptedTextField(blank=True)
    is_enabled = models.BooleanField("enabled", default=False)
    last_webhook_at = models.DateTimeField(null=True, help_text="To the minute.")

    class Meta:
        ordering = ["-is_from_settings", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(environment__in=["sandbox", "production", "local"]), name="integration_environment_known"
            ),
            models.CheckConstraint(
                condition=Q(client_id="", client_secret="") | (~Q(client_id="") & ~Q(client_secret="")),
                name="integration_has_both_keys_or_none",
            ),
            models.CheckConstraint(
                condition=Q(is_from_settings=False)
                | Q(client_id="", webhook_verifier="", supplier__isnull=True, is_enabled=True),
                name="integration_from_settings_stores_no_keys",
            ),
            models.CheckConstraint(
                condition=Q(supplier__isnull=True, parent__isnull=True)
                | Q(supplier__isnull=False, parent__isnull=False),
                name="own_app_has_supplier_and_parent",
            ),
            models.UniqueConstraint(
                fields=["environment"], condition=Q(is_from_settings=True), name="one_integration_from_settings"
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(supplier__isnull=True, is_from_settings=False),
                name="integration_name_unique",
                violation_error_message="Another integration has this name.",
            ),
            models.UniqueConstraint(
                fields=["parent", "supplier", "client_id"], condition=~Q(client_id=""), name="own_app_unique"
            ),
        ]
        permissions = [("manage_integration", "Can add, change, enable and delete integrations")]

    def __str__(self) -> str:
        return self.name
