"""Restores a backup into an empty PostgreSQL and proves it: `make restore-drill`."""

import argparse
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from infactor.ledger import restore_drill


class Command(BaseCommand):
    help = "Restore a backup into an empty PostgreSQL and prove it. Changes nothing of the installation."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--dump", type=Path, help="A dump of pg_dump's custom format. Default: a new one.")
        parser.add_argument("--into", default="", help="URL of an empty database. Default: an embedded PostgreSQL.")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        try:
            result = restore_drill.run(
                database=connection.settings_dict,
                dump=options["dump"],
                into=options["into"],
                report=self.stdout.write,
            )
        except restore_drill.DrillFailed as problem:
            raise CommandError(f"THE BACKUP IS NOT PROVED. {problem}") from problem
        compared = "as many as in the installation" if result.is_compared else "not compared"
        self.stdout.write(
            f"THE BACKUP IS PROVED: {result.tables} tables, {result.rows:,} rows ({compared}), a ledger "
            f"without errors, and keys that fit, in {time.monotonic() - started:.0f} s."
        )
