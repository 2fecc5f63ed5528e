"""A supplier's connection to one QuickBooks company, with its OAuth tokens."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.fields import EncryptedModel, EncryptedTextField, FingerprintField
from infactor.core.models import TimestampedModel
from infactor.core.transitions import Transitions


class Connection(EncryptedModel, TimestampedModel):
    """One company (realm) of one supplier. The database stores the tokens and the realm id encrypted.

    A realm belongs to one supplier: `realm_fingerprint` stays unique while the company is disconnected, so that no
    invoice can be pledged twice. Only staff can release a realm, with a reason. A release is final; its row remains
    as the source of the invoices.
    """

    class Status(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        NEEDS_ATTENTION = "needs_attention", _("Needs attention")
        DISCONNECTED = "disconnected", _("Disconnected")
        RELEASED = "released", _("Released")

    TRANSITIONS = Transitions(
        field="status",
        allowed={
            Status.CONNECTED: {Status.CONNECTED, Status.NEEDS_ATTENTION, Status.DISCONNECTED},
            Status.NEEDS_ATTENTION: {Status.CONNECTED, Status.DISCONNECTED},
            Status.DISCONNECTED: {Status.CONNECTED, Status.RELEASED},
        },
    )

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="+")
    company_file = models.OneToOneField("invoices.CompanyFile", on_delete=models.PROTECT, related_name="+")
    integration = models.ForeignKey("quickbooks_app.Integration", on_delete=models.PROTECT, related_name="connections")
    environment = models.CharField(max_length=12)
    realm_id = EncryptedTextField(blank=True)
    realm_fingerprint = FingerprintField(
        label="realm", of=("environment", "realm_id"), unique=True, null=True, blank=True, editable=False
    )
    company_name = models.CharField(max_length=200)
    edition = models.CharField(max_length=80, blank=True, help_text="As QuickBooks names it; decides what exists.")
    country = models.CharField(max_length=3, blank=True)
    company_read_at = models.DateTimeField(null=True, help_text="When edition and country were read.")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.CONNECTED)
    status_reason = models.CharField(max_length=300, blank=True, help_text="Shown to the supplier.")
    connected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    connected_at = models.DateTimeField()
    disconnected_at = models.DateTimeField(null=True, blank=True)

    access_token = EncryptedTextField(blank=True)
    access_token_expires_at = models.DateTimeField(null=True)
    refresh_token = EncryptedTextField(blank=True)
    refresh_token_expires_at = models.DateTimeField(null=True)
    refresh_token_hard_expires_at = models.DateTimeField(null=True)
    token_version = models.PositiveIntegerField(default=0, help_text="Incremented with each new token.")
    refresh_lease_until = models.DateTimeField(null=True, help_text="Until then one process may refresh the token.")

    expiry_warned_at = models.DateTimeField(
        null=True, help_text="When the supplier was warned that the grant will expire."
    )
    attention_emailed_at = models.DateTimeField(null=True, help_text="When the supplier was asked to reconnect.")
    reconciled_at = models.DateTimeField(null=True, help_text="When all ids were last compared with QuickBooks.")

    next_sync_at = models.DateTimeField(null=True, db_index=True)

    writes_allowed_at = models.DateTimeField(
        null=True, help_text="Since when the supplier allows infactor to write into its books."
    )

    class Meta:
        ordering = ["supplier_id", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["connected", "needs_attention", "disconnected", "released"]),
                name="connection_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["disconnected", "released"]) | Q(access_token="", refresh_token=""),
                name="disconnected_has_no_tokens",
            ),
            models.CheckConstraint(
                condition=Q(status="released", realm_fingerprint__isnull=True, realm_id="")
                | (~Q(status="released") & Q(realm_fingerprint__isnull=False)),
                name="only_released_connection_has_no_realm",
            ),
        ]
        permissions = [("release_connection", "Can release a company for another supplier")]

    def __str__(self) -> str:
        return self.company_name
