"""Creates demo accounts in local mode: two suppliers, and staff of each role."""

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from infactor.settings.environment import VAR_DIR
from infactor.suppliers.signup import open_account
from infactor.users import demo_factor, roles
from infactor.users.models import User

# Public in this file, so used in local mode only, which listens on this machine only.
PASSWORD = "try-infactor-today"  # noqa: S105
SUPPLIER_EMAIL = "supplier@infactor.test"
STAFF_EMAIL = "staff@infactor.test"
# The supplier whose financing history demo_financing creates, and the staff who act in it.
ESTABLISHED_EMAIL = "midlife@infactor.test"
UNDERWRITER_EMAIL = "underwriter@infactor.test"
OPERATIONS_EMAIL = "operations@infactor.test"
APPROVER_EMAIL = "second@infactor.test"
COLLEAGUES = (
    (UNDERWRITER_EMAIL, "Uma Underwood", roles.UNDERWRITER),
    (OPERATIONS_EMAIL, "Otis Operating", roles.OPERATIONS),
    (APPROVER_EMAIL, "Selma Second", roles.OPERATIONS),
)
ESTABLISHED_SINCE = timedelta(days=81)  # a day before its financing history begins
LOGINS = (
    ("Supplier:", SUPPLIER_EMAIL, "has not connected QuickBooks yet"),
    ("Supplier:", ESTABLISHED_EMAIL, "eleven weeks of financing: offers, advances, collections, a dispute"),
    ("Staff:", STAFF_EMAIL, "administers the accounts of staff, reads everything"),
    ("Staff:", UNDERWRITER_EMAIL, "decides who is financed, and at what price"),
    ("Staff:", OPERATIONS_EMAIL, "pays out advances and records payments"),
    ("Staff:", APPROVER_EMAIL, "second person, approves what needs two"),
)


class Command(BaseCommand):
    help = "Make demo suppliers and demo staff, in local mode and on an empty database only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not getattr(settings, "LOCAL_MODE", False):
            raise CommandError("Demo accounts are for local mode only.")
        at = timezone.now()
        with transaction.atomic():
            if User.objects.exists():
                return
            owner = User.objects.create_user(SUPPLIER_EMAIL, name="Robin Larkspur")
            since = at - ESTABLISHED_SINCE
            partner = User.objects.create_user(ESTABLISHED_EMAIL, name="Morgan Harbor", date_joined=since)
            User.objects.create_superuser(STAFF_EMAIL, name="Sam Staff")
            for email, name, role in COLLEAGUES:
                colleague = User.objects.create_user(email, name=name, is_staff=True, date_joined=since)
                colleague.groups.add(Group.objects.get(name=role))
            # Hashed once for all of them: a hash takes a quarter of a second.
            User.objects.update(password=make_password(PASSWORD))
            for user in User.objects.all():
                EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
                if user.is_staff:
                    demo_factor.give(user=user)
            open_account(user=owner, company_name="Larkspur Coffee Roasters", at=at)
            open_account(user=partner, company_name="Harbor Street Print", at=since)
        lines = [f"  {who:<9} {email}  password {PASSWORD}  ({what})\n" for who, email, what in LOGINS]
        lines.append("  Staff also enter a code: run `make code` in another terminal.\n")
        (VAR_DIR / "demo-logins.txt").write_text("".join(lines))
        if options["verbosity"]:
            self.stdout.write("Demo accounts created.")
