"""An event of the scenario: who does what, on which day, to which invoices."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from infactor.financing.demo.context import ScenarioContext


class Event(NamedTuple):
    """`action` happens `days_ago` days before today.

    `references` are invoice numbers, or the customer's reference. `text` is a reason or a name, as the action needs.
    """

    days_ago: int
    action: "Callable[[ScenarioContext, Event], None]"
    references: tuple[str, ...] = ()
    amount: str = ""
    text: str = ""


def event(
    days_ago: int,
    action: "Callable[[ScenarioContext, Event], None]",
    *references: str,
    amount: str = "",
    text: str = "",
) -> Event:
    """An event, with its references as arguments."""
    return Event(days_ago, action, references, amount, text)
