"""`manage.py quickbooks_health`: how it stands over all connections; exit code 1 where somebody should look."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from quickbooks_app.monitoring import fleet_overview


class Command(BaseCommand):
    help = "Prints how the reading of all QuickBooks connections stands. Exit code 1 if something needs a look."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines; spans of time in seconds")

    def handle(self, *args: Any, json: bool = False, **options: Any) -> None:
        try:
            found = fleet_overview.overview(at=timezone.now())
        except DatabaseError as error:
            raise CommandError("The database does not answer.") from error
        self.stdout.write(_as_json(found) if json else _as_text(found))
        if found.troubles:
            sys.exit(1)


def _as_json(found: fleet_overview.Overview) -> str:
    def plain(value: object) -> object:
        if isinstance(value, timedelta):
            return int(value.total_seconds())
        return value.isoformat() if isinstance(value, datetime) else str(value)

    return json.dumps({**asdict(found), "free_reads": fleet_overview.FREE_READS}, default=plain, indent=2)


def _as_text(found: fleet_overview.Overview) -> str:
    lines = [
        "Connections: " + ", ".join(f"{count} {status}" for status, count in found.by_status.items()),
        f"Books older than a day: {found.stale}; paused after failures: {found.paused}",
        f"Readings that wait: {found.runs_waiting}{_since(found.oldest_run_waits)}",
        f"Webhooks that wait: {found.events_waiting}{_since(found.oldest_event_waits)}",
        f"Readings that failed in a day: {found.failed_runs_today}; mails that wait: {found.mails_waiting}",
        f"Reads this month: {found.reads.metered:,} of {fleet_overview.FREE_READS:,} free"
        f" ({found.reads.percent} percent); {found.reads.unmetered:,} of sandboxes, which are not metered",
    ]
    troubles = [f"Look at this: {said}" for said in found.troubles]
    return "\n".join([*lines, *(troubles or ["All is well."])])


def _since(waits: timedelta | None) -> str:
    return f" (the oldest for {waits // timedelta(minutes=1)} minutes)" if waits is not None else ""
