"""What decisions about many advances of the list share: each advance is decided as its own page would."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from infactor.core.admin.formatting import link
from infactor.core.admin.many_rows import ManyRowsDecision, Outcome
from infactor.financing import approvals, dual_control
from infactor.financing.admin.base.decisions import WAITS_FOR_APPROVAL, FinancingDecision
from infactor.financing.models import Advance


class ManyAdvancesDecision(FinancingDecision, ManyRowsDecision):
    """A decision about many advances, those of one supplier together. It moves money: the factor is asked for anew."""

    needs_fresh_factor = True

    def group_of(self, row: Advance) -> int:
        return row.supplier_id

    def rehearsal(self) -> AbstractContextManager[Any]:
        return dual_control.rehearsal()

    def outcome(self, row: Advance, request: approvals.ApprovalRequest, *, cells: Sequence[object]) -> Outcome:
        """Execute `request` for `row`, or ask a second person for it."""
        approval = approvals.execute_or_request_approval(request=request, by=self.user, at=timezone.now())
        waiting = " ".join(dual_control.rehearsed_reasons()) or (WAITS_FOR_APPROVAL if approval else "")
        return Outcome(row, cells=cells, waiting=waiting)

    def shown(self, row: Advance) -> SafeString:
        return link(row, _("%(row)s, invoice %(invoice)s") % {"row": row, "invoice": row.invoice})
