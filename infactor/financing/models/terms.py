"""Versions of the financing terms, by currency and supplier."""

from dataclasses import fields
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from infactor.core.currencies import CURRENCIES, validate_currency
from infactor.core.money import InvalidAmount, MoneyField, validate_amount
from infactor.core.translatable import Text
from infactor.financing.terms import Terms


def percent(name: Text, help_text: Text, *, min_value: str = "0", default: Decimal) -> models.DecimalField:
    """A field for a percentage from `min_value` to 100, with three decimals."""
    validators = [MinValueValidator(Decimal(min_value)), MaxValueValidator(Decimal(100))]
    return models.DecimalField(
        name, max_digits=6, decimal_places=3, default=default, validators=validators, help_text=help_text
    )


def days(name: Text, help_text: Text, *, min_value: int = 0, default: int) -> models.PositiveSmallIntegerField:
    """A field for a number of days, from `min_value` to two years."""
    validators = [MinValueValidator(min_value), MaxValueValidator(730)]
    return models.PositiveSmallIntegerField(name, default=default, validators=validators, help_text=help_text)


def amount(name: Text, help_text: Text, *, default: Decimal) -> MoneyField:
    """A field for an amount of the terms' currency, not below zero."""
    not_negative = MinValueValidator(Decimal(0))
    return MoneyField(verbose_name=name, default=default, validators=[not_negative], help_text=help_text)


