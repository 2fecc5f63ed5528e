"""Checks the whole ledger from the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from infactor.ledger import integrity


class Command(BaseCommand):
    help = "Check every transaction, reversal and balance. Prints each error and exits with 1 if there is any."

    def handle(self, *args: Any, **options: Any) -> None:
        check = integrity.verify(at=timezone.now())
        extent = f"{check.transactions} transactions, {check.entries} entries, {check.milliseconds} ms"
        if not check.ok:
            raise CommandError("\n".join([f"The ledger check found errors ({extent}):", *check.findings]))
        self.stdout.write(f"The ledger check found no errors: {extent}.")
