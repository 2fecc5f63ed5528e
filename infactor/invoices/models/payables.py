"""What a supplier owes: its vendors, their bills and credits, and which vendor is also a buyer."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.invoices.models.books_row import BooksRow


class Vendor(BooksRow):
    """From whom the supplier buys. An inactive one may still be owed; one that was merged is deleted."""

    name = models.CharField(max_length=500, blank=True)
    company_name = models.CharField(max_length=500, blank=True)
    email = models.CharField(max_length=500, blank=True, help_text="As in the books; may hold several addresses.")
    phone = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=1000, blank=True, help_text="In one line.")
    tax_id = models.CharField(
        max_length=64, blank=True, help_text="As in the books, which may hide its first characters."
    )
    currency = models.CharField(max_length=3, blank=True)
    is_active = models.BooleanField(default=True)
    is_erased = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Erased on request: the books of this vendor are not read again.",
    )

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["company_file", "reference"], name="vendor_once_a_company_file")]

    def __str__(self) -> str:
        return self.name or f"Vendor {self.reference}"


class Payable(BooksRow):
    """A bill, or a vendor's credit. `balance` is what is still to be paid of a bill, or not yet used of a credit.

    Amounts are in `currency` and positive; an unreadable one is NULL.
    """

    class Kind(models.TextChoices):
        """What it is in the books."""

        BILL = "bill", _("Bill")
        VENDOR_CREDIT = "vendor_credit", _("Vendor credit")

    kind = models.CharField(max_length=20, choices=Kind.choices)
    vendor_reference = models.CharField(max_length=64, blank=True)
    number = models.CharField(max_length=100, blank=True)
    issued_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    amount = MoneyField(null=True)
    balance = MoneyField(null=True)
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company_file", "kind", "reference"], name="payable_once_a_company_file_and_kind"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lt=10**16) & Q(balance__gte=0, balance__lt=10**16),
                name="payable_amounts_are_positive_numbers",
            ),
        ]
        indexes = [models.Index(fields=["company_file", "vendor_reference"], name="payable_of_vendor")]

    def __str__(self) -> str:
        return self.number or f"{self.get_kind_display()} {self.reference}"


class VendorMatch(TimestampedModel):
    """A vendor and a buyer of the same books that are, or may be, one company. Only root customers are matched.

    `decided_by` is NULL while infactor decides by itself: it joins what is certain, and changes its mind with the
    books. What staff decided stays.
    """

    class State(models.TextChoices):
        """Whether they are one company."""

        SUGGESTED = "suggested", _("To be decided")
        JOINED = "joined", _("One company")
        DISMISSED = "dismissed", _("Not one company")

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="matches")
    buyer = models.ForeignKey("invoices.Buyer", on_delete=models.CASCADE, related_name="vendor_matches")
    kinds = models.JSONField("similarities", default=list, help_text="Why they match: keys of `contra.matching.KINDS`.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUGGESTED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("decided", null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-decided_at", "pk"]
        verbose_name = "vendor that may be a buyer"
        verbose_name_plural = "vendors that may be buyers"
        permissions = [("join_vendors", "Can say which vendor is which buyer")]
        constraints = [
            models.UniqueConstraint(fields=["vendor", "buyer"], name="vendor_match_once_a_pair"),
            # What is owed to a vendor is set off once.
            models.UniqueConstraint(fields=["vendor"], condition=Q(state="joined"), name="vendor_is_one_buyer"),
            models.CheckConstraint(
                condition=~Q(state="dismissed") | Q(decided_by__isnull=False), name="vendor_match_dismissed_by_somebody"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(decided_at__isnull=False),
                name="vendor_match_decision_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vendor} and {self.buyer}"
