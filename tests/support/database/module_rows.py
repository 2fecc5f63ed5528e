"""Builds rows once for a test module; each test changes them in a savepoint."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import transaction
from pytest_django import DjangoDbBlocker

Made = TypeVar("Made")


@contextmanager
def module_rows(make: Callable[[], Made], blocker: DjangoDbBlocker) -> Iterator[Made]:
    """Yield what `make` created, in a transaction around those of the tests that is rolled back after the last one."""
    with blocker.unblock(), transaction.atomic():
        made = make()
        with blocker.block():
            yield made
        transaction.set_rollback(True)
