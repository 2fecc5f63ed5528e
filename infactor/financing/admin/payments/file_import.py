"""Importing payments from a bank's file: upload it, preview its rows, record the new ones."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import FileExtensionValidator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView

from infactor.core.admin.decisions import CHANGED, PREVIEW_TOKEN, StaffView
from infactor.core.admin.formatting import amount_text, day_text, figure_text, link
from infactor.core.admin.tables import Table
from infactor.financing.collections import payment_file, payment_import, payments
from infactor.financing.collections.payment_file import ParsedFile, RowError, UnreadableFile
from infactor.financing.collections.payment_import import ImportPreview, ImportResult
from infactor.suppliers.access import signed_in_user

MAX_LISTED = 20
# Each payment is a transaction of its own. This many are recorded well before a browser stops waiting.
BATCH_SIZE = 500


class FileForm(forms.Form):
    """Asks for the bank's file."""

    file = forms.FileField(
        label="CSV file",
        help_text=f"At most {payment_file.MAX_ROWS:,} payments and {payment_file.MAX_BYTES // 1_000_000} MB.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        validators=[FileExtensionValidator(["csv"])],
    )


class CarriedFileForm(forms.Form):
    """The uploaded file, which the preview carries on to the confirmation."""

    content = forms.CharField(widget=forms.HiddenInput)  # base64


class TemplateView(StaffView):
    """A CSV file to start from."""

    permission = payments.RECORD_COLLECTIONS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = HttpResponse(payment_file.template(), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="payments.csv"'
        return response


class ImportView(StaffView, FormView):
    """Asks for a file, previews its rows, and records the new ones when that is confirmed.

    Unlike a decision, its POSTs are not one transaction: each payment is recorded by itself.
    """

    permission = payments.RECORD_COLLECTIONS
    form_class = FileForm
    template_name = "admin/financing/collection/import.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        try:
            data = self._file_content(form)
            if data is None:
                return self.form_invalid(form)
            return self._preview_or_record(data)
        except UnreadableFile as error:
            return self.render_to_response(self.get_context_data(form=form, errors=[str(error)]))

    def _file_content(self, form: Any) -> bytes | None:
        """The uploaded or the carried file; None where the form is invalid."""
        carried = CarriedFileForm(self.request.POST)
        if carried.is_valid():
            try:
                return base64.b64decode(carried.cleaned_data["content"], validate=True)
            except binascii.Error as error:
                raise UnreadableFile("The file was damaged on its way. Choose it again.") from error
        if not form.is_valid():
            return None
        file: UploadedFile = form.cleaned_data["file"]
        if (file.size or 0) > payment_file.MAX_BYTES:
            raise UnreadableFile(f"This file is larger than {payment_file.MAX_BYTES // 1_000_000} MB. Split it.")
        return bytes(file.read())

    def _preview_or_record(self, data: bytes) -> HttpResponse:
        now = timezone.now()
        parsed = payment_file.parse(data=data)
        preview = payment_import.preview(rows=parsed.rows, at=now)
        errors = []
        if PREVIEW_TOKEN in self.request.POST:
            if self.request.POST[PREVIEW_TOKEN] == _token(data, preview):
                user = signed_in_user(self.request)
                _report(self.request, payment_import.record(imported=preview.new[:BATCH_SIZE], by=user, at=now))
                if len(preview.new) <= BATCH_SIZE:
                    return HttpResponseRedirect(reverse("admin:financing_collection_changelist"))
                preview = payment_import.preview(rows=parsed.rows, at=now)
            else:
                errors.append(CHANGED)
        context = {
            "form": None,
            "errors": errors,
            "tables": _tables(parsed, preview),
            "content": base64.b64encode(data).decode(),
            "preview_token": _token(data, preview),
            "count": min(len(preview.new), BATCH_SIZE),
            "remaining": max(len(preview.new) - BATCH_SIZE, 0),
        }
        return self.render_to_response(self.get_context_data(**context))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": "Import payments",
            "required": payment_file.REQUIRED_COLUMNS,
            "optional": payment_file.OPTIONAL_COLUMNS,
        }


def _token(data: bytes, preview: ImportPreview) -> str:
    """A hash that is equal exactly when the same file has the same effect."""
    return hashlib.sha256(repr((data, preview)).encode()).hexdigest()


def _tables(parsed: ParsedFile, preview: ImportPreview) -> list[Table]:
    columns = ("Line", "Value date", "Amount", "Reference", "Payer", "What it is for")
    errors = sorted([*parsed.errors, *preview.errors], key=lambda one: one.line)
    new = [
        (
            str(one.row.line),
            day_text(one.row.value_date),
            amount_text(one.row.amount, one.row.currency),
            one.row.bank_reference,
            one.row.payer or "-",
            one.row.remittance or "-",
            link(one.advance, f"{one.advance}, {one.advance.supplier}") if one.advance else "waits to be matched",
        )
        for one in preview.new
    ]
    recorded = [
        (
            str(row.line),
            day_text(row.value_date),
            amount_text(row.amount, row.currency),
            row.bank_reference,
            row.payer or "-",
            row.remittance or "-",
        )
        for row in preview.already_recorded
    ]
    sums: dict[str, list[object]] = {}
    for currency in sorted({one.row.currency for one in preview.new}):
        amounts = [one.row.amount for one in preview.new if one.row.currency == currency]
        sums[currency] = [currency, figure_text(len(amounts)), amount_text(sum(amounts, Decimal(0)), currency)]
    return [
        Table(
            "Total of the new payments",
            ("Currency", "Payments", "Amount"),
            list(sums.values()),
            "There are no new payments.",
        ),
        Table(
            "Errors: not recorded",
            ("Line", "Problem"),
            [(str(one.line), one.message) for one in errors],
            "No row has an error.",
        ),
        Table("New", (*columns, "Goes to"), new, "There are no new payments."),
        Table("Already recorded: left as they are", columns, recorded, "No row was recorded before."),
    ]


def _report(request: HttpRequest, result: ImportResult) -> None:
    messages.success(request, f"{result.recorded} payment(s) recorded.")
    if result.already_recorded:
        messages.info(request, f"{result.already_recorded} payment(s) were already recorded.")
    if result.refused:
        messages.error(request, _error_text(result.refused))


def _error_text(refused: Sequence[RowError]) -> str:
    lines = [f"line {one.line}: {one.message}" for one in refused[:MAX_LISTED]]
    more = f" And {len(refused) - MAX_LISTED} more." if len(refused) > MAX_LISTED else ""
    return f"{len(refused)} payment(s) were refused. {' '.join(lines)}{more}"
