"""`manage.py quickbooks_health`: the state of all connections, with exit code 1 if an operator should act."""

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
    help = "Prints the state of all QuickBooks connections. Exit code 1 if an operator should act."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON; durations are in seconds")

    def handle(self, *args: Any, json: bool = False, **options: Any) -> None:
        try:
            found = fleet_overview.overview(at=timezone.now())
        except DatabaseError as error:
            raise CommandError("The database does not answer.") from error
        self.stdout.write(_as_json(found) if json else _as_text(found))
        if found.issues:
            sys.exit(1)


def _as_json(found: fleet_overview.FleetOverview) -> str:
    def plain(value: object) -> object:
        if isinstance(value, timedelta):
            return int(value.total_seconds())
        return value.isoformat() if isinstance(value, datetime) else str(value)

    return json.dumps(asdict(found), default=plain, indent=2)


def _as_text(found: fleet_overview.FleetOverview) -> str:
    lines = [
        "Connections: " + ", ".join(f"{count} {status}" for status, count in found.by_status.items()),
        f"Connections with data more than a day old: {found.stale}; with an open circuit: {found.paused}",
        f"Import runs waiting: {found.runs_waiting}{_oldest(found.oldest_run_wait)}",
        f"Webhooks waiting: {found.events_waiting}{_oldest(found.oldest_event_wait)}",
        f"Import runs failed in the last 24 hours: {found.failed_runs_today}; emails waiting: {found.emails_waiting}",
        f"Companies that differ from QuickBooks' own reports: {found.different}; not compared for two days:"
        f" {found.not_compared}; objects healed in the last 24 hours: {found.healed_today}",
        f"Reads this month: {found.reads.metered:,} of {found.reads.included:,} in the tier"
        f" ({found.reads.percent}%); {found.reads.unmetered:,} sandbox reads, which are not metered",
    ]
    issues = [f"Issue: {issue}" for issue in found.issues]
    return "\n".join([*lines, *(issues or ["No issues."])])


def _oldest(wait: timedelta | None) -> str:
    return f" (the oldest for {wait // timedelta(minutes=1)} minutes)" if wait is not None else ""
