"""Control page for faults, write rules and tokens."""

from typing import cast

from flask import Blueprint, Response, abort, flash, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from quickbooks_app.sandbox.accounting import entries, writing
from quickbooks_app.sandbox.control.frame import (
    books_for_writing,
    fault_text,
    link,
    page,
    select_company,
    write_rules,
)
from quickbooks_app.sandbox.oauth import tokens
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime.documents import parse_number
from quickbooks_app.sandbox.runtime.errors import BusinessFault
from quickbooks_app.sandbox.runtime.faults import (
    BOOK_KINDS,
    KINDS,
    PLANTED_RULES,
    REFUSAL_CODES,
    REPORT_KINDS,
    RULES,
    TARGETS,
    Fault,
    Target,
)

blueprint = Blueprint("control_switches", __name__)
blueprint.before_request(select_company)

MAX_WAIT_SECONDS = 300
REFUSABLE = ("Invoice", "Customer", "Payment", "CreditMemo")


@blueprint.get("/faults")
def show() -> Response:
    active = {fault.kind: fault for fault in sandbox().faults.active()}
    return page(
        "faults.html",
        refusable=REFUSABLE,
        refusal_codes=REFUSAL_CODES,
        refused=sandbox().faults.refused(g.realm),
        kinds=KINDS,
        report_kinds=REPORT_KINDS,
        book_kinds=BOOK_KINDS,
        active=active,
        targets=TARGETS,
        rules=RULES,
        planted=PLANTED_RULES,
        rules_on=sandbox().faults.rules(),
    )


@blueprint.post("/control/faults")
def switch() -> BaseResponse:
    """Switch a fault.

    Form fields: `action` (on, off, clear), `kind`, `times` (empty: until switched off), `target`, `seconds`,
    `retry_after` and `xml`.
    """
    faults, form = sandbox().faults, request.form
    action, kind = form.get("action", "on"), form.get("kind", "")
    if action == "clear":
        faults.clear()
        return _respond("All troubles are off.")
    if kind not in KINDS:
        abort(400, f"kind is one of {', '.join(KINDS)}")
    if action == "off":
        faults.switch_off(kind)
        return _respond(f"{KINDS[kind]}: off.")
    # A dead grant shows at both ends: calls are refused, and so is the refresh.
    target = form.get("target") or ("both" if kind == "revoked" else "api")
    if kind in REPORT_KINDS:
        target = "reports"
    if action != "on" or target not in TARGETS or (kind in BOOK_KINDS and target in ("tokens", "both")):
        abort(400, f"action is on, off or clear; target is one of {', '.join(TARGETS)}")
    faults.switch_on(
        Fault(
            kind=kind,
            remaining=_whole_number("times", least=1, most=10_000),
            target=cast("Target", target),
            seconds=_whole_number("seconds", least=0, most=MAX_WAIT_SECONDS) or 5,
            retry_after=_whole_number("retry_after", least=0, most=3600),
            xml=form.get("xml") == "on",
        )
    )
    return _respond(f"{KINDS[kind]}: on.")


@blueprint.post("/control/rules")
def set_rule() -> BaseResponse:
    """Switch a write rule. Form fields: `name` and `on` (on or off)."""
    name, on = request.form.get("name", ""), request.form.get("on", "off") == "on"
    rules = {**RULES, **PLANTED_RULES}
    if name not in rules:
        abort(400, f"name is one of {', '.join(rules)}")
    sandbox().faults.set_rule(name, on=on)
    return _respond(f"{rules[name]}: {'on' if on else 'off'}.")


@blueprint.post("/control/journal-entry")
def post_journal_entry() -> BaseResponse:
    """Post a journal entry on receivables. Form fields: `customer` (an id), `amount`, `effect` (lowers or raises)."""
    form = request.form
    try:
        amount = parse_number(form.get("amount", "").strip().replace(",", ""))
        entity, payload = entries.on_receivables(
            "JournalEntry",
            customer_id=form.get("customer", "").strip(),
            amount=amount,
            raises=form.get("effect") == "raises",
        )
        with books_for_writing() as books:
            made = writing.create(books, entity=entity, payload=payload, rules=write_rules())
    except ValueError:
        abort(400, "amount is a number")
    except BusinessFault as fault:
        abort(400, fault_text(fault))
    return _respond(f"Journal entry {made['Id']} is in the books.")


@blueprint.post("/control/refused")
def refuse_object() -> BaseResponse:
    """Refuse every answer that would hold an object.

    Form fields: `action` (on or off), `entity`, `id`, `status` (400 or 500) and `code` (4002, 10000 or 500).
    """
    form = request.form
    entity, id, status = form.get("entity", "Invoice"), form.get("id", "").strip(), form.get("status", "400")
    code = form.get("code", REFUSAL_CODES[0])
    if entity not in REFUSABLE or not id.isdecimal() or status not in ("400", "500") or code not in REFUSAL_CODES:
        codes = ", ".join(REFUSAL_CODES)
        abort(400, f"entity is one of {', '.join(REFUSABLE)}; id is a number; status is 400 or 500; code: {codes}")
    if form.get("action") == "off":
        sandbox().faults.stop_refusing(realm=g.realm, entity=entity, id=id)
        return _respond(f"{entity} {id}: given out again.")
    sandbox().faults.refuse(realm=g.realm, entity=entity, id=id, status=int(status), code=code)
    return _respond(f"{entity} {id}: refused.")


@blueprint.post("/control/tokens")
def end_tokens() -> BaseResponse:
    """Expire access tokens (`action` expire) or revoke every grant (`action` disconnect)."""
    action = request.form.get("action")
    if action not in ("expire", "disconnect"):
        abort(400, "action is expire or disconnect")
    if action == "expire":
        number = tokens.expire_access_tokens(sandbox().store, at=g.at)
        return _respond(f"Access tokens expired: {number}.")
    number = tokens.revoke_all_grants(sandbox().store, at=g.at)
    return _respond(f"Connections ended: {number}.")


def _whole_number(name: str, *, least: int, most: int) -> int | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    if not text.isdecimal() or not least <= int(text) <= most:
        abort(400, f"{name} is a whole number from {least} to {most}")
    return int(text)


def _respond(text: str) -> BaseResponse:
    """Redirect a browser to the page; answer a program in plain text."""
    if "text/html" not in request.headers.get("Accept", ""):
        return Response(text, mimetype="text/plain")
    flash(text)
    return redirect(link("control_switches.show"), code=303)
