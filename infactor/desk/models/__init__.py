"""The rows of the desk."""

from infactor.desk.models.about import AboutRow
from infactor.desk.models.contact import Contact
from infactor.desk.models.letter import Letter, LetterLine
from infactor.desk.models.mails import Digest, MailChoice
from infactor.desk.models.note import Note
from infactor.desk.models.promise import Promise
from infactor.desk.models.task import TASK_TRANSITIONS, Task

__all__ = [
    "TASK_TRANSITIONS",
    "AboutRow",
    "Contact",
    "Digest",
    "Letter",
    "LetterLine",
    "MailChoice",
    "Note",
    "Promise",
    "Task",
]
