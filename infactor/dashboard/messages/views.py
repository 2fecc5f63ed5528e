"""Messages: the list of threads, one thread, writing, and the files of messages."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from infactor.core import audit
from infactor.core.rate_limits import limited
from infactor.core.tasks import enqueue_send_emails
from infactor.correspondence import threads, writing
from infactor.correspondence.models import Message, Thread
from infactor.correspondence.threads import About
from infactor.dashboard.messages.forms import MessageForm
from infactor.dashboard.pagination import CountedPaginator
from infactor.dashboard.rendering import render_for_supplier
from infactor.documents import attachment, inspection, storage
from infactor.documents.models import Document
from infactor.financing.models import Advance, FinancingRequest
from infactor.invoices import selectors
from infactor.invoices.models import Invoice
from infactor.suppliers.access import for_reader, for_supplier, signed_in_user
from infactor.suppliers.models import Supplier

PAGE_SIZE = 25
MAX_DIGITS = 19  # of a key of the database
REFUSALS = (threads.MessageRefused, inspection.RefusedFile, storage.CannotKeep)


@require_safe
@for_supplier
def message_list(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The threads of the company, the last written first."""
    rows = threads.with_unread(threads.of_supplier(supplier), user=signed_in_user(request))
    page = CountedPaginator(rows, per_page=PAGE_SIZE, total=Thread.objects.filter(supplier=supplier).count())
    last = threads.last_message(supplier)  # before the page is read: what is written meanwhile is not on it
    context = {"page": page.get_page(request.GET.get("page")), "last": last}
    return render_for_supplier(request, "dashboard/messages.html", context, supplier=supplier)


@require_POST
@for_reader
def messages_read(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Mark all as read, up to the last message when the list was shown."""
    shown = request.POST.get("last", "")
    if shown.isdecimal() and len(shown) < MAX_DIGITS:
        last = min(int(shown), threads.last_message(supplier))
        threads.mark_read(Thread.objects.filter(supplier=supplier), user=signed_in_user(request), last=last)
    return HttpResponseRedirect(reverse("dashboard:messages"))


@require_http_methods(["GET", "HEAD", "POST"])
@limited(action="upload", what="have written", when=lambda request: request.method == "POST")
@for_supplier
def message_new(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Write about the row that the address names (`?invoice=`, `?request=` or `?advance=`), or about none."""
    about = _about(request, supplier)
    known = threads.find(supplier=supplier, about=about)
    if known is not None and request.method != "POST":
        return _to_thread(known)
    return _write(request, supplier, about=about, thread=known)


@require_http_methods(["GET", "HEAD", "POST"])
@limited(action="upload", what="have written", when=lambda request: request.method == "POST")
@for_supplier
def message_thread(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """One thread (GET), which is read by that; write in it (POST)."""
    thread = get_object_or_404(threads.of_supplier(supplier), public_id=public_id)
    return _write(request, supplier, about=thread.about, thread=thread)


@require_safe
@for_supplier
def message_file(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """One file of a message, to save."""
    document = get_object_or_404(writing.files_for_supplier(supplier), public_id=public_id)
    response = attachment.respond(storage.read(document=document), document=document)
    if request.method == "GET":
        by = signed_in_user(request)
        audit.record(event="document.read", subject=document, by=by, at=timezone.now(), supplier_id=supplier.pk)
    return response


def _write(request: HttpRequest, supplier: Supplier, *, about: About | None, thread: Thread | None) -> HttpResponse:
    is_sent = request.method == "POST"
    form = MessageForm(request.POST, request.FILES) if is_sent else MessageForm()
    if is_sent and form.is_valid():
        try:
            written = writing.write(
                supplier=supplier, about=about, **form.to_message(), by=signed_in_user(request), at=timezone.now()
            )
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            transaction.on_commit(enqueue_send_emails)
            messages.success(request, _("Your message is sent."))
            return _to_thread(written.thread)
    shown = _shown(thread)
    if thread is not None and shown and request.method == "GET" and getattr(request, "viewing", None) is None:
        last = max(one.pk for one, _files in shown)
        threads.mark_read(Thread.objects.filter(pk=thread.pk), user=signed_in_user(request), last=last)
    context = {
        "form": form,
        "thread": thread,
        "about": about,
        "is_about_invoice": isinstance(about, Invoice),
        "title": _title(supplier, about),
        "messages_shown": shown,
    }
    status = 422 if form.errors else 200
    return render_for_supplier(request, "dashboard/message_thread.html", context, supplier=supplier, status=status)


def _shown(thread: Thread | None) -> list[tuple[Message, list[Document]]]:
    """The messages of `thread` with their files, the oldest first."""
    if thread is None:
        return []
    found = list(writing.thread_messages(thread))
    files = writing.files_of(found)
    return [(one, files.get(one.pk, [])) for one in found]


def _title(supplier: Supplier, about: About | None) -> str:
    named = {threads.COLUMNS[type(about)]: about} if about is not None else {}
    return Thread(supplier=supplier, **named).title


def _about(request: HttpRequest, supplier: Supplier) -> About | None:
    """The row of `supplier` that the address names. Raises Http404 for one that is not there, or not theirs."""
    try:
        if text := request.GET.get("invoice"):
            return selectors.get_invoice(supplier=supplier, public_id=UUID(text))
        if text := request.GET.get("request"):
            return FinancingRequest.objects.select_related("supplier").get(supplier=supplier, public_id=UUID(text))
        if text := request.GET.get("advance"):
            rows = Advance.objects.select_related("supplier", "invoice")
            return rows.get(supplier=supplier, public_id=UUID(text))
    except (ValueError, Invoice.DoesNotExist, FinancingRequest.DoesNotExist, Advance.DoesNotExist) as missing:
        raise Http404 from missing
    return None


def _to_thread(thread: Thread) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('dashboard:message_thread', args=[thread.public_id])}#last")
