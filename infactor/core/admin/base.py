"""Base classes of every admin page: lists with their totals and files, read-only facts, audited changes, tables."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Sum
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext

from infactor.core import audit
from infactor.core.admin import list_exports, panels
from infactor.core.admin.filters import FOUND, FoundFilter
from infactor.core.admin.formatting import amount_text, figure_text
from infactor.core.admin.search_kinds import kind_of
from infactor.core.admin.tables import Table, structure_table
from infactor.core.lists.files import filters_of
from infactor.core.models import ListExport
from infactor.core.translatable import Text


class AuditLogMixin(admin.ModelAdmin):
    """Replaces Django's "History" of a row by its audit log: Django's own knows changes by hand only.

    Below a row stand the panels of the apps above. Above a list stand its totals by currency, and links that take all
    its rows as a file.

    A list is newest first; a directory of names is by name. Where its filter makes it a work queue, the longest waiting
    is first: `queues` are these filters, each a name with a value, and the column with the moment since when.
    """

    queues: Mapping[tuple[str, str], str] = {}
    summed: Sequence[tuple[Text, str]] = ()  # what the totals add up: a label and a column of the list's query
    currency_column = "currency"

    def get_urls(self) -> list[URLPattern]:
        """With the list as a file."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        own = path("export/<str:file_format>/", self.admin_site.admin_view(self.export_view), name=name)
        return [own, *super().get_urls()]

    def export_view(self, request: HttpRequest, file_format: str) -> HttpResponse:
        return list_exports.export(request, model_admin=self, file_format=file_format)

    def get_ordering(self, request: HttpRequest) -> Any:
        for (name, value), waiting_since in self.queues.items():
            if request.GET.get(name) == value:
                return [waiting_since, "pk"]
        return super().get_ordering(request)

    def get_list_filter(self, request: HttpRequest) -> Any:
        filters = super().get_list_filter(request)
        return [*filters, FoundFilter] if FOUND in request.GET and kind_of(self.model) else filters

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        """As Django's, of the keys that are keys: any other text would be an error of the server."""
        posted: Any = request.POST.copy()
        ticked = [one for one in posted.getlist(ACTION_CHECKBOX_NAME) if self._is_key(one)]
        posted.setlist(ACTION_CHECKBOX_NAME, ticked)
        request.POST = posted
        return super().response_action(request, *args, **kwargs)

    def _is_key(self, text: str) -> bool:
        try:
            self.opts.pk.to_python(text)
        except ValidationError:
            return False
        return True

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            shown = response.context_data["cl"]
            response.context_data.setdefault("totals", self.totals(shown.queryset) if shown.result_count else None)
            response.context_data["exports"] = self._export_links(request) if shown.result_count else ()
        return response

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With what its columns need besides, read for all rows of the page together."""
        shown = super().get_changelist_instance(request)
        if type(self).read_for_rows is not AuditLogMixin.read_for_rows:
            shown.result_list = list(shown.result_list)
            self.read_for_rows(shown.result_list, request=request)
        return shown

    def read_for_rows(self, rows: list[Any], *, request: HttpRequest) -> None:
        """Set on each of `rows`, those of a page of the list or a part of its file, what columns show of it."""

    def totals(self, rows: "models.QuerySet[Any]") -> Table | None:
        """The sums of `rows` by currency; None for a list without amounts."""
        if not self.summed:
            return None
        sums = {f"sum_{place}": Sum(column) for place, (_, column) in enumerate(self.summed)}
        by_currency = rows.order_by(self.currency_column).values_list(self.currency_column)
        found = by_currency.annotate(count=Count("pk"), **sums)
        return Table(
            gettext("Totals"),
            (gettext("Currency"), capfirst(str(self.opts.verbose_name_plural)), *(label for label, _ in self.summed)),
            [
                (currency, figure_text(count), *(amount_text(amount or Decimal(0), currency) for amount in amounts))
                for currency, count, *amounts in found
            ],
        )

    def _export_links(self, request: HttpRequest) -> list[tuple[str, str]]:
        """The files of the list as it is filtered now, each as its name and its address."""
        name, query = f"admin:{self.opts.app_label}_{self.opts.model_name}_export", filters_of(request.GET)
        formats = ListExport.Format
        return [(one.label, f"{reverse(name, args=[one.value])}{'?' if query else ''}{query}") for one in formats]

    @staticmethod
    def shown_key(request: HttpRequest) -> str:
        """The key of the row whose page, or the page of a decision about which, is asked for; "" on a list."""
        return str(request.resolver_match.kwargs.get("object_id", "")) if request.resolver_match else ""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow filters by shown columns only: by a hidden one somebody could guess its value sign by sign."""
        name = lookup.split(LOOKUP_SEP)[0]
        columns = {one.name for one in self.opts.get_fields() if one.name != "id"}
        is_hidden = name in columns and name not in self._shown_names(request)
        return not is_hidden and super().lookup_allowed(lookup, value, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        row = self.get_object(request, object_id)
        shown: Sequence[panels.Panel] = ()
        if row is not None and self.has_view_permission(request, row):
            shown = panels.panels(row=row, user=request.user)
        return super().change_view(request, object_id, form_url, {"panels": shown, **(extra_context or {})})

    def _shown_names(self, request: HttpRequest) -> set[str]:
        filters = [one[0] if isinstance(one, tuple) else one for one in self.get_list_filter(request)]
        names = [*flatten_fieldsets(self.get_fieldsets(request)), *self.get_list_display(request), self.date_hierarchy]
        return {str(getattr(one, "parameter_name", one)) for one in (*names, *filters)}

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """As Django's. A page that only shows the row, whose parts each ask for it, loads it once."""
        if request.method not in ("GET", "HEAD"):
            return super().get_object(request, object_id, from_field)
        known: dict[Any, Any] = request.__dict__.setdefault("_admin_rows", {})
        key = (self.model, object_id, from_field)
        if key not in known:
            known[key] = super().get_object(request, object_id, from_field)
        return known[key]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        row = self.get_object(request, object_id)
        if row is None or not request.user.has_perm("core.view_auditevent"):
            return super().history_view(request, object_id, extra_context)
        query = urlencode({"subject_type": self.opts.label_lower, "subject_id": row.pk})
        return HttpResponseRedirect(f"{reverse('admin:core_auditevent_changelist')}?{query}")


class AuditedAdmin(AuditLogMixin):
    """For rows that staff may change: the audit log gets the names of the changed fields, not their values."""

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        self._record(request, obj, "added", message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        self._record(request, obj, "changed", message)
        return super().log_change(request, obj, message)

    def _record(self, request: HttpRequest, obj: models.Model, verb: str, message: Any) -> None:
        audit.record(
            event=f"{obj._meta.model_name}.{verb}_by_staff",
            subject=obj,
            by=request.user,
            at=timezone.now(),
            details={"fields": _changed_fields(message)},
        )


def _changed_fields(message: Any) -> list[str]:
    """Names of the fields in Django's change message: `[{"changed": {"name": …, "fields": […]}}]`."""
    parts: list[dict[str, Any]] = [next(iter(entry.values()), {}) for entry in message if isinstance(entry, dict)]
    return [f"{part['name']}: {name}" if "name" in part else name for part in parts for name in part.get("fields", [])]


class ReadOnlyInline(admin.TabularInline):
    """Read-only rows that belong to the row above them."""

    extra = 0
    max_num = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(AuditLogMixin):
    """For facts: staff read them; nobody edits, adds or deletes them by hand."""

    list_per_page = 50
    show_full_result_count = False
    actions: Sequence[str] | None = None
    shown_if_set: Sequence[str] = ()  # fields that are left out of the page of a row that has nothing in them

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        names: Any = super().get_fields(request, obj)
        return [one for one in names if obj is None or one not in self.shown_if_set or getattr(obj, one)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def related_tables(self, row: Any) -> Sequence[Table]:
        """The tables below the fields of `row`."""
        return ()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        row = self.get_object(request, object_id)
        tables: Sequence[Table] = ()
        if row is not None and self.has_view_permission(request, row):
            tables = [*self.related_tables(row), *self._structures(row)]
        return super().change_view(request, object_id, form_url, {"related_tables": tables, **(extra_context or {})})

    def get_exclude(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Without columns of nested data: they are shown as tables, not as code."""
        return [*(super().get_exclude(request, obj) or ()), *(one.name for one in self._nested)]

    def _structures(self, row: Any) -> list[Table]:
        return [structure_table(capfirst(str(one.verbose_name)), getattr(row, one.attname)) for one in self._nested]

    @property
    def _nested(self) -> list["models.Field[Any, Any]"]:
        """The columns of nested data that the page would show by itself: those that its fields do not choose."""
        if self.fields is not None or self.fieldsets is not None:
            return []
        left_out = self.exclude or ()
        columns = [one for one in self.opts.concrete_fields if isinstance(one, models.JSONField | ArrayField)]
        return [one for one in columns if one.editable and one.name not in left_out]
