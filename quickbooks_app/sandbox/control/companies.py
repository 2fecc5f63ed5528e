"""Control page for companies: open one in another country, or one with a history that a program hands in."""

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from quickbooks_app.sandbox.data import imported
from quickbooks_app.sandbox.data.abroad import COUNTRIES, open_company
from quickbooks_app.sandbox.running import sandbox

blueprint = Blueprint("control_companies", __name__, url_prefix="/control/companies")


@blueprint.post("")
def open_abroad() -> BaseResponse:
    """Open a company. Form field: `country` (FR, AU, GB or CA). A program gets its realm id."""
    code = request.form.get("country", "").upper()
    if code not in COUNTRIES:
        abort(400, f"country is one of {', '.join(COUNTRIES)}")
    realm = open_company(sandbox().store, code, at=sandbox().clock())
    if "text/html" not in request.headers.get("Accept", ""):
        return Response(realm, mimetype="text/plain")
    flash(f"A company in {COUNTRIES[code].nation} is open.")
    return redirect(url_for("control.overview", realm=realm), code=303)


@blueprint.put("/<realm>")
def write_history(realm: str) -> Response:
    """Write a company with the history in the body, in place of one with this realm id. For programs.

    The body is a `CompanyHistory` in JSON. A history that cannot be written changes nothing, and 400 says why.
    """
    try:
        history = imported.parse(request.get_data())
        if history.realm != realm:
            raise imported.InvalidHistory("The address names another realm than the history.")
        imported.write(sandbox().store, history)
    except imported.InvalidHistory as problem:
        return Response(str(problem), status=400, mimetype="text/plain")
    return Response(realm, mimetype="text/plain")


@blueprint.get("/<realm>")
def find(realm: str) -> Response:
    """Answer 200 if there is a company with this realm id, else 404. For programs."""
    return Response(realm, status=200 if realm in sandbox().store.realms() else 404, mimetype="text/plain")
