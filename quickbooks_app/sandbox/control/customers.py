"""Control page for customers: inactivate, pay without an invoice, and post entries that lower what a customer owes."""

from flask import Blueprint, Response, abort, flash, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from quickbooks_app.sandbox.accounting import other_entries, writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.control.frame import (
    books_for_writing,
    fault_text,
    link,
    page,
    select_company,
    write_rules,
)
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime.documents import Document, decode, parse_number
from quickbooks_app.sandbox.runtime.errors import BusinessFault, invalid_value

blueprint = Blueprint("control_customers", __name__, url_prefix="/customers")
blueprint.before_request(select_company)

MAX_SHOWN = 500


@blueprint.get("")
def listing() -> Response:
    return _page()


@blueprint.post("/<id>/activity")
def set_activity(id: str) -> Response | BaseResponse:
    """Make a customer active or inactive. Form field: `active` (on or off)."""
    with books_for_writing() as books:
        customer = _customer(books, id)
        payload = {"Id": id, "SyncToken": customer["SyncToken"], "sparse": True}
        payload["Active"] = request.form.get("active") == "on"
        writing.update(books, entity="Customer", payload=payload, rules=write_rules())
    return _done("Saved.")


@blueprint.post("/<id>/lower")
def lower(id: str) -> Response | BaseResponse:
    """Lower what a customer owes. Form fields: `amount`, `kind` and `invoice`.

    `kind` is Payment, for one that is applied to nothing, or a kind of entry. An entry is laid against the invoice with
    the id `invoice`, if there is one, by a payment of 0.
    """
    kind, invoice = request.form.get("kind", ""), request.form.get("invoice", "").strip()
    try:
        with books_for_writing() as books:
            _customer(books, id)
            try:
                amount = parse_number(request.form.get("amount", "").strip().replace(",", ""))
            except ValueError:
                raise invalid_value(element="Amount", detail="Not an amount") from None
            lines: list[Document] = []
            if kind in other_entries.KINDS:
                entry = other_entries.post_credit(books, customer_id=id, amount=amount)
                links = [("Invoice", invoice), (kind, entry)]
                lines = [{"Amount": amount, "LinkedTxn": [{"TxnType": a, "TxnId": b}]} for a, b in links]
            elif kind != "Payment":
                abort(400, f"kind is Payment, {', '.join(other_entries.KINDS)}")
            if kind == "Payment" or invoice:
                total = amount if kind == "Payment" else 0
                payload = {"CustomerRef": {"value": id}, "TotalAmt": total, "Line": lines}
                writing.create(books, entity="Payment", payload=payload, rules=write_rules())
    except BusinessFault as fault:
        return _page(problem=fault_text(fault), status=400)
    return _done("Recorded.")


def _customer(books: Books, id: str) -> Document:
    customer = books.find("Customer", id)
    if customer is None:
        abort(404)
    return customer


def _done(text: str) -> BaseResponse:
    flash(text)
    return redirect(link("control_customers.listing"), code=303)


def _page(*, problem: str = "", status: int = 200) -> Response:
    rows = (
        sandbox()
        .store.connection()
        .execute(
            "SELECT body FROM objects WHERE realm = ? AND entity = 'Customer' AND deleted = 0"
            " ORDER BY json_extract(body, '$.FullyQualifiedName') COLLATE fold LIMIT ?",
            (g.realm, MAX_SHOWN),
        )
    )
    customers = [decode(row["body"]) for row in rows]
    kinds = ("Payment", *other_entries.KINDS)
    return page("customers.html", status=status, customers=customers, kinds=kinds, problem=problem)
