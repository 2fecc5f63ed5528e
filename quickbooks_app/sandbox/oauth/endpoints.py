"""OAuth endpoints for servers: discovery, JWKS, token exchange and refresh, revocation, user info."""

import base64
import binascii
import secrets
import time

import msgspec
from flask import Blueprint, Response, g, request

from quickbooks_app.sandbox import wire
from quickbooks_app.sandbox.oauth import identity
from quickbooks_app.sandbox.oauth import tokens as oauth_tokens
from quickbooks_app.sandbox.oauth.tokens import TokenError, Tokens
from quickbooks_app.sandbox.running import base_url, sandbox
from quickbooks_app.sandbox.runtime.documents import Document, decode, encode
from quickbooks_app.sandbox.runtime.envelopes import (
    business_fault_json,
    gateway_fault_json,
)
from quickbooks_app.sandbox.runtime.errors import (
    GatewayFault,
    application_error,
    forbidden,
    throttled,
    unauthenticated,
)

blueprint = Blueprint("oauth", __name__)

SCOPES = frozenset({oauth_tokens.ACCOUNTING, "openid", "profile", "email", "phone", "address"})


@blueprint.before_request
def begin() -> None:
    wire.start_call()


@blueprint.after_request
def finish(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-cache, no-store"
    response.headers["Pragma"] = "no-cache"
    return wire.finish_call(response)


@blueprint.errorhandler(TokenError)
def handle_token_error(error: TokenError) -> Response:
    body: Document = {"error": error.error}
    if error.description:
        body["error_description"] = error.description
    return _json_response(body, status=error.status)


@blueprint.errorhandler(GatewayFault)
def handle_gateway_fault(fault: GatewayFault) -> Response:
    response = Response(gateway_fault_json(fault, at=g.at), status=fault.status, mimetype="application/json")
    if fault.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Intuit", error="invalid_token"'
    return response


def _json_response(body: object, *, status: int = 200) -> Response:
    return Response(encode(body), status=status, content_type="application/json;charset=utf-8")


@blueprint.get("/.well-known/openid_sandbox_configuration", strict_slashes=False)
@blueprint.get("/.well-known/openid_configuration", strict_slashes=False)
def discovery() -> Response:
    base = base_url()
    return _json_response(
        {
            "issuer": identity.ISSUER,
            "authorization_endpoint": f"{base}/connect/oauth2",
            "token_endpoint": f"{base}/oauth2/v1/tokens/bearer",
            "userinfo_endpoint": f"{base}/v1/openid_connect/userinfo",
            "revocation_endpoint": f"{base}/v2/oauth2/tokens/revoke",
            "jwks_uri": f"{base}/op/v1/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile", "address", "phone"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
        }
    )


@blueprint.get("/op/v1/jwks")
def jwks() -> Response:
    return _json_response(identity.public_keys(sandbox().store))


@blueprint.post("/oauth2/v1/tokens/bearer")
def bearer() -> Response:
    """Exchange a code or refresh tokens. Client credentials come in the header or in the form."""
    if (interruption := _apply_faults()) is not None:
        return interruption
    client_id = _authenticated_client_id()
    form, store = request.form, sandbox().store
    kind = form.get("grant_type")
    if kind == "authorization_code":
        tokens = oauth_tokens.exchange(
            store,
            client_id=client_id,
            code=form.get("code", ""),
            redirect_uri=form.get("redirect_uri", ""),
            at=g.at,
        )
    elif kind == "refresh_token":
        tokens = oauth_tokens.refresh(store, client_id=client_id, token=form.get("refresh_token", ""), at=g.at)
    else:
        raise TokenError(error="unsupported_grant_type" if kind else "invalid_request")
    return _json_response(_token_response(tokens, client_id=client_id))


def _token_response(tokens: Tokens, *, client_id: str) -> Document:
    body: Document = {
        "token_type": "bearer",
        "access_token": tokens.access,
        "expires_in": oauth_tokens.ACCESS_SECONDS,
        "refresh_token": tokens.refresh,
        "x_refresh_token_expires_in": tokens.refresh_expires_in,
    }
    if request.headers.get("x-include-refresh-token-hard-expires-in", "").lower() == "true":
        body["x_refresh_token_hard_expires_in"] = tokens.hard_expires_in
    if "openid" in tokens.scope.split():
        body["id_token"] = identity.id_token(
            sandbox().store,
            client_id=client_id,
            email=tokens.email,
            realm=tokens.realm,
            granted_at=tokens.granted_at,
            at=g.at,
        )
    return body


@blueprint.post("/v2/oauth2/tokens/revoke")
def revoke() -> Response:
    """Revoke a grant by either of its tokens, sent as JSON or as a form."""
    if (interruption := _apply_faults()) is not None:
        return interruption
    client_id = _authenticated_client_id()
    token = request.form.get("token", "")
    if request.is_json:
        try:
            payload = decode(request.get_data())
        except msgspec.DecodeError:
            raise TokenError(error="invalid_request") from None
        token = str(payload.get("token", "")) if isinstance(payload, dict) else ""
    if not oauth_tokens.revoke(sandbox().store, client_id=client_id, token=token, at=g.at):
        raise TokenError(error="invalid_request" if not token else "invalid_grant")
    return Response(status=200)


@blueprint.post("/v2/oauth2/tokens/migrate")
def migrate() -> Response:
    """Refuse what SDKs still offer: there are no OAuth 1.0 tokens that could become ones of OAuth 2.0."""
    _authenticated_client_id()
    raise TokenError(error="invalid_request", description="OAuth 1.0 tokens can no longer be migrated.")


@blueprint.get("/v1/openid_connect/userinfo")
def user_info() -> Response:
    """Return the claims of the scopes that were granted."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise unauthenticated(detail="Malformed bearer token: too short or too long")
    access = oauth_tokens.verify_access(sandbox().store, token=token.strip(), at=g.at)
    scopes = access.scope.split()
    if "openid" not in scopes:
        raise forbidden(detail="The access token does not have sufficient scope")
    return _json_response(identity.claims(access.email, scopes=scopes))


def _authenticated_client_id() -> str:
    """Authenticate the client by its secret and return its client id."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise TokenError(error="invalid_client", status=401) from None
    else:
        client_id, secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
    app = sandbox().app
    known = secrets.compare_digest(client_id.encode(), app.client_id.encode())
    proven = secrets.compare_digest(secret.encode(), app.client_secret.encode())
    if not (known and proven):
        raise TokenError(error="invalid_client", status=401)
    return client_id


def _apply_faults() -> Response | None:
    met = {fault.kind: fault for fault in sandbox().faults.take_for_call("tokens")}
    if "slow" in met:
        time.sleep(met["slow"].seconds)
    if "revoked" in met:
        raise TokenError(error="invalid_grant", description="Token has been expired or revoked.")
    if "throttled" in met:
        body = gateway_fault_json(throttled(), at=g.at)
        return Response(body, status=429, content_type="application/json;charset=utf-8")
    if "server_error" in met:
        body = business_fault_json(application_error(), at=g.at)
        return Response(body, status=500, content_type="application/json;charset=utf-8")
    return wire.interruption(met)
