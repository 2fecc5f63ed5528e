"""A supplier's bank accounts: one in use for each currency, and at most one that waits to replace it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from infactor.core.fields import EncryptedModel, EncryptedTextField, FingerprintField
from infactor.core.models import TimestampedModel
from infactor.core.transitions import Transitions
from infactor.documents.models import Document
from infactor.suppliers.models.supplier import Supplier

_CONFIRMED = Q(confirmed_at__isnull=False, confirmed_by__isnull=False)
_UNCONFIRMED = Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
_REFUSED = Q(refused_at__isnull=False, refused_by__isnull=False) & ~Q(reason="")
# Of an account of a supplier, and of a payer: who confirmed it knew by a letter of the bank, by a call, or by
# micro-deposits, which only suppliers get.
ON_A_PROOF = Q(confirmed_by=None, proof="", proof_document=None, proof_phone="", proof_note="") | Q(
    confirmed_by__isnull=False
) & (
    Q(proof="letter", proof_document__isnull=False, proof_phone="")
    | Q(proof="call", proof_document=None) & ~Q(proof_phone="") & ~Q(proof_note="")
    | Q(proof="micro", proof_document=None, proof_phone="")
)
_NOT_REFUSED = Q(refused_at__isnull=True, refused_by__isnull=True, reason="")


class BankAccount(EncryptedModel, TimestampedModel):
    """A bank account that a supplier entered. The number is never shown again, only `masked` is.

    The number is never changed: a new number is a new row.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting to be confirmed")
        IN_USE = "in_use", _("In use")
        SUSPENDED = "suspended", _("Suspended: the bank returned a payout")
        REPLACED = "replaced", _("Replaced")
        REFUSED = "refused", _("Refused")

    class Proof(models.TextChoices):
        LETTER = "letter", _("Bank letter")
        CALL = "call", _("Call-back")
        MICRO_DEPOSITS = "micro", _("Micro-deposits")

    TRANSITIONS: ClassVar[Transitions] = Transitions(
        field="status",
        allowed={
            Status.WAITING: (Status.IN_USE, Status.REFUSED, Status.REPLACED),
            Status.IN_USE: (Status.REPLACED, Status.SUSPENDED),
            Status.SUSPENDED: (Status.IN_USE, Status.REPLACED),
        },
    )

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="bank_accounts")
    currency = models.CharField(max_length=3)
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
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    usable_from = models.DateTimeField(help_text="Nobody can confirm it earlier.")
    after_account_change = models.BooleanField(
        "entered soon after a change of sign-in",
        default=False,
        help_text="Address, password or second factor of who entered it had changed shortly before.",
    )
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    suspended_because = models.CharField(
        "why it is suspended", max_length=300, blank=True, help_text="As the bank said when it returned a payout."
    )
    micro_deposits_matched_at = models.DateTimeField(
        null=True, help_text="An owner entered the amounts of both micro-deposits then."
    )
    proof = models.CharField("proved by", max_length=6, choices=Proof.choices, blank=True)
    proof_document = models.ForeignKey(
        Document, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="bank letter"
    )
    proof_phone = models.CharField("number called", max_length=40, blank=True)
    proof_note = models.CharField("note of the proof", max_length=1000, blank=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    refused_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, help_text="Why it was refused, as the supplier reads it.")

    class Meta:
        ordering = ["-added_at", "-pk"]
        permissions = [("confirm_bank_account", "Can confirm and refuse suppliers' bank accounts")]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "currency"],
                condition=Q(status__in=["in_use", "suspended"]),
                name="one_account_in_use_a_currency",
            ),
            models.UniqueConstraint(
                fields=["supplier", "currency"], condition=Q(status="waiting"), name="one_account_waiting_a_currency"
            ),
            models.CheckConstraint(
                name="bank_account_status_fits_who_and_when",
                condition=Q(status="waiting") & _UNCONFIRMED & _NOT_REFUSED
                | Q(status__in=["in_use", "suspended"]) & _CONFIRMED & _NOT_REFUSED
                | Q(status="replaced") & (_CONFIRMED | _UNCONFIRMED) & _NOT_REFUSED
                | Q(status="refused") & _UNCONFIRMED & _REFUSED,
            ),
            models.CheckConstraint(
                name="bank_account_confirmed_by_another_after_cooling_off",
                condition=Q(confirmed_by__isnull=True)
                | ~Q(confirmed_by=F("added_by")) & Q(confirmed_at__gte=F("usable_from")),
            ),
            models.CheckConstraint(name="bank_account_confirmed_on_a_proof", condition=ON_A_PROOF),
            models.CheckConstraint(
                name="bank_account_complete",
                condition=Q(currency__regex=r"^[A-Z]{3}$", country__regex=r"^[A-Z]{2}$", last4__regex=r"^.{4}$")
                & ~Q(holder="")
                & ~Q(bank_name="")
                & ~Q(account_number="")
                & ~Q(fingerprint=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.masked}"

    @property
    def masked(self) -> str:
        """The last four digits, all of the number that is ever shown."""
        return f"••••{self.last4}"
