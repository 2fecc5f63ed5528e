"""Runs the sandbox as a process on a free port."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Server:
    """A sandbox process."""

    base: str
    var_dir: Path

    @property
    def discovery(self) -> str:
        return f"{self.base}/.well-known/openid_sandbox_configuration"


def environment(var_dir: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
    return {**kept, "VAR_DIR": str(var_dir)}


@contextlib.contextmanager
def served(var_dir: Path) -> Iterator[Server]:
    """Run `serve` as a person starts it, on a free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "quickbooks_app.sandbox", "serve", "--port", "0"],
        cwd=ROOT,
        env=environment(var_dir),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.fullmatch(r"QuickBooks sandbox at (http://127\.0\.0\.1:\d+)\n", line)
        assert found, line or process.communicate()[1]
        yield Server(base=found.group(1), var_dir=var_dir)
    finally:
        process.send_signal(signal.SIGTERM)
        rest, complaints = process.communicate(timeout=60)
    assert (process.returncode, rest, complaints) == (0, "", "")


def run(var_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "quickbooks_app.sandbox", *arguments],
        cwd=ROOT,
        env=environment(var_dir),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
