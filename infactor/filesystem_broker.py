"""Celery's broker in a folder, for a machine of one's own: a message is in the queue only once it is whole."""

import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

# Seconds without a message after which a worker looks whether it shall stop.
MAX_WAIT = 0.2


class Channel(filesystem.Channel):
    """kombu's own writes into the queue itself; a worker that reads an empty file dies of it."""

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        part = folder / f".{name}.part"
        part.write_bytes(dumps(message).encode())
        part.rename(folder / name)


class Transport(filesystem.Transport):
    """The filesystem transport with a queue that is never half written, and a worker that hears a signal at once."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """Celery waits for two seconds at a time, and twice more once it was told to stop: Ctrl-C took seven."""
        super().drain_events(connection, timeout=min(timeout, MAX_WAIT) if timeout else timeout, **kwargs)


def install() -> None:
    """Let `filesystem://` be this one."""
    TRANSPORT_ALIASES["filesystem"] = "infactor.filesystem_broker:Transport"
