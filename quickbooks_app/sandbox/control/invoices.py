"""Control pages for invoices: search, show, edit, pay, prove, void, delete and create."""

from datetime import date, timedelta
from decimal import Decimal

from flask import Blueprint, Response, abort, flash, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from quickbooks_app.sandbox.accounting import entries, writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.relations.applied import applied_amounts
from quickbooks_app.sandbox.control import edits
from quickbooks_app.sandbox.control.frame import (
    books_for_reading,
    books_for_writing,
    fault_text,
    link,
    page,
    select_company,
    status_badge,
    write_rules,
)
from quickbooks_app.sandbox.data.proof_of_order import add_proof_of_order
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import Document, decode
from quickbooks_app.sandbox.runtime.errors import BusinessFault

blueprint = Blueprint("control_invoices", __name__, url_prefix="/invoices")
blueprint.before_request(select_company)

PAGE_SIZE = 25
MAX_CHOICES = 500

_MATCHING = """
FROM objects WHERE realm = :realm AND entity = 'Invoice' AND deleted = 0
AND (:wanted = '' OR id = :exact
     OR casefold(json_extract(body, '$.DocNumber')) LIKE :wanted ESCAPE '\\'
     OR casefold(json_extract(body, '$.CustomerRef.name')) LIKE :wanted ESCAPE '\\')
"""


