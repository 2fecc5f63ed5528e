"""Temporary data folders for an infactor that a test starts."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is deleted afterwards.

    It is not one of pytest's: pytest closes their parent to other users when a session begins, and PostgreSQL, if root
    starts it, runs as another user.
    """
    folder = Path(tempfile.mkdtemp(prefix="infactor-copy-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
