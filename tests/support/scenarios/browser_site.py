"""A supplier with invoices of every kind on a running server, for tests that look at pages."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext

from infactor.invoices.models import Invoice, InvoiceChange
from infactor.invoices.search_text import normalize
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory, MembershipFactory


class Site:
    """A supplier's invoices on a running server, and the cookie of one of its users."""

    def __init__(self, address: str, supplier: Supplier, invoices: list[Invoice]) -> None:
        self.address = address
        self.supplier = supplier
        self.invoices = invoices
        self.cookie = session_cookie(supplier.members.get(), address)

    def sign_in(self, context: BrowserContext) -> None:
        context.add_cookies([self.cookie])  # type: ignore[list-item]


def session_cookie(user: User, address: str) -> dict[str, str]:
    """The cookie that signs a browser in at `address` as `user`."""
    client = Client()
    client.force_login(user)
    ((name, cookie),) = client.cookies.items()
    return {"name": name, "value": cookie.value, "url": address}


def build_site(address: str, *, count: int) -> Site:
    """Larkspur Coffee Roasters with `count` invoices, on the server at `address`."""
    supplier = MembershipFactory(supplier__name="Larkspur Coffee Roasters").supplier
    return Site(address, supplier, create_invoices(supplier, count=count))


def create_invoices(supplier: Supplier, *, count: int) -> list[Invoice]:
    file = CompanyFileFactory(supplier=supplier)
    buyers = [BuyerFactory(company_file=file, name=name) for name in ("Northwind", "شركة النور", "Café <b>Ñandú</b>")]
    today = timezone.now().date()
    made = [
        InvoiceFactory(
            buyer=(buyer := buyers[number % 3]),
            invoice_no=f"INV-{2000 + number}",
            currency="EUR" if number % 5 == 0 else "USD",
            txn_date=today - timedelta(days=number),
            payable_date=None if number == 7 else today + timedelta(days=20 - 2 * number),
            books_status="paid" if number % 4 == 3 else "open",
            search_text=normalize(f"INV-{2000 + number} {buyer.name}"),
        )
        for number in range(count)
    ]
    InvoiceChange.objects.create(
        invoice=made[0], at=timezone.now(), changes=[{"field": "balance", "from": "1.00", "to": "2.00"}]
    )
    return made
