"""The numbers of the terms as text: with their units, amounts in their currency."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.formatting import amount_text, figure_text
from infactor.core.money import MoneyField
from infactor.financing.models import FundingTerms

FIELDS = {field.name: field for field in FundingTerms._meta.fields}
UNITS = ("%", gettext_lazy("days"), gettext_lazy("months"))  # behind the comma of a name


def term_label(name: str) -> str:
    """The label of a term, without the unit that is shown beside the number."""
    label, _, unit = str(FIELDS[name].verbose_name).rpartition(", ")
    return capfirst(label if unit in UNITS else str(FIELDS[name].verbose_name))


def term_text(name: str, value: object, currency: str) -> SafeString | str:
    """A number of the terms (typed, or as text from JSON) with its unit; "-" for none."""
    if value in ("", None):
        return "-"
    if str(value) in ("True", "False"):
        return _("yes") if str(value) == "True" else _("no")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if isinstance(FIELDS[name], MoneyField):
        return amount_text(number, currency)
    unit = str(FIELDS[name].verbose_name).rpartition(", ")[2]
    return figure_text(number, unit if unit in UNITS else "")


def terms_rows(terms: FundingTerms, names: Sequence[str]) -> list[tuple[str, object]]:
    """These terms as (label, value)."""
    return [(term_label(name), term_text(name, getattr(terms, name), terms.currency)) for name in names]


def changed_rows(changes: Mapping[str, Sequence[str]], *, currency: str) -> list[tuple[str, object, object]]:
    """Changed terms as (label, old value, new value), from {name: [old, new]}."""
    return [
        (term_label(name), term_text(name, old, currency), term_text(name, new, currency))
        for name, (old, new) in changes.items()
    ]
