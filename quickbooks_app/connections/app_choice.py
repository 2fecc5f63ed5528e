"""Through which app a supplier connects: the only one there is, the one it chose, or one of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from infactor.suppliers.models import Supplier
from quickbooks_app.auth import integrations
from quickbooks_app.models import Connection, Integration


@dataclass(frozen=True)
class AppChoice:
    """One of three next steps: the consent of `integration`, the keys that `asks` for, or a choice of `options`."""

    integration: Integration | None = None
    asks: Integration | None = None
    options: Sequence[Integration] = ()


def choose(*, supplier: Supplier, wanted: UUID | None = None, reconnecting: Connection | None = None) -> AppChoice:
    """The next step on the way to the consent page. Without any option, nothing can be connected.

    `wanted` is the integration that the supplier chose. A reconnection stays with its app, unless that is disabled.
    """
    current = reconnecting.integration if reconnecting is not None and wanted is None else None
    if current is not None and _is_usable(current, supplier=supplier):
        return AppChoice(integration=current)
    options = integrations.offered_to(supplier)
    if wanted is not None:
        options = [one for one in options if one.public_id == wanted]
    if len(options) != 1:
        return AppChoice(options=options)
    (only,) = options
    if not integrations.asks_for_keys(only):
        return AppChoice(integration=only)
    own = integrations.own_app(supplier=supplier, parent=only)
    return AppChoice(integration=own) if own is not None else AppChoice(asks=only)


def _is_usable(integration: Integration, *, supplier: Supplier) -> bool:
    if integration.supplier_id is not None:
        parent = integration.parent
        return integration.is_enabled and parent is not None and parent.is_enabled
    return integration in integrations.offered_to(supplier)
