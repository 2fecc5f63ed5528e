"""Celery broker in a folder, for local mode: kombu's filesystem transport with atomic writes and faster shutdown."""

import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

# Seconds to wait for a message before checking whether the worker was told to stop.
MAX_WAIT = 0.2


class Channel(filesystem.Channel):
    """Moves each message into the queue once it is complete; kombu would let a worker read half of one.

    Creates its folders: web may notify before the first worker has started.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for folder in (self.data_folder_in, self.data_folder_out, self.control_folder):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        part = folder / f".{name}.part"
        part.write_bytes(dumps(message).encode())
        part.rename(folder / name)


class Transport(filesystem.Transport):
    """The filesystem transport with this Channel, and with short waits so that a worker stops at once."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """Wait MAX_WAIT at most. Celery waits two seconds at a time, which made Ctrl-C take seven."""
        super().drain_events(connection, timeout=min(timeout, MAX_WAIT) if timeout else timeout, **kwargs)


def install() -> None:
    """Make `filesystem://` use this transport."""
    TRANSPORT_ALIASES["filesystem"] = "infactor.filesystem_broker:Transport"
