"""One slice of one run in the hands of one worker: its talk with QuickBooks, and steps that are written whole."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from quickbooks_app import runs
from quickbooks_app.api.client import Call
from quickbooks_app.api.session import Conversation, keep, taken
from quickbooks_app.models import ImportRun


@dataclass
class Work:
    """A run that `owner` holds. `talk` is there once `begin` was called."""

    run: ImportRun
    owner: str
    now: Callable[[], datetime]
    calls: deque[Call] = field(default_factory=deque)
    talk: Conversation = field(init=False)

    def begin(self) -> Conversation:
        """Open the talk. Raises QuickBooksError where there is no token to be had."""
        self.talk = Conversation(connection=self.run.connection, now=self.now, calls=self.calls)
        return self.talk

    @contextmanager
    def step(self) -> Iterator[datetime]:
        """One transaction for what the block writes, the run's cursor and counts, and the calls made for it.

        Gives the moment of writing. Raises LeaseLost, and undoes everything, where another worker has the run now.
        """
        run, at = self.run, self.now()
        made = taken(self.calls)
        before = {name: getattr(run, name) for name in runs.PROGRESS}
        try:
            with transaction.atomic():
                yield at
                run.api_calls += len(made)
                keep(made, connection=run.connection, run=run, at=at)
                runs.advance(run=run, owner=self.owner, at=at)
        except BaseException:
            self.calls.extendleft(reversed(made))
            for name, value in before.items():
                setattr(run, name, value)
            raise
