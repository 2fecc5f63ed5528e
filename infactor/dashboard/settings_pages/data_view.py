"""Export of all own data, for owners who have just entered their password or factor."""

import uuid
from functools import partial

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from infactor.core import audit, downloads, prepared_files
from infactor.core.rate_limits import limited
from infactor.dashboard import tasks
from infactor.dashboard.models import DataExport
from infactor.dashboard.rendering import render_for_supplier
from infactor.suppliers.access import for_supplier, is_owner, require_member, signed_in_user
from infactor.suppliers.models import Supplier
from infactor.users.models import User


@require_safe
@for_supplier
def data(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The copies that this person asked for, and how to ask for one."""
    user = signed_in_user(request)
    rows = prepared_files.kept(DataExport, by=user, at=timezone.now()).filter(supplier=supplier)
    context = {
        "exports": list(rows),
        "is_owner": is_owner(user=user, supplier=supplier),
        "kept_hours": prepared_files.KEPT_FOR.total_seconds() // 3600,
    }
    return render_for_supplier(request, "dashboard/settings/data.html", context, supplier=supplier)


@require_POST
@limited(action="export", what="have asked for files")
@for_supplier
def data_request(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Ask for a copy. While an earlier one is being prepared, that one is shown."""
    user = require_member(by=signed_in_user(request), supplier=supplier, owner=True)
    answer: HttpResponse = _request_after_reauthentication(request, supplier, user)
    return answer


@require_safe
@limited(action="export", what="have downloaded files")
@for_supplier
def data_file(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """The copy, for the owner who asked for it."""
    user = require_member(by=signed_in_user(request), supplier=supplier, owner=True)
    answer: HttpResponse = _file_after_reauthentication(request, supplier, user, public_id)
    return answer


@reauthentication_required  # type: ignore[untyped-decorator]
def _request_after_reauthentication(request: HttpRequest, supplier: Supplier, user: User) -> HttpResponse:
    now = timezone.now()
    with transaction.atomic():
        made = prepared_files.request(DataExport, by=user, at=now, supplier=supplier)
        if made.supplier_id != supplier.pk:
            messages.error(
                request, _("We are preparing the data of another company for you. Try again in a few minutes.")
            )
            return HttpResponseRedirect(reverse("dashboard:data"))
        audit.record(event="dataexport.requested", subject=made, by=user, at=now, supplier_id=supplier.pk)
        transaction.on_commit(partial(tasks.enqueue_data_export, made.pk))
    return HttpResponseRedirect(reverse("dashboard:data"))


@reauthentication_required  # type: ignore[untyped-decorator]
def _file_after_reauthentication(
    request: HttpRequest, supplier: Supplier, user: User, public_id: uuid.UUID
) -> HttpResponse:
    now = timezone.now()
    rows = prepared_files.kept(DataExport, by=user, at=now).filter(supplier=supplier, public_id=public_id)
    # `kept` leaves the content out; it is read here only.
    found = rows.filter(state=DataExport.State.READY).defer(None).first()
    if found is None:
        raise Http404
    audit.record(event="dataexport.downloaded", subject=found, by=user, at=now, supplier_id=supplier.pk)
    name = f"infactor-data-{found.asked_at:%Y-%m-%d}.zip"
    parts = prepared_files.parts(found)
    return downloads.stream(request, parts, name=name, content_type="application/zip")  # type: ignore[return-value]
