"""The terms of financing by currency, version by version; and the limits that staff set."""

from dataclasses import fields
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from infactor.core import money
from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.financing.terms import Terms

CURRENCY = RegexValidator(r"^[A-Z]{3}$", "A currency has three capital letters, like USD.")


def percent(name: str, help_text: str, *, at_least: str = "0", default: Decimal) -> models.DecimalField:
    """A share in percent, three decimals."""
    limits = [MinValueValidator(Decimal(at_least)), MaxValueValidator(Decimal(100))]
    return models.DecimalField(
        name, max_digits=6, decimal_places=3, default=default, validators=limits, help_text=help_text
    )


def days(name: str, help_text: str, *, at_least: int = 0, default: int) -> models.PositiveSmallIntegerField:
    limits = [MinValueValidator(at_least), MaxValueValidator(730)]
    return models.PositiveSmallIntegerField(name, default=default, validators=limits, help_text=help_text)


def amount(name: str, help_text: str, *, default: Decimal) -> MoneyField:
    zero = MinValueValidator(Decimal(0))
    return MoneyField(verbose_name=name, default=default, validators=[zero], help_text=help_text)


class FundingTerms(models.Model):
    """One version of the terms, for one currency, from one day on. Written once: a change is a new version.

    For a day holds the version with the latest `valid_from` that is not after it, the last written of those; one that
    names the supplier goes before one for everybody. An invoice in a currency without terms cannot be financed.
    """

    currency = models.CharField(max_length=3, validators=[CURRENCY], help_text="Three letters, like USD.")
    supplier = models.ForeignKey(
        "suppliers.Supplier",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="own_terms",
        help_text="Empty: for every supplier without terms of its own.",
    )
    valid_from = models.DateField(help_text="The first day on which these terms hold, in the supplier's time zone.")
    reason = models.CharField(max_length=200, help_text="Why the terms change: who reads the trail wants to know.")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField(editable=False)

    advance_rate = percent(
        "advance rate, %", "Paid out at once, of the base.", at_least="1", default=Terms.advance_rate
    )
    first_fee_rate = percent(
        "first fee, %", "Of the face, for the first period; at least this is charged.", default=Terms.first_fee_rate
    )
    first_fee_days = days("first period, days", "How long the first fee lasts.", at_least=1, default=30)
    further_fee_rate = percent(
        "further fee, %", "Of the face, for each further period begun.", default=Terms.further_fee_rate
    )
    further_fee_days = days("further period, days", "How long each further period lasts.", at_least=1, default=10)
    recourse_days = days(
        "recourse, days", "After the invoice date: unpaid by then, the supplier buys it back.", at_least=1, default=90
    )
    offer_days = days("offer holds, days", "After that many days an offer expires.", at_least=1, default=7)

    minimum_amount = amount("minimum amount", "Smaller invoices are not bought.", default=Terms.minimum_amount)
    most_age_to_buy = days("age to buy, days", "An invoice is bought until this age, from its date.", default=60)
    most_age = days("most age, days", "Older invoices count nowhere.", default=90)
    most_payment_days = days("payment terms, days", "At most this long from invoice date to due date.", default=60)
    least_days_to_due = days("days to due, at least", "An invoice is due in at least this many days.", default=7)
    cross_aging_days = days("cross-aging age, days", "Older balances of a buyer count as late.", default=90)
    cross_aging_share = percent(
        "cross-aging share, %",
        "Of a buyer's balance that is late: from here on none of its invoices is bought.",
        at_least="0.001",
        default=Terms.cross_aging_share,
    )
    concentration_share = percent(
        "concentration, %",
        "Of a supplier's eligible balance on one buyer; what is above is out.",
        at_least="0.001",
        default=Terms.concentration_share,
    )
    dilution_months = models.PositiveSmallIntegerField(
        "dilution over, months",
        default=Terms.dilution_months,
        validators=[MinValueValidator(1), MaxValueValidator(24)],
        help_text="Credit memos over invoices of a buyer are measured over so many months.",
    )
    dilution_warn = percent("dilution warning, %", "From here on it is marked.", default=Terms.dilution_warn)
    dilution_stop = percent("dilution stop, %", "From here on nothing is bought.", default=Terms.dilution_stop)
    least_paid_invoices = models.PositiveSmallIntegerField(
        "paid invoices, at least",
        default=Terms.least_paid_invoices,
        validators=[MaxValueValidator(100)],
        help_text="Of that buyer, before the first is bought; staff may approve a buyer without.",
    )

    buyer_limit = amount("buyer limit", "Over all suppliers, where none is set.", default=Terms.buyer_limit)
    supplier_limit = amount("supplier limit", "Over all buyers, where none is set.", default=Terms.supplier_limit)
    pair_limit = amount("pair limit", "Of one buyer and one supplier, where none is set.", default=Terms.pair_limit)

    verify_first = models.BooleanField(
        "verify a buyer's first", default=True, help_text="The first invoice of a buyer is confirmed by the buyer."
    )
    verify_from = amount("verify from", "Invoices from this amount up are confirmed.", default=Terms.verify_from)
    verify_share = percent("verify at random, %", "Of all others.", default=Terms.verify_share)

    automatic_up_to = amount(
        "automatic offers up to", "Requests up to this advance are priced by the house; 0: none.", default=Decimal(0)
    )
    second_person_from = amount(
        "second person from",
        "Money out and overrides from this amount up are approved by a second person.",
        default=Terms.second_person_from,
    )

    class Meta:
        verbose_name_plural = "funding terms"
        ordering = ["currency", "-valid_from", "-pk"]
        permissions = [("set_terms", "Can set the terms of financing")]
        constraints = [
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="terms_currency_is_a_code"),
            models.CheckConstraint(
                condition=Q(advance_rate__gt=0) & Q(advance_rate__lte=100), name="terms_advance_rate_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(first_fee_days__gte=1) & Q(further_fee_days__gte=1), name="terms_periods_last"
            ),
            models.CheckConstraint(condition=Q(most_age_to_buy__lte=F("most_age")), name="terms_ages_in_order"),
            models.CheckConstraint(condition=Q(dilution_warn__lte=F("dilution_stop")), name="terms_dilution_in_order"),
        ]
        indexes = [models.Index(fields=["currency", "supplier", "-valid_from"], name="terms_by_day")]

    def __str__(self) -> str:
        day = self.valid_from
        return f"Terms {self.pk}: {self.currency} from {day:%b} {day.day}, {day.year}"

    def clean(self) -> None:
        """Raises ValidationError where two numbers contradict each other."""

        def number(name: str) -> Decimal:
            return Decimal(getattr(self, name))  # as it was typed, where the field itself was refused

        problems: dict[str, str] = {}
        if number("most_age_to_buy") > number("most_age"):
            problems["most_age_to_buy"] = "Not above the most age: such an invoice would count nowhere."
        if number("recourse_days") <= number("most_age_to_buy"):
            problems["recourse_days"] = "Above the age to buy: else it is bought back on the day on which it is bought."
        if number("dilution_warn") > number("dilution_stop"):
            problems["dilution_warn"] = "Not above the dilution stop."
        if number("first_fee_rate") + number("advance_rate") > 100:
            problems["first_fee_rate"] = "Not above what is held back (100 less the advance rate)."
        if problems:
            raise ValidationError(problems)

    def record(self) -> Terms:
        """These terms as plain values."""
        values: dict[str, Any] = {
            field.name: getattr(self, field.name) for field in fields(Terms) if field.name != "version"
        }
        return Terms(version=self.pk, **values)


