"""What a person does in a browser, in whichever one: so that one journey is made in Chromium and in Firefox.

Controls are named by what is written on them, or by its beginning: what only screen readers read may follow.
"""

from contextlib import AbstractContextManager
from typing import Protocol

from infactor.users.models import User


class Person(Protocol):
    """`complaints` are the errors that the browser reports. Everything waits until the page is as told, or fails."""

    complaints: list[str]

    def sign_in(self, user: User) -> None:
        """Be `user` from now on, without the pages of signing in."""

    def open(self, path: str) -> None:
        """Open a page of the site."""

    def press(self, name: str, *, then: str = "") -> None:
        """Press a link or button of the page's main part, or of its navigation, and read `then` in the main part.

        Without `then` the next call must wait for what the press leads to.
        """

    def fill(self, label: str, text: str) -> None:
        """Type into a field."""

    def choose(self, label: str, option: str) -> None:
        """Choose the option with this value."""

    def tick(self, label: str) -> None:
        """Tick a box, or choose among several."""

    def reads(self, *texts: str) -> None:
        """Wait until all `texts` stand in the main part."""

    def reads_one_of(self, *texts: str) -> str:
        """Wait until one of `texts` stands in the main part, and return it."""

    def window(self, opened_by: str) -> AbstractContextManager[None]:
        """Press what opens a window, and do what is inside the block there. At its end the window closes by itself."""

    def press_last(self, name: str) -> None:
        """Press what closes this window."""

    def close(self) -> None:
        """Close the browser."""
