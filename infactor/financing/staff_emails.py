"""Alerts to staff about financing: what somebody should hear of at once. Apps above send them to whom they concern."""

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from infactor.core import staff_alerts
from infactor.core.staff_alerts import Alert, Kind
from infactor.financing import emails
from infactor.financing.models import Case, Payout


def case_for_staff(*, case: Case) -> None:
    """One for each revision of a severe case, for those who decide cases and want to hear of it at once."""
    if case.severity != Case.Severity.SEVERE:
        return
    values = {"case": case, "advance": case.advance, "supplier": case.supplier, "address": _staff_page(case)}
    key = f"financing.staff_case:{emails.revision(case)}"
    _alert(Kind.SEVERE_CASE, "staff_case", key=key, supplier_id=case.supplier_id, **values)


def dispute_for_staff(*, case: Case) -> None:
    """One for each dispute of a funded invoice that its buyer opened, for those who decide cases."""
    values = {"case": case, "advance": case.advance, "supplier": case.supplier, "address": _staff_page(case)}
    key = f"financing.staff_dispute:{emails.revision(case)}"
    _alert(Kind.SEVERE_CASE, "staff_dispute", key=key, supplier_id=case.supplier_id, **values)


def payout_returned_for_staff(*, payout: Payout) -> None:
    """One for each payout that the bank returned, for those who pay out."""
    values = {"payout": payout, "address": _staff_page(payout)}
    key = f"financing.staff_payout_returned:{emails.failure_key(payout)}"
    _alert(Kind.PAYOUT_RETURNED, "staff_payout_returned", key=key, supplier_id=payout.supplier_id, **values)


def _alert(kind: Kind, name: str, *, key: str, supplier_id: int | None, **values: Any) -> None:
    staff_alerts.publish(
        Alert(
            kind=kind,
            key=key,
            text=lambda: (
                render_to_string(f"financing/email/{name}_subject.txt", values),
                render_to_string(f"financing/email/{name}_message.txt", values),
            ),
            supplier_id=supplier_id,
        )
    )


def _staff_page(row: Case | Payout) -> str:
    """The address of staff's page of `row`."""
    return staff_alerts.page_address(reverse(f"admin:financing_{row._meta.model_name}_change", args=[row.pk]))
