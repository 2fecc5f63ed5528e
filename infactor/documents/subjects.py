"""Which rows may have documents, and of which kinds. Apps above register their models when they are ready."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from infactor.documents.models import Document, Kind


@dataclass(frozen=True)
class Subject:
    """What a row of a model may carry.

    `supplier` is the attribute with the id of its supplier, if any; `buyers` are the lookups that lead to its buyers.
    """

    kinds: Sequence[Kind]
    supplier: str = ""
    buyers: Sequence[str] = ()


# Returns why a document may not be deleted, "" where it may.
Hold = Callable[[Document], str]

_subjects: dict[str, Subject] = {}
_pages: dict[str, Callable[[Any], models.Model]] = {}
_others: dict[str, Callable[[Any], models.Model | None]] = {}
_holds: list[Hold] = []


def register(model: str, *, kinds: Sequence[Kind], supplier: str = "", buyers: Sequence[str] = ()) -> None:
    """Let rows of `model` ("app.Model") have documents of `kinds`; the rest as `Subject` has it."""
    _subjects[model.lower()] = Subject(tuple(kinds), supplier, tuple(buyers))


def show_on(model: str, *, subject_of: Callable[[Any], models.Model]) -> None:
    """Show the documents of another row, which `subject_of` returns, on staff's pages of `model`."""
    _pages[model.lower()] = subject_of


def show_also(model: str, *, row_of: Callable[[Any], models.Model | None]) -> None:
    """Show on staff's pages of `model`, besides its own documents, those of the row that `row_of` returns, if any."""
    _others[model.lower()] = row_of


def hold(callback: Hold) -> None:
    """Ask `callback` before a document is deleted."""
    if callback not in _holds:
        _holds.append(callback)


def registered() -> Mapping[str, Subject]:
    """All of them, by the label of their model in small letters."""
    return _subjects


def kinds_of(row: models.Model) -> Sequence[Kind]:
    """What `row` may carry; nothing where its model is not registered."""
    found = _subjects.get(row._meta.label_lower)
    return found.kinds if found else ()


def supplier_id_of(row: models.Model) -> int | None:
    """The id of the supplier whose row it is; None where it is nobody's alone."""
    found = _subjects[row._meta.label_lower]
    return getattr(row, found.supplier) if found.supplier else None


def shown_for(row: models.Model) -> models.Model | None:
    """The row whose documents staff see on the page of `row`; None where there are none to see."""
    if row._meta.label_lower in _subjects:
        return row
    subject_of = _pages.get(row._meta.label_lower)
    return subject_of(row) if subject_of else None


def also_shown_for(row: models.Model) -> models.Model | None:
    """The other row whose documents staff see on the page of `row`, besides its own."""
    row_of = _others.get(row._meta.label_lower)
    return row_of(row) if row_of else None


def find(*, content_type_id: int, object_id: int) -> models.Model | None:
    """The row by its type and key, if rows of that type may have documents."""
    found = ContentType.objects.filter(pk=content_type_id).first()
    model = found.model_class() if found else None
    if model is None or model._meta.label_lower not in _subjects:
        return None
    row: models.Model | None = model._base_manager.filter(pk=object_id).first()
    return row


def why_held(document: Document) -> str:
    """Why `document` may not be deleted now, "" where it may."""
    return next((why for callback in _holds if (why := callback(document))), "")
