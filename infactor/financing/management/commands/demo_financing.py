"""Create eleven weeks of financing for the demo company, on a new local database."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from infactor.financing.demo import runner
from infactor.financing.demo.participants import Participants
from infactor.suppliers.management.commands import demo_accounts
from infactor.suppliers.models import Application, Supplier
from infactor.users.models import User


class Command(BaseCommand):
    help = "Create eleven weeks of financing for the second demo supplier, in local mode and on a new database only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not getattr(settings, "LOCAL_MODE", False):
            self.stdout.write("Not in local mode: no demo financing.")
            return
        if not settings.DEMO_FINANCING:
            self.stdout.write("DEMO_FINANCING is off: no demo financing.")
            return
        supplier = Supplier.objects.filter(members__email=demo_accounts.ESTABLISHED_EMAIL).first()
        if supplier is None or Application.objects.exists() or supplier.company_files.exists():
            if supplier is not None:
                runner.mark_books_current(supplier=supplier, at=timezone.now())
            self.stdout.write("This database already has data: no demo financing.")
            return
        participants = Participants(
            owner=User.objects.get(email=demo_accounts.ESTABLISHED_EMAIL),
            underwriter=User.objects.get(email=demo_accounts.UNDERWRITER_EMAIL),
            operations=User.objects.get(email=demo_accounts.OPERATIONS_EMAIL),
            approver=User.objects.get(email=demo_accounts.APPROVER_EMAIL),
        )
        runner.run_scenario(supplier=supplier, participants=participants, at=timezone.now())
        self.stdout.write(f"Created the demo financing of {supplier}.")
