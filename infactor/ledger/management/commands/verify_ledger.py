"""Prove the whole ledger from the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from infactor.ledger import integrity


class Command(BaseCommand):
    help = "Prove every transaction, reversal and balance of the books. Ends with 1 and says why where one is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        found = integrity.prove(at=timezone.now())
        seen = f"{found.transactions} transactions, {found.entries} entries, {found.milliseconds} ms"
        if not found.ok:
            raise CommandError("\n".join([f"The books are NOT in order ({seen}):", *found.findings]))
        self.stdout.write(f"The books are in order: {seen}.")
