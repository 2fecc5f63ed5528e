"""Two accounts to try infactor with, on an empty database of one's own machine."""

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from infactor.settings.environment import VAR_DIR
from infactor.suppliers.accounts import open_account
from infactor.users.models import User

# Known to everyone who reads this file: made in local mode only, which listens on this machine only.
PASSWORD = "try-infactor-today"  # noqa: S105
SUPPLIER_EMAIL = "supplier@infactor.test"
STAFF_EMAIL = "staff@infactor.test"


class Command(BaseCommand):
    help = "Make a demo supplier and a demo staff member, in local mode and on an empty database only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not getattr(settings, "LOCAL_MODE", False):
            self.stdout.write("Not in local mode: no demo accounts.")
            return
        with transaction.atomic():
            if User.objects.exists():
                self.stdout.write("The database has accounts already: no demo accounts.")
                return
            owner = User.objects.create_user(SUPPLIER_EMAIL, PASSWORD, name="Robin Larkspur")
            staff = User.objects.create_superuser(STAFF_EMAIL, PASSWORD, name="Sam Staff")
            for user in (owner, staff):
                EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
            open_account(user=owner, company_name="Larkspur Coffee Roasters", at=timezone.now())
        (VAR_DIR / "demo-logins.txt").write_text(
            f"  Supplier: {SUPPLIER_EMAIL}  password {PASSWORD}\n"
            f"  Staff:    {STAFF_EMAIL}  password {PASSWORD}  (pages under /admin/)\n"
        )
        self.stdout.write("Demo accounts made.")
