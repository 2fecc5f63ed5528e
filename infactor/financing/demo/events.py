"""One event of the story: who does what, on which day, to which invoices."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from infactor.financing.demo.stage import Stage


class Event(NamedTuple):
    """`act` is done `day` days ago; `names` are numbers of invoices, `words` a reason or a name, as the act has it."""

    day: int
    act: "Callable[[Stage, Event], None]"
    names: tuple[str, ...] = ()
    amount: str = ""
    words: str = ""


def on(day: int, act: "Callable[[Stage, Event], None]", *names: str, amount: str = "", words: str = "") -> Event:
    return Event(day, act, names, amount, words)
