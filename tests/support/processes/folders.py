"""Temporary data folders for an infactor that a test starts."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is gone afterwards. Not one of pytest's: their parent is closed to other users whenever a session
    begins, and PostgreSQL, when root starts it, works as another user."""
    folder = Path(tempfile.mkdtemp(prefix="infactor-copy-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
