"""Columns and cells of tables on paper."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of a table. `share` is its part of the width."""

    title: str
    share: float
    is_number: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell: its text, and `notes` below in small print. Each may be of any length."""

    text: str = ""
    notes: Sequence[str] = ()
    is_bold: bool = False
