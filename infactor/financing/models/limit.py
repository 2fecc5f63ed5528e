"""Limits that staff set for a buyer, a supplier, or both together."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from infactor.core import money
from infactor.core.currencies import CURRENCIES, validate_currency
from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField


class Limit(TimestampedModel):
    """How much infactor finances at most of a buyer, of a supplier, or of the pair, in one currency.

    Never updated: the latest one for the same buyer and supplier is in force. It limits the base that is financed and
    not yet paid, over all open advances, offers and requests.
    """

    debtor = models.ForeignKey(
        "invoices.Debtor", null=True, blank=True, on_delete=models.PROTECT, related_name="limits"
    )
    supplier = models.ForeignKey(
        "suppliers.Supplier", null=True, blank=True, on_delete=models.PROTECT, related_name="limits"
    )
    currency = models.CharField(max_length=3, validators=[validate_currency])
    amount = MoneyField(validators=[MinValueValidator(Decimal(0))])
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["-set_at", "-pk"]
        permissions = [("set_limits", "Can set limits of buyers and suppliers")]
        constraints = [
            models.CheckConstraint(
                condition=Q(debtor__isnull=False) | Q(supplier__isnull=False), name="limit_is_for_somebody"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0) & Q(amount__lt=10**16), name="limit_is_a_number"),
            models.CheckConstraint(condition=Q(currency__in=CURRENCIES), name="limit_currency_is_a_code"),
        ]
        indexes = [models.Index(fields=["debtor", "supplier", "currency", "-set_at"], name="limit_latest")]

    def __str__(self) -> str:
        who = " and ".join(str(one) for one in (self.debtor, self.supplier) if one is not None)
        return f"{who}: {money.format_amount(self.amount, self.currency)}"
