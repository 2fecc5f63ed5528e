"""The stages of an invoice from delivery to the end of its financing."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.invoices.states import State

IMPORTED, CONFIRMED, REQUESTED, FUNDED, COMPLETED = STAGES = (
    "imported",
    "confirmed",
    "requested",
    "funded",
    "completed",
)
NAMES = {
    IMPORTED: gettext_lazy("Imported"),
    CONFIRMED: gettext_lazy("Confirmed"),
    REQUESTED: gettext_lazy("Requested"),
    FUNDED: gettext_lazy("Funded"),
    COMPLETED: gettext_lazy("Completed"),
}
# A stage that is not completed is named by what is still to come, so that nobody reads it as done.
TO_COME = {
    IMPORTED: gettext_lazy("Import"),
    CONFIRMED: gettext_lazy("Confirmation"),
    REQUESTED: gettext_lazy("Request"),
    FUNDED: gettext_lazy("Payout"),
    COMPLETED: gettext_lazy("Settlement"),
}
# An invoice by hand is not imported: its supplier submits it.
BY_HAND_NAME, BY_HAND_TO_COME = gettext_lazy("Submitted"), gettext_lazy("Submission")
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


def build_stages(state: str, *, confirmation: str = "", is_by_hand: bool = False) -> list[Stage]:
    """The stages of an invoice in `state`. `confirmation` is GIVEN, NOT_NEEDED or ""."""
    reached = STAGES_COMPLETED[State(state)]
    if state == State.CREATED and confirmation == NOT_NEEDED:
        reached = STAGES.index(REQUESTED)
    stages = [_stage(stage, position, reached, state, confirmation) for position, stage in enumerate(STAGES)]
    if is_by_hand:
        stages[0] = replace(stages[0], name=str(BY_HAND_NAME if reached else BY_HAND_TO_COME))
    return stages


def _stage(stage: str, position: int, reached: int, state: str, confirmation: str) -> Stage:
    to_come = str(TO_COME[stage])
    if stage == CONFIRMED and state == State.REJECTED:
        return Stage(to_come, "stopped", _("rejected by your buyer"))
    if stage == CONFIRMED and position < reached and confirmation != GIVEN and state != State.ACCEPTED:
        return Stage(to_come, "skipped", _("not needed"))
    if position != reached:
        return Stage(str(NAMES[stage]), "done") if position < reached else Stage(to_come, "later")
    return Stage(to_come, "now", _("request again") if state in STATES_TO_ASK_AGAIN else _("next"))
