"""How staff's pages show a thread: who is responsible, and its messages as a table."""

from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from infactor.core.admin.formatting import link, moment_text
from infactor.core.admin.tables import Table
from infactor.correspondence import writing
from infactor.correspondence.models import Thread
from infactor.users.models import User


def person_text(user: User) -> str:
    """A person by name, else by address."""
    return user.name or user.email


def responsible_text(thread: Thread) -> str:
    """Who is responsible, in words."""
    return person_text(thread.assigned_to) if thread.assigned_to is not None else _("Nobody in particular")


def messages_table(thread: Thread) -> Table:
    """All messages of a thread, the newest first: staff answer what was written last."""
    found = list(writing.thread_messages(thread).reverse())
    files = writing.files_of(found)
    return Table(
        caption=_("Messages"),
        columns=(_("Written"), _("By"), _("To the dispute"), _("Message"), _("Files")),
        rows=[
            (
                moment_text(one.written_at),
                _("%(person)s, infactor") % {"person": person_text(one.author)}
                if one.is_from_staff
                else person_text(one.author),
                one.get_stance_display() or "-",
                linebreaksbr(one.text),
                format_html_join(", ", "{}", ((link(file, file.name),) for file in files.get(one.pk, []))) or "-",
            )
            for one in found
        ],
    )
