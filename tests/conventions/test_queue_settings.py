"""The queue settings are consistent with each other and with the measurements in docs/adr/0010."""

import importlib
import os
from collections.abc import Iterator
from types import ModuleType
from unittest import mock

import pytest

from infactor.settings import base, integrations

LONGEST_CALL = 65  # seconds, to connect and to read


@pytest.fixture
def with_redis() -> Iterator[ModuleType]:
    with mock.patch.dict(os.environ, REDIS_URL="redis://127.0.0.1:1/0"):
        yield importlib.reload(integrations)
    importlib.reload(integrations)


def test_no_page_needs_redis(with_redis: ModuleType) -> None:
    backends = {cache["BACKEND"] for cache in importlib.reload(base).CACHES.values()}
    assert backends == {"django.core.cache.backends.db.DatabaseCache"}


def test_redis_gives_no_message_to_a_second_worker_while_the_first_may_still_work(with_redis: ModuleType) -> None:
    options = with_redis.CELERY_BROKER_TRANSPORT_OPTIONS
    assert options["visibility_timeout"] > 2 * with_redis.CELERY_TASK_TIME_LIMIT
    assert with_redis.CELERY_TASK_TIME_LIMIT > with_redis.CELERY_TASK_SOFT_TIME_LIMIT


def test_a_message_is_done_when_its_task_is_and_comes_again_when_its_worker_dies(with_redis: ModuleType) -> None:
    assert with_redis.CELERY_TASK_ACKS_LATE
    assert with_redis.CELERY_TASK_REJECT_ON_WORKER_LOST
    assert with_redis.CELERY_TASK_RETRY_ON_WORKER_LOST
    assert (with_redis.CELERY_WORKER_PREFETCH_MULTIPLIER, with_redis.CELERY_WORKER_DISABLE_PREFETCH) == (1, True)


def test_a_lease_is_longer_than_any_call_and_a_slice_far_from_the_time_limit() -> None:
    assert integrations.QUICKBOOKS_LEASE.total_seconds() > LONGEST_CALL
    assert integrations.CELERY_TASK_SOFT_TIME_LIMIT > 4 * 60
    assert integrations.QUICKBOOKS_CALLS_PER_SECOND * 60 <= 500


def test_nothing_but_json_is_taken_from_the_queue() -> None:
    assert integrations.CELERY_ACCEPT_CONTENT == ["json"]
