"""Answers to queries, and to questions for changes and reports, each without the brace that ends it."""

from collections.abc import Mapping
from datetime import datetime

from flask import g, request

from quickbooks_app.sandbox.accounting import cdc, reading
from quickbooks_app.sandbox.api import query_grammar, refusals
from quickbooks_app.sandbox.api.decoration import decorated_bodies
from quickbooks_app.sandbox.api.query_run import run
from quickbooks_app.sandbox.api.write_requests import included
from quickbooks_app.sandbox.reports.catalogue import run_report
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime.documents import Document, encode
from quickbooks_app.sandbox.runtime.entities import entity_named
from quickbooks_app.sandbox.runtime.envelopes import join_stored_bodies
from quickbooks_app.sandbox.runtime.errors import invalid_query


def query(realm: str, text: str, *, at: datetime, room: int | None = None) -> tuple[bytes, int]:
    """Run a query and return its answer and the number of objects in it, `room` at most."""
    statement = query_grammar.parse(text, refuse_unequal=sandbox().faults.rule("refuse_unequal"))
    store = sandbox().store
    entity = entity_named(statement.entity)
    if entity is not None:
        if not reading.has_objects(store, realm=realm, entity=entity, at=at):
            raise invalid_query(f"invalid context declaration: {statement.entity}")
        reading.prepare(store, realm=realm, entities=[entity.name], at=at)
    found = run(store.connection(), realm=realm, statement=statement, at=at)
    if isinstance(found, int):
        return b'{"QueryResponse":{"totalCount":%d}' % found, 0
    bodies = found.bodies if room is None else found.bodies[:room]
    refusals.check_bodies(realm=realm, entity=found.entity.name, bodies=bodies, is_whole=statement.is_whole)
    bodies = decorated_bodies(
        realm, found.entity.name, bodies, includes=included(request.args.get("include", "")), at=at
    )
    if not bodies:
        return b'{"QueryResponse":{}', 0
    tail: dict[str, int] = {"startPosition": found.start, "maxResults": len(bodies)}
    if found.total is not None:
        tail["totalCount"] = found.total
    after = b"," + encode(tail)[1:]
    return join_stored_bodies(before=b'{"QueryResponse":{', key=found.entity.key, bodies=bodies, after=after), len(
        bodies
    )


def changes(realm: str, given: Mapping[str, str], *, at: datetime) -> bytes:
    """Return what has changed: `given` has `entities` and `changedSince`."""
    names = str(given.get("entities", ""))
    known = [found.name for name in names.split(",") if (found := entity_named(name))]
    reading.prepare(sandbox().store, realm=realm, entities=known, at=at)

    def give_out(entity: str, bodies: list[str]) -> list[str]:
        refusals.check_bodies(realm=realm, entity=entity, bodies=bodies)
        return decorated_bodies(realm, entity, bodies, includes=frozenset(), at=at)

    return cdc.changes_since(
        sandbox().store.connection(),
        realm=realm,
        entities=names,
        since=str(given.get("changedSince", "")),
        at=at,
        enforce_look_back=sandbox().faults.rule("changes_for_30_days_only"),
        give_out=give_out,
        has_fault_in_slot=g.get("has_fault_in_slot", False),
    )


def report_document(realm: str, name: str, given: Mapping[str, str], *, at: datetime) -> Document:
    """Compute a report."""
    return run_report(
        sandbox().store.connection(),
        realm=realm,
        name=name,
        given=given,
        at=at,
        empty=g.get("report_is_empty", False),
        new_engine=sandbox().faults.rule("reports_of_new_engine"),
    )


def report(realm: str, name: str, *, at: datetime) -> bytes:
    """Return a report. With the fault `report_old` it is the latest answer to the same question, if there is one."""
    running = sandbox()
    asked, answer = running.reports.get(request.path, ("", b""))
    if g.report_is_old and asked == request.full_path:
        return answer
    body = encode(report_document(realm, name, request.args, at=at))
    running.reports[request.path] = (request.full_path, body)
    return body
