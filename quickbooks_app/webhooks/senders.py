"""Which integration a webhook comes from: the one whose verifier token signed it.

Anybody can send a body, so what is done before the signature is verified is bounded: the verifier is that of the
endpoint, or of the few integrations whose companies the body names.
"""

import re
from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from django.conf import settings

from infactor.core import keys
from quickbooks_app.auth import integrations
from quickbooks_app.models import Connection, Integration
from quickbooks_app.webhooks.signature import SIGNATURE_LENGTH, is_valid_signature

MAX_REALMS = 50  # of one body that are looked up
MAX_CANDIDATES = 5  # integrations whose verifier is tried
REALM_PATTERN = re.compile(rb'"(?:realmId|intuitaccountid)"\s{0,8}:\s{0,8}"?([0-9]{1,32})(?![0-9])')


def find(*, body: bytes, signature: str, public_id: UUID | None) -> Integration | None:
    """The integration whose verifier signed `body`; None if there is none.

    The endpoint of an integration knows its verifier. The one without a name belongs to the settings; there, the
    integrations of the companies in the body are tried as well, as an app may have been registered with it.
    """
    if len(signature) != SIGNATURE_LENGTH:
        return None
    in_settings: str = settings.QUICKBOOKS_WEBHOOK_VERIFIER
    if public_id is None and is_valid_signature(body=body, signature=signature, verifier=in_settings):
        return integrations.from_settings()
    return next(
        (
            one
            for one in _candidates(body, public_id=public_id)
            if is_valid_signature(body=body, signature=signature, verifier=integrations.verifier(one))
        ),
        None,
    )


def _candidates(body: bytes, *, public_id: UUID | None) -> Iterator[Integration]:
    if public_id is None:
        yield from _of_companies(body)
    else:
        yield from Integration.objects.filter(public_id=public_id, is_from_settings=False)


def _of_companies(body: bytes) -> Iterator[Integration]:
    """The integrations of the first companies that `body` names, without parsing what nobody has signed."""
    realms = {match[1].decode() for match in islice(REALM_PATTERN.finditer(body), MAX_REALMS)}
    fingerprints = [
        one
        for realm in realms
        for environment in integrations.environments()
        for one in keys.fingerprints("realm", environment, realm)
    ]
    companies = Connection.objects.filter(realm_fingerprint__in=fingerprints, integration__is_from_settings=False)
    found = companies.order_by("integration").values_list("integration", flat=True).distinct()[:MAX_CANDIDATES]
    yield from Integration.objects.filter(pk__in=list(found))
