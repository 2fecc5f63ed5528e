"""`make simulate-sync`: run 1,000 seeds, those of `seeds=1:300`, or one with `--seed 123`; print number and speed."""

import argparse
import os
import sys
import time

import pytest


def main() -> int:
    options = argparse.ArgumentParser(prog="make simulate-sync", description=__doc__)
    options.add_argument("--seeds", type=int, default=1000, help="how many, from the first on")
    options.add_argument("--first", type=int, default=1)
    options.add_argument("--seed", type=int, help="this one alone")
    options.add_argument("--range", metavar="FIRST:LAST", help="these")
    options.add_argument("--workers", default="auto")
    chosen = options.parse_args()
    first, number = chosen.first, chosen.seeds
    if chosen.range:
        first, last = (int(one) for one in chosen.range.split(":"))
        number = last - first + 1
    if chosen.seed is not None:
        first, number = chosen.seed, 1
    os.environ["SIMULATED_SEEDS"] = f"{first}:{first + number - 1}"
    began = time.monotonic()
    workers = "0" if number == 1 else chosen.workers
    code = pytest.main(
        ["tests/simulation", "-n", workers, "-q", "-p", "no:logging", "--show-capture=no", "--maxfail=3"]
    )
    seconds = time.monotonic() - began
    if code == 0:
        print(f"{number} seeds in {seconds:.0f} s, {number / seconds:.1f} a second.")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
