"""Objects that spoil every answer that would hold them, as one invoice with an invalid email does at Intuit."""

from collections.abc import Iterable

from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime.documents import decode
from quickbooks_app.sandbox.runtime.errors import refused_object


def check_ids(*, realm: str, entity: str, ids: Iterable[str], is_whole: bool = True) -> None:
    """Raise the fault of the first object that is refused. `is_whole`: the answer holds every field of the objects."""
    refused = sandbox().faults.refused(realm)
    for id in ids:
        if (how := refused.get((entity, id))) is not None and (is_whole or not how.gives_id):
            raise refused_object(status=how.status, code=how.code)


def check_bodies(*, realm: str, entity: str, bodies: Iterable[str], is_whole: bool = True) -> None:
    """The same for stored bodies. They are decoded only if an object of their kind is refused."""
    if any(kind == entity for kind, _ in sandbox().faults.refused(realm)):
        documents = (decode(body) for body in bodies)
        check_ids(
            realm=realm,
            entity=entity,
            ids=(str(found["Id"]) for found in documents if found.get("status") != "Deleted"),
            is_whole=is_whole,
        )
