"""The notes and tasks about a row, read together: every page of staff shows both, and each query costs a round trip."""

from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model
from django.db.models.functions import JSONObject

from infactor.desk import assignments, notes
from infactor.desk.models import Note, Task
from infactor.invoices.models import Debtor
from infactor.users.models import User


def notes_and_tasks(row: Model, *, by: User, limit: int) -> tuple[list[Note], list[Task]]:
    """At most `limit` notes, the pinned ones first, and tasks that `by` may see, the open ones first. One query.

    Of a note and of its author, of a task and of its owner, only what a table shows is read.
    """
    # What was said of a debtor's buyers was said of the debtor.
    others = row.buyers.filter(parent=None).order_by("pk") if isinstance(row, Debtor) else ()
    written = notes.notes_about(row, *others)[:limit].values(
        json=JSONObject(
            pk="pk", text="text", at="written_at", pinned="is_pinned", name="author__name", email="author__email"
        )
    )
    to_do = assignments.tasks_about(row, by=by)[:limit].values(
        json=JSONObject(
            pk="pk", title="title", due="due_on", status="status", role="role", name="owner__name", email="owner__email"
        )
    )
    rows = type(row)._base_manager.filter(pk=row.pk)
    found = rows.values_list(ArraySubquery(written), ArraySubquery(to_do)).first()
    if found is None:  # deleted meanwhile
        return [], []
    return [_note(one) for one in found[0]], [_task(one) for one in found[1]]


def _note(values: dict[str, Any]) -> Note:
    return Note(
        pk=values["pk"],
        text=values["text"],
        written_at=datetime.fromisoformat(values["at"]),
        is_pinned=values["pinned"],
        author=User(name=values["name"], email=values["email"]),
    )


def _task(values: dict[str, Any]) -> Task:
    return Task(
        pk=values["pk"],
        title=values["title"],
        due_on=date.fromisoformat(values["due"]),
        status=values["status"],
        role=values["role"],
        owner=None if values["email"] is None else User(name=values["name"], email=values["email"]),
    )
