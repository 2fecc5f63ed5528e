"""The account of a payer to whom staff refund a payment: entered for one refund, and never shown in full again."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.core.fields import EncryptedModel, EncryptedTextField, FingerprintField
from infactor.core.models import TimestampedModel


class PayeeAccount(EncryptedModel, TimestampedModel):
    """A bank account outside of the suppliers. The number is never changed: a new number is a new row."""

    holder = models.CharField("account holder", max_length=140)
    bank_name = models.CharField(max_length=140)
    country = models.CharField("country of the bank", max_length=2)
    account_number = EncryptedTextField(help_text="An IBAN where the country has them, else the local number.")
    routing_number = EncryptedTextField(blank=True)
    last4 = models.CharField("last four", max_length=4)
    fingerprint = FingerprintField(
        label="bank-account",
        of=("country", "routing_number", "account_number"),
        db_index=True,
        help_text="Equal for equal accounts.",
    )
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="payee_account_complete",
                condition=Q(country__regex=r"^[A-Z]{2}$", last4__regex=r"^.{4}$")
                & ~Q(holder="")
                & ~Q(bank_name="")
                & ~Q(account_number="")
                & ~Q(fingerprint=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.masked}"

    @property
    def masked(self) -> str:
        """The last four digits, all of the number that is ever shown."""
        return f"••••{self.last4}"
