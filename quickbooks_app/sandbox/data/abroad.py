"""Sample companies outside of the US, made when somebody asks for one: their taxes, lists and a short history."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from sqlite3 import Connection

from quickbooks_app.sandbox.accounting import writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.company.global_tax import EXCLUDED, INCLUSIVE
from quickbooks_app.sandbox.accounting.company.tax_service import rate
from quickbooks_app.sandbox.accounting.purchasing.lines import BY_ACCOUNT
from quickbooks_app.sandbox.data import catalogue, company_settings
from quickbooks_app.sandbox.data.history import UNRESTRICTED
from quickbooks_app.sandbox.data.lists import open_common_lists
from quickbooks_app.sandbox.ledger.accounts import CHECKING, SERVICES, UNCATEGORIZED_EXPENSE
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import Document, normalized, reference
from quickbooks_app.sandbox.runtime.store import Store

AGE_DAYS = 200
_REALM_STEP = 113


@dataclass(frozen=True, slots=True)
class Country:
    """A country's company. `taxes` are its codes, the usual one first, each with its percentage."""

    nation: str
    currency: str
    company: str
    city: str
    postal_code: str
    agency: str
    taxes: tuple[tuple[str, str], ...]
    customers: tuple[str, ...]
    vendor: str


COUNTRIES = {
    "FR": Country(
        nation="France",
        currency="EUR",
        company="Atelier Bellerive",
        city="Nantes",
        postal_code="44000",
        agency="Direction générale des Finances publiques",
        taxes=(("20,0 % TVA FR", "20"), ("10,0 % TVA FR", "10"), ("5,5 % TVA FR", "5.5"), ("Exonéré", "0")),
        customers=("Librairie du Quai", "Hôtel des Carmes", "Mairie de Rezé"),
        vendor="Papeterie Lemoine",
    ),
    "AU": Country(
        nation="Australia",
        currency="AUD",
        company="Wattle Street Joinery",
        city="Fremantle",
        postal_code="6160",
        agency="Australian Taxation Office",
        taxes=(("GST", "10"), ("GST free", "0")),
        customers=("Harbour Kitchens", "Banksia Homes", "City of Fremantle"),
        vendor="Jarrah Timber Supplies",
    ),
    "GB": Country(
        nation="United Kingdom",
        currency="GBP",
        company="Thistle & Wren Printers",
        city="Leeds",
        postal_code="LS1 4AP",
        agency="HM Revenue & Customs",
        taxes=(("20.0% S", "20"), ("5.0% R", "5"), ("0.0% Z", "0")),
        customers=("Aire Valley Books", "Headrow Cafés", "Leeds Concert Society"),
        vendor="Northern Paper Mills",
    ),
    "CA": Country(
        nation="Canada",
        currency="CAD",
        company="Birch Lake Outfitters",
        city="Kenora",
        postal_code="P9N 1S1",
        agency="Canada Revenue Agency",
        taxes=(("HST ON", "13"), ("GST", "5"), ("Exempt", "0")),
        customers=("Lakeside Lodge", "Pine Portage Camps", "Kenora School Board"),
        vendor="Superior Canvas",
    ),
}
# Name, type and description of the journals of a French company.
_JOURNALS = (
    ("VE", "Sales", "Ventes"),
    ("HA", "Expenses", "Achats"),
    ("BQ", "Bank", "Banque"),
    ("CA", "Cash", "Caisse"),
    ("SA", "Wages", "Salaires"),
    ("AN", "Nouveaux", "À nouveaux"),
    ("OD", "Others", "Opérations diverses"),
)
_ITEMS = (("Day of work", "420"), ("Materials", "75"), ("Delivery", "60"))


def open_company(store: Store, code: str, *, at: datetime) -> str:
    """Write the company of a country (a key of COUNTRIES) and return its realm id."""
    country = COUNTRIES[code]
    realms = store.realms()
    realm = str(max((int(one) for one in realms), default=int(catalogue.MAIN_REALM)) + _REALM_STEP)
    with store.transaction() as connection:

        def ago(days: int) -> Books:
            return Books(connection, realm=realm, at=at - timedelta(days=days))

        opening = ago(AGE_DAYS)
        others = sum(_country_of(connection, one, at=at) == code for one in realms)
        _open_settings(opening, code, country, name=f"{country.company} {others + 1}" if others else country.company)
        open_common_lists(opening, home=country.currency)
        _open_taxes(opening, country)
        if code == "FR":
            for name, kind, description in _JOURNALS:
                _create(opening, "JournalCode", Name=name, Type=kind, Description=description)
        _open_lists(opening, country)
        _write_history(ago, country)
        if code != "FR":
            _pay_taxes(ago)
    return realm


