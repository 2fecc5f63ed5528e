"""The account of a payer to whom staff refund a payment: entered by one person, confirmed by another on a proof."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from infactor.core.fields import EncryptedModel, EncryptedTextField, FingerprintField
from infactor.core.models import TimestampedModel
from infactor.documents.models import Document
from infactor.suppliers.models import BankAccount
from infactor.suppliers.models.bank_account import ON_A_PROOF


class PayeeAccount(EncryptedModel, TimestampedModel):
    """A bank account outside of the suppliers. Nothing is paid to it before a second person has confirmed it.

    A change of its holder, number or bank takes the confirmation away.
    """

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
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    proof = models.CharField("proved by", max_length=6, choices=BankAccount.Proof.choices, blank=True)
    proof_document = models.ForeignKey(
        Document, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="bank letter"
    )
    proof_phone = models.CharField("number called", max_length=40, blank=True)
    proof_note = models.CharField("note of the proof", max_length=1000, blank=True)

    class Meta:
        verbose_name = "account of a payer"
        verbose_name_plural = "accounts of payers"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="payee_account_changed_by_whom",
                condition=Q(changed_by=None, changed_at=None) | Q(changed_by__isnull=False, changed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="payee_account_confirmed_by_another",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_at__isnull=False)
                & ~Q(confirmed_by=F("entered_by"))
                & (Q(changed_by=None) | ~Q(confirmed_by=F("changed_by"))),
            ),
            models.CheckConstraint(name="payee_account_confirmed_on_a_proof", condition=ON_A_PROOF),
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
