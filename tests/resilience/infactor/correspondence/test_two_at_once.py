"""Two of a company who write at the same time open one thread, and a form that is sent twice makes one message."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from infactor.correspondence import writing
from infactor.correspondence.models import Message, Thread
from tests.support.factories.suppliers import MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("keys", "messages"), [(1, 1), (4, 4)])
def test_at_once_there_is_one_thread_and_no_message_twice(keys: int, messages: int) -> None:
    member = MembershipFactory()
    made = [uuid.uuid4() for _ in range(keys)]
    ready = Barrier(4)

    def one(number: int) -> None:
        try:
            ready.wait()
            writing.write(
                supplier=member.supplier,
                about=None,
                key=made[number % keys],
                text="Hello",
                by=member.user,
                at=timezone.now(),
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(one, range(4)))
    assert Thread.objects.count() == 1
    assert Message.objects.count() == messages
