"""What the desk adds to staff's page of a row: its notes, its tasks, and how far collecting from a buyer is."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.db.models import Model
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from infactor.core.admin.formatting import amounts_text, day_text, link, moment_text
from infactor.core.admin.panels import Panel
from infactor.core.admin.tables import Table
from infactor.core.business_day import business_day
from infactor.desk import about_row, subjects
from infactor.desk.collecting import accounts, letters
from infactor.desk.collecting.accounts import Account
from infactor.desk.models import Contact, Note, Task
from infactor.desk.rights import COLLECT, WORK_ON_TASKS, WRITE_NOTES
from infactor.invoices.models import Buyer, Debtor
from infactor.users.models import User

RECENT = 30


def notes_and_tasks(user: User, row: Model) -> list[Panel]:
    """The notes about a row, the pinned ones first, and its tasks, the open ones first. One query for both."""
    if row._meta.label_lower not in subjects.labels():
        return []
    notes, tasks = about_row.notes_and_tasks(row, by=user, limit=RECENT)
    found = []
    if user.has_perm("desk.view_note"):
        found.append(_notes_panel(user, row, notes))
    if user.has_perm("desk.view_task"):
        found.append(_tasks_panel(user, row, tasks))
    return found


def _notes_panel(user: User, row: Model, notes: Sequence[Note]) -> Panel:
    table = Table(
        caption=_("Notes"),
        columns=(_("Written"), _("By"), _("Note"), _("Pinned")),
        rows=[
            (
                link(one, moment_text(one.written_at)),
                _name(one.author),
                linebreaksbr(one.text),
                _("Pinned") if one.is_pinned else "",
            )
            for one in notes
        ],
        empty=_("Nobody has written a note. Suppliers never see one."),
    )
    return Panel(table, [_button(_("Write a note"), "desk_note_add", row)] if user.has_perm(WRITE_NOTES) else ())


def _tasks_panel(user: User, row: Model, tasks: Sequence[Task]) -> Panel:
    table = Table(
        caption=_("Tasks"),
        columns=(_("Task"), _("Who"), _("Due"), _("Status")),
        rows=[(link(one), one.owner_text, day_text(one.due_on), one.get_status_display()) for one in tasks],
        empty=_("There is no task."),
    )
    return Panel(table, [_button(_("Add a task"), "desk_task_add", row)] if user.has_perm(WORK_ON_TASKS) else ())


def collecting(user: User, row: Model) -> list[Panel]:
    """What a buyer owes, on the page of its debtor or of the customer."""
    if not isinstance(row, Debtor | Buyer) or not user.has_perm("desk.view_contact"):
        return []
    account = Account("debtor", row.pk) if isinstance(row, Debtor) else accounts.account_of(row)
    invoices = accounts.open_invoices(of=account).get(account, [])
    if not invoices:
        return []
    today = business_day(timezone.now())
    last = Contact.objects.filter(account.of_records).first()
    facts = [
        (_("Open of financed invoices"), amounts_text(letters.total(invoices))),
        (_("Days late of the oldest"), max(0, *(one.days_late(today) for one in invoices))),
        (_("Last contact"), moment_text(last.made_at) if last else "-"),
        (_("Next contact"), day_text(last.next_contact_on) or "-" if last else "-"),
    ]
    address = reverse("admin:desk_collect_account", args=[account.slug])
    label = _("Collect") if user.has_perm(COLLECT) else _("Collecting")
    return [Panel(Table(_("Collecting"), (), facts), [(label, address)])]


PANELS = (notes_and_tasks, collecting)


def _button(label: str, page: str, row: Model) -> tuple[str, str]:
    return label, f"{reverse(f'admin:{page}')}?{urlencode({'about': subjects.token(row)})}"


def _name(user: User) -> str:
    return user.name or user.email
