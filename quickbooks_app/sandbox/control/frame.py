"""What the pages for a person share: the company they look at, and reading and writing its books."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from flask import Response, abort, g, make_response, render_template, request, url_for
from markupsafe import Markup

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import Rules
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import Document, as_decimal, money
from quickbooks_app.sandbox.runtime.errors import BusinessFault


def begin() -> None:
    """Find the company the address names; without a name it is the first one."""
    g.at = sandbox().clock()
    realms = sandbox().store.realms()
    realm = request.args.get("realm") or (realms[0] if realms else "")
    if realm not in realms:
        abort(404)
    g.realm = realm


def reading() -> Books:
    """The books of the chosen company, to look at."""
    return Books(sandbox().store.connection(), realm=g.realm, at=g.at)


@contextmanager
def writing_books() -> Iterator[Books]:
    """The books of the chosen company, to change: all of it or nothing."""
    with sandbox().store.transaction() as connection:
        yield Books(connection, realm=g.realm, at=g.at)


def rules() -> Rules:
    """The rules as they are switched on."""
    faults = sandbox().faults
    return Rules(
        refuse_void_of_paid=faults.rule("refuse_void_of_paid"),
        refuse_duplicate_numbers=faults.rule("refuse_duplicate_numbers"),
    )


def link(endpoint: str, **values: Any) -> str:
    """An address of these pages that stays with the chosen company."""
    return url_for(endpoint, realm=g.realm, **values)


def page(template: str, *, status: int = 200, **context: object) -> Response:
    """A page of the chosen company."""
    company = reading().get("CompanyInfo", "1")["CompanyName"]
    text = render_template(
        template,
        link=link,
        company=company,
        realm=g.realm,
        amount=amount,
        moment=moment,
        switched_on=len(sandbox().faults.active()),
        **context,
    )
    return make_response(text, status)


def amount(value: object, currency: str = "") -> str:
    """Money for a person to read."""
    text = f"{Decimal(str(value)):,.2f}"
    return f"{text} {currency}" if currency else text


def moment(at: Any) -> Markup:
    """A time for a person to read, in the company's own zone."""
    local = at.astimezone(clock.PACIFIC)
    return Markup("<time datetime='{}'>{}</time>").format(local.isoformat(), f"{local:%b %d, %H:%M:%S}")


def explanation(fault: BusinessFault) -> str:
    """A fault for a person to read."""
    return f"{fault.message}. {fault.detail}".strip()


def state_of(invoice: Document, *, today: str) -> tuple[str, str]:
    """What an invoice is in a word, and the colour the word is shown in."""
    total, balance = as_decimal(invoice, "TotalAmt"), as_decimal(invoice, "Balance")
    if not total:
        voided = str(invoice.get("PrivateNote", "")).startswith("Voided")
        return ("Voided", "quiet") if voided else ("No charge", "quiet")
    if not balance:
        return "Paid", "good"
    if str(invoice.get("DueDate", today)) < today:
        return "Overdue", "bad"
    return ("Part paid", "warn") if money(balance) != money(total) else ("Open", "neutral")