class FundingTerms(models.Model):
    """One version of the terms of one currency, valid from one day on. Never updated: a change is a new version.

    In force on a day is the version with the latest `valid_from` on or before it (of several, the one saved last). A
    supplier's own version comes before the default one. An invoice in a currency without terms cannot be financed.
    The terms of one deal are a row of its `request`, and in force for its offer and the advances from it alone.
    """

    currency = models.CharField(max_length=3, validators=[validate_currency], help_text=_("Three letters, like USD."))
    supplier = models.ForeignKey(
        "suppliers.Supplier",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="own_terms",
        help_text=_("Empty: for every supplier without terms of its own."),
    )
    request = models.ForeignKey(
        "financing.FinancingRequest",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="deal_terms",
        help_text=_("The request whose offer alone has these terms. Empty: they are in force from their first day on."),
    )
    valid_from = models.DateField(help_text=_("The first day of these terms, in the supplier's time zone."))
    reason = models.CharField(max_length=200, help_text=_("Why the terms change. It stands in the audit log."))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField(editable=False)

    advance_rate = percent(
        _("advance rate, %"), _("Paid out on funding, of the base."), min_value="1", default=Terms.advance_rate
    )
    first_fee_rate = percent(
        _("first fee, %"),
        _("Of the face that is bought against, for the first period. It is always charged."),
        default=Terms.first_fee_rate,
    )
    first_fee_days = days(_("first period, days"), _("Length of the first period."), min_value=1, default=30)
    additional_fee_rate = percent(
        _("additional fee, %"),
        _("Of the face that is bought against, for each additional period begun."),
        default=Terms.additional_fee_rate,
    )
    additional_fee_days = days(
        _("additional period, days"), _("Length of each additional period."), min_value=1, default=10
    )
    minimum_fee = amount(
        _("minimum fee"),
        _("An advance costs at least so much, however soon its buyer pays."),
        default=Terms.minimum_fee,
    )
    wire_fee = amount(
        _("wire fee"), _("Deducted from what is paid out on funding, once for each advance."), default=Terms.wire_fee
    )
    late_fee_rate = percent(
        _("late fee a day, %"),
        _("Of the open balance, for each day after the days of grace until it is paid or bought back."),
        default=Terms.late_fee_rate,
    )
    late_fee_grace_days = days(_("late fee grace, days"), _("Days past due before the late fee begins."), default=10)
    late_fee_cap_pct = percent(
        _("late fee cap, %"), _("Of the face. The late fee ends there."), default=Terms.late_fee_cap_pct
    )
    max_annual_rate_pct = models.DecimalField(
        _("maximum annual rate, %"),
        max_digits=6,
        decimal_places=2,
        default=Terms.max_annual_rate_pct,
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(1000))],
        help_text=_("Nothing is offered for an invoice whose estimated annual rate would be higher."),
    )
    recourse_days = days(
        _("recourse, days"),
        _("From the invoice date. The supplier buys back an invoice that is unpaid by then."),
        min_value=1,
        default=90,
    )
    offer_days = days(_("offer valid, days"), _("After that an offer expires."), min_value=1, default=7)

    minimum_amount = amount(_("minimum amount"), _("Smaller invoices are not bought."), default=Terms.minimum_amount)
    max_age_at_purchase_days = days(
        _("maximum age at purchase, days"), _("From the invoice date. Older invoices are not bought."), default=60
    )
    max_age_days = days(
        _("maximum age, days"), _("Older invoices are ineligible, and no override changes that."), default=90
    )
    max_payment_terms_days = days(
        _("maximum payment terms, days"), _("From the invoice date to the due date, at most."), default=60
    )
    min_days_to_due = days(
        _("minimum days to due date, days"), _("An invoice is due in at least so many days."), default=7
    )
    cross_aging_days = days(_("cross-aging age, days"), _("A buyer's older balances count as late."), default=90)
    cross_aging_pct = percent(
        _("cross-aging limit, %"),
        _("Of a buyer's balance. From this late share on, none of its invoices is bought."),
        min_value="0.001",
        default=Terms.cross_aging_pct,
    )
    concentration_limit_pct = percent(
        _("concentration limit, %"),
        _("Of a supplier's eligible balance. What one buyer owes above it is ineligible."),
        min_value="0.001",
        default=Terms.concentration_limit_pct,
    )
    dilution_months = models.PositiveSmallIntegerField(
        _("dilution over, months"),
        default=Terms.dilution_months,
        validators=[MinValueValidator(1), MaxValueValidator(24)],
        help_text=_("Dilution is a buyer's credit memos over its invoices of so many months."),
    )
    dilution_warning_pct = percent(
        _("dilution warning, %"),
        _("From here on the buyer's invoices carry a warning."),
        default=Terms.dilution_warning_pct,
    )
    dilution_stop_pct = percent(
        _("dilution stop, %"),
        _("From here on none of the buyer's invoices is bought."),
        default=Terms.dilution_stop_pct,
    )
    min_paid_invoices = models.PositiveSmallIntegerField(
        _("minimum paid invoices"),
        default=Terms.min_paid_invoices,
        validators=[MaxValueValidator(100)],
        help_text=_("Of a buyer, before its first invoice is bought. Staff may override it."),
    )

    buyer_limit = amount(
        _("buyer limit"), _("Over all suppliers, where staff have set none."), default=Terms.buyer_limit
    )
    supplier_limit = amount(
        _("supplier limit"), _("Over all buyers, where staff have set none."), default=Terms.supplier_limit
    )
    pair_limit = amount(
        _("pair limit"), _("Of one buyer with one supplier, where staff have set none."), default=Terms.pair_limit
    )

    verify_first_invoice = models.BooleanField(
        _("verify first invoice"), default=True, help_text=_("A buyer confirms its first invoice.")
    )
    verify_threshold = amount(
        _("verification threshold"), _("Buyers confirm invoices from this amount up."), default=Terms.verify_threshold
    )
    verify_sample_pct = percent(
        _("verification sample, %"),
        _("Of all other invoices, picked at random. Buyers confirm them."),
        default=Terms.verify_sample_pct,
    )

    auto_offer_limit = amount(
        _("automatic offer limit"),
        _("Requests up to this advance receive an offer automatically. 0: none do."),
        default=Decimal(0),
    )
    dual_control_threshold = amount(
        _("dual control threshold"),
        _("A second person approves payouts and overrides from this amount up."),
        default=Terms.dual_control_threshold,
    )

    nets_from_advances = models.BooleanField(
        _("net from advances"),
        default=True,
        help_text=_("What the supplier owes is deducted when an advance is paid out."),
    )
    nets_from_rebates = models.BooleanField(
        _("net from rebates"),
        default=True,
        help_text=_("What the supplier owes is deducted when an advance is settled."),
    )
    nets_from_surplus = models.BooleanField(
        _("net from surplus"),
        default=True,
        help_text=_("What the supplier owes is deducted when a surplus is remitted."),
    )

    class Meta:
        verbose_name_plural = _("funding terms")
        ordering = ["currency", "-valid_from", "-pk"]
        permissions = [("set_terms", "Can set the terms of financing")]
        constraints = [
            models.CheckConstraint(condition=Q(currency__in=CURRENCIES), name="terms_currency_is_a_code"),
            models.CheckConstraint(
                condition=Q(advance_rate__gt=0) & Q(advance_rate__lte=100), name="terms_advance_rate_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(first_fee_days__gte=1) & Q(additional_fee_days__gte=1), name="terms_periods_last"
            ),
            models.CheckConstraint(
                condition=Q(max_age_at_purchase_days__lte=F("max_age_days")), name="terms_ages_in_order"
            ),
            models.CheckConstraint(
                condition=Q(dilution_warning_pct__lte=F("dilution_stop_pct")), name="terms_dilution_in_order"
            ),
            models.CheckConstraint(
                condition=Q(minimum_fee__gte=0) & Q(wire_fee__gte=0) & Q(late_fee_rate__gte=0),
                name="terms_fees_not_below_zero",
            ),
            models.CheckConstraint(
                condition=Q(request=None) | Q(supplier__isnull=False), name="terms_of_a_deal_have_its_supplier"
            ),
        ]
        indexes = [models.Index(fields=["currency", "supplier", "-valid_from"], name="terms_by_day")]

    def __str__(self) -> str:
        day = self.valid_from
        which = f"for one offer, {self.currency}," if self.request_id else f"{self.currency}"
        return f"Terms {self.pk}: {which} from {day:%b} {day.day}, {day.year}"

    def clean(self) -> None:
        """Raises ValidationError where two numbers contradict each other."""

        def number(name: str) -> Decimal:
            return Decimal(getattr(self, name))  # as typed, where the field itself was refused

        errors: dict[str, Text] = {}
        if number("max_age_at_purchase_days") > number("max_age_days"):
            errors["max_age_at_purchase_days"] = _("Must not exceed the maximum age: such an invoice is ineligible.")
        if number("recourse_days") <= number("max_age_at_purchase_days"):
            errors["recourse_days"] = _(
                "Must exceed the maximum age at purchase: else an invoice may be bought back on the day of purchase."
            )
        if number("dilution_warning_pct") > number("dilution_stop_pct"):
            errors["dilution_warning_pct"] = _("Must not exceed the dilution stop.")
        if number("first_fee_rate") + number("advance_rate") > 100:
            errors["first_fee_rate"] = _("Must not exceed the reserve: 100 less the advance rate.")
        for name in ("minimum_fee", "wire_fee"):
            try:
                validate_amount(number(name), self.currency)
            except InvalidAmount as error:
                errors[name] = _("This is not an amount of money: %(error)s.") % {"error": error}
        if number("late_fee_rate") and not number("late_fee_cap_pct"):
            errors["late_fee_cap_pct"] = _("Enter a share above zero: else no late fee is charged.")
        if errors:
            raise ValidationError(errors)

    def record(self) -> Terms:
        """These terms as plain values."""
        values: dict[str, Any] = {
            field.name: getattr(self, field.name) for field in fields(Terms) if field.name != "version"
        }
        return Terms(version=self.pk or 0, **values)
