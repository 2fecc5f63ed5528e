"""The page of webhooks: where they go, how they are written, and what became of the latest."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from quickbooks_app.sandbox.control.frame import begin, link, page
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import encode
from quickbooks_app.sandbox.webhooks.notices import CHOICES

blueprint = Blueprint("control_webhooks", __name__)
blueprint.before_request(begin)

LONGEST_DELAY, MOST_HURRY = 300, 1000
COLOURS = {"waiting": "warn", "delivered": "good", "given up": "bad"}


@blueprint.get("/webhooks")
def show() -> Response:
    webhooks = sandbox().webhooks
    return page(
        "webhooks.html",
        url=webhooks.url,
        written=webhooks.written,
        choices=CHOICES,
        deliveries=webhooks.recent(),
        colours=COLOURS,
    )


@blueprint.post("/control/webhooks")
def choose() -> BaseResponse:
    """`name` and `value`: a choice on or off, `delay` in seconds, or `hurry`, by which Intuit's waits are divided."""
    name, value = request.form.get("name", ""), request.form.get("value", "")
    webhooks = sandbox().webhooks
    if name in CHOICES and value in ("on", "off"):
        webhooks.written = webhooks.written.changed(**{name: value == "on"})
        text = f"{CHOICES[name]}: {value}."
    elif name == "delay" and value.isdecimal() and int(value) <= LONGEST_DELAY:
        webhooks.written = webhooks.written.changed(delay=int(value))
        text = f"Webhooks leave after {int(value)} seconds."
    elif name == "hurry" and value.isdecimal() and 1 <= int(value) <= MOST_HURRY:
        webhooks.written = webhooks.written.changed(hurry=int(value))
        text = f"Intuit's waits are divided by {int(value)}."
    else:
        abort(400, f"name is delay, hurry or one of {', '.join(CHOICES)}")
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
            "tries": [
                {"at": clock.answer_stamp(one.at), "status": one.status, "milliseconds": one.milliseconds}
                for one in delivery.tries
            ],
        }
        for delivery in sandbox().webhooks.recent()
    ]
    return Response(encode({"deliveries": deliveries}), mimetype="application/json")
