"""Shared by the control pages: the chosen company, access to its books, and formatting."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from flask import Response, abort, g, make_response, render_template, request, url_for
from markupsafe import Markup

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, format_amount
from quickbooks_app.sandbox.runtime.errors import BusinessFault


def select_company() -> None:
    """Select the company named in the URL, or the first one."""
    g.at = sandbox().clock()
    realms = sandbox().store.realms()
    realm = request.args.get("realm") or (realms[0] if realms else "")
    if realm not in realms:
        abort(404)
    g.realm = realm


def books_for_reading() -> Books:
    """The chosen company's books, for reading."""
    return Books(sandbox().store.connection(), realm=g.realm, at=g.at)


@contextmanager
def books_for_writing() -> Iterator[Books]:
    """The chosen company's books, for writing in one transaction."""
    with sandbox().store.transaction() as connection:
        yield Books(connection, realm=g.realm, at=g.at, concealment=sandbox().concealment())


def write_rules() -> WriteRules:
    """Return the write rules that are switched on."""
    faults = sandbox().faults
    return WriteRules(
        refuse_void_of_paid=faults.rule("refuse_void_of_paid"),
        refuse_duplicate_numbers=faults.rule("refuse_duplicate_numbers"),
        refuse_inactivation=False,
        leave_out_currency=faults.rule("leave_out_currency"),
    )


def link(endpoint: str, **values: Any) -> str:
    """Return a control page's URL for the chosen company."""
    return url_for(endpoint, realm=g.realm, **values)


def page(template: str, *, status: int = 200, **context: object) -> Response:
    """Render a page for the chosen company."""
    company = books_for_reading().get("CompanyInfo", "1")["CompanyName"]
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
    """Format an amount."""
    text = f"{Decimal(str(value)):,.2f}"
    return f"{text} {currency}" if currency else text


def moment(at: Any) -> Markup:
    """Format a moment in the company's time zone."""
    local = at.astimezone(clock.PACIFIC)
    return Markup("<time datetime='{}'>{}</time>").format(local.isoformat(), f"{local:%b %d, %H:%M:%S}")


def fault_text(fault: BusinessFault) -> str:
    """Format a fault."""
    return f"{fault.message}. {fault.detail}".strip()


def status_badge(invoice: Document, *, today: str) -> tuple[str, str]:
    """Return an invoice's status word and its colour."""
    total, balance = amount_of(invoice, "TotalAmt"), amount_of(invoice, "Balance")
    if not total:
        voided = str(invoice.get("PrivateNote", "")).startswith("Voided")
        return ("Voided", "quiet") if voided else ("No charge", "quiet")
    if not balance:
        return "Paid", "good"
    if str(invoice.get("DueDate", today)) < today:
        return "Overdue", "bad"
    return ("Part paid", "warn") if format_amount(balance) != format_amount(total) else ("Open", "neutral")
