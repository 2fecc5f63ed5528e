"""What each push of a simulation promised, and whether it was kept: written once, and over nobody's work."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db.models import Q

from quickbooks_app.api.writes import bodies
from quickbooks_app.documents import payloads
from quickbooks_app.models import Push
from quickbooks_app.sandbox.runtime.documents import Document, decode
from quickbooks_app.writing import answers
from quickbooks_app.writing.merging import holds
from quickbooks_app.writing.object_writer import AGAIN
from tests.simulation.writes.effects import TAG_FIELDS, Effect, Effects

HEAD = {"Id", "SyncToken", "sparse"}
PAY_TO = "This invoice is assigned to infactor."
MAY_BE_WRITTEN = "may have written it"


class Promise(NamedTuple):
    """A push, and what infactor held of its object when it was asked for; nothing for a new object."""

    fields: Mapping[str, Any]
    held: Document | None

    @classmethod
    def of(cls, push: Push) -> "Promise":
        """The promise of a push that was just asked for."""
        document = answers.stored(connection=push.connection, entity=push.entity, qbk_id=push.qbk_id)
        held = decode(payloads.read(document)) if document and push.qbk_id else None
        return cls(bodies.decode(push.fields.encode()), held)


Promises = dict[int, Promise]


def assert_sound() -> None:
    """No push is without a date while it waits for its next attempt, nor without a lease while it is written."""
    waiting = Push.objects.filter(state="waiting", attempts__gt=0, not_before=None)
    assert not waiting.exists(), f"waits without a date: {list(waiting.values())}"
    sending = Push.objects.filter(state="sending", lease_until=None)
    assert not sending.exists(), f"is held without a lease: {list(sending.values())}"
    wordless = Push.objects.filter(Q(state="failed", error="") | Q(state="waiting", attempts__gt=0, error=""))
    assert not wordless.exists(), f"failed without words: {list(wordless.values())}"


def assert_kept(promises: Promises, effects: Effects) -> None:
    """Every push is done or failed, was written once or not at all as it says, and overwrote nobody."""
    problems: list[str] = []
    for push in Push.objects.order_by("pk"):
        key = f"push {push.public_id}"
        found = effects.of(bodies.request_id(key), bodies.request_id(key + AGAIN))
        reasons = [*_broken(push, found, effects), *_overwritten(push, promises[push.pk], found)]
        what = f"push {push.pk} ({push.state}: {push.error!r}, {push.attempts} attempts) {push.operation} {push.entity}"
        problems += [f"{what} {push.qbk_id}: {reason}" for reason in reasons]
    assert not problems, "\n".join(problems)


def _broken(push: Push, found: list[Effect], effects: Effects) -> list[str]:
    """Why the push's own word is not true."""
    reasons = []
    if push.state not in ("done", "failed"):
        reasons.append("it has not ended")
    tag = bodies.decode(push.fields.encode()).get(TAG_FIELDS.get(push.entity, ""), "")
    if len(found) > 1 or (effects.made[tag] > 1 and tag):
        reasons.append("it was written more than once")
    if push.state == "failed" and found and MAY_BE_WRITTEN not in push.error:
        reasons.append("it was written, and says that it failed")
    if push.state == "done" and not found and push.operation in ("create", "delete", "send"):
        reasons.append("it was not written, and says that it is done")
    if push.state == "done" and push.operation == "create" and found:
        made = {
            qbk_id
            for (entity, qbk_id) in found[0].after
            if entity == push.entity and (entity, qbk_id) not in found[0].before
        }
        if made != {push.qbk_id}:
            reasons.append(f"it made {made}, and says {push.qbk_id}")
    return reasons


def _overwritten(push: Push, promise: Promise, found: list[Effect]) -> list[str]:
    """What the books' owner had written since infactor read it, and the push replaced or ended without a word."""
    reasons = []
    for effect in found:
        before = effect.before.get((push.entity, push.qbk_id))
        if before is None or promise.held is None:
            continue
        if push.operation in ("delete", "void"):
            if before["SyncToken"] != promise.held["SyncToken"]:
                reasons.append(
                    f"it ended version {before['SyncToken']}, and was asked to end {promise.held['SyncToken']}"
                )
            continue
        named = {*HEAD, *promise.fields, *(("Active",) if push.operation == "inactivate" else ())}
        if strange := set(effect.body) - named:
            reasons.append(f"it wrote {strange}, too")
        # With the same version nobody has written; answers to some writes just tell less of an object.
        is_changed = before["SyncToken"] != promise.held["SyncToken"]
        for name, wanted in promise.fields.items():
            if name == "Line" and push.entity in bodies.LINKING:
                lost = [
                    line for line in before["Line"] if not any(_same_link(line, one) for one in effect.body["Line"])
                ]
                if lost:
                    reasons.append(f"it took out lines {_text(lost)}")
            elif is_changed and before.get(name) != promise.held.get(name) and not holds(before.get(name), wanted):
                reasons.append(
                    f"it replaced {name} {_text(before.get(name))}, {_text(promise.held.get(name))} when asked"
                )
    return reasons


def _same_link(one: Document, other: Document) -> bool:
    return bool(one.get("LinkedTxn") == other.get("LinkedTxn"))


def _text(value: Any) -> str:
    return json.dumps(value, default=str)[:200]


def assert_pay_to_stands_once(invoices: Iterable[Document]) -> None:
    """The text of where to pay stands at most once on an invoice."""
    for invoice in invoices:
        memo = str((invoice.get("CustomerMemo") or {}).get("value", ""))
        assert memo.count(PAY_TO) <= 1, f"invoice {invoice['Id']} says twice where to pay: {memo}"
