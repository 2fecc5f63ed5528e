"""Every decision of staff that is not always possible says why not, in words of its own or by the row's status."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist

from infactor.core.admin.blockers import STATUS_FIELDS
from infactor.core.admin.decisions import DecisionAdmin, RowDecision


def decisions() -> Iterator[tuple[type, type[RowDecision]]]:
    for model, shown_by in admin.site._registry.items():
        if isinstance(shown_by, DecisionAdmin):
            yield from ((model, one) for one in shown_by.decisions)


def has_status(model: type) -> bool:
    for name in STATUS_FIELDS:
        try:
            if model._meta.get_field(name).choices:  # type: ignore[attr-defined]
                return True
        except FieldDoesNotExist:
            continue
    return False


@pytest.mark.django_db
def test_each_decision_can_say_why_it_is_not_possible() -> None:
    speechless = [
        decision.__name__
        for model, decision in decisions()
        if decision.is_possible.__func__ is not RowDecision.is_possible.__func__  # type: ignore[attr-defined]
        and decision.blocker_of.__func__ is RowDecision.blocker_of.__func__  # type: ignore[attr-defined]
        and decision.blocker is RowDecision.blocker
        and not has_status(model)
    ]
    assert speechless == []
