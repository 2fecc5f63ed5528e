"""Prints the code that demo staff enter after their password, in local mode."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from infactor.users import demo_factor


class Command(BaseCommand):
    help = "Print the second factor of the demo's staff, in local mode only."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code, seconds = demo_factor.code(at=timezone.now())
        except demo_factor.NotInLocalMode as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{code}  (for {seconds} seconds more; a code works once for each account)")
