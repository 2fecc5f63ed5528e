"""The context of one worker that processes one run: its API session and its atomic checkpoints."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from quickbooks_app import runs
from quickbooks_app.api.session import ApiSession, save_calls, take_calls
from quickbooks_app.api.transport import CallRecord
from quickbooks_app.models import ImportRun


@dataclass
class RunContext:
    """A run that `owner` holds. `session` exists after `open_session`."""

    run: ImportRun
    owner: str
    now: Callable[[], datetime]
    calls: deque[CallRecord] = field(default_factory=deque)
    session: ApiSession = field(init=False)

    def open_session(self) -> ApiSession:
        """Open the API session. Raises QuickBooksError if there is no valid token."""
        self.session = ApiSession(connection=self.run.connection, now=self.now, calls=self.calls)
        return self.session

    @contextmanager
    def checkpoint(self) -> Iterator[datetime]:
        """One transaction for the caller's block, the run's cursor and counts, and the records of its calls.

        Yields the time of the checkpoint. Raises LeaseLost and rolls everything back if another worker holds the run.
        """
        run, at = self.run, self.now()
        calls = take_calls(self.calls)
        progress_before = {name: getattr(run, name) for name in runs.PROGRESS_FIELDS}
        try:
            with transaction.atomic():
                yield at
                run.api_calls += len(calls)
                save_calls(calls, connection=run.connection, run=run, at=at)
                runs.save_progress(run=run, owner=self.owner, at=at)
        except BaseException:
            self.calls.extendleft(reversed(calls))
            for name, value in progress_before.items():
                setattr(run, name, value)
            raise
