"""A worker survives that Redis goes away while a task ends."""

import logging
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from infactor import redis_broker
from tests.support.processes.ports import free_port
from tests.support.processes.programs import need
from tests.support.processes.workers import until


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    need("redis-server", package="redis-server")
    port = str(free_port())
    command = [str(shutil.which("redis-server")), "--port", port, "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        yield f"redis://127.0.0.1:{port}/0"
        process.terminate()


def reachable(connection: Connection) -> bool:
    try:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=1)
    except (OperationalError, OSError):
        return False
    return True


def test_a_task_that_ends_after_its_connection_was_given_up_does_not_end_the_worker(address: str) -> None:
    redis_broker.install()
    with Connection(address) as connection:
        until(lambda: reachable(connection), what="Redis")
        with connection.SimpleQueue("work") as queue:
            queue.put("a task")
            message = queue.get(timeout=10)
        # As the worker does when Redis has gone.
        connection.collect()
        message.channel._disconnect_pools()
        message.channel.__dict__.pop("client", None)
        message.ack_log_error(logging.getLogger(__name__), connection.connection_errors)
    assert not message.acknowledged, "Redis gives it to another worker"
