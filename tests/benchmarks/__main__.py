"""`python -m tests.benchmarks [names] [--invoices 10000]`: run the import benchmark and print tables and goals."""

import argparse
import tempfile
from pathlib import Path

from infactor.embedded_postgres import postgres
from tests.benchmarks import machine, report, runner
from tests.benchmarks.contenders import CONTENDERS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"who is measured: {', '.join(CONTENDERS)} (default: all)")
    parser.add_argument("--invoices", type=int, default=10_000)
    parser.add_argument("--latency", type=float, default=0, help="seconds that QuickBooks takes for a page")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--works", default=",".join(runner.WORKS), help="of first, again, changed, many")
    parser.add_argument("--whole", action="store_true", help="row by row all invoices too, not a tenth of them")
    parser.add_argument("--no-memory", action="store_true", help="leave out the 100,000 invoices of the memory check")
    parser.add_argument("--json", action="store_true", help="print every round for a machine, and no table")
    parser.add_argument("--write", action="store_true", help=f"write the table into {report.DOCUMENT.name}, too")
    asked = parser.parse_args()
    names, works = asked.names or list(CONTENDERS), asked.works.split(",")
    if unknown := {*names} - {*CONTENDERS} | {*works} - {*runner.WORKS}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")

    with (
        tempfile.TemporaryDirectory(prefix="infactor-bench-", ignore_cleanup_errors=True) as folder,
        postgres(data=Path(folder) / "postgres") as database,
    ):
        runner.create_tables(database=database)
        # Row by row takes minutes for 10,000 invoices, and its rate does not depend on the size of the books.
        tenth = {} if asked.whole else {"rows": asked.invoices // 10}
        measured = runner.measure(
            sizes={name: tenth.get(name, asked.invoices) for name in names}, works=works, latency=asked.latency,
            rounds=asked.rounds, database=database,
        )  # fmt: skip
        flat = None
        if "infactor" in names and not asked.no_memory and asked.invoices < report.MANY and not asked.latency:
            (flat,) = runner.measure(
                sizes={"infactor": report.MANY}, works=["first"], latency=0, rounds=1, database=database
            )
        speed = machine.speed(database)
    if asked.json:
        return print(report.as_json(measured, speed=speed, latency=asked.latency))
    print(report.tables(measured, latency=asked.latency))
    print(report.goals(measured, flat=flat))
    if asked.write:
        report.write(measured, speed=speed, latency=asked.latency, flat=flat)
    return None


if __name__ == "__main__":
    main()
