"""The filesystem broker delivers only complete messages, even while others write."""

import threading
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty

from kombu import Connection

import infactor.celery  # noqa: F401  chooses the transport, as every process of infactor does

MESSAGES = 3000


def test_a_reader_never_meets_a_message_that_is_still_being_written(tmp_path: Path) -> None:
    folders = {f"data_folder_{way}": str(tmp_path) for way in ("in", "out")}
    options = {**folders, "control_folder": str(tmp_path / "control")}
    (tmp_path / "control").mkdir()

    def write() -> None:
        with Connection("filesystem://", transport_options=options) as connection:
            channel = connection.channel()
            for number in range(MESSAGES):
                channel._put("celery", {"body": str(number)})

    writer = threading.Thread(target=write)
    writer.start()
    taken = []
    with Connection("filesystem://", transport_options=options) as connection:
        channel = connection.channel()
        ends = time.monotonic() + 60
        while len(taken) < MESSAGES and time.monotonic() < ends:
            with suppress(Empty):
                taken.append(channel._get("celery")["body"])
    writer.join()
    assert sorted(taken, key=int) == [str(number) for number in range(MESSAGES)]
