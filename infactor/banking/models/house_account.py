"""A house account: one of infactor's own bank accounts, with a cash account of its own in the ledger."""

import re
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from infactor.core.fields import EncryptedModel, EncryptedTextField, FingerprintField
from infactor.core.models import TimestampedModel

_SIGNS = re.compile(r"[^0-9A-Za-z]")


class HouseAccount(EncryptedModel, TimestampedModel):
    """One of infactor's own bank accounts. Money of its currency moves on the default one unless another is named.

    `ledger_owner` names its cash account in the ledger: empty for the first account of a currency, which takes over
    what was posted before there was one. It and the currency are never changed.

    A closed account takes no money, payouts, statements or changes, and stays wherever it was.

    From `originator_name` to `csv_layout` is what payment files and bank days need (banking.payment_details sets it).
    """

    class PaymentFormat(models.TextChoices):
        NACHA = "nacha", "NACHA (ACH credits in US dollars)"
        PAIN001 = "pain001", "pain.001 (ISO 20022)"
        CSV = "csv", "CSV"

    name = models.CharField(max_length=100, unique=True)
    currency = models.CharField(max_length=3)
    bank_name = models.CharField(max_length=140)
    account_number = EncryptedTextField(help_text="An IBAN where the country has them, else the local number.")
    routing_number = models.CharField("routing number", max_length=20, blank=True)
    bic = models.CharField("BIC", max_length=11, blank=True)
    last4 = models.CharField("last four", max_length=4)
    fingerprint = FingerprintField(
        label="house-account", of=("currency", "account_number"), help_text="Equal for equal accounts."
    )
    ledger_owner = models.CharField(max_length=30, blank=True, editable=False)
    is_default = models.BooleanField("default of its currency", default=False)
    may_be_overdrawn = models.BooleanField(
        default=False, help_text="Otherwise nothing is paid out that would bring the account below zero."
    )
    is_pay_to = models.BooleanField(
        "buyers pay to it", default=False, help_text="In its currency. Two people decide it."
    )
    originator_name = models.CharField(max_length=70, blank=True)
    originator_id = models.CharField("originator id", max_length=35, blank=True)
    country = models.CharField("country of the bank", max_length=2, blank=True)
    originating_dfi = models.CharField("originating bank", max_length=9, blank=True)
    immediate_destination = models.CharField(max_length=10, blank=True)
    destination_name = models.CharField(max_length=23, blank=True)
    immediate_origin = models.CharField(max_length=10, blank=True)
    payment_format = models.CharField("format of payment files", max_length=10, choices=PaymentFormat, blank=True)
    holiday_calendar = models.CharField(max_length=6, blank=True)
    holiday_subdivision = models.CharField("state or region", max_length=10, blank=True)
    cut_off = models.TimeField("cut-off time", null=True, blank=True)
    csv_layout = models.JSONField(default=dict, help_text="How CSV files of this account are read.")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closing_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "house account"
        ordering = ["currency", "name"]
        permissions = [("keep_house_accounts", "Can keep house accounts and record their movements")]
        constraints = [
            models.UniqueConstraint(fields=["fingerprint"], name="house_account_once"),
            models.UniqueConstraint(fields=["ledger_owner", "currency"], name="house_account_has_own_cash"),
            models.UniqueConstraint(
                fields=["currency"], condition=Q(is_default=True), name="one_default_house_account_a_currency"
            ),
            models.UniqueConstraint(
                fields=["currency"], condition=Q(is_pay_to=True), name="one_account_to_pay_to_a_currency"
            ),
            models.CheckConstraint(
                condition=Q(is_pay_to=False) | ~Q(originator_name=""), name="account_to_pay_to_has_a_holder"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, closing_reason="")
                | Q(closed_at__isnull=False, closed_by__isnull=False, is_default=False, is_pay_to=False)
                & ~Q(closing_reason=""),
                name="closed_house_account_fits",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$", last4__regex=r"^.{4}$")
                & ~Q(name="")
                & ~Q(bank_name="")
                & ~Q(account_number=""),
                name="house_account_complete",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^([A-Z]{2})?$", originating_dfi__regex=r"^([0-9]{9})?$"),
                name="house_account_bank_numbers",
            ),
            models.CheckConstraint(
                condition=Q(holiday_subdivision="") | ~Q(holiday_calendar=""),
                name="house_account_region_has_calendar",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.currency}"

    @cached_property
    def all_changes(self) -> list[Any]:
        """Every AccountChange of it with its people, the newest first. They are few: each takes two people."""
        people = self.changes.select_related("requested_by", "decided_by")
        return list(people.order_by("-requested_at", "-pk"))

    @property
    def waiting_change(self) -> Any:
        """The AccountChange of it that waits for a second person; None if none does."""
        return next((one for one in self.all_changes if one.status == "waiting"), None)

    @property
    def masked(self) -> str:
        """The last four digits of the number."""
        return number_ending(self.last4)


def number_ending(last4: str, *, bank: str = "") -> str:
    """A number by its last four digits, after the bank where it is given; "" without a number."""
    return f"{bank} ••••{last4}".strip() if last4 else ""


def plain_number(number: str) -> str:
    """An account number as it is compared: letters and digits, in capitals."""
    return _SIGNS.sub("", number).upper()
