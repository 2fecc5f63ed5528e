"""Lists of staff as CSV and XLSX: short ones at once, long ones from a page that shows how the file comes along."""

import uuid
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from infactor.core import audit, downloads, prepared_files, tasks
from infactor.core.lists.files import CONTENT_TYPES, ListFile, model_admin_of
from infactor.core.models import ListExport
from infactor.core.rate_limits import limited

LOOK_AGAIN = "5"  # seconds until the page of a waiting file loads itself again


@require_http_methods(["GET", "HEAD", "POST"])
@limited(action="export", what="have downloaded files")
def export(request: HttpRequest, *, model_admin: admin.ModelAdmin, file_format: str) -> HttpResponse:
    """The list of `model_admin` with the filters of the address. A long one is prepared by a worker, after POST."""
    if file_format not in ListExport.Format.values:
        raise Http404
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    back = reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist")
    at = timezone.now()
    try:
        file = ListFile(model_admin, request)
    except IncorrectLookupParameters:
        return HttpResponseRedirect(f"{back}?e=1")
    if request.method == "POST":
        return _ask(request, model_admin, file, file_format)
    if file.count > settings.EXPORT_MAX_ROWS:
        context = _context(request, model_admin)
        return render(request, "admin/export_new.html", {**context, "rows": file.count, "back": f"{back}?{file.query}"})
    record(request, model=model_admin.opts.label_lower, query=file.query, file_format=file_format, rows=file.count)
    return downloads.stream(  # type: ignore[return-value]  # a stream is a response too
        request,
        file.parts(file_format, at=at),
        name=file.name(file_format, at=at),
        content_type=CONTENT_TYPES[ListExport.Format(file_format)],
    )


def record(request: HttpRequest, *, model: str, query: str, file_format: str, rows: int) -> None:
    """Record who took which list, with which filters, and how many rows it has."""
    by: Any = request.user
    details = {"list": model, "filters": query[:1000], "format": file_format, "rows": rows}
    with transaction.atomic():
        audit.record(event="list.exported", subject=by, by=by, at=timezone.now(), details=details)


def _ask(request: HttpRequest, model_admin: admin.ModelAdmin, file: ListFile, file_format: str) -> HttpResponse:
    label = model_admin.opts.label_lower
    if len(file.query) > (ListExport._meta.get_field("query").max_length or 0):
        raise Http404  # no link of a list is that long
    asked = prepared_files.request(
        ListExport, by=request.user, at=timezone.now(), listed=label, query=file.query, file_format=file_format
    )
    transaction.on_commit(partial(tasks.enqueue_list_export, asked.pk))
    return HttpResponseRedirect(reverse("admin:list_export", args=[asked.public_id]))


@require_safe
def list_export(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """How the file comes along. The page loads itself again until it is ready."""
    found = _get(request, public_id)
    model_admin = model_admin_of(found.listed)
    opts = model_admin.opts
    back = f"{reverse(f'admin:{opts.app_label}_{opts.model_name}_changelist')}?{found.query}"
    kept_hours = int(prepared_files.KEPT_FOR.total_seconds()) // 3600
    context = {**_context(request, model_admin), "export": found, "back": back, "kept_hours": kept_hours}
    response = render(request, "admin/export.html", context)
    if found.state == ListExport.State.WAITING:
        response.headers["Refresh"] = LOOK_AGAIN
    return response


@require_safe
@limited(action="export", what="have downloaded files")
def list_export_file(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The prepared file, for its person while they may see the list."""
    found = _get(request, public_id)
    model_admin = model_admin_of(found.listed)
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    if found.state != ListExport.State.READY:
        raise Http404
    record(request, model=found.listed, query=found.query, file_format=found.file_format, rows=found.rows or 0)
    day = timezone.localdate(found.asked_at).isoformat()
    return downloads.stream(  # type: ignore[return-value]  # a stream is a response too
        request,
        prepared_files.parts(found),
        name=f"{model_admin.opts.model_name}-{day}.{found.file_format}",
        content_type=CONTENT_TYPES[ListExport.Format(found.file_format)],
    )


def _get(request: HttpRequest, public_id: uuid.UUID) -> ListExport:
    found = prepared_files.kept(ListExport, by=request.user, at=timezone.now()).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _context(request: HttpRequest, model_admin: admin.ModelAdmin) -> dict[str, Any]:
    name = model_admin.opts.verbose_name_plural
    return {
        **admin.site.each_context(request),
        "title": _("Export of %(name)s") % {"name": name},
        "list_name": name,
        "opts": model_admin.opts,
    }


urlpatterns = [
    path("exports/<uuid:public_id>/", list_export, name="list_export"),
    path("exports/<uuid:public_id>/file/", list_export_file, name="list_export_file"),
]
