"""The people of the demo."""

from typing import NamedTuple

from infactor.users.models import User


class Participants(NamedTuple):
    """The people of the scenario: the company's owner, and staff of each role; `approver` is the second person."""

    owner: User
    underwriter: User
    operations: User
    approver: User
