"""Objects with addresses of their own: exchange rates, tax service, tax classifications and entitlements."""

from sqlite3 import Connection

from flask import Blueprint, Response, g, request

from quickbooks_app.sandbox.accounting import shape
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.company import exchange_rates, tax_classifications, tax_service
from quickbooks_app.sandbox.api.bodies import read_body
from quickbooks_app.sandbox.api.gate import (
    authenticate,
    blueprint,
    finish,
    handle_business_fault,
    handle_gateway_fault,
    success_response,
)
from quickbooks_app.sandbox.api.write_requests import answer_once
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime.documents import Document, encode
from quickbooks_app.sandbox.runtime.envelopes import closing_time, entitlements_xml
from quickbooks_app.sandbox.runtime.errors import BusinessFault, GatewayFault, object_not_found, unsupported_operation

# Not under the API's address, but guarded like it.
entitlements_blueprint = Blueprint("entitlements", __name__, url_prefix="/manage/entitlements/v3/<realm>")
entitlements_blueprint.before_request(authenticate)
entitlements_blueprint.after_request(finish)
entitlements_blueprint.register_error_handler(BusinessFault, handle_business_fault)
entitlements_blueprint.register_error_handler(GatewayFault, handle_gateway_fault)


@blueprint.get("/exchangerate")
def exchange_rate(realm: str) -> Response:
    """Return the rate of `sourcecurrencycode` on the day `asofdate`."""
    books = Books(sandbox().store.connection(), realm=realm, at=g.at)
    found = exchange_rates.read(
        books, currency=request.args.get("sourcecurrencycode", ""), as_of=request.args.get("asofdate", "")
    )
    return _answer({"ExchangeRate": found})


@blueprint.post("/taxservice/taxcode")
def create_tax_code(realm: str) -> Response:
    """Create a tax code. The answer has no wrapping key and no time."""
    if request.args.get("operation", "create") != "create":
        raise unsupported_operation(request.path)
    payload = {key: value for key, value in read_body(root="TaxService").items() if key != "Id" or value}
    sent = shape.validate("TaxService", payload)
    shape.require_complete("TaxService", sent)

    def work(connection: Connection) -> bytes:
        books = Books(connection, realm=realm, at=g.at, concealment=sandbox().concealment())
        return encode(tax_service.create(books, sent))

    request_id = request.args.get("requestid") or request.headers.get("Request-Id") or ""
    return success_response(answer_once(sandbox(), realm=realm, request_id=request_id, work=work))


@blueprint.get("/taxclassification")
def classifications(realm: str) -> Response:
    """Return Intuit's tax classifications, all or those of a level or under another one."""
    found = tax_classifications.listed(
        level=request.args.get("level", ""), parent=request.args.get("parentId", request.args.get("parentid", ""))
    )
    tail = {"startPosition": 1, "maxResults": len(found)}
    return _answer({"QueryResponse": {"TaxClassification": found, **tail} if found else {}})


@blueprint.get("/taxclassification/<id>")
def classification(realm: str, id: str) -> Response:
    found = tax_classifications.find(id)
    if found is None:
        raise object_not_found()
    return _answer({"TaxClassification": found})


@entitlements_blueprint.get("")
def entitlements(realm: str) -> Response:
    """Return what the company's edition holds. As at Intuit, there is XML only."""
    company = Books(sandbox().store.connection(), realm=realm, at=g.at).get("CompanyInfo", "1")
    values = {one["Name"]: one["Value"] for one in company.get("NameValue", [])}
    body = entitlements_xml(plan=str(values.get("OfferingSku", "QuickBooks Online Plus")))
    return Response(body, content_type="application/xml;charset=utf-8")


def _answer(body: Document) -> Response:
    return success_response(encode(body)[:-1] + closing_time(g.at))
