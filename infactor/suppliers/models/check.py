"""Onboarding checks of suppliers, and which of them approval needs. Both are append-only: the newest row counts."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from infactor.documents.models import Document
from infactor.suppliers.models.supplier import Supplier


class CheckKind(models.TextChoices):
    """What is checked about a supplier before it is financed."""

    REGISTRATION = "registration", _("Registration")
    OWNERS = "owners", _("Beneficial owners")
    IDENTITY = "identity", _("Identity of the owners")
    LIENS = "liens", _("UCC or register search")
    SANCTIONS = "sanctions", _("Sanctions check")
    BANK_ACCOUNT = "bank_account", _("Proof of the bank account")


class Check(models.Model):
    """One check as it was made. A trigger rejects changes: a later check is a new row."""

    class Outcome(models.TextChoices):
        PASSED = "passed", _("Passed")
        NOT_PASSED = "not_passed", _("Not passed")

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="checks")
    kind = models.CharField("check", max_length=20, choices=CheckKind.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    made_on = models.DateField("made")
    expires_on = models.DateField("last day", null=True, help_text="The last day on which it counts. Empty: for good.")
    reference = models.CharField(max_length=200, blank=True, help_text="The number of a search, a register or a list.")
    note = models.TextField(blank=True, help_text="What was found.")
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = "onboarding check"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["supplier", "kind", "-id"], name="check_newest")]
        constraints = [
            models.CheckConstraint(
                name="check_shows_why",
                condition=Q(outcome="passed") & (Q(document__isnull=False) | ~Q(reference="") | ~Q(note=""))
                | Q(outcome="not_passed") & ~Q(note=""),
            ),
            models.CheckConstraint(
                name="check_expires_later", condition=Q(expires_on=None) | Q(expires_on__gte=F("made_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_outcome_display().lower()}"


class CheckRequirement(models.Model):
    """Whether approval needs a check, from `set_at` on. A trigger rejects changes."""

    kind = models.CharField("check", max_length=20, choices=CheckKind.choices)
    is_required = models.BooleanField("needed for approval")
    enforced_from = models.DateField(
        "approved suppliers need it from",
        null=True,
        help_text="infactor's day from which suppliers that were approved without it are not financed.",
    )
    reason = models.CharField(max_length=500)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = "requirement of a check"
        verbose_name_plural = "requirements of checks"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="check_requirement_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="check_requirement_has_its_day", condition=Q(is_required=True) ^ Q(enforced_from__isnull=True)
            ),
            models.CheckConstraint(
                name="check_requirement_dropped_by_two",
                condition=Q(is_required=True) | Q(approved_by__isnull=False) & ~Q(approved_by=F("set_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {'needed' if self.is_required else 'not needed'}"
