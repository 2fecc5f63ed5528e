"""Notifies workers through the broker. A broker that is away or silent holds nobody up for long.

Every piece of work is a row in the database, and beat finds the rows of lost notifications within a minute.
"""

import time
from typing import Any

import structlog
from amqp.exceptions import AMQPError
from celery import Task, current_app
from kombu import Connection, pools
from kombu.exceptions import KombuError
from redis import RedisError

log = structlog.get_logger(__name__)

# Of a notification, not of a worker, which waits for messages: a person waits for the answer.
TIMEOUTS = {"socket_connect_timeout": 1, "socket_timeout": 1, "max_retries": 1, "interval_start": 0, "interval_step": 0}
PAUSE = 10.0  # seconds without an attempt after one that failed
FAILURES = (KombuError, AMQPError, RedisError, OSError)  # Redis' own errors are no OSErrors

_paused_until = 0.0


def notify(task: Task, *arguments: Any, countdown: float = 0) -> bool:
    """Have a worker run `task` in `countdown` seconds. False if the broker is away: beat does it later. Never raises.

    The first notification of a process that finds the broker away waits for it for two seconds at most, those within
    the next ten seconds not at all.
    """
    global _paused_until
    if time.monotonic() < _paused_until:
        return False
    try:
        with pools.producers[connection()].acquire(block=True, timeout=1) as producer:
            task.apply_async(arguments, countdown=countdown, producer=producer, retry=False)
    except FAILURES as failure:
        _paused_until = time.monotonic() + PAUSE
        log.warning("broker_unreachable", task=task.name, error=type(failure).__name__)
        return False
    return True


def resume() -> None:
    """Forget that the broker was away."""
    global _paused_until
    _paused_until = 0.0


def connection() -> Connection:
    """A connection to the broker that gives up after TIMEOUTS."""
    return current_app.connection_for_write(transport_options=TIMEOUTS)
