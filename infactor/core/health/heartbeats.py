"""Signs of life of what works in the background: each part notes when it was last at work."""

from datetime import datetime, timedelta

from infactor.core.models import Heartbeat

BACKGROUND = "background"
LATE = timedelta(minutes=5)  # it beats every minute


def note(*, name: str, at: datetime) -> None:
    """`name` is at work."""
    Heartbeat.objects.update_or_create(name=name, defaults={"seen_at": at})


def trouble(*, name: str, at: datetime) -> str:
    """What is wrong with the heartbeat of `name`, in words; "" for nothing."""
    seen_at = Heartbeat.objects.filter(name=name).values_list("seen_at", flat=True).first()
    if seen_at is None:
        return "Beat and worker have not been seen at work yet."
    if at - seen_at > LATE:
        return f"Beat or worker was last seen at work {(at - seen_at) // timedelta(minutes=1)} minutes ago."
    return ""
