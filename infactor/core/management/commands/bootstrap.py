"""What `make run` needs before its processes start: one command, because each one takes a second to load infactor."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Bring database, cache table, static files and, in local mode, the demo accounts and their story up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("demo_accounts")
        call_command("demo_financing")
