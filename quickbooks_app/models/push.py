"""Pushes: writes into a supplier's books that somebody confirmed, and what came of them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Push(models.Model):
    """One write into the books of a company. The row is the work; its `public_id` is the key that writes once.

    `fields` holds what is written, as QuickBooks takes it; `base` what the object had there when the write was decided,
    with the SyncToken of that version. `reference` says what the push is for where a `purpose` may write each thing
    once only, such as the number of an advance, or the content of an invoice that a supplier makes.
    """

    class Operation(models.TextChoices):
        CREATE = "create", _("Create")
        UPDATE = "update", _("Change")
        DELETE = "delete", _("Delete")
        VOID = "void", _("Void")
        INACTIVATE = "inactivate", _("Make inactive")
        SEND = "send", _("Send by email")

    class Purpose(models.TextChoices):
        MANUAL = "manual", _("By staff")
        SUPPLIER = "supplier", _("Made by the supplier")
        PAY_TO = "pay_to", _("Where to pay, on a financed invoice")
        BOOKKEEPING = "bookkeeping", _("Bookkeeping of financing")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being written")
        DONE = "done", _("Written")
        FAILED = "failed", _("Failed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey("quickbooks_app.Connection", on_delete=models.PROTECT, related_name="pushes")
    entity = models.CharField("object", max_length=40)
    operation = models.CharField(max_length=12, choices=Operation.choices)
    qbk_id = models.CharField("QuickBooks id", max_length=64, blank=True)
    fields = models.TextField(default="{}", help_text="JSON with exact amounts.")
    base = models.TextField(default="{}", help_text="JSON: what stood there when it was asked for.")
    purpose = models.CharField(max_length=20, choices=Purpose.choices, default=Purpose.MANUAL)
    reference = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    may_be_written = models.BooleanField(
        default=False, help_text="An attempt was not answered: QuickBooks may have written it."
    )
    not_before = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, help_text="Why it failed, or why it is tried again.")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "pushes"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending"], finished_at__isnull=True)
                | Q(state__in=["done", "failed"], finished_at__isnull=False),
                name="push_is_finished_in_its_last_state",
            ),
            models.CheckConstraint(condition=Q(operation="create") | ~Q(qbk_id=""), name="push_names_its_object"),
            # What failed may be asked for again.
            models.UniqueConstraint(
                fields=["connection", "purpose", "reference"],
                condition=~Q(reference="") & ~Q(state="failed"),
                name="push_once_for_its_reference",
            ),
        ]
        permissions = [("write_books", "Can write into the books of a supplier")]

    def __str__(self) -> str:
        return f"{self.get_operation_display()} {self.entity} in {self.connection}"