def _open_settings(books: Books, code: str, country: Country, *, name: str) -> None:
    email = "office@" + "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum()) + ".example"
    address = {"Line1": "1 Market Street", "City": country.city, "PostalCode": country.postal_code}
    info = company_settings.company_info(name, email=email, address=address, country=code, nation=country.nation)
    books.insert("CompanyInfo", info, id="1")
    preferences = company_settings.preferences(
        several_currencies=False, terms=catalogue.NET_30, company=name, home=country.currency
    )
    books.insert("Preferences", preferences, id="1")


def _open_taxes(books: Books, country: Country) -> None:
    """Write the tax codes, each with a rate for sales and one for purchases. Ids count up from 2."""
    agency = _create(books, "TaxAgency", DisplayName=country.agency, TaxTrackedOnPurchases=True)
    for position, (name, percent) in enumerate(country.taxes):
        lists: Document = {}
        for offset, side in enumerate(("Sales", "Purchase")):
            id = str(2 * position + 2 + offset)
            body = rate(f"{name} ({side})", value=normalized(Decimal(percent)), agency=agency["Id"])
            books.insert("TaxRate", body, id=id)
            listed = {"TaxRateRef": reference(id, body["Name"]), "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}
            lists[f"{side}TaxRateList"] = {"TaxRateDetail": [listed]}
        code = {"Name": name, "Description": name, "Active": True, "Hidden": False, "Taxable": True, "TaxGroup": True}
        books.insert("TaxCode", {**code, **lists}, id=str(position + 2))
    for entity, number in (("TaxRate", 2 * len(country.taxes)), ("TaxCode", len(country.taxes))):
        books.skip_ids(entity, next_id=number + 3)


def _open_lists(books: Books, country: Country) -> None:
    for name, days in catalogue.TERMS:
        _create(books, "Term", Name=name, DueDays=days)
    for name, price in _ITEMS:
        account = {"IncomeAccountRef": reference(SERVICES.id)}
        _create(books, "Item", Name=name, Type="Service", UnitPrice=Decimal(price), **account)
    for name in country.customers:
        _create(books, "Customer", DisplayName=name, CompanyName=name)
    _create(books, "Vendor", DisplayName=country.vendor, CompanyName=country.vendor)


def _write_history(ago: Callable[[int], Books], country: Country) -> None:
    """Invoices with every tax, one of them with prices that include it, a payment and a bill."""
    codes = [str(position + 2) for position in range(len(country.taxes))]
    made = []
    for position in range(6):
        calculation = INCLUSIVE if position == 3 else EXCLUDED
        lines = [
            _sold(str(item), quantity=position + item, code=codes[(position + item) % len(codes)]) for item in (1, 2)
        ]
        made.append(
            _create(
                ago(100 - 16 * position),
                "Invoice",
                CustomerRef={"value": str(position % 3 + 1)},
                GlobalTaxCalculation=calculation,
                Line=lines,
            )
        )
    paid = {"Amount": made[0]["TotalAmt"], "LinkedTxn": [{"TxnId": made[0]["Id"], "TxnType": "Invoice"}]}
    _create(ago(60), "Payment", CustomerRef=made[0]["CustomerRef"], TotalAmt=made[0]["TotalAmt"], Line=[paid])
    vendor = ago(0).find_by_name("Vendor", "DisplayName", country.vendor)
    detail = {"AccountRef": reference(UNCATEGORIZED_EXPENSE.id), "TaxCodeRef": {"value": codes[0]}}
    bought = {"Amount": Decimal("340"), "DetailType": BY_ACCOUNT, BY_ACCOUNT: detail}
    _create(ago(45), "Bill", VendorRef={"value": vendor}, Line=[bought])


def _sold(item: str, *, quantity: int, code: str) -> Document:
    price = Decimal(_ITEMS[int(item) - 1][1])
    detail = {"ItemRef": {"value": item}, "Qty": quantity, "UnitPrice": price, "TaxCodeRef": {"value": code}}
    return {"Amount": price * quantity, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}


def _pay_taxes(ago: Callable[[int], Books]) -> None:
    for days, amount, is_refund in ((30, "180.00", False), (5, "22.50", True)):
        books = ago(days)
        body = {
            "PaymentDate": clock.company_today(books.at).isoformat(),
            "PaymentAccountRef": reference(CHECKING.id, CHECKING.name),
            "PaymentAmount": Decimal(amount),
            "Description": "Refund" if is_refund else "Return of the quarter",
            "Refund": is_refund,
        }
        books.insert("TaxPayment", body)


def _country_of(connection: Connection, realm: str, *, at: datetime) -> str:
    return str(Books(connection, realm=realm, at=at).get("CompanyInfo", "1").get("Country", ""))


def _create(books: Books, entity: str, **payload: object) -> Document:
    return writing.create(books, entity=entity, payload=payload, rules=UNRESTRICTED)
