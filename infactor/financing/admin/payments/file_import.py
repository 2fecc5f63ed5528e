"""Importing payments from a file in admin: upload, look at each row, record the new ones."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from decimal import Decimal

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from infactor.core.admin.base import amount_text, figure_text
from infactor.core.admin.decisions import CHANGED, SEEN, Table
from infactor.financing.admin.base.parts import day_text, link
from infactor.financing.collections import payment_file, payment_import, payments
from infactor.financing.collections.payment_file import FileUnreadable, Mistake, Read
from infactor.financing.collections.payment_import import Result, Sorted
from infactor.suppliers.access import person

TOLD = 20
# Each payment is a transaction of its own: so many are done well within the time that a browser waits.
AT_ONCE = 500


class FileForm(forms.Form):
    """The file of the bank."""

    file = forms.FileField(
        label="CSV file",
        help_text=f"At most {payment_file.MOST_ROWS:,} payments and {payment_file.MOST_BYTES // 1_000_000} MB.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )


class KeptForm(forms.Form):
    """The same file on its way through the page on which it is looked at."""

    kept = forms.CharField(widget=forms.HiddenInput)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Ask for a file; show what is new, recorded before, and wrong; record what is new when that is confirmed."""
    if not request.user.has_perm(payments.RECORD):
        raise PermissionDenied
    problems: list[str] = []
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST":
        try:
            data = _data(request, form)
            if data is not None:
                return _looked(request, data)
        except FileUnreadable as problem:
            problems.append(str(problem))
    return _page(request, form=form, problems=problems)


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """A file to start from."""
    if not request.user.has_perm(payments.RECORD):
        raise PermissionDenied
    answer = HttpResponse(payment_file.template(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="payments.csv"'
    return answer


def _data(request: HttpRequest, form: FileForm) -> bytes | None:
    """What was uploaded, or carried along; None where the form is not right."""
    kept = KeptForm(request.POST)
    if kept.is_valid():
        try:
            return base64.b64decode(kept.cleaned_data["kept"], validate=True)
        except binascii.Error as error:
            raise FileUnreadable("The file was lost on its way. Choose it once more.") from error
    if not form.is_valid():
        return None
    file: UploadedFile = form.cleaned_data["file"]
    if (file.size or 0) > payment_file.MOST_BYTES:
        raise FileUnreadable(f"This file is larger than {payment_file.MOST_BYTES // 1_000_000} MB. Split it.")
    return bytes(file.read())


def _looked(request: HttpRequest, data: bytes) -> HttpResponse:
    now = timezone.now()
    read = payment_file.read(data=data)
    found = payment_import.sort(rows=read.rows, at=now)
    problems = []
    if SEEN in request.POST:
        if request.POST[SEEN] == _digest(data, found):
            result = payment_import.record(payments=found.new[:AT_ONCE], by=person(request), at=now)
            _tell(request, result)
            if len(found.new) <= AT_ONCE:
                return HttpResponseRedirect(reverse("admin:financing_collection_changelist"))
            found = payment_import.sort(rows=read.rows, at=now)
        else:
            problems.append(CHANGED)
    return _page(
        request,
        problems=problems,
        tables=_tables(read, found),
        kept=base64.b64encode(data).decode(),
        seen=_digest(data, found),
        count=min(len(found.new), AT_ONCE),
        left=max(len(found.new) - AT_ONCE, 0),
    )


def _digest(data: bytes, found: Sorted) -> str:
    """The same for the same file with the same meaning."""
    return hashlib.sha256(repr((data, found)).encode()).hexdigest()


def _page(
    request: HttpRequest,
    *,
    form: FileForm | None = None,
    problems: Sequence[str] = (),
    tables: Sequence[Table] = (),
    kept: str = "",
    seen: str = "",
    count: int = 0,
    left: int = 0,
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": "Import payments",
        "form": form,
        "problems": problems,
        "tables": tables,
        "kept": kept,
        "seen": seen,
        "count": count,
        "left": left,
        "needed": payment_file.NEEDED,
        "optional": payment_file.OPTIONAL,
    }
    return render(request, "admin/financing/collection/import.html", context)


def _tables(read: Read, found: Sorted) -> list[Table]:
    columns = ("Line", "Value date", "Amount", "Reference", "Payer", "What it is for")
    wrong = sorted([*read.mistakes, *found.wrong], key=lambda one: one.line)
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
        for one in found.new
    ]
    before = [
        (
            str(row.line),
            day_text(row.value_date),
            amount_text(row.amount, row.currency),
            row.bank_reference,
            row.payer or "-",
            row.remittance or "-",
        )
        for row in found.before
    ]
    sums: dict[str, list[object]] = {}
    for currency in sorted({one.row.currency for one in found.new}):
        amounts = [one.row.amount for one in found.new if one.row.currency == currency]
        sums[currency] = [currency, figure_text(len(amounts)), amount_text(sum(amounts, Decimal(0)), currency)]
    return [
        Table("Together, of what is new", ("Currency", "Payments", "Amount"), list(sums.values()), "Nothing is new."),
        Table(
            "Wrong: not recorded",
            ("Line", "Problem"),
            [(str(one.line), one.problem) for one in wrong],
            "No row is wrong.",
        ),
        Table("New", (*columns, "Goes to"), new, "No row is new."),
        Table("Recorded before: left as they are", columns, before, "No row was recorded before."),
    ]


def _tell(request: HttpRequest, result: Result) -> None:
    messages.success(request, f"{result.recorded} payment(s) recorded.")
    if result.before:
        messages.info(request, f"{result.before} payment(s) were recorded before.")
    if result.refused:
        messages.error(request, _listed(result.refused))


def _listed(refused: Sequence[Mistake]) -> str:
    said = [f"line {one.line}: {one.problem}" for one in refused[:TOLD]]
    more = f" And {len(refused) - TOLD} more." if len(refused) > TOLD else ""
    return f"{len(refused)} payment(s) were refused. {' '.join(said)}{more}"
