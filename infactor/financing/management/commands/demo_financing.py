"""A company in mid-life to try financing with, on a new database of one's own machine."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from infactor.financing.demo import player
from infactor.financing.demo.stage import Cast
from infactor.suppliers.management.commands import demo_accounts
from infactor.suppliers.models import Application, Supplier
from infactor.users.models import User


class Command(BaseCommand):
    help = "Give the second demo supplier eleven weeks of financing, in local mode and on a new database only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not getattr(settings, "LOCAL_MODE", False):
            self.stdout.write("Not in local mode: no demo story.")
            return
        if not settings.DEMO_STORY:
            self.stdout.write("DEMO_STORY is off: no demo story.")
            return
        supplier = Supplier.objects.filter(members__email=demo_accounts.ESTABLISHED_EMAIL).first()
        if supplier is None or Application.objects.exists():
            if supplier is not None:
                player.read_again(supplier=supplier, at=timezone.now())
            self.stdout.write("This database has a story of its own: no demo story.")
            return
        cast = Cast(
            owner=User.objects.get(email=demo_accounts.ESTABLISHED_EMAIL),
            underwriter=User.objects.get(email=demo_accounts.UNDERWRITER_EMAIL),
            operations=User.objects.get(email=demo_accounts.OPERATIONS_EMAIL),
            second=User.objects.get(email=demo_accounts.APPROVER_EMAIL),
        )
        player.play(supplier=supplier, cast=cast, at=timezone.now())
        self.stdout.write(f"Demo story of {supplier} played.")
