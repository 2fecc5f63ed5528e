"""Heartbeats of background processes: each one records when it last ran."""

from datetime import datetime, timedelta

from infactor.core.models import Heartbeat

BACKGROUND = "background"
MAX_SILENCE = timedelta(minutes=5)  # a heartbeat is recorded every minute


def record(*, name: str, at: datetime) -> None:
    """Record that `name` ran at `at`."""
    Heartbeat.objects.update_or_create(name=name, defaults={"seen_at": at})


def failure(*, name: str, at: datetime) -> str:
    """A sentence if the heartbeat of `name` is missing or late, else ""."""
    seen_at = Heartbeat.objects.filter(name=name).values_list("seen_at", flat=True).first()
    if seen_at is None:
        return "Beat and worker have not run yet."
    if at - seen_at > MAX_SILENCE:
        return f"Beat or worker last ran {(at - seen_at) // timedelta(minutes=1)} minutes ago."
    return ""
