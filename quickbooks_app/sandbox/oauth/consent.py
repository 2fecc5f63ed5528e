"""The consent page: sign in, choose a company, connect or cancel."""

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
class AuthorizationRequest:
    """A valid authorization request."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str

    @property
    def origin(self) -> str:
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    def redirect_back(self, **answer: str) -> BaseResponse:
        """Redirect the user back to the app."""
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return redirect(f"{self.redirect_uri}{joint}{urlencode({**answer, 'state': self.state})}", code=302)


class UnknownClient(Exception):
    """The client id or redirect URI is unknown, so the user cannot be redirected to the app."""


def _parse_request() -> AuthorizationRequest:
    app = sandbox().app
    arguments = request.args
    if arguments.get("client_id") != app.client_id:
        raise UnknownClient("The app that sent you here is not registered with this sandbox (client_id).")
    if arguments.get("redirect_uri") not in app.redirect_uris:
        raise UnknownClient("The redirect_uri of this request is not registered for the app. It must match exactly.")
    return AuthorizationRequest(
        client_id=app.client_id,
        redirect_uri=arguments["redirect_uri"],
        scope=arguments.get("scope", ""),
        state=arguments.get("state", ""),
    )


def _error_of(asked: AuthorizationRequest) -> str | None:
    """Return the OAuth error of a request whose client and redirect URI are known, or None."""
    if request.args.get("response_type") != "code":
        return "unsupported_response_type"
    if not asked.state:
        return "invalid_request"
    scopes = asked.scope.split()
    return "invalid_scope" if not scopes or not set(scopes) <= SCOPES else None


@blueprint.after_request
def keep_opener(response: Response) -> Response:
    """The app that opened this window can see that it was closed. One redirect that keeps to itself would part them."""
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


@blueprint.before_request
def begin() -> None:
    g.at = sandbox().clock()


@blueprint.errorhandler(UnknownClient)
def explain(error: UnknownClient) -> Response:
    return _page("consent_error.html", status=400, reason=str(error))


@blueprint.get("")
def show() -> Response | BaseResponse:
    """Show the page of the current step."""
    asked = _parse_request()
    if fault := _error_of(asked):
        return asked.redirect_back(error=fault)
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
    """Sign in. Any email address and password are accepted: the sandbox has no accounts."""
    asked = _parse_request()
    email = request.form.get("email", "").strip()
    password = request.form.get("password", "")
    if "@" not in email or not password:
        return _page(
            "sign_in.html",
            status=400,
            asked=asked,
            email=email,
            password="",
            problem="Enter an email and a password.",
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
    asked = _parse_request()
    if fault := _error_of(asked):
        return asked.redirect_back(error=fault)
    if request.form.get("decision") != "connect":
        return asked.redirect_back(error="access_denied")
    if "email" not in session:
        return redirect(f"/connect/oauth2?{request.query_string.decode()}", code=303)
    realm = request.form.get("realm", "")
    if realm not in sandbox().store.realms():
        raise UnknownClient("There is no such company in this sandbox.")
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
        return asked.redirect_back(code=code, realmId=realm)
    return asked.redirect_back(code=code)


def companies() -> list[tuple[str, str]]:
    """Return the realm id and name of every company."""
    store = sandbox().store
    found = []
    for realm in store.realms():
        info = Books(store.connection(), realm=realm, at=g.at).get("CompanyInfo", "1")
        found.append((realm, str(info["CompanyName"])))
    return found


def _page(
    template: str, *, status: int = 200, asked: AuthorizationRequest | None = None, **context: object
) -> Response:
    response = make_response(
        render_template(template, asked=asked, query=request.query_string.decode(), **context), status
    )
    # A form that ends in a redirect needs the target's origin in form-action too.
    targets = f"'self' {asked.origin}" if asked else "'self'"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
        f" frame-ancestors 'none'; form-action {targets}"
    )
    return response
