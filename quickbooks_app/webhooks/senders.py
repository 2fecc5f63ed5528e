"""Which integration a webhook comes from: the one whose verifier token signed it.

Anybody can send a body, so what is done before the signature is verified is bounded: the verifiers that are tried are
that of the endpoint, and those of the few integrations whose companies the body names.
"""

import re
from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from infactor.core import keys
from quickbooks_app.auth import integrations
from quickbooks_app.models import Connection, Integration
from quickbooks_app.webhooks.signature import SIGNATURE_LENGTH, is_valid_signature

MAX_REALMS = 50  # of one body that are looked up
MAX_CANDIDATES = 5  # integrations besides that of the endpoint whose verifier is tried
REALM_PATTERN = re.compile(rb'"(?:realmId|intuitaccountid)"\s{0,8}:\s{0,8}"?([0-9]{1,32})(?![0-9])')


def find(*, body: bytes, signature: str, public_id: UUID | None) -> list[Integration]:
    """The integrations whose verifier signed `body`, that of the endpoint first; empty if there is none.

    Several, where one app was entered twice: its companies may be connected through either. The endpoint without a name
    belongs to the settings.
    """
    if len(signature) != SIGNATURE_LENGTH:
        return []
    return [
        one
        for one in _candidates(body, public_id=public_id)
        if is_valid_signature(body=body, signature=signature, verifier=integrations.verifier(one))
    ]


def _candidates(body: bytes, *, public_id: UUID | None) -> Iterator[Integration]:
    of_endpoint: Integration | None
    if public_id is None:
        of_endpoint = integrations.from_settings()
    else:
        of_endpoint = Integration.objects.filter(public_id=public_id, is_from_settings=False).first()
    if of_endpoint is not None:
        yield of_endpoint
        yield from _of_companies(body, besides=of_endpoint)


def _of_companies(body: bytes, *, besides: Integration) -> Iterator[Integration]:
    """The integrations of the first companies that `body` names, without parsing what nobody has signed."""
    realms = {match[1].decode() for match in islice(REALM_PATTERN.finditer(body), MAX_REALMS)}
    fingerprints = [
        one
        for realm in realms
        for environment in integrations.environments()
        for one in keys.fingerprints("realm", environment, realm)
    ]
    companies = Connection.objects.filter(realm_fingerprint__in=fingerprints).exclude(integration=besides)
    found = list(companies.order_by("integration").values_list("integration", flat=True).distinct()[:MAX_CANDIDATES])
    if found:
        yield from Integration.objects.filter(pk__in=found)
