"""The outcome of one line of the review."""

import enum
from typing import NamedTuple


class State(enum.Enum):
    """Whether a line is met, as far as code can tell."""

    MET = "met"
    NOT_MET = "not met"
    TO_CONFIRM = "to be confirmed by a person"


class Outcome(NamedTuple):
    """The state of a line, with what was found, or what to do."""

    state: State
    text: str


def met(text: str) -> Outcome:
    """It is so: `text` says what was found."""
    return Outcome(State.MET, text)


def not_met(text: str) -> Outcome:
    """It is not so: `text` says what to do."""
    return Outcome(State.NOT_MET, text)


def to_confirm(text: str) -> Outcome:
    """Only a person knows: `text` says what to look at."""
    return Outcome(State.TO_CONFIRM, text)


def met_if(condition: bool, found: str, to_do: str) -> Outcome:
    """`met` with what was found if `condition` holds, else `not_met` with what to do."""
    return met(found) if condition else not_met(to_do)
