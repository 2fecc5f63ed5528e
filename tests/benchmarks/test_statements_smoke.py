"""Smoke test of `make bench-statements`: every certain line is accepted, in fewer queries together than alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.database.separate_database import separate_database

ROOT = Path(__file__).resolve().parents[2]


def test_a_small_statement_is_accepted_in_fewer_queries_together_than_alone() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "VAR_DIR")}
    with separate_database() as database:
        command = ["-m", "tests.benchmarks.statements", "--lines=25", "--alone=2", f"--database={database}"]
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900
        )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "22 matched, 5 waiting, 22 payments" in done.stdout
    assert "0 findings about the postings of payments" in done.stdout
    queries = {what: float(number) for what, number in re.findall(r"accept (\w+).* ([0-9.]+) queries", done.stdout)}
    assert queries["together"] < queries["one"] / 3
