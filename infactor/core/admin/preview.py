"""Pages on which staff type something, look at what it would do, and only then do it: three steps on one page.

What is done is what was looked at: whatever was typed or has changed since is shown anew instead.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django import forms
from django.contrib import admin, messages
from django.forms import BoundField
from django.forms.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from infactor.core.admin.decisions import (
    CHANGED,
    MOVED_ON,
    SEEN,
    Table,
)
from infactor.core.transitions import MoveRefused

LOOK, DO = "look", "do"
NOT_TYPED = frozenset({"csrfmiddlewaretoken", SEEN, LOOK, DO})


@dataclass(frozen=True)
class Part:
    """Some fields of a form under a legend; all of them where none are named."""

    legend: str
    form: BaseForm
    names: Sequence[str] = ()

    @property
    def fields(self) -> list[BoundField]:
        visible = self.form.visible_fields()
        return [one for one in visible if one.name in self.names] if self.names else visible

    @property
    def hidden(self) -> list[BoundField]:
        return self.form.hidden_fields()

    @property
    def problems(self) -> list[str]:
        """What is wrong with the form as a whole, told above its first part."""
        return [str(one) for one in self.form.non_field_errors()]


@dataclass(frozen=True)
class Look:
    """What would be done."""

    facts: Sequence[tuple[str, object]] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    is_possible: bool = field(default=True)


def look_page(
    request: HttpRequest,
    *,
    title: str,
    button: str,
    parts: Sequence[Part],
    look: Callable[[], Look],
    act: Callable[[], str],
    back: str,
    facts: Sequence[tuple[str, object]] = (),
    tables: Sequence[Table] = (),
    notes: Sequence[str] = (),
    refusals: Iterable[type[Exception]] = (),
    management: Sequence[forms.Form] = (),
    multipart: bool = False,
) -> HttpResponse:
    """Show the forms of `parts` with `facts`, `tables` and `notes`; once they are right, what `look` says of them.

    `act` makes one service call, and only for exactly what was shown; it returns the sentence of success. What `look`
    and `act` raise of `refusals` is told above the form, with nothing lost that was typed.
    """
    problems: list[str] = []
    shown: Look | None = None
    seen = ""
    every = [*{id(part.form): part.form for part in parts}.values(), *management]
    # All of them are asked, so that every mistake is told at once.
    if request.method == "POST" and False not in [form.is_valid() for form in every]:
        try:
            shown = look()
            seen = _digest(request, shown)
            if DO in request.POST and shown.is_possible:
                if request.POST.get(SEEN) == seen:
                    messages.success(request, act())
                    return HttpResponseRedirect(back)
                problems.append(CHANGED)
        except MoveRefused:
            problems.append(MOVED_ON)
        except tuple(refusals) as refusal:
            problems.append(str(refusal))
    elif request.method == "POST":
        problems.append("Please correct what is marked below.")
    context = {
        **admin.site.each_context(request),
        "title": title,
        "button": button,
        "parts": parts,
        "whole": dict.fromkeys(one for part in parts for one in part.problems),
        "management": management,
        "media": sum((form.media for form in every), forms.Media()),
        "look": shown,
        "facts": facts,
        "tables": tables,
        "notes": notes,
        "problems": problems,
        "back": back,
        "seen": seen,
        "multipart": multipart,
    }
    return render(request, "admin/financing/look.html", context)


def _digest(request: HttpRequest, shown: Look) -> str:
    """The same for the same words, typed and shown."""
    words = [
        f"{name}\x1f{value}" for name in sorted(request.POST.keys() - NOT_TYPED) for value in request.POST.getlist(name)
    ]
    words += [f"{label}\x1f{value}" for label, value in shown.facts]
    words += ["\x1f".join(map(str, row)) for table in shown.tables for row in table.rows]
    return hashlib.sha256("\x1e".join(words).encode()).hexdigest()
