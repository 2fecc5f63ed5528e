"""Removes the second factors of a person who has lost them, where nobody is left who could do it in admin."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from infactor.users import staff_accounts
from infactor.users.models import User


class Command(BaseCommand):
    help = "Remove the second factors of the person with this email address, and end their sessions. It is audited."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email__iexact=options["email"]).first()
        if person is None:
            raise CommandError("Nobody has this email address.")
        staff_accounts.remove_factors_by_operator(person=person, at=timezone.now())
        self.stdout.write(f"{person.email} has no second factor now, and is signed out everywhere.")
