"""Home of the control pages: company summary, how to connect an app, and recent API calls."""

from typing import Any

from flask import Blueprint, Response, g

from quickbooks_app.sandbox.control.frame import page, select_company
from quickbooks_app.sandbox.data.abroad import COUNTRIES
from quickbooks_app.sandbox.oauth.consent import companies
from quickbooks_app.sandbox.running import base_url, sandbox
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import encode

blueprint = Blueprint("control", __name__)
blueprint.before_request(select_company)

RECENT_CALLS = 8

_SUMMARY = """
SELECT count(*) AS invoices,
       count(*) FILTER (WHERE (body -> '$.Balance') COLLATE amount > '0') AS open,
       count(*) FILTER (
           WHERE (body -> '$.Balance') COLLATE amount > '0' AND json_extract(body, '$.DueDate') < :today
       ) AS overdue
FROM objects WHERE realm = :realm AND entity = 'Invoice' AND deleted = 0
"""
_OPEN_BALANCES = """
SELECT COALESCE(json_extract(body, '$.CurrencyRef.value'), 'no currency') AS currency,
       amount_sum(body -> '$.Balance') AS owed
FROM objects WHERE realm = :realm AND entity = 'Invoice' AND deleted = 0
GROUP BY currency ORDER BY currency = 'USD' DESC, currency
"""


@blueprint.get("/")
def overview() -> Response:
    values = {"realm": g.realm, "today": clock.company_today(g.at).isoformat()}
    connection = sandbox().store.connection()
    grants = connection.execute(
        "SELECT count(*) FROM grants WHERE realm = ? AND revoked_at IS NULL", (g.realm,)
    ).fetchone()[0]
    return page(
        "overview.html",
        companies=companies(),
        countries=COUNTRIES,
        glance=connection.execute(_SUMMARY, values).fetchone(),
        owed=[row for row in connection.execute(_OPEN_BALANCES, values) if row["owed"] != "0"],
        grants=grants,
        app=sandbox().app,
        discovery=f"{base_url()}/.well-known/openid_sandbox_configuration",
        api=f"{base_url()}/v3/company/{g.realm}",
        calls=sandbox().calls.recent()[:RECENT_CALLS],
        total=sandbox().calls.total,
    )


@blueprint.get("/calls")
def calls() -> Response:
    """Show the last 200 calls."""
    log = sandbox().calls
    return page("calls.html", calls=log.recent(), total=log.total, metered=log.metered)


@blueprint.get("/control/state")
def state() -> Response:
    """Return the sandbox's state as JSON, for tests."""
    running = sandbox()
    connection = running.store.connection()
    counts: dict[str, dict[str, int]] = {}
    for row in connection.execute(
        "SELECT realm, entity, count(*) AS number FROM objects WHERE deleted = 0 GROUP BY realm, entity"
    ):
        counts.setdefault(row["realm"], {})[row["entity"]] = row["number"]
    answer: dict[str, Any] = {
        "companies": [{"realm": realm, "name": name, "objects": counts[realm]} for realm, name in companies()],
        "faults": [
            {
                "kind": fault.kind,
                "remaining": fault.remaining,
                "target": fault.target,
                "seconds": fault.seconds,
                "retry_after": fault.retry_after,
                "xml": fault.xml,
            }
            for fault in running.faults.active()
        ],
        "rules": running.faults.rules(),
        "calls_total": running.calls.total,
        "metered_total": running.calls.metered,
        "calls": [
            {
                "at": clock.format_response_time(call.at),
                "method": call.method,
                "path": call.path,
                "query": call.query,
                "status": call.status,
                "milliseconds": call.milliseconds,
                "intuit_tid": call.intuit_tid,
                "metered": call.metered,
            }
            for call in running.calls.recent()
        ],
    }
    return Response(encode(answer), mimetype="application/json")
