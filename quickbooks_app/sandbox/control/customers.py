"""Control page for customers: inactivate, merge, refund, and change what a customer owes without an invoice."""

from collections.abc import Callable
from decimal import Decimal

from flask import Blueprint, Response, abort, flash, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from quickbooks_app.sandbox.accounting import entries, merging, writing
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
    """Lower or raise what a customer owes. Form fields: `amount`, `kind`, `effect` (lowers or raises) and `invoice`.

    `kind` is Payment, for one that is applied to nothing, or a kind of entry. An entry that lowers is laid against the
    invoice with the id `invoice`, if there is one, by a payment of 0.
    """
    kind, invoice = request.form.get("kind", ""), request.form.get("invoice", "").strip()
    raises = request.form.get("effect", "lowers") == "raises"
    if kind != "Payment" and kind not in entries.KINDS:
        abort(400, f"kind is Payment, {', '.join(entries.KINDS)}")
    if raises and (kind == "Payment" or invoice):
        abort(400, "a payment, and what is laid against an invoice, lowers")
    return _record(id, lambda books: _change_owed(books, id, kind=kind, raises=raises, invoice=invoice))


@blueprint.post("/<id>/refund")
def refund(id: str) -> Response | BaseResponse:
    """Refund a customer for an item taken back: a refund receipt, which receivables know nothing of.

    Form fields: `amount` and `item`.
    """
    return _record(id, lambda books: _refund(books, id))


@blueprint.post("/<id>/merge")
def merge(id: str) -> Response | BaseResponse:
    """Merge the customer into another. Form field: `into`, the id of the one that remains."""
    kept = request.form.get("into", "").strip()
    deletes = sandbox().faults.rule("merge_deletes_customer")
    return _record(id, lambda books: merging.merge(books, kept=kept, merged=id, deletes=deletes), done="Merged.")


def _change_owed(books: Books, id: str, *, kind: str, raises: bool, invoice: str) -> None:
    amount = _amount()
    lines: list[Document] = []
    if kind != "Payment":
        entity, request_body = entries.on_receivables(kind, customer_id=id, amount=amount, raises=raises)
        entry = writing.create(books, entity=entity, payload=request_body, rules=write_rules())["Id"]
        links = [("Invoice", invoice), (kind, entry)]
        lines = [{"Amount": amount, "LinkedTxn": [{"TxnType": a, "TxnId": b}]} for a, b in links]
    if kind == "Payment" or invoice:
        total = amount if kind == "Payment" else 0
        payload = {"CustomerRef": {"value": id}, "TotalAmt": total, "Line": lines}
        writing.create(books, entity="Payment", payload=payload, rules=write_rules())


def _refund(books: Books, id: str) -> None:
    line = {
        "Amount": _amount(),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": request.form.get("item", "").strip() or "1"}},
    }
    payload = {"CustomerRef": {"value": id}, "Line": [line]}
    writing.create(books, entity="RefundReceipt", payload=payload, rules=write_rules())


def _amount() -> Decimal:
    try:
        return parse_number(request.form.get("amount", "").strip().replace(",", ""))
    except ValueError:
        raise invalid_value(element="Amount", detail="Not an amount") from None


def _record(id: str, write: Callable[[Books], object], *, done: str = "Recorded.") -> Response | BaseResponse:
    """Write in one transaction. What the books refuse is shown on the page and changes nothing."""
    try:
        with books_for_writing() as books:
            _customer(books, id)
            write(books)
    except BusinessFault as fault:
        return _page(problem=fault_text(fault), status=400)
    return _done(done)


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
    kinds = ("Payment", *entries.KINDS)
    return page("customers.html", status=status, customers=customers, kinds=kinds, problem=problem)
