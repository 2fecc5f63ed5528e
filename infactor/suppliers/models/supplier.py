"""The company that sells its invoices, and the users who act for it."""

import uuid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.models import TimestampedModel
from infactor.core.past_names import PastName


class Supplier(TimestampedModel):
    """A company that sells its invoices. Every row of its data refers to it, and only its members see them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("company name", max_length=200)
    time_zone = models.CharField(
        max_length=64,
        default="America/Los_Angeles",
        help_text="Decides which day it is for due dates and fees. QuickBooks says it, or an owner chooses it.",
    )
    time_zone_is_chosen = models.BooleanField(
        default=False, help_text="An owner has chosen it, so QuickBooks does not change it."
    )
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="suppliers")

    class Meta:
        ordering = ["name", "pk"]
        permissions = [("open_supplier_pages", "Can open the pages of a supplier as it sees them, read-only")]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class SupplierName(PastName):
    """A name that a supplier had before."""

    subject = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="past_names")


class Membership(TimestampedModel):
    """A user acts for a supplier, in a role."""

    class Role(models.TextChoices):
        OWNER = "owner", gettext_lazy("Owner")
        FINANCE = "finance", gettext_lazy("Finance")
        READER = "reader", gettext_lazy("Read-only")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.OWNER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "supplier"], name="one_membership_a_person_and_supplier"),
            models.CheckConstraint(
                condition=models.Q(role__in=["owner", "finance", "reader"]), name="membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.supplier} ({self.get_role_display()})"

    def clean(self) -> None:
        """Staff do not act for suppliers: who administers memberships could otherwise answer an offer themselves."""
        if self.user_id is not None and self.user.is_staff:
            raise ValidationError({"user": _("This person works at infactor, and so cannot act for a supplier.")})
