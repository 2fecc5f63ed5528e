"""Notes stay as they were written; tasks always have somebody who may do them, and lead to no row that is hidden."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, transaction

from infactor.core.business_day import business_day
from infactor.core.models import AuditEvent
from infactor.core.privacy import erasure, registry
from infactor.core.privacy.declarations import BUYER
from infactor.core.transitions import TransitionNotAllowed
from infactor.desk import assignments, notes, subjects
from infactor.desk.assignments import Owner
from infactor.desk.models import Note, Task
from infactor.desk.rights import DeskError
from infactor.users import roles
from infactor.users.models import User
from infactor.users.permissions import OPERATIONS, READ_ONLY, UNDERWRITER
from infactor.users.roles import NotAllowed
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def events() -> list[str]:
    rows = AuditEvent.objects.filter(event__regex="^(task|note)[.]").order_by("pk")
    return list(rows.values_list("event", flat=True))


def add(scenario: Scenario, **given: object) -> Task:
    given = {"title": "Call", "due_on": business_day(scenario.now), "owner": Owner(role=OPERATIONS), **given}
    return assignments.add(by=scenario.underwriter, at=scenario.now, **given)  # type: ignore[arg-type]


def test_a_note_cannot_be_changed_or_deleted_but_pinned_above_newer_ones(scenario: Scenario) -> None:
    buyer = scenario.buyer("Northwind")
    first = notes.write(about=buyer, text="Pays\u202e on Thursdays", by=scenario.operations, at=scenario.now)
    scenario.later(1)
    second = notes.write(about=buyer, text="Not any more", by=scenario.underwriter, at=scenario.now)
    assert first.text == "Pays on Thursdays"
    assert list(notes.notes_about(buyer)) == [second, first]
    notes.set_pinned(note=first, is_pinned=True, by=scenario.operations, at=scenario.now)
    assert list(notes.notes_about(buyer)) == [first, second]
    for change in (lambda: Note.objects.update(text="x"), lambda: Note.objects.all().delete()):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
    assert events() == ["note.written", "note.written", "note.pinned"]


def test_who_only_reads_writes_no_note_and_an_empty_one_is_refused(scenario: Scenario) -> None:
    with pytest.raises(NotAllowed):
        notes.write(about=scenario.supplier, text="x", by=scenario.reader, at=scenario.now)
    with pytest.raises(DeskError, match="Write between 1"):
        notes.write(about=scenario.supplier, text=" \u200b ", by=scenario.operations, at=scenario.now)
    with pytest.raises(subjects.UnknownSubject):
        notes.write(about=scenario.operations, text="x", by=scenario.operations, at=scenario.now)


def test_an_erased_buyer_is_named_in_no_note_and_no_task(scenario: Scenario) -> None:
    buyer = scenario.buyer("Marguerite Dupont")
    notes.write(about=buyer, text="Marguerite Dupont is ill", by=scenario.operations, at=scenario.now)
    add(scenario, title="Ask Marguerite Dupont", about=buyer)
    subject = registry.find_subjects(kind=BUYER, key=str(buyer.public_id))[0]
    erasure.erase(subject=subject, by=scenario.operations, at=scenario.now, reason="asked")
    assert "Dupont" not in Note.objects.get().text + Task.objects.get().title


def test_a_task_goes_from_role_to_person_to_another_and_ends_once(scenario: Scenario) -> None:
    task = add(scenario, about=scenario.supplier)
    task = assignments.take(task=task, by=scenario.operations, at=scenario.now)
    assert (task.owner, task.role) == (scenario.operations, "")
    later = task.due_on + timedelta(days=3)
    task = assignments.reassign(
        task=task, owner=Owner(scenario.underwriter), due_on=later, by=scenario.operations, at=scenario.now
    )
    task = assignments.finish(task=task, by=scenario.approver, at=scenario.now)
    assert (task.status, task.closed_by, task.due_on) == (Task.Status.DONE, scenario.approver, later)
    with pytest.raises(TransitionNotAllowed):
        assignments.drop(task=task, reason="not needed", by=scenario.operations, at=scenario.now)
    with pytest.raises(DeskError, match="not open"):
        assignments.take(task=task, by=scenario.operations, at=scenario.now)
    assert events() == ["task.added", "task.taken", "task.reassigned", "task.status"]


def test_nobody_owns_a_task_who_may_not_do_it(scenario: Scenario) -> None:
    superuser = User.objects.create_superuser("root@example.com")
    for owner in (Owner(scenario.reader), Owner(superuser), Owner(scenario.owner), Owner(role=READ_ONLY), Owner()):
        with pytest.raises(DeskError):
            add(scenario, owner=owner)
    with pytest.raises(DeskError, match="passed"):
        add(scenario, due_on=business_day(scenario.now) - timedelta(days=1))
    with pytest.raises(NotAllowed):
        assignments.take(task=add(scenario), by=scenario.reader, at=scenario.now)
    with pytest.raises(DeskError, match="reason"):
        assignments.drop(task=add(scenario), reason="no", by=scenario.operations, at=scenario.now)


def test_the_tasks_of_who_leaves_or_changes_the_role_go_back_to_a_role(scenario: Scenario) -> None:
    task = add(scenario, owner=Owner(scenario.underwriter))
    kept = add(scenario, owner=Owner(scenario.operations))
    scenario.underwriter.groups.set([Group.objects.get(name=roles.READ_ONLY)])
    assert assignments.return_to_role(at=scenario.now) == 1
    assert assignments.return_to_role(at=scenario.now) == 0
    task.refresh_from_db()
    kept.refresh_from_db()
    assert (task.owner, task.role, kept.owner) == (None, OPERATIONS, scenario.operations)


def test_what_waits_is_mine_and_my_roles_the_longest_due_first(scenario: Scenario) -> None:
    today = business_day(scenario.now)
    mine = add(scenario, owner=Owner(scenario.operations), due_on=today + timedelta(days=2))
    of_role = add(scenario, due_on=today + timedelta(days=1))
    add(scenario, owner=Owner(scenario.approver))
    add(scenario, owner=Owner(role=UNDERWRITER))
    assert list(assignments.waiting_for(scenario.operations)) == [of_role, mine]
    assert assignments.waiting_for(scenario.reader).count() == 0


def test_a_task_about_a_row_that_somebody_may_not_see_is_hidden_from_them(scenario: Scenario) -> None:
    task = add(scenario, about=scenario.supplier)
    scenario.operations.groups.clear()
    scenario.operations.user_permissions.set(Permission.objects.filter(codename__in=["view_task", "work_on_tasks"]))
    blind = User.objects.get(pk=scenario.operations.pk)
    assert list(assignments.visible_to(scenario.approver)) == [task]
    assert list(assignments.visible_to(blind)) == []
    assert subjects.find([task], by=blind) == {}
    with pytest.raises(subjects.UnknownSubject):
        subjects.read_token(subjects.token(scenario.supplier), by=blind)


def test_the_database_refuses_a_task_without_or_with_two_owners(scenario: Scenario) -> None:
    task = add(scenario)
    for broken in ({"role": ""}, {"owner": scenario.operations}, {"status": "done"}, {"subject_id": 5}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.filter(pk=task.pk).update(**broken)
