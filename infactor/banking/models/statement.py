"""Statement files as they were uploaded, and the statements that they hold."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.banking.models.house_account import HouseAccount
from infactor.core.fields import EncryptedModel, EncryptedTextField
from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField


class StatementFile(EncryptedModel, TimestampedModel):
    """A file from a bank. It is looked at first; its lines are kept when somebody confirms it."""

    class Status(models.TextChoices):
        UPLOADED = "uploaded", "To be confirmed"
        IMPORTED = "imported", "Imported"

    name = models.CharField("file", max_length=200)
    digest = models.CharField(max_length=64, db_index=True)
    size = models.PositiveIntegerField(help_text="In bytes.")
    format = models.CharField(max_length=10)
    account = models.ForeignKey(
        HouseAccount,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whose file it is, where the file does not say so.",
    )
    chosen_layout = models.JSONField(default=dict, help_text="What was chosen where a CSV file does not decide.")
    content = EncryptedTextField(blank=True, help_text="Compressed. Deleted when the file is imported.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.UPLOADED)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(null=True)
    new_lines = models.PositiveIntegerField(default=0)
    known_lines = models.PositiveIntegerField("lines known before", default=0)
    refusals = models.JSONField("refused lines", default=list)  # [[place, sentence], ...]

    class Meta:
        verbose_name = "statement file"
        ordering = ["-uploaded_at", "-pk"]
        permissions = [("import_statements", "Can import bank statements")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="uploaded", imported_at=None) & ~Q(content="")
                | Q(status="imported", imported_at__isnull=False, content=""),
                name="statement_file_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Statement(TimestampedModel):
    """One statement of one house account. `difference` is what its lines do not explain between its balances."""

    file = models.ForeignKey(StatementFile, on_delete=models.PROTECT, related_name="statements")
    account = models.ForeignKey(HouseAccount, on_delete=models.PROTECT, related_name="statements")
    number = models.CharField(max_length=100, blank=True)
    from_date = models.DateField(null=True)
    to_date = models.DateField(null=True)
    opening_balance = MoneyField(null=True)
    closing_balance = MoneyField(null=True)
    difference = MoneyField(null=True)
    findings = models.JSONField(default=list)  # sentences
    line_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-to_date", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opening_balance=None) | Q(closing_balance=None) | Q(difference__isnull=False),
                name="statement_with_both_balances_has_difference",
            ),
            models.CheckConstraint(
                condition=Q(closing_balance=None) | Q(to_date__isnull=False), name="statement_balance_has_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"Statement {self.number or self.pk}"
