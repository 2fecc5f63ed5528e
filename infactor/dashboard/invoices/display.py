"""How a person wants the invoice list shown: its columns and its density.

A cookie keeps it in the browser. A saved view names it in its address, and opening the view keeps it.
"""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

COOKIE = "invoice_list"
PARAMETER = "show"
YEAR = 365 * 24 * 60 * 60
# The columns that may be left out: key of SORTS, heading, whether it is a number, whether it is shown at first.
OPTIONAL = (
    ("buyer", gettext_lazy("Buyer"), False, True),
    ("issued", gettext_lazy("Issued"), False, True),
    ("due", gettext_lazy("Due"), False, True),
    ("amount", gettext_lazy("Amount"), True, True),
    ("open", gettext_lazy("Open"), True, True),
    ("order", gettext_lazy("Purchase order"), False, False),
    ("source", gettext_lazy("Source"), False, False),
)
DEFAULT = tuple(key for key, _, _, is_shown in OPTIONAL if is_shown)


@dataclass(frozen=True)
class Display:
    """The optional columns that are shown, and whether rows are compact."""

    columns: tuple[str, ...] = field(default=DEFAULT)
    is_compact: bool = False


class DisplayForm(forms.Form):
    """Asks for the columns and the density."""

    density = forms.ChoiceField(
        label=gettext_lazy("Rows"),
        choices=[("comfortable", gettext_lazy("Comfortable")), ("compact", gettext_lazy("Compact"))],
        widget=forms.RadioSelect,
    )
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns"),
        choices=[(key, label) for key, label, _, _ in OPTIONAL],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


def read(request: HttpRequest) -> Display:
    """What the address says, or else the cookie, as far as it can be read."""
    density, _, names = (request.GET.get(PARAMETER) or request.COOKIES.get(COOKIE, "")).partition(":")
    if not density:
        return Display()
    chosen = set(names.split("."))
    return Display(tuple(key for key, *_ in OPTIONAL if key in chosen), density == "compact")


def form_of(display: Display) -> DisplayForm:
    """The form, filled in."""
    density = "compact" if display.is_compact else "comfortable"
    return DisplayForm(initial={"density": density, "columns": list(display.columns)}, label_suffix="")


def of_form(data: dict[str, Any]) -> Display:
    """What a valid form has chosen."""
    return Display(tuple(data["columns"]), data["density"] == "compact")


def to_text(display: Display) -> str:
    """For the cookie and the address: "compact:buyer.due"."""
    return f"{'compact' if display.is_compact else 'comfortable'}:{'.'.join(display.columns)}"


def keep(response: HttpResponse, display: Display, *, is_secure: bool) -> None:
    """Put it into the cookie."""
    response.set_cookie(COOKIE, to_text(display), max_age=YEAR, httponly=True, samesite="Lax", secure=is_secure)
