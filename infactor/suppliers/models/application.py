"""A supplier's application: the company, its owners, and the decision of staff."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from infactor.core.fields import EncryptedModel, EncryptedTextField
from infactor.core.models import TimestampedModel
from infactor.core.transitions import Transitions
from infactor.suppliers.models.supplier import Supplier

COUNTRY = r"^[A-Z]{2}$"
_SUBMITTED = Q(submitted_at__isnull=False, submitted_by__isnull=False)
_DECIDED = Q(decided_at__isnull=False, decided_by__isnull=False)
_UNDECIDED = Q(decided_at__isnull=True, decided_by__isnull=True, reason="")
_COMPLETE = ~Q(legal_name="") & ~Q(tax_id="") & ~Q(address_line1="") & ~Q(city="") & ~Q(country="") & ~Q(phone="")


class Application(EncryptedModel, TimestampedModel):
    """What the supplier says about its company, and whether infactor finances it. One for each supplier.

    It can be submitted and decided again; earlier decisions are in the audit log.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Not submitted yet")
        SUBMITTED = "submitted", _("Being checked")
        ON_HOLD = "on_hold", _("On hold")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    TRANSITIONS: ClassVar[Transitions] = Transitions(
        field="status",
        allowed={
            Status.DRAFT: (Status.SUBMITTED,),
            Status.SUBMITTED: (Status.APPROVED, Status.ON_HOLD, Status.REFUSED),
            Status.ON_HOLD: (Status.SUBMITTED, Status.APPROVED, Status.REFUSED),
            Status.REFUSED: (Status.SUBMITTED,),
            Status.APPROVED: (Status.ON_HOLD,),
        },
    )
    # The supplier may edit it in these statuses; in the others somebody relies on it.
    EDITABLE_STATUSES: ClassVar = (Status.DRAFT, Status.ON_HOLD, Status.REFUSED)

    supplier = models.OneToOneField(Supplier, on_delete=models.PROTECT, related_name="application")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    legal_name = models.CharField(max_length=200, blank=True)
    trading_name = models.CharField(max_length=200, blank=True)
    registration_number = models.CharField(max_length=60, blank=True)
    tax_id = EncryptedTextField("tax number", blank=True)
    address_line1 = models.CharField("address", max_length=200, blank=True)
    address_line2 = models.CharField("address, second line", max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField("state or region", max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="Two letters, as ISO 3166 has them.")
    phone = models.CharField(max_length=40, blank=True)
    website = models.URLField(blank=True)
    business_since = models.DateField("in business since", null=True, blank=True)
    about = models.TextField("what you sell, and to whom", blank=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True, help_text="Why it is on hold or refused, as the supplier reads it.")

    class Meta:
        ordering = ["-submitted_at", "-pk"]
        permissions = [("decide_application", "Can approve, hold and refuse suppliers' applications")]
        constraints = [
            models.CheckConstraint(
                name="application_status_fits_who_and_when",
                condition=Q(status="draft", submitted_at__isnull=True, submitted_by__isnull=True) & _UNDECIDED
                | Q(status="submitted") & _SUBMITTED & _UNDECIDED
                | Q(status="approved") & _SUBMITTED & _DECIDED
                | Q(status__in=["on_hold", "refused"]) & _SUBMITTED & _DECIDED & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="application_complete_once_submitted",
                condition=Q(status__in=["draft", "on_hold", "refused"]) | _COMPLETE,
            ),
            models.CheckConstraint(
                name="application_decided_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("submitted_by")),
            ),
            models.CheckConstraint(
                name="application_country_is_a_code", condition=Q(country="") | Q(country__regex=COUNTRY)
            ),
        ]
        indexes = [models.Index(fields=["status", "submitted_at"], name="application_queue")]

    def __str__(self) -> str:
        return f"{self.legal_name or self.supplier.name}: {self.get_status_display()}"

    @property
    def is_editable(self) -> bool:
        """Whether the supplier may edit it."""
        return self.status in self.EDITABLE_STATUSES


class Owner(EncryptedModel, TimestampedModel):
    """A person who owns a part of the company. A trigger keeps the shares of one company at 100 percent or less."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="owners")
    name = models.CharField(max_length=200)
    share = models.DecimalField(max_digits=5, decimal_places=2, help_text="Percent of the company.")
    role = models.CharField(max_length=100, blank=True)
    email = models.EmailField()
    date_of_birth = EncryptedTextField(blank=True, help_text="A date: 1980-02-28.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="owner_share_in_range", condition=Q(share__gt=Decimal(0), share__lte=Decimal(100))
            ),
            models.CheckConstraint(name="owner_is_named", condition=~Q(name="") & ~Q(email="")),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.share}%"
