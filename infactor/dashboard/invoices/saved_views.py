"""Views of the invoice list that a person saved: under a name, one of them the default."""

from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models.functions import JSONObject, Lower
from django.utils.translation import gettext as _

from infactor.dashboard.invoices.display import PARAMETER
from infactor.dashboard.models import SavedView
from infactor.invoices.models import Buyer
from infactor.suppliers.models import Supplier
from infactor.users.models import User

MAX_VIEWS = 20
MAX_QUERY = 1000


class CannotSave(ValueError):
    """The view cannot be saved; the message says why."""


class View(NamedTuple):
    """A saved view."""

    id: int
    name: str
    query: str
    is_default: bool

    @property
    def filters(self) -> str:
        """The query without the columns and the density."""
        return "&".join(one for one in self.query.split("&") if not one.startswith(f"{PARAMETER}="))

    @property
    def display(self) -> str:
        """Columns and density, as display.to_text writes them; "" in a view that names none."""
        return dict(parse_qsl(self.query)).get(PARAMETER, "")


class Choices(NamedTuple):
    """What the page of the list offers besides its rows: the buyers (none if there are too many), and the views."""

    buyers: list[tuple[UUID, str]]
    views: list[View]


def choices(*, supplier: Supplier, by: User, max_buyers: int) -> Choices:
    """Both, in one query."""
    buyers = Buyer.objects.filter(supplier=supplier).exclude(name="").order_by(Lower("name"), "pk")
    views = SavedView.objects.filter(supplier=supplier, user=by)
    row = (
        Supplier.objects.filter(pk=supplier.pk)
        .values_list(
            ArraySubquery(
                buyers.values(json=JSONObject(id="public_id", full="full_name", name="name"))[: max_buyers + 1]
            ),
            ArraySubquery(views.values(json=JSONObject(id="pk", name="name", query="query", is_default="is_default"))),
        )
        .get()
    )
    named = [(UUID(one["id"]), one["full"] or one["name"]) for one in row[0]]
    return Choices(named if len(named) <= max_buyers else [], [View(**one) for one in row[1]])


def with_display(query: str, display: str) -> str:
    """The query of a view: that of the filters, and columns and density as display.to_text writes them."""
    return "&".join(one for one in (query, urlencode({PARAMETER: display})) if one)


def current(views: list[View], *, query: str, display: str, is_named: bool) -> View | None:
    """The view that the list shows: the filters `query`, and `display` where the view names it.

    Without filters only if the address names a display: the list of all invoices is no view.
    """
    fitting = [one for one in views if one.filters == query and one.display in ("", display) and (query or is_named)]
    return fitting[0] if fitting else None


def save(*, supplier: Supplier, by: User, name: str, query: str, is_default: bool) -> SavedView:
    """Save a view, over an earlier one of the same name. Raises CannotSave."""
    clean = " ".join(name.split())
    if not clean or len(clean) > 40 or not clean.isprintable():
        raise CannotSave(_("Enter a name of up to 40 characters."))
    if len(query) > MAX_QUERY:
        raise CannotSave(_("This search is too long to be saved."))
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        mine = SavedView.objects.filter(supplier=supplier, user=by)
        found = mine.filter(name__iexact=clean).first()
        if found is None and mine.count() >= MAX_VIEWS:
            raise CannotSave(_("You have %(max_views)s views. Delete one first.") % {"max_views": MAX_VIEWS})
        if is_default:
            mine.filter(is_default=True).update(is_default=False)
        view = found or SavedView(supplier=supplier, user=by)
        view.name, view.query, view.is_default = clean, query, is_default
        view.save()
        return view


def delete(*, supplier: Supplier, by: User, pk: int) -> bool:
    """Delete a view of this person. False if there is none."""
    return bool(SavedView.objects.filter(supplier=supplier, user=by, pk=pk).delete()[0])
