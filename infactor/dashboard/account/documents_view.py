"""The documents that an owner uploads with the application: what is asked for, what was given, what is missing."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from infactor.core.business_day import business_day
from infactor.core.rate_limits import limited
from infactor.dashboard.rendering import render_for_supplier
from infactor.documents import inspection, storage
from infactor.documents.models import Kind
from infactor.suppliers import supplier_documents
from infactor.suppliers.access import for_supplier, is_owner, signed_in_user
from infactor.suppliers.models import Owner, Supplier


class UploadForm(forms.Form):
    """Asks what a document is, whose, and for its file."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label=gettext_lazy("What it is"), choices=lambda: [("", _("Choose…")), *supplier_documents.asked_kinds()]
    )
    owner = forms.ChoiceField(label=gettext_lazy("Whose identity"), required=False)
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=format_lazy(
            gettext_lazy("{formats}. Nobody but our staff reads it. We keep it encrypted."),
            formats=inspection.FORMATS,
        ),
        error_messages={"empty": gettext_lazy("This file is empty. Choose another one.")},
    )

    def __init__(self, *args: Any, owners: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", _("Not a proof of identity")), *((name, name) for name in owners)]  # type: ignore[attr-defined]
        if not owners:
            del self.fields["owner"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") == Kind.IDENTITY and "owner" in self.fields and not cleaned.get("owner"):
            self.add_error("owner", _("Choose whose proof of identity it is."))
        return cleaned


@require_http_methods(["GET", "HEAD", "POST"])
@limited(action="upload", what="have uploaded files", when=lambda request: request.method == "POST")
@for_supplier
def documents(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show what is asked for (GET); keep a file that an owner uploads (POST)."""
    owners = list(Owner.objects.filter(application__supplier=supplier).values_list("name", flat=True))
    form = UploadForm(request.POST or None, request.FILES or None, owners=owners)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        is_identity = data["kind"] == Kind.IDENTITY
        try:
            added = supplier_documents.upload(
                supplier=supplier,
                kind=data["kind"],
                file=storage.File.sent(data["file"]),
                note=data.get("owner", "") if is_identity else "",
                by=signed_in_user(request),
                at=timezone.now(),
            )
        except (inspection.RefusedFile, storage.CannotKeep) as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, _("We have received %(name)s.") % {"name": added.name})
            return HttpResponseRedirect(reverse("dashboard:documents"))
    today = business_day(timezone.now())
    context = {
        "form": form,
        "asked": supplier_documents.asked_of(supplier=supplier, on=today),
        "missing": supplier_documents.still_missing(supplier=supplier, on=today),
        "is_owner": is_owner(user=signed_in_user(request), supplier=supplier),
    }
    return render_for_supplier(request, "dashboard/documents.html", context, supplier=supplier)
