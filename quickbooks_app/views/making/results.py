"""What a supplier made: the list, one write and what came of it, writing again, and voiding or deleting."""

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from infactor.core.rate_limits import limited
from infactor.invoices.models import Buyer
from infactor.suppliers.access import for_supplier, is_owner, require_member, signed_in_user
from infactor.suppliers.models import Supplier
from quickbooks_app import tasks
from quickbooks_app.api.writes import bodies
from quickbooks_app.making import descriptions, made
from quickbooks_app.making.choices import CannotMake
from quickbooks_app.making.made import ChangedMeanwhile
from quickbooks_app.models import Connection, Push
from quickbooks_app.pushes import supplier_rules
from quickbooks_app.pushes.requests import CannotPush
from quickbooks_app.views.making.pages import FIELD_COLUMNS, flattened, get_connection

SHOWN = 50
COLUMNS = [{"label": gettext_lazy("When")}, {"label": gettext_lazy("What")}, {"label": gettext_lazy("State")}]
# What of the object in QuickBooks is shown before it is ended.
SHOWN_OF_PRESENT = {
    "DocNumber": gettext_lazy("Number"),
    "PaymentRefNum": gettext_lazy("Reference"),
    "TxnDate": gettext_lazy("Date"),
    "TotalAmt": gettext_lazy("Amount"),
    "Balance": gettext_lazy("Open"),
}
# What can be ended, and the words of its page. A payment that is void leaves its invoice open again.
ENDINGS = {
    ("Invoice", "void"): (
        gettext_lazy("Void the invoice"),
        gettext_lazy("It will stay in QuickBooks with amounts of zero, marked as voided."),
    ),
    ("Invoice", "delete"): (
        gettext_lazy("Delete the invoice"),
        gettext_lazy("It will be gone from QuickBooks. Its number can be used again."),
    ),
    ("Payment", "void"): (
        gettext_lazy("Void the payment"),
        gettext_lazy("It will stay in QuickBooks with an amount of zero, and the invoice will be open again."),
    ),
}


@require_safe
@for_supplier
def made_list(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Everything that was made here, and how it stands."""
    connection = get_connection(supplier, public_id)
    context = {
        "rows": descriptions.list_made(connection, limit=SHOWN),
        "columns": COLUMNS,
        "reason": made.blocker(connection),
    }
    return _render(request, supplier, connection, "quickbooks/making/made.html", context)


@require_safe
@for_supplier
def made_one(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID, made_id: uuid.UUID) -> HttpResponse:
    """One write: its progress, its result in plain words, and what can be done next."""
    connection = get_connection(supplier, public_id)
    push = _push(connection, made_id)
    others = made.pushes_of(connection).filter(entity=push.entity, qbk_id=push.qbk_id).exclude(pk=push.pk)
    described, *history = descriptions.describe(connection, [push, *(others if push.qbk_id else [])])
    stands = push.operation == Push.Operation.CREATE and described.outcome == str(descriptions.WRITTEN)
    refusal = supplier_rules.why_not(
        connection=connection, entity=push.entity, operation="void", qbk_id=push.qbk_id, fields={}
    )
    context = {
        "push": push,
        "made": described,
        "buyer": Buyer.objects.filter(company_file=connection.company_file_id, reference=push.qbk_id).first()
        if push.entity == "Customer" and push.qbk_id
        else None,
        "is_open": push.state in (Push.State.WAITING, Push.State.SENDING),
        "endings": [(operation, title) for (entity, operation), (title, _) in ENDINGS.items() if entity == push.entity]
        if stands and not refusal
        else [],
        "can_change": stands and not refusal and push.entity == "Invoice",
        "refusal": refusal if stands else "",
        "history": history,
        "field_rows": list(flattened(bodies.decode(push.fields.encode()))),
        "field_columns": FIELD_COLUMNS,
    }
    return _render(request, supplier, connection, "quickbooks/making/made_one.html", context)


@require_POST
@limited(action="write_books", what="have written")
@for_supplier
def make_again(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID, made_id: uuid.UUID) -> HttpResponse:
    """Write a failed push again."""
    connection = get_connection(supplier, public_id)
    push = _push(connection, made_id)
    try:
        made.repeat(push=push, by=signed_in_user(request), at=timezone.now())
    except CannotPush as error:
        messages.warning(request, str(error))
    else:
        transaction.on_commit(lambda: tasks.enqueue_push(push.pk))
    return _to(connection, push)


@limited(action="write_books", what="have written", when=lambda request: request.method == "POST")
@for_supplier
def end_made(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID, made_id: uuid.UUID) -> HttpResponse:
    """Ask whether to void or delete, and do it."""
    connection = get_connection(supplier, public_id)
    require_member(by=signed_in_user(request), supplier=supplier, owner=True)
    push = _push(connection, made_id)
    asked = request.POST if request.method == "POST" else request.GET
    found = ENDINGS.get((push.entity, asked.get("operation", "")))
    if found is None:
        raise Http404
    notice = ""
    try:
        if request.method == "POST":
            ending = made.end(
                made=push,
                operation=asked["operation"],
                version=asked.get("version", ""),
                by=signed_in_user(request),
                at=timezone.now(),
            )
            transaction.on_commit(lambda: tasks.enqueue_push(ending.pk))
            return _to(connection, ending)
    except ChangedMeanwhile as changed:
        notice = str(changed)
    except (CannotMake, CannotPush) as error:
        messages.warning(request, str(error))
        return _to(connection, push)
    try:
        present = made.present_fields(push)
    except CannotMake as error:
        messages.warning(request, str(error))
        return _to(connection, push)
    context = {
        "push": push,
        "made": descriptions.describe(connection, [push])[0],
        "title": found[0],
        "text": found[1],
        "operation": asked["operation"],
        "version": made.version_of(present),
        "now": [
            (label, present[name]) for name, label in SHOWN_OF_PRESENT.items() if present.get(name) not in (None, "")
        ],
        "notice": notice,
    }
    return _render(request, supplier, connection, "quickbooks/making/end.html", context)


def _push(connection: Connection, made_id: uuid.UUID) -> Push:
    push = made.pushes_of(connection).filter(public_id=made_id).first()
    if push is None:
        raise Http404
    push.connection = connection
    return push


def _to(connection: Connection, push: Push) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("quickbooks:made_one", args=[connection.public_id, push.public_id]))


def _render(
    request: HttpRequest, supplier: Supplier, connection: Connection, template: str, context: dict[str, Any]
) -> HttpResponse:
    owner = is_owner(user=signed_in_user(request), supplier=supplier)
    common = {"supplier": supplier, "connection": connection, "is_owner": owner}
    with timezone.override(supplier.zone):
        return render(request, template, {**context, **common})
