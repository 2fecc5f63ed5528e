"""A line of a bank's statement, and which entries of the ledger it confirms."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.banking.models.house_account import HouseAccount
from infactor.banking.models.statement import Statement
from infactor.core.fields import EncryptedModel, EncryptedTextField, FingerprintField
from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.core.transitions import Transitions
from infactor.ledger.models import Entry


class StatementLine(EncryptedModel, TimestampedModel):
    """One line of a statement, kept once however many files hold it. `amount` is below zero for a debit.

    `identity` is what it is known by (banking.identity). `batch_identity` is that of the entry of which it is a part.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "To be matched"
        DEBIT = "debit", "A debit of ours, to be explained"
        MATCHED = "matched", "In the books"
        DUPLICATE = "duplicate", "The same as another line"

    TRANSITIONS: ClassVar[Transitions] = Transitions(
        field="status",
        allowed={
            Status.WAITING: (Status.MATCHED, Status.DUPLICATE),
            Status.DEBIT: (Status.MATCHED, Status.DUPLICATE),
            Status.MATCHED: (Status.WAITING, Status.DEBIT),
            Status.DUPLICATE: (Status.WAITING, Status.DEBIT),
        },
    )

    account = models.ForeignKey(HouseAccount, on_delete=models.PROTECT, related_name="lines", db_index=False)
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    place = models.CharField(max_length=60, help_text="Where it stands in the file.")
    value_date = models.DateField()
    booking_date = models.DateField()
    amount = MoneyField()
    reference = models.CharField(max_length=100, blank=True)
    entry_id = models.CharField("bank's own id", max_length=100, blank=True)
    payer = models.CharField("payer or payee", max_length=200, blank=True)
    payer_account = EncryptedTextField(blank=True)
    payer_fingerprint = FingerprintField(label="payer-account", of=("payer_account",), blank=True, db_index=True)
    remittance = models.CharField("what it is for", max_length=1000, blank=True)
    identity = models.CharField(max_length=64)
    batch_identity = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices)
    same_as = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "statement line"
        ordering = ["-booking_date", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "identity"], name="statement_line_once"),
            models.CheckConstraint(
                condition=~Q(amount=0) & Q(amount__gt=-(10**16), amount__lt=10**16), name="statement_line_amount"
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", amount__gt=0)
                | Q(status="debit", amount__lt=0)
                | Q(status__in=["matched", "duplicate"], decided_at__isnull=False),
                name="statement_line_status_fits",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "booking_date"], name="statement_line_by_day"),
            models.Index(
                fields=["status", "amount"], condition=Q(status__in=["waiting", "debit"]), name="statement_line_open"
            ),
            models.Index(
                fields=["account", "batch_identity"], condition=~Q(batch_identity=""), name="statement_line_batch"
            ),
        ]

    def __str__(self) -> str:
        return f"Line {self.pk}"

    @property
    def currency(self) -> str:
        """That of its account."""
        return self.account.currency


class LineMatch(models.Model):
    """An entry on the cash account of a line's house account, which the line confirms. No entry is confirmed twice."""

    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, related_name="matches")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="bank_match")
    matched_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    matched_at = models.DateTimeField()

    class Meta:
        verbose_name = "match"
        verbose_name_plural = "matches"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.line}: {self.entry}"
