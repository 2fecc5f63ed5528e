"""Upload a table of invoices: choose the file, see what becomes of each row, import."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from infactor.core import csv_files, money, spreadsheets
from infactor.core.money import format_count
from infactor.core.rate_limits import limited
from infactor.dashboard.invoices.by_hand.lookup import currencies_of
from infactor.dashboard.pagination import CountedPaginator
from infactor.dashboard.rendering import render_for_supplier
from infactor.documents import inspection, storage
from infactor.invoices.by_hand import columns, tables, uploads, values
from infactor.invoices.by_hand.row_checks import Decision
from infactor.invoices.models import InvoiceUpload
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier

PER_PAGE = 50
LABELS = {
    Decision.READY: (gettext_lazy("Ready"), "good"),
    Decision.DOUBTFUL: (pgettext_lazy("row of a file", "Check"), "warn"),
    Decision.KNOWN: (gettext_lazy("Already here"), "neutral"),
    Decision.WRONG: (gettext_lazy("Can't be imported"), "bad"),
}
WIDTHS = [16, 28, 28, 14, 14, 14, 12, 10, 18, 36]


class FileForm(forms.Form):
    """Asks for the file, and the currency of rows that say none."""

    use_required_attribute = False

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=format_lazy(
            gettext_lazy("CSV or XLSX, up to {rows} rows. The first row names the columns."),
            rows=money.format_count_lazy(tables.MAX_ROWS),
        ),
        error_messages={"empty": gettext_lazy("This file is empty. Choose another one.")},
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), help_text=gettext_lazy("For rows that do not name one.")
    )

    def __init__(self, *args: Any, currencies: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["currency"].choices = [(code, code) for code in currencies]  # type: ignore[attr-defined]


class ChoicesForm(forms.Form):
    """Asks what the file does not say itself."""

    decimal = forms.ChoiceField(
        label=gettext_lazy("Decimal sign"),
        choices=[
            ("", gettext_lazy("As in the file")),
            (values.POINT, gettext_lazy("Point: 1,250.00")),
            (values.COMMA, gettext_lazy("Comma: 1.250,00")),
        ],
        required=False,
    )
    days = forms.ChoiceField(
        label=gettext_lazy("Dates like 05/06/2026"),
        choices=[
            ("", gettext_lazy("As in the file")),
            (values.MONTH_FIRST, gettext_lazy("Month first: May 6")),
            (values.DAY_FIRST, gettext_lazy("Day first: June 5")),
        ],
        required=False,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@limited(action="upload", what="have uploaded files", when=lambda request: request.method == "POST")
@for_supplier
def invoice_upload(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Ask for a file (GET); read and check it (POST). Nothing is imported yet."""
    form = FileForm(request.POST or None, request.FILES or None, currencies=currencies_of(supplier))
    if request.method == "POST" and form.is_valid():
        try:
            upload = uploads.receive(
                supplier=supplier,
                file=storage.File.sent(form.cleaned_data["file"]),
                currency=form.cleaned_data["currency"],
                by=signed_in_user(request),
                at=timezone.now(),
            )
        except inspection.RefusedFile as refusal:
            form.add_error("file", str(refusal))
        else:
            return _to_preview(upload)
    context = {
        "form": form,
        "fields": [(names[0], field in columns.NEEDED) for field, names in columns.HEADINGS.items()],
    }
    status = 422 if form.errors else 200
    return render_for_supplier(request, "dashboard/invoice_upload.html", context, supplier=supplier, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_supplier
def invoice_upload_check(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Each row with its decision; check again with other choices, or import (POST)."""
    upload = _get(request, supplier, public_id)
    if request.method == "POST":
        return _act(request, upload)
    if upload.state == InvoiceUpload.State.IMPORTED:
        messages.info(
            request,
            ngettext(
                "%(name)s is imported: %(count)s invoice.", "%(name)s is imported: %(count)s invoices.", upload.imported
            )
            % {"name": upload.name, "count": format_count(upload.imported)},
        )
        return HttpResponseRedirect(reverse("dashboard:invoices"))
    decision = request.GET.get("rows", "")
    decision = decision if decision in set(Decision) else ""
    counts = [(one.value, *LABELS[one], upload.counts.get(one.value, 0)) for one in Decision]
    total = sum(count for *_, count in counts)
    shown = upload.counts.get(decision, 0) if decision else total
    page = CountedPaginator(range(shown), per_page=PER_PAGE, total=shown).get_page(request.GET.get("page"))
    rows = uploads.checked_rows(upload, decision=decision, start=max(page.start_index() - 1, 0), count=PER_PAGE)
    for row in rows:
        row["label"], row["tone"] = LABELS[Decision(row["decision"])]
    address = reverse("dashboard:invoice_upload_check", args=[upload.public_id])
    context = {
        "upload": upload,
        "rows": rows,
        "page": page,
        "page_href": f"{address}?rows={decision}&page=" if decision else f"{address}?page=",
        "counts": counts,
        "total": total,
        "decision": decision,
        "ready": upload.counts.get(Decision.READY, 0),
        "doubtful": upload.counts.get(Decision.DOUBTFUL, 0),
        "form": ChoicesForm(initial=upload.choices, label_suffix=""),
    }
    return render_for_supplier(request, "dashboard/invoice_upload_check.html", context, supplier=supplier)


@require_safe
@for_supplier
def invoice_template(request: HttpRequest, supplier: Supplier, file_format: str) -> HttpResponse:
    """An empty table with the headings, to fill in."""
    titles = [names[0] for names in columns.HEADINGS.values()]
    if file_format == "csv":
        response = HttpResponse("".join(csv_files.csv_lines(header=titles, rows=[])), content_type="text/csv")
    else:
        response = HttpResponse(content_type=spreadsheets.CONTENT_TYPE)
        book = spreadsheets.Workbook(response, title="Invoices", created=timezone.now())  # type: ignore[arg-type]
        book.write_heading(titles, widths=WIDTHS)
        book.close()
    response["Content-Disposition"] = f'attachment; filename="infactor-invoices-template.{file_format}"'
    return response


def _act(request: HttpRequest, upload: InvoiceUpload) -> HttpResponse:
    by = signed_in_user(request)
    try:
        if "import" in request.POST:
            count = uploads.confirm(
                upload=upload, by=by, at=timezone.now(), with_doubtful="with_doubtful" in request.POST
            )
            messages.success(
                request,
                ngettext(
                    "%(count)s invoice imported. Now add their documents.",
                    "%(count)s invoices imported. Now add their documents.",
                    count,
                )
                % {"count": format_count(count)},
            )
            return HttpResponseRedirect(f"{reverse('dashboard:invoices')}?source=by_hand")
        form = ChoicesForm(request.POST)
        if form.is_valid():
            uploads.choose(upload=upload, by=by, choices=form.cleaned_data)
    except uploads.NothingToImport as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("dashboard:invoice_upload"))
    return _to_preview(upload)


def _get(request: HttpRequest, supplier: Supplier, public_id: UUID) -> InvoiceUpload:
    """The upload, of the person who made it."""
    mine = InvoiceUpload.objects.filter(supplier=supplier, user=signed_in_user(request), public_id=public_id)
    found = mine.defer("rows").first()
    if found is None:
        raise Http404
    return found


def _to_preview(upload: InvoiceUpload) -> HttpResponse:
    return HttpResponseRedirect(reverse("dashboard:invoice_upload_check", args=[upload.public_id]))
