"""No person's requests take every thread of a web process: three threads are always left for everybody else.

Counted in the memory of each process, as its threads are. A person who is signed in is one by their account, anybody
else by their address.
"""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth import SESSION_KEY
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from infactor.core.rate_limits import too_many

# A web process has eight threads: --threads in Procfile, compose.yaml and infactor-web.service. A browser has six
# requests under way at most, spread over the processes.
MAX_AT_ONCE = 5
SENTENCE = _("Several of your pages are still being prepared. Wait for them, then try again.")


class _Places:
    """Who has how many requests under way, and whose request this thread works on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()
        self._thread = threading.local()

    def take(self, who: str) -> bool:
        """Take a place for the request of this thread. False if `who` has MAX_AT_ONCE already."""
        self.give_back()
        with self._lock:
            if self._taken[who] >= MAX_AT_ONCE:
                return False
            self._taken[who] += 1
        self._thread.who = who
        return True

    def give_back(self) -> None:
        """Give this thread's place back, if it has one."""
        who = self._thread.__dict__.pop("who", None)
        if who is None:
            return
        with self._lock:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]


_places = _Places()


def never_refused(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark `view`, outside all other decorators: its requests are not counted. For senders with many at a time."""
    view.is_never_refused = True  # type: ignore[attr-defined]
    return view


class LeaveAThread:
    """Middleware: 429 with a page for a person who has MAX_AT_ONCE requests under way in this process."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if getattr(view, "is_never_refused", False) or _places.take(_who(request)):
            return None
        return too_many(request, str(SENTENCE))


@receiver(request_finished)
def _give_back(**signal: Any) -> None:
    """The response was sent or given up, a stream too. The server closes it in the thread that made it."""
    _places.give_back()


def _who(request: HttpRequest) -> str:
    account = request.session.get(SESSION_KEY)
    return f"account {account}" if account else f"address {get_adapter().get_client_ip(request)}"
