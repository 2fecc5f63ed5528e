"""The timeline of a run: its request, each API call with its result, and its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quickbooks_app.models import ApiCall, ImportRun
from quickbooks_app.monitoring.remedies import remedy_for

CALLS_SHOWN = 500

TRIGGERS = {
    "connect": "when the company was connected",
    "schedule": "by the schedule",
    "person": "with Sync now",
    "difference": "because an amount differed from QuickBooks' reports",
}


VERBS = {
    "query": "Read a page of",
    "count": "Count",
    "read": "Read",
    "changes": "Read changes",
    "report": "Read the report",
}
ENTITIES = {
    "Customer": "customers",
    "Invoice": "invoices",
    "Payment": "payments",
    "CreditMemo": "credit memos",
    "CompanyInfo": "the company",
    "Preferences": "the settings",
}


@dataclass(frozen=True)
class Step:
    """One row of the timeline. `tone` colours the badge; `reference` is the id that Intuit's support asks for."""

    at: datetime
    title: str
    result: str
    tone: str
    duration_ms: int | None = None
    size: int | None = None
    reference: str = ""


def steps_of_run(run: ImportRun) -> Sequence[Step]:
    """The steps of the run in order of time, with its last 500 API calls."""
    calls = list(run.calls.order_by("-pk")[:CALLS_SHOWN])[::-1]
    steps = [Step(run.created_at, f"Requested {TRIGGERS.get(run.trigger, run.trigger)}", "", "neutral")]
    if run.started_at:
        steps.append(Step(run.started_at, "Started", "", "neutral"))
    steps += [_step(call) for call in calls]
    if run.finished_at:
        is_success = run.state == ImportRun.State.SUCCEEDED
        steps.append(
            Step(run.finished_at, "Finished", "Done" if is_success else "Failed", "good" if is_success else "bad")
        )
    elif run.not_before and run.error:
        steps.append(Step(run.not_before, "Next attempt", "Waiting", "info"))
    return steps


def is_failed(call: ApiCall) -> bool:
    """Whether an API call failed."""
    return call.status != 200 or bool(call.error_code)


def _step(call: ApiCall) -> Step:
    if is_failed(call):
        result, tone = remedy_for(code=call.error_code, status=call.status).cause, "bad"
    else:
        result, tone = "OK", "good"
    return Step(
        at=call.at,
        title=_step_title(call.title),
        result=result,
        tone=tone,
        duration_ms=call.duration_ms,
        size=call.size,
        reference=call.intuit_tid,
    )


def _step_title(operation: str) -> str:
    """The title of an operation such as `query Invoice` in plain words."""
    verb, _, entity = operation.partition(" ")
    return f"{VERBS.get(verb, verb)} {ENTITIES.get(entity, entity)}".strip()