@blueprint.get("")
def listing() -> Response:
    """List invoices, newest first, searched by number, customer or id."""
    search = request.args.get("q", "").strip()
    number = max(request.args.get("page", 1, type=int), 1)
    escaped = search.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values: dict[str, str | int] = {
        "realm": g.realm,
        "wanted": f"%{escaped}%" if search else "",
        "exact": search,
        "size": PAGE_SIZE,
        "skip": (number - 1) * PAGE_SIZE,
    }
    connection = sandbox().store.connection()
    total = connection.execute(f"SELECT count(*) {_MATCHING}", values).fetchone()[0]
    order = "ORDER BY create_time DESC, rowid DESC LIMIT :size OFFSET :skip"
    rows = connection.execute(f"SELECT body {_MATCHING} {order}", values)
    invoices = [decode(row["body"]) for row in rows]
    today = clock.company_today(g.at).isoformat()
    return page(
        "invoices.html",
        invoices=[(invoice, *status_badge(invoice, today=today)) for invoice in invoices],
        search=search,
        number=number,
        total=total,
        pages=max((total + PAGE_SIZE - 1) // PAGE_SIZE, 1),
    )


@blueprint.get("/new")
def new() -> Response:
    return _new_page(values={})


@blueprint.post("/new")
def create() -> Response | BaseResponse:
    try:
        payload = edits.new_invoice(request.form)
        with books_for_writing() as books:
            made = writing.create(books, entity="Invoice", payload=payload, rules=write_rules())
    except BusinessFault as fault:
        return _new_page(values=request.form, problem=fault_text(fault), status=400)
    flash(f"Invoice {made.get('DocNumber', made['Id'])} is in the books.")
    return redirect(link("control_invoices.show", id=made["Id"]), code=303)


@blueprint.get("/<id>")
def show(id: str) -> Response:
    return _page(id)


@blueprint.post("/<id>")
def edit(id: str) -> Response | BaseResponse:
    """Save the form's changes unless the invoice changed meanwhile."""
    return _perform(id, done="Saved.", write=_edit)


@blueprint.post("/<id>/pay")
def pay(id: str) -> Response | BaseResponse:
    """Record a payment. The amount above the balance stays unapplied."""
    return _perform(id, done="Payment recorded.", write=_pay)


@blueprint.post("/<id>/prove")
def prove(id: str) -> Response | BaseResponse:
    """Add what backs the invoice: an accepted estimate, and a file."""
    return _perform(id, done="The estimate and the delivery note are in the books.", write=_prove)


@blueprint.post("/<id>/credit")
def credit(id: str) -> Response | BaseResponse:
    """Lay a credit memo or an entry against the invoice, in one transaction with the document itself."""
    return _perform(id, done="Credit applied.", write=_credit)


@blueprint.post("/<id>/void")
def void(id: str) -> Response | BaseResponse:
    return _perform(id, done="Voided.", write=_void)


@blueprint.post("/<id>/delete")
def delete(id: str) -> Response | BaseResponse:
    answer = _perform(id, done="Deleted.", write=_delete)
    gone = books_for_reading().find("Invoice", id) is None
    return redirect(link("control_invoices.listing"), code=303) if gone else answer


def _edit(books: Books, invoice: Document) -> None:
    payload = edits.edited_invoice(invoice, request.form)
    writing.update(books, entity="Invoice", payload=payload, rules=write_rules())


def _pay(books: Books, invoice: Document) -> None:
    payload = edits.payment_of(invoice, request.form)
    writing.create(books, entity="Payment", payload=payload, rules=write_rules())


def _prove(books: Books, invoice: Document) -> None:
    add_proof_of_order(books, invoice, rules=write_rules())


def _credit(books: Books, invoice: Document) -> None:
    kind, entity, payload = edits.credit_document(invoice, request.form)
    made = writing.create(books, entity=entity, payload=payload, rules=write_rules())
    laid = edits.application_of(invoice, made, kind=kind, form=request.form)
    writing.create(books, entity="Payment", payload=laid, rules=write_rules())


def _void(books: Books, invoice: Document) -> None:
    writing.void(books, entity="Invoice", payload=edits.known_state(invoice, request.form), rules=write_rules())


def _delete(books: Books, invoice: Document) -> None:
    writing.delete(books, entity="Invoice", payload=edits.known_state(invoice, request.form), rules=write_rules())


def _perform(id: str, *, done: str, write: edits.Write) -> Response | BaseResponse:
    try:
        with books_for_writing() as books:
            invoice = books.find("Invoice", id)
            if invoice is None:
                abort(404)
            write(books, invoice)
    except BusinessFault as fault:
        return _page(id, problem=fault_text(fault), status=400)
    flash(done)
    return redirect(link("control_invoices.show", id=id), code=303)


def _page(id: str, *, problem: str = "", status: int = 200) -> Response:
    books = books_for_reading()
    invoice = books.find("Invoice", id)
    if invoice is None:
        abort(404)
    paid = []
    for linked in invoice["LinkedTxn"]:
        payment = books.find("Payment", linked["TxnId"]) if linked["TxnType"] == "Payment" else None
        if payment is not None:
            paid.append((payment, applied_amounts(payment).get(("Invoice", id), Decimal(0))))
    state, colour = status_badge(invoice, today=clock.company_today(g.at).isoformat())
    return page(
        "invoice.html",
        status=status,
        invoice=invoice,
        lines=edits.money_lines(invoice),
        paid=paid,
        customers=_choices("Customer", "FullyQualifiedName"),
        credit_kinds=("CreditMemo", *entries.KINDS),
        state=state,
        colour=colour,
        problem=problem,
        today=clock.company_today(g.at).isoformat(),
        address=f"/v3/company/{g.realm}/invoice/{id}",
    )


def _new_page(*, values: object, problem: str = "", status: int = 200) -> Response:
    today: date = clock.company_today(g.at)
    return page(
        "invoice_new.html",
        status=status,
        customers=_choices("Customer", "FullyQualifiedName"),
        items=_choices("Item", "Name"),
        values=values,
        problem=problem,
        due=(today + timedelta(days=30)).isoformat(),
        today=today.isoformat(),
    )


def _choices(entity: str, key: str) -> list[Document]:
    rows = (
        sandbox()
        .store.connection()
        .execute(
            "SELECT body FROM objects WHERE realm = ? AND entity = ? AND deleted = 0"
            " AND json_extract(body, '$.Active') = 1 ORDER BY json_extract(body, ?) COLLATE fold LIMIT ?",
            (g.realm, entity, f"$.{key}", MAX_CHOICES),
        )
    )
    return [decode(row["body"]) for row in rows]
