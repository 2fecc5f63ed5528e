"""The stages of an invoice from delivery to the end of its financing."""

from dataclasses import dataclass

from infactor.invoices.states import State

DELIVERED, CONFIRMED, REQUESTED, FUNDED, COMPLETED = STAGES = (
    "Delivered",
    "Confirmed",
    "Requested",
    "Funded",
    "Completed",
)
# The number of completed stages in each state.
STAGES_COMPLETED = {
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
# A request was made before, and a new one is possible.
STATES_TO_ASK_AGAIN = (State.REFUSED, State.PROPOSAL_REJECTED)
# The buyer's confirmation: given, not needed, or "" if it is pending.
GIVEN, NOT_NEEDED = "given", "not needed"


@dataclass(frozen=True)
class Stage:
    """One stage. `status` is done, skipped, stopped, now (the next stage) or later; `note` is optional."""

    name: str
    status: str
    note: str = ""


def build_stages(state: str, *, confirmation: str = "") -> list[Stage]:
    """The stages of an invoice in `state`. `confirmation` is GIVEN, NOT_NEEDED or ""."""
    reached = STAGES_COMPLETED[State(state)]
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
    return Stage(name, "now", "request again" if state in STATES_TO_ASK_AGAIN else "next")
