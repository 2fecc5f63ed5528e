"""Celery's broker in a folder, for a machine of one's own: a message is in the queue only once it is whole."""

import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """kombu's own writes into the queue itself; a worker that reads an empty file dies of it."""

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        part = folder / f".{name}.part"
        part.write_bytes(dumps(message).encode())
        part.rename(folder / name)


class Transport(filesystem.Transport):
    """The filesystem transport with a queue that is never half written."""

    Channel = Channel


def use_whole_messages() -> None:
    """Let `filesystem://` be this one."""
    TRANSPORT_ALIASES["filesystem"] = "infactor.broker:Transport"