class Limit(TimestampedModel):
    """How much of a buyer, of a supplier, or of both together infactor finances at most, in one currency.

    Written once: the last one for the same buyer and supplier holds. Amounts are of the base that is financed and
    not yet paid, over all open advances, offers and requests.
    """

    debtor = models.ForeignKey(
        "invoices.Debtor", null=True, blank=True, on_delete=models.PROTECT, related_name="limits"
    )
    supplier = models.ForeignKey(
        "suppliers.Supplier", null=True, blank=True, on_delete=models.PROTECT, related_name="limits"
    )
    currency = models.CharField(max_length=3, validators=[CURRENCY])
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
        ]
        indexes = [models.Index(fields=["debtor", "supplier", "currency", "-set_at"], name="limit_latest")]

    def __str__(self) -> str:
        who = " and ".join(str(one) for one in (self.debtor, self.supplier) if one is not None)
        return f"{who}: {money.text(self.amount, self.currency)}"


class Override(TimestampedModel):
    """Staff's word that a rule holds an invoice, or a buyer of one supplier, not back; `rule` is a code of RULES."""

    rule = models.CharField(max_length=30)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="overrides")
    invoice = models.ForeignKey(
        "invoices.Invoice", null=True, blank=True, on_delete=models.PROTECT, related_name="overrides"
    )
    buyer = models.ForeignKey("invoices.Buyer", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    until = models.DateField(null=True, blank=True, help_text="The last day; empty: until it is ended.")
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The second person; empty where one person set it alone.",
    )
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-set_at", "-pk"]
        permissions = [("override_rules", "Can let an invoice pass a rule")]
        constraints = [
            models.CheckConstraint(
                condition=Q(invoice__isnull=False, buyer__isnull=True) | Q(invoice__isnull=True, buyer__isnull=False),
                name="override_is_of_an_invoice_or_a_buyer",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="override_end_is_whole",
            ),
            models.CheckConstraint(condition=~Q(approved_by=F("set_by")), name="override_by_two_people"),
            models.UniqueConstraint(
                fields=["rule", "invoice"],
                condition=Q(ended_at__isnull=True, invoice__isnull=False),
                name="override_once_an_invoice",
            ),
            models.UniqueConstraint(
                fields=["rule", "supplier", "buyer"],
                condition=Q(ended_at__isnull=True, buyer__isnull=False),
                name="override_once_a_buyer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule.replace('_', ' ').capitalize()} of {self.invoice or self.buyer}"
