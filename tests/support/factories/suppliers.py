"""Factories of users, suppliers, buyers and invoices, with the fewest valid values."""

from datetime import UTC, date, datetime
from decimal import Decimal

import factory
from django.contrib.auth.models import Permission
from factory.django import DjangoModelFactory

from infactor.invoices.models import Buyer, CompanyFile, Invoice
from infactor.suppliers.models import AgreementAcceptance, AgreementText, Application, Membership, Supplier
from infactor.users.models import User
from infactor.users.permissions import DECISIONS

PASSWORD = "correct-horse-battery"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")

    @classmethod
    def _create(cls, model_class: type[User], *args: object, **kwargs: object) -> User:
        user = model_class.objects.create_user(str(kwargs.pop("email")), PASSWORD, **kwargs)
        from allauth.account.models import EmailAddress

        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user


class EveryPermissionFactory(UserFactory):
    """Staff with every permission: a superuser, to whom those of the roles were given in person.

    Nobody outside tests is like this: a superuser has no permission of a role, and no person has both roles.
    """

    is_staff = True
    is_superuser = True

    @classmethod
    def _create(cls, model_class: type[User], *args: object, **kwargs: object) -> User:
        user = super()._create(model_class, *args, **kwargs)
        codenames = [permission.partition(".")[2] for permission in DECISIONS]
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        return user


class SupplierFactory(DjangoModelFactory):
    class Meta:
        model = Supplier

    name = factory.Sequence(lambda n: f"Supplier {n}")


def approve_directly(supplier: Supplier) -> Supplier:
    """`supplier` with an approved application and the latest agreement accepted, unless it has an application."""
    if Application.objects.filter(supplier=supplier).exists():
        return supplier
    at = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
    owner, underwriter = UserFactory(), UserFactory(is_staff=True)
    Application.objects.create(
        supplier=supplier,
        status=Application.Status.APPROVED,
        legal_name=f"{supplier.name} LLC",
        tax_id="98-7654321",
        address_line1="12 Mill Street",
        city="Portland",
        country="US",
        phone="+1 503 555 0100",
        submitted_at=at,
        submitted_by=owner,
        decided_at=at,
        decided_by=underwriter,
    )
    text = AgreementText.objects.order_by("-version").first() or AgreementText.objects.create(
        version=1, title="Agreement", body="Text.", published_at=at
    )
    AgreementAcceptance.objects.get_or_create(
        supplier=supplier, text=text, defaults={"user": owner, "at": at, "ip_address": "192.0.2.7"}
    )
    return supplier


class ApprovedSupplierFactory(SupplierFactory):
    """A supplier that may be financed, but for a bank account."""

    @classmethod
    def _create(cls, model_class: type[Supplier], *args: object, **kwargs: object) -> Supplier:
        made: Supplier = super()._create(model_class, *args, **kwargs)
        return approve_directly(made)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    supplier = factory.SubFactory(SupplierFactory)


class CompanyFileFactory(DjangoModelFactory):
    class Meta:
        model = CompanyFile

    supplier = factory.SubFactory(ApprovedSupplierFactory)
    source = "QuickBooks"
    name = factory.LazyAttribute(lambda file: f"{file.supplier.name} Books")
    home_currency = "USD"


class BuyerFactory(DjangoModelFactory):
    class Meta:
        model = Buyer

    company_file = factory.SubFactory(CompanyFileFactory)
    supplier = factory.SelfAttribute("company_file.supplier")
    reference = factory.Sequence(str)
    name = factory.Sequence(lambda n: f"Buyer {n}")
    full_name = factory.SelfAttribute("name")
    currency = "USD"


class InvoiceFactory(DjangoModelFactory):
    class Meta:
        model = Invoice

    buyer = factory.SubFactory(BuyerFactory)
    company_file = factory.SelfAttribute("buyer.company_file")
    supplier = factory.SelfAttribute("buyer.supplier")
    invoice_no = factory.Sequence(lambda n: f"INV-{1000 + n}")
    invoice_amount = Decimal("1080.00")
    balance = Decimal("1080.00")
    tax_amount = Decimal("80.00")
    invoice_date = datetime(2026, 10, 1, 17, 0, tzinfo=UTC)
    purchase_date = factory.SelfAttribute("invoice_date")
    txn_date = date(2026, 10, 1)
    payable_date = date(2026, 11, 30)
    company_name = factory.SelfAttribute("buyer.name")
    contact_name = factory.SelfAttribute("buyer.name")
    customer_reference = factory.SelfAttribute("buyer.reference")
    buyer_email = "ap@buyer.example"
    company_email = "ap@buyer.example"
    qbk_invoice_id = factory.Sequence(str)
    source = "QuickBooks"
    currency = "USD"
    sync_token = "0"
    items = factory.LazyFunction(
        lambda: [
            {
                "Id": "1",
                "LineNum": 1,
                "Description": "Roasted beans",
                "Amount": 1000,
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {"ItemRef": {"value": "4", "name": "Beans"}, "UnitPrice": 50, "Qty": 20},
            },
            {"Amount": 1000, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}},
        ]
    )
    tax_details = factory.LazyFunction(lambda: {"TotalTax": 80})
    search_text = factory.LazyAttribute(lambda i: f"{i.invoice_no} {i.company_name}".casefold())
