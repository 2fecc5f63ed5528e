"""Who infactor pays to collect invoices: lawyers, agencies and others, with what the IRS asks of them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from infactor.core.fields import EncryptedModel, EncryptedTextField, FingerprintField
from infactor.core.models import TimestampedModel

EXPORT_TINS = "financing.export_payee_tins"


class Payee(EncryptedModel, TimestampedModel):
    """A payee of collection costs, under the legal name that its Form W-9 gives. No two have the same number."""

    class Service(models.TextChoices):
        ATTORNEY = "attorney", _("Attorney")
        AGENCY = "agency", _("Collection agency")
        OTHER = "other", _("Other service")

    class BusinessType(models.TextChoices):
        UNKNOWN = "unknown", _("Not known yet")
        INDIVIDUAL = "individual", _("Individual, sole proprietor or single-member LLC")
        PARTNERSHIP = "partnership", _("Partnership, or an LLC taxed as one")
        CORPORATION = "corporation", _("C or S corporation, or an LLC taxed as one")
        TRUST = "trust", _("Trust or estate")
        EXEMPT = "exempt", _("Tax-exempt organization or public body")

    class TinType(models.TextChoices):
        SSN = "ssn", "SSN"
        EIN = "ein", "EIN"
        ITIN = "itin", "ITIN"

    name = models.CharField("legal name", max_length=200)
    service = models.CharField(max_length=10, choices=Service.choices)
    business_type = models.CharField(max_length=12, choices=BusinessType.choices, default=BusinessType.UNKNOWN)
    country = models.CharField(max_length=2, help_text="Two letters, as ISO 3166 has them.")
    address_line1 = models.CharField("address", max_length=200, blank=True)
    address_line2 = models.CharField("address, second line", max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField("state or region", max_length=100, blank=True)
    postal_code = models.CharField("ZIP or postal code", max_length=20, blank=True)
    tin_type = models.CharField("kind of number", max_length=4, choices=TinType.choices, blank=True)
    tin = EncryptedTextField("taxpayer identification number", blank=True, help_text="Nine digits.")
    last4 = models.CharField("last four", max_length=4, blank=True)
    fingerprint = FingerprintField(
        label="payee-tin", of=("tin_type", "tin"), blank=True, help_text="Equal for equal numbers."
    )
    w9_received_on = models.DateField("W-9 on file since", null=True, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    joined_into = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="joined",
        verbose_name="joined with",
        help_text="The same payee under another name, whose details count for both.",
    )
    joined_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "pk"]
        permissions = [("export_payee_tins", "Can take the numbers of payees out as a file for Forms 1099")]
        constraints = [
            models.CheckConstraint(name="payee_named", condition=~Q(name="") & Q(country__regex=r"^[A-Z]{2}$")),
            models.CheckConstraint(
                name="payee_tin_complete",
                condition=Q(tin="", tin_type="", last4="", fingerprint="")
                | ~Q(tin="") & ~Q(tin_type="") & ~Q(fingerprint="") & Q(last4__regex=r"^[0-9]{4}$"),
            ),
            models.CheckConstraint(
                name="payee_joined_by_whom",
                condition=Q(joined_into=None, joined_by=None, joined_at=None)
                | Q(joined_into__isnull=False, joined_by__isnull=False, joined_at__isnull=False)
                & ~Q(joined_into=F("pk")),
            ),
            models.UniqueConstraint(name="payee_tin_once", fields=["fingerprint"], condition=~Q(fingerprint="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def masked(self) -> str:
        """The kind and the last four digits of the number, all of it that a page shows; empty for none."""
        return f"{self.get_tin_type_display()} ••••{self.last4}" if self.last4 else ""

    @property
    def address(self) -> str:
        """The address in one line, without the country; empty where street, city or postal code is missing."""
        if not (self.address_line1 and self.city and self.postal_code):
            return ""
        city = " ".join(filter(None, (self.region, self.postal_code)))
        return ", ".join(filter(None, (self.address_line1, self.address_line2, self.city, city)))
