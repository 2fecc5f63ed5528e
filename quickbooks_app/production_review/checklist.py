"""The checklist: each line with what code found, or what a person said about it, with who and when."""

from dataclasses import dataclass
from datetime import datetime

from infactor.core import audit
from infactor.users.models import User
from quickbooks_app.models import ReviewAnswer
from quickbooks_app.production_review.lines import BY_KEY, LINES, Line
from quickbooks_app.production_review.outcomes import Outcome, State


class NotAPersonsLine(ValueError):
    """Code decides about this line, so nobody confirms it by hand."""


@dataclass(frozen=True)
class CheckedLine:
    """A line with its outcome, and the answer that a person gave, if any."""

    line: Line
    outcome: Outcome
    answer: ReviewAnswer | None

    @property
    def state(self) -> State:
        """What code found; where code cannot tell, what a person said last."""
        if self.outcome.state is not State.TO_CONFIRM or self.answer is None:
            return self.outcome.state
        return State.MET if self.answer.is_met else State.NOT_MET

    @property
    def is_for_people(self) -> bool:
        return self.outcome.state is State.TO_CONFIRM


def checklist() -> list[CheckedLine]:
    """Every line, checked now."""
    latest = ReviewAnswer.objects.order_by("line", "-pk").distinct("line").select_related("answered_by")
    answers = {answer.line: answer for answer in latest}
    return [CheckedLine(line, line.check(), answers.get(line.key)) for line in LINES]


def answer(*, key: str, is_met: bool, note: str, by: User, at: datetime) -> ReviewAnswer:
    """Store what a person says about a line. Raises NotAPersonsLine."""
    if BY_KEY[key].check().state is not State.TO_CONFIRM:
        raise NotAPersonsLine("infactor checks this line itself.")
    row = ReviewAnswer.objects.create(line=key, is_met=is_met, note=note, answered_by=by, answered_at=at)
    audit.record(event="review.answered", subject=row, by=by, at=at, details={"line": key, "is_met": is_met})
    return row
