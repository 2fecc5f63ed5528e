"""Control page for webhooks: target, format, and the latest deliveries."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from quickbooks_app.sandbox.control.frame import link, page, select_company
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import encode
from quickbooks_app.sandbox.webhooks.notices import SWITCHES

blueprint = Blueprint("control_webhooks", __name__)
blueprint.before_request(select_company)

MAX_DELAY_SECONDS, MAX_SPEED_UP = 300, 1000
COLOURS = {"waiting": "warn", "delivered": "good", "given up": "bad"}


@blueprint.get("/webhooks")
def show() -> Response:
    webhooks = sandbox().webhooks
    return page(
        "webhooks.html",
        url=webhooks.url,
        written=webhooks.written,
        choices=SWITCHES,
        deliveries=webhooks.recent(),
        colours=COLOURS,
    )


@blueprint.post("/control/webhooks")
def choose() -> BaseResponse:
    """Set `name` to `value`: a switch on or off, `delay` in seconds, or `speed_up`, which divides Intuit's delays."""
    name, value = request.form.get("name", ""), request.form.get("value", "")
    webhooks = sandbox().webhooks
    if name in SWITCHES and value in ("on", "off"):
        webhooks.written = webhooks.written.changed(**{name: value == "on"})
        text = f"{SWITCHES[name]}: {value}."
    elif name == "delay" and value.isdecimal() and int(value) <= MAX_DELAY_SECONDS:
        webhooks.written = webhooks.written.changed(delay=int(value))
        text = f"Webhooks leave after {int(value)} seconds."
    elif name == "speed_up" and value.isdecimal() and 1 <= int(value) <= MAX_SPEED_UP:
        webhooks.written = webhooks.written.changed(speed_up=int(value))
        text = f"Intuit's waits are divided by {int(value)}."
    else:
        abort(400, f"name is delay, speed_up or one of {', '.join(SWITCHES)}")
    if "text/html" not in request.headers.get("Accept", ""):
        return Response(text, mimetype="text/plain")
    flash(text)
    return redirect(link("control_webhooks.show"), code=303)


@blueprint.get("/control/webhooks")
def state() -> Response:
    """The latest deliveries as JSON, newest first."""
    deliveries: list[dict[str, Any]] = [
        {
            "state": delivery.state,
            "events": [f"{event.realm} {event.entity} {event.id} {event.operation}" for event in delivery.events],
            "attempts": [
                {"at": clock.format_response_time(one.at), "status": one.status, "milliseconds": one.milliseconds}
                for one in delivery.attempts
            ],
        }
        for delivery in sandbox().webhooks.recent()
    ]
    return Response(encode({"deliveries": deliveries}), mimetype="application/json")
