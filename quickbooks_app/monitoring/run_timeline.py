"""A run from its first moment to its last: asked for, every request with how it went, and how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quickbooks_app.models import ApiCall, ImportRun
from quickbooks_app.monitoring.remedies import cause_of

CALLS_SHOWN = 500

TRIGGERS = {
    "connect": "because the company was connected",
    "schedule": "as planned",
    "person": "by Sync now",
}


VERBS = {"query": "Page of", "count": "Count of", "read": "Look at", "changes": "What has changed"}
ENTITIES = {
    "Customer": "customers",
    "Invoice": "invoices",
    "Payment": "payments",
    "CreditMemo": "credit memos",
    "CompanyInfo": "the company",
    "Preferences": "its settings",
}


@dataclass(frozen=True)
class Step:
    """One line of the timeline. `tone` is a pill's; `reference` is what Intuit's support asks for."""

    at: datetime
    title: str
    result: str
    tone: str
    duration_ms: int | None = None
    size: int | None = None
    reference: str = ""


def of_run(run: ImportRun) -> Sequence[Step]:
    """The run's steps in the order of time, the last requests if there were very many."""
    calls = list(run.calls.order_by("-pk")[:CALLS_SHOWN])[::-1]
    steps = [Step(run.created_at, f"Asked for {TRIGGERS.get(run.trigger, run.trigger)}", "", "neutral")]
    if run.started_at:
        steps.append(Step(run.started_at, "Begun", "", "neutral"))
    steps += [_step(call) for call in calls]
    if run.finished_at:
        ended_well = run.state == ImportRun.State.SUCCEEDED
        steps.append(
            Step(run.finished_at, "Ended", "Done" if ended_well else "Failed", "good" if ended_well else "bad")
        )
    elif run.not_before and run.error:
        steps.append(Step(run.not_before, "Next try", "Waiting", "info"))
    return steps


def failed(call: ApiCall) -> bool:
    """Whether a request had no good answer."""
    return call.status != 200 or bool(call.error_code)


def _step(call: ApiCall) -> Step:
    if failed(call):
        result, tone = cause_of(code=call.error_code, status=call.status).name, "bad"
    else:
        result, tone = "Answered", "good"
    return Step(
        at=call.at,
        title=_said(call.operation),
        result=result,
        tone=tone,
        duration_ms=call.duration_ms,
        size=call.size,
        reference=call.intuit_tid,
    )


def _said(operation: str) -> str:
    """`query Invoice` as people say it."""
    verb, _, entity = operation.partition(" ")
    return f"{VERBS.get(verb, verb)} {ENTITIES.get(entity, entity)}".strip()
