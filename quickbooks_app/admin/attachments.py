"""A file that a supplier attached to an invoice in QuickBooks, for staff."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone

from infactor.core import audit
from infactor.core.admin.decisions import StaffView
from infactor.core.admin.formatting import change_url
from infactor.invoices.models import Attachment, Invoice
from infactor.suppliers.access import signed_in_user
from quickbooks_app import attachments


class DownloadView(StaffView):
    """The file to be saved. What staff fetch is in the audit log."""

    http_method_names = ["get"]
    permission = "invoices.view_attachment"
    invoice: Invoice
    attachment: Attachment

    def load(self) -> None:
        invoice = Invoice.objects.filter(pk=self.kwargs["invoice_id"]).first()
        found = attachments.find(invoice=invoice, attachment_id=self.kwargs["attachment_id"]) if invoice else None
        if invoice is None or found is None:
            raise Http404
        self.invoice, self.attachment = invoice, found

    def get(self, request: HttpRequest, **kwargs: int) -> HttpResponseBase:
        try:
            response = attachments.respond(attachment=self.attachment, now=timezone.now)
        except attachments.NoFile as problem:
            messages.error(request, str(problem))
            return HttpResponseRedirect(change_url(self.invoice))
        audit.record(
            event="attachment.downloaded",
            subject=self.attachment,
            by=signed_in_user(request),
            at=timezone.now(),
            supplier_id=self.attachment.supplier_id,
            details={"invoice": self.invoice.pk},
        )
        return response
