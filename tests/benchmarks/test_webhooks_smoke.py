"""Smoke test of `make bench-webhooks`: gunicorn answers every webhook, a worker processes all in few calls."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.database.separate_database import separate_database

ROOT = Path(__file__).resolve().parents[2]


def test_a_small_burst_is_answered_and_followed_in_fewer_reads_than_events(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "VAR_DIR")}
    # Output goes to a file, in its own session: a process left over from a failure would keep a pipe open.
    printed = tmp_path / "burst.txt"
    with printed.open("w") as output, separate_database() as database:
        burst = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.benchmarks.webhooks",
                "--events=300",
                "--objects=40",
                f"--database={database}",
            ],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = burst.wait(timeout=240)
        except subprocess.TimeoutExpired:
            os.killpg(burst.pid, signal.SIGKILL)
            code = burst.wait()
    said = printed.read_text()
    assert code == 0, said[-2000:]
    assert re.search(r"answered 200 +300 of 300\n", said)
    assert re.search(r"kept +300 events: \{'handled': 300\}\n", said)
    found = re.search(r"read again +40 invoices in (\d+) calls", said)
    assert found
    # How many events meet in one read depends on the speed of the machine; that they do does not.
    assert int(found[1]) < 40
