"""The rows that notes and tasks are about: found by model and key, named, and shown only to those who may see them.

They are about whatever staff decide on, as the registry of admin has it, and about what all of that hangs on.
"""

from collections.abc import Iterable, Mapping

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from infactor.desk.models import AboutRow
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier
from infactor.users.models import User

Key = tuple[str, int]
# Nothing is decided on the page of such a row, but much about it.
BESIDES = frozenset({"suppliers.supplier", "invoices.debtor", "invoices.buyer", "invoices.invoice"})
# People have no file kept about them; what the desk itself writes, and papers, are about something else already.
NEVER = frozenset({"users", "core", "desk", "documents"})
# Called by staff otherwise than the code calls it.
NAMES = {"financing.collection": gettext_lazy("Payment"), "financing.financingrequest": gettext_lazy("Request")}


def labels() -> Mapping[str, str]:
    """What notes and tasks may be about: the name of each model by its label, in the order of the names."""
    found = {
        model._meta.label_lower: str(NAMES.get(model._meta.label_lower, capfirst(model._meta.verbose_name)))
        for model, shown_by in admin.site._registry.items()
        if model._meta.label_lower in BESIDES or (_decides(shown_by) and model._meta.app_label not in NEVER)
    }
    return dict(sorted(found.items(), key=lambda one: one[1]))


def _decides(shown_by: admin.ModelAdmin) -> bool:
    """Whether staff decide about rows of this kind, or make them by a decision."""
    return bool(getattr(shown_by, "decisions", ()) or getattr(shown_by, "add_decision", None))


class UnknownSubject(LookupError):
    """No such row, or none that notes and tasks are about."""


def key_of(row: Model) -> Key:
    """The model and key of `row`. Raises UnknownSubject if notes and tasks are not about such rows."""
    label = row._meta.label_lower
    if label not in labels():
        raise UnknownSubject(f"There are no notes or tasks about {row._meta.verbose_name_plural}.")
    return label, int(row.pk)


def token(row: Model) -> str:
    """`row` as one word in an address: invoices.invoice:5."""
    label, pk = key_of(row)
    return f"{label}:{pk}"


def read_token(text: str, *, by: User) -> Model:
    """The row of a token. Raises UnknownSubject if there is none that `by` may see."""
    label, _, pk = text.partition(":")
    if label in visible_types(by) and pk.isdecimal() and len(pk) <= 18:
        found: Model | None = apps.get_model(label)._default_manager.filter(pk=int(pk)).first()
        if found is not None:
            return found
    raise UnknownSubject("This row does not exist any more, or you may not see it.")


def visible_types(user: User) -> set[str]:
    """The models whose rows `user` may see."""
    names = {label: label.split(".") for label in labels()}
    return {label for label, (app, model) in names.items() if user.has_perm(f"{app}.view_{model}")}


def find(about: Iterable[AboutRow], *, by: User) -> dict[Key, Model]:
    """The rows that these are about, where they exist and `by` may see them. A query a model."""
    visible = visible_types(by)
    wanted: dict[str, set[int]] = {}
    for one in about:
        if one.subject_type in visible:
            wanted.setdefault(one.subject_type, set()).add(one.subject_id)
    return {
        (label, row.pk): row
        for label, keys in wanted.items()
        for row in apps.get_model(label)._default_manager.filter(pk__in=keys)
    }


def supplier_of(row: Model) -> Supplier | None:
    """The supplier whose row it is; None for what belongs to none, or to several."""
    if isinstance(row, Supplier):
        return row
    found = getattr(row, "supplier", None)
    return found if isinstance(found, Supplier) else None


def name_of(row: Model) -> str:
    """How staff call `row`."""
    return f"Invoice {row}" if isinstance(row, Invoice) else str(row)
