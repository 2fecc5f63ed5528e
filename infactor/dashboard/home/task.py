"""One line of what needs the supplier, on Home."""

from dataclasses import dataclass

MAX_INVOICE_TASKS = 3  # of one kind


@dataclass(frozen=True)
class Task:
    """Something that needs the supplier, with a link to the page where it is done."""

    tone: str
    title: str
    text: str
    url: str
    action_text: str
