"""Gives the roles of PostgreSQL their rights, after migrations. Run as the role that owns the tables."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from infactor.core import database_roles


class Command(BaseCommand):
    help = "Give the role of the processes and the role that reads their rights. Run it as the owner, after migrate."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--app", default="infactor", help="role of web, worker and beat (default: infactor)")
        parser.add_argument("--reader", default="infactor_reader", help='role that only reads; "" for none')

    def handle(self, *args: Any, app: str, reader: str, **options: Any) -> None:
        try:
            database_roles.grant(app=app, reader=reader)
        except database_roles.UnfitRole as unfit:
            raise CommandError(str(unfit)) from unfit
        self.stdout.write(f"{app} changes rows and no table; {reader or 'nobody'} reads what is no secret.")
