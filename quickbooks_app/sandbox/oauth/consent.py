"""The consent page as a person meets it at Intuit: sign in, choose a company, connect or cancel."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, session
from werkzeug.wrappers import Response as BaseResponse

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.oauth import tokens
from quickbooks_app.sandbox.oauth.endpoints import SCOPES
from quickbooks_app.sandbox.running import sandbox

blueprint = Blueprint("consent", __name__, url_prefix="/connect/oauth2")

DEMO_EMAIL = "rosa@larkspurcoffee.example"
DEMO_PASSWORD = "larkspur"  # noqa: S105 - any password is accepted


@dataclass(frozen=True, slots=True)
class Asked:
    """A sound authorization request."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str

    @property
    def origin(self) -> str:
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    def back(self, **answer: str) -> BaseResponse:
        """Send the person back to the app."""
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return redirect(f"{self.redirect_uri}{joint}{urlencode({**answer, 'state': self.state})}", code=302)


class NotAsked(Exception):
    """A request that cannot be answered to the app, because the app or its address is not known."""


def _asked() -> Asked:
    app = sandbox().app
    arguments = request.args
    if arguments.get("client_id") != app.client_id:
        raise NotAsked("The app that sent you here is not registered with this sandbox (client_id).")
    if arguments.get("redirect_uri") not in app.redirect_uris:
        raise NotAsked("The redirect_uri of this request is not registered for the app. It must match exactly.")
    return Asked(
        client_id=app.client_id,
        redirect_uri=arguments["redirect_uri"],
        scope=arguments.get("scope", ""),
        state=arguments.get("state", ""),
    )


def _fault_of(asked: Asked) -> str | None:
    """What is wrong with a request whose app and address are known."""
    if request.args.get("response_type") != "code":
        return "unsupported_response_type"
    if not asked.state:
        return "invalid_request"
    scopes = asked.scope.split()
    return "invalid_scope" if not scopes or not set(scopes) <= SCOPES else None


@blueprint.before_request
def begin() -> None:
    g.at = sandbox().clock()


@blueprint.errorhandler(NotAsked)
def explain(error: NotAsked) -> Response:
    return _page("consent_error.html", status=400, reason=str(error))


@blueprint.get("")
def show() -> Response | BaseResponse:
    """The page for the step the person is at."""
    asked = _asked()
    if fault := _fault_of(asked):
        return asked.back(error=fault)
    if "email" not in session:
        return _page("sign_in.html", asked=asked, email=DEMO_EMAIL, password=DEMO_PASSWORD)
    return _page(
        "consent.html",
        asked=asked,
        email=session["email"],
        companies=companies(),
        accounting=tokens.ACCOUNTING in asked.scope.split(),
    )


@blueprint.post("/sign-in")
def sign_in() -> Response | BaseResponse:
    """Any e-mail address and password will do: the sandbox has no accounts."""
    asked = _asked()
    email = request.form.get("email", "").strip()
    password = request.form.get("password", "")
    if "@" not in email or not password:
        return _page(
            "sign_in.html",
            status=400,
            asked=asked,
            email=email,
            password="",
            problem="Enter an e-mail and a password.",
        )
    session["email"] = email
    return redirect(f"/connect/oauth2?{request.query_string.decode()}", code=303)


@blueprint.post("/sign-out")
def sign_out() -> BaseResponse:
    session.clear()
    return redirect(f"/connect/oauth2?{request.query_string.decode()}", code=303)


@blueprint.post("/decide")
def decide() -> Response | BaseResponse:
    """Connect or cancel."""
    asked = _asked()
    if fault := _fault_of(asked):
        return asked.back(error=fault)
    if request.form.get("decision") != "connect":
        return asked.back(error="access_denied")
    if "email" not in session:
        return redirect(f"/connect/oauth2?{request.query_string.decode()}", code=303)
    realm = request.form.get("realm", "")
    if realm not in sandbox().store.realms():
        raise NotAsked("There is no such company in this sandbox.")
    code = tokens.grant(
        sandbox().store,
        client_id=asked.client_id,
        realm=realm,
        scope=asked.scope,
        email=session["email"],
        redirect_uri=asked.redirect_uri,
        at=g.at,
    )
    if tokens.ACCOUNTING in asked.scope.split():
        return asked.back(code=code, realmId=realm)
    return asked.back(code=code)


def companies() -> list[tuple[str, str]]:
    """Every company of the sandbox: realm id and name."""
    store = sandbox().store
    found = []
    for realm in store.realms():
        info = Books(store.connection(), realm=realm, at=g.at).get("CompanyInfo", "1")
        found.append((realm, str(info["CompanyName"])))
    return found


def _page(template: str, *, status: int = 200, asked: Asked | None = None, **context: object) -> Response:
    response = make_response(
        render_template(template, asked=asked, query=request.query_string.decode(), **context), status
    )
    # A form that ends in a redirect needs the target's origin in form-action too.
    targets = f"'self' {asked.origin}" if asked else "'self'"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
        f" frame-ancestors 'none'; form-action {targets}"
    )
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return response
