"""Control page for companies: open one in another country."""

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

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
