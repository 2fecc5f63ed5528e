"""The stage bar of an invoice: how far it is on its way from delivery to the end of its financing."""

from dataclasses import dataclass

from infactor.invoices.states import State

DELIVERED, CONFIRMED, REQUESTED, FUNDED, COMPLETED = STAGES = (
    "Delivered",
    "Confirmed",
    "Requested",
    "Funded",
    "Completed",
)
# How many stages lie behind an invoice in each state.
REACHED = {
    State.DRAFT: 0,
    State.CREATED: 1,
    State.REJECTED: 1,
    State.ACCEPTED: 2,
    State.REQUESTED: 3,
    State.REFUSED: 2,
    State.PROPOSED: 3,
    State.PROPOSAL_REJECTED: 2,
    State.PROPOSAL_ACCEPTED: 3,
    State.PREPAID: 4,
    State.PAID: 4,
    State.COMPLETED: 5,
}
# Asked for once, and open to be asked for again.
ASKED_BEFORE = (State.REFUSED, State.PROPOSAL_REJECTED)
# The buyer's word: it was given, or none is needed (""; it may still come).
GIVEN, NOT_NEEDED = "given", "not needed"


@dataclass(frozen=True)
class Stage:
    """One step of the bar: done, skipped, stopped, now (the next one to come), or later. `note` says more, if any."""

    name: str
    status: str
    note: str = ""


def stages(state: str, *, confirmation: str = "") -> list[Stage]:
    """The bar of an invoice in `state`, of which the buyer's word is `confirmation`."""
    reached = REACHED[State(state)]
    if state == State.CREATED and confirmation == NOT_NEEDED:
        reached = STAGES.index(REQUESTED)
    return [_stage(name, position, reached, state, confirmation) for position, name in enumerate(STAGES)]


def _stage(name: str, position: int, reached: int, state: str, confirmation: str) -> Stage:
    if name == CONFIRMED and state == State.REJECTED:
        return Stage(name, "stopped", "rejected by your buyer")
    if name == CONFIRMED and position < reached and confirmation != GIVEN and state != State.ACCEPTED:
        return Stage(name, "skipped", NOT_NEEDED)
    if position != reached:
        return Stage(name, "done" if position < reached else "later")
    return Stage(name, "now", "ask again" if state in ASKED_BEFORE else "next")
