"""Suppliers that applied with a company, an owner and a bank account, and were approved."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import Group

from infactor.core.business_day import business_day
from infactor.suppliers import agreements, applications, bank_accounts, checks
from infactor.suppliers.account_proofs import AccountProof
from infactor.suppliers.check_catalogue import CATALOGUE
from infactor.suppliers.models import AgreementText, Application, BankAccount, Membership, Supplier
from infactor.users import roles
from infactor.users.models import User
from tests.support.factories.suppliers import EveryPermissionFactory, MembershipFactory, UserFactory

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
US_ACCOUNT, US_ROUTING = "000123456789", "111000025"
OTHER_ACCOUNT = "000987654321"
IBAN = "DE89370400440532013000"
COMPANY = applications.CompanyDetails(
    legal_name="Larkspur Coffee Roasters LLC",
    registration_number="C-4471",
    tax_id="98-7654321",
    address_line1="12 Mill Street",
    city="Portland",
    region="OR",
    postal_code="97201",
    country="US",
    phone="+1 503 555 0100",
    about="Roasted coffee, to cafés and shops.",
)
HOLDERS = (
    applications.OwnerDetails(name="Robin Larkspur", share=Decimal("60"), email="robin@example.com", role="CEO"),
)


CALLED = AccountProof(kind="call", phone_number="+1 503 555 0100", note="Robin Larkspur read the number out to us.")


def staff_member(role: str) -> User:
    """A member of staff in the group `role` (users.roles), with no other permission."""
    made: User = UserFactory(is_staff=True)
    made.groups.add(Group.objects.get(name=role))
    return made


def owner_of(supplier: Supplier) -> User:
    """The owner of the supplier, created if there is none."""
    found = supplier.memberships.filter(role=Membership.Role.OWNER).order_by("pk").first()
    return (found or MembershipFactory(supplier=supplier)).user


def published() -> AgreementText:
    """The agreement in force; the first one, if a test has emptied the database."""
    return agreements.latest() or AgreementText.objects.create(
        version=1, title="Agreement", body="Text.", published_at=AT
    )


def entry(**changes: str) -> bank_accounts.AccountDetails:
    """A bank account in the United States, with `changes` applied."""
    usual = {
        "currency": "USD",
        "holder": "Larkspur Coffee Roasters LLC",
        "bank_name": "First Bank of Oregon",
        "country": "US",
        "account_number": US_ACCOUNT,
        "routing_number": US_ROUTING,
    }
    return bank_accounts.AccountDetails(**{**usual, **changes})


def accept(supplier: Supplier, *, at: datetime = AT) -> None:
    """Accept the newest agreement as the owner."""
    agreements.accept(
        supplier=supplier,
        version=published().version,
        by=owner_of(supplier),
        at=at,
        ip_address="192.0.2.7",
        user_agent="Browser",
    )


def applied(supplier: Supplier, *, currency: str = "USD", at: datetime = AT) -> Application:
    """A supplier whose complete application is submitted and undecided."""
    by = owner_of(supplier)
    if not BankAccount.objects.filter(supplier=supplier, currency=currency).exists():
        bank_accounts.add(supplier=supplier, details=entry(currency=currency), by=by, at=at)
    return applications.submit(
        supplier=supplier,
        company=COMPANY,
        owners=HOLDERS,
        consent=applications.AgreementConsent(
            version=published().version, ip_address="192.0.2.7", user_agent="Browser"
        ),
        by=by,
        at=at,
    )


def complete_checks(
    supplier: Supplier, *, at: datetime = AT, by: User | None = None, without: Sequence[str] = ()
) -> None:
    """Record every onboarding check but those of `without` as passed, for as long as it usually counts."""
    by = by or staff_member(roles.UNDERWRITER)
    today = business_day(at)
    for item in (one for one in CATALOGUE if one.kind not in without):
        until = today + timedelta(days=item.valid_days) if item.valid_days else None
        details = checks.CheckDetails(
            kind=item.kind, outcome="passed", made_on=today, expires_on=until, reference="Search 118"
        )
        checks.record(supplier=supplier, details=details, by=by, at=at)


def confirm_account(supplier: Supplier, *, at: datetime = AT, by: User | None = None) -> None:
    """Somebody of operations confirms every account that waits and can be used, after a call."""
    by = by or staff_member(roles.OPERATIONS)
    for account in supplier.bank_accounts.filter(status="waiting", usable_from__lte=at).order_by("pk"):
        bank_accounts.confirm(account=account, proof=CALLED, by=by, at=at)


def approve(application: Application, *, by: User, at: datetime = AT) -> Application:
    """`application` approved by `by`, after its checks."""
    complete_checks(application.supplier, at=at, by=by)
    return applications.approve(application=application, by=by, at=at)


def approved(supplier: Supplier, *, currency: str = "USD", at: datetime = AT, by: User | None = None) -> Application:
    """A supplier that may be financed, with an account in `currency` that another person than `by` has confirmed."""
    by = by or EveryPermissionFactory()
    application = approve(applied(supplier, currency=currency, at=at), by=by, at=at)
    confirm_account(supplier, at=at)
    return application
