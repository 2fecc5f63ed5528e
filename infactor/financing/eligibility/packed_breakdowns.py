"""Breakdowns of superseded assessments, compressed: most of one is the codes of the rules, which all have in common."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from infactor.core import compression
from infactor.core.compression import Packer, UnreadableValue

PURPOSE = "assessment"
SHIPPED = Path(__file__).with_name("breakdowns.dictionary")  # docs/operations/history.md says how it was made


def packer() -> Packer:
    """The packer of new versions. One query."""
    return compression.packer(purpose=PURPOSE, shipped=SHIPPED)


def unpack_many(rows: Iterable[tuple[bytes, int]]) -> list[dict[str, Any]]:
    """Breakdowns for `serialization.loads`, from (compressed breakdown, dictionary id). Raises UnreadableValue."""
    try:
        return [json.loads(text) for text in compression.unpack_many(rows)]
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UnreadableValue("It is not JSON.") from error
