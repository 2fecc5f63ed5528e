"""Which integration a webhook comes from: the one whose verifier token signed it.

Anybody can send a body, so what is done before the signature is verified is bounded: the verifiers that are tried are
that of the endpoint, and those of the few integrations whose companies the body names.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from infactor.core import keys
from quickbooks_app.auth import integrations
from quickbooks_app.models import Connection, Integration
from quickbooks_app.webhooks.signature import SIGNATURE_LENGTH, is_valid_signature

MAX_REALMS = 50  # of one body that are looked up
MAX_CANDIDATES = 5  # integrations besides that of the endpoint whose verifier is tried
REALM_PATTERN = re.compile(rb'"(?:realmId|intuitaccountid)"\s{0,8}:\s{0,8}"?([0-9]{1,32})(?![0-9])')


class Signed(Protocol):
    """A body, the signature that came with it, and the integration whose endpoint it came to, if that has a name."""

    @property
    def body(self) -> bytes: ...
    @property
    def signature(self) -> str: ...
    @property
    def public_id(self) -> UUID | None: ...


def find_all(webhooks: Sequence[Signed]) -> list[list[Integration]]:
    """For each webhook the integrations whose verifier signed its body, that of the endpoint first; empty if none did.

    Several, where one app was entered twice: its companies may be connected through either. The endpoint without a name
    belongs to the settings. At most three queries for all of them.
    """
    asked = [one if len(one.signature) == SIGNATURE_LENGTH else None for one in webhooks]
    of_endpoints = _of_endpoints({one.public_id for one in asked if one is not None})
    bodies = [one.body if one is not None and one.public_id in of_endpoints else b"" for one in asked]
    of_companies = _of_companies(bodies, besides=of_endpoints.values())
    found: list[list[Integration]] = []
    for one, others in zip(asked, of_companies, strict=True):
        of_endpoint = of_endpoints.get(one.public_id) if one is not None else None
        if one is None or of_endpoint is None:
            found.append([])
            continue
        candidates = [of_endpoint, *[other for other in others if other.pk != of_endpoint.pk][:MAX_CANDIDATES]]
        found.append([other for other in candidates if _has_signed(other, one)])
    return found


def _has_signed(integration: Integration, webhook: Signed) -> bool:
    verifier = integrations.verifier(integration)
    return is_valid_signature(body=webhook.body, signature=webhook.signature, verifier=verifier)


def _of_endpoints(public_ids: set[UUID | None]) -> dict[UUID | None, Integration]:
    """The integration of each endpoint that has one. None stands for the endpoint without a name."""
    if not public_ids:
        return {}
    named = Q(is_from_settings=False, public_id__in=[one for one in public_ids if one is not None])
    unnamed = Q(is_from_settings=True, environment=settings.QUICKBOOKS_ENVIRONMENT)
    rows = Integration.objects.order_by().filter(named | unnamed if None in public_ids else named)
    found: dict[UUID | None, Integration] = {None if row.is_from_settings else row.public_id: row for row in rows}
    if None in public_ids and None not in found:
        found[None] = integrations.from_settings()
    return found


def _of_companies(bodies: Sequence[bytes], *, besides: Iterable[Integration]) -> list[list[Integration]]:
    """The integrations of the first companies that each body names, without parsing what nobody has signed."""
    named = [
        {
            fingerprint
            for realm in {match[1].decode() for match in islice(REALM_PATTERN.finditer(body), MAX_REALMS)}
            for environment in integrations.environments()
            for fingerprint in keys.fingerprints("realm", environment, realm)
        }
        for body in bodies
    ]
    every = set().union(*named)
    if not every:
        return [[] for _ in bodies]
    companies = Connection.objects.order_by().filter(realm_fingerprint__in=every)
    integration_of = dict(companies.values_list("realm_fingerprint", "integration"))
    known = {one.pk: one for one in besides}
    # One more than the candidates: that of the endpoint may be among them.
    wanted = [
        sorted({integration_of[one] for one in own if one in integration_of})[: MAX_CANDIDATES + 1] for own in named
    ]
    if missing := {pk for own in wanted for pk in own} - known.keys():
        known |= Integration.objects.in_bulk(missing)
    return [[known[pk] for pk in own if pk in known] for own in wanted]
