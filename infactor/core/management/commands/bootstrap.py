"""Prepares the database and static files for `make run`, in one process because loading infactor takes a second."""

import os
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


class Command(BaseCommand):
    help = "Create or update the database, the static files and, in local mode, the demo accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        self._require_known_migrations()
        self._report("Creating or updating the database")
        call_command("migrate", interactive=False, verbosity=0)
        self._report("Collecting static files")
        call_command("collectstatic", interactive=False, verbosity=0)
        if getattr(settings, "LOCAL_MODE", False):
            call_command("demo_accounts", verbosity=0)

    def _report(self, step: str) -> None:
        self.stdout.write(f"{step}…")
        self.stdout.flush()

    def _require_known_migrations(self) -> None:
        """Raise CommandError for a database of an earlier release, whose migrations were squashed since."""
        applied = MigrationRecorder(connection).applied_migrations()
        if not applied:
            return
        existing = MigrationLoader(None).disk_migrations
        own = {one.label for one in apps.get_app_configs() if one.name.startswith(("infactor.", "quickbooks_app"))}
        if any(app in own and (app, name) not in existing for app, name in applied):
            folder = os.environ.get("VAR_DIR", "var")
            raise CommandError(
                f"infactor does not start: {folder} holds the data of an earlier release, which cannot be upgraded: "
                "delete that folder, then start again."
            )
