"""What a buyer sends on its page: answers about several invoices, a forward to a colleague, documents."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from infactor.buyer_pages.answer_form import AnswerForm, DocumentForm, ForwardForm, PersonForm
from infactor.buyer_pages.buyer_link import BuyerLink
from infactor.documents.inspection import RefusedFile
from infactor.documents.storage import CannotKeep
from infactor.verification import answers, buyer_documents, forwards, links
from infactor.verification.models import Verification
from infactor.verification.submitted import Answer, SubmittedAnswer

APPROVE_ALL, FORWARD, UPLOAD = "approve_all", "forward", "upload"


@dataclass
class Problem:
    """Something that could not be recorded: about which invoice, why, and what was typed."""

    verification: Verification
    sentence: str
    typed: Sequence[tuple[str, str]] = ()


@dataclass
class Responses:
    """The forms of a page, and what became of what was sent by them."""

    person: PersonForm
    forms: list[AnswerForm]
    forward: ForwardForm | None = None
    problems: list[Problem] = field(default_factory=list)
    uploads: dict[int, DocumentForm] = field(default_factory=dict)
    said: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether everything that was sent is recorded."""
        forms = [self.person, *self.forms, *self.uploads.values(), *([self.forward] if self.forward else [])]
        return not self.problems and not any(one.is_bound and one.errors for one in forms)


def empty(link: BuyerLink) -> Responses:
    """The forms as they are shown first."""
    waiting = list(link.waiting)
    return Responses(
        PersonForm(),
        [AnswerForm(verification=one) for one in waiting],
        ForwardForm(waiting=waiting) if waiting else None,
    )


def receive_answers(request: HttpRequest, link: BuyerLink, *, token: str, at: datetime) -> Responses:
    """Record what can be recorded of the posted answers. The others stay in their forms, with what is wrong."""
    data = request.POST.copy()
    if APPROVE_ALL in data:
        for asked in link.waiting:
            key = f"{asked.public_id.hex}-answer"
            # Nobody approves what the page did not show: another question may have come since.
            if f"{asked.public_id.hex}-shown" in data:
                data[key] = data.get(key) or Answer.ALL
    made = Responses(
        PersonForm(data),
        [AnswerForm(data, request.FILES, verification=one) for one in link.waiting],
        ForwardForm(waiting=list(link.waiting)) if link.waiting else None,
    )
    late = _late(link, data)
    chosen = [one for one in made.forms if one.has_answer]
    for one in made.forms:
        if not one.has_answer and (chosen or late or len(made.forms) > 1):
            one.leave_for_later()
    if not chosen and not late and len(made.forms) > 1:
        made.person.add_error(None, _("Choose a response for at least one invoice."))
    if not made.person.is_valid():
        [one.is_valid() for one in made.forms if one.has_answer]
        return made
    person = made.person.cleaned_data
    submitted = {one.verification.pk: one.to_answer(person) for one in made.forms if one.is_valid() and one.has_answer}
    submitted |= {
        one.verification.pk: SubmittedAnswer(answer=str(data[one.add_prefix("answer")]), name=person["name"])
        for one in late
    }
    if submitted:
        ip = get_adapter().get_client_ip(request)
        outcomes = answers.submit_answers(token=token, submitted=submitted, ip=ip, at=at)
        forms = {one.verification.pk: one for one in [*made.forms, *late]}
        for outcome in outcomes:
            _take(outcome, forms[outcome.verification.pk], made, link, at=at)
    return made


def receive_forward(request: HttpRequest, link: BuyerLink, *, token: str, at: datetime) -> Responses:
    """Forward the chosen requests to a colleague. What was typed about the invoices stays."""
    made = empty(link)
    waiting = list(link.waiting)
    made.forward = form = ForwardForm(request.POST, waiting=waiting)
    if form.is_valid():
        data = form.cleaned_data
        chosen = [one.pk for one in waiting if one.public_id.hex in data["invoices"]]
        try:
            sent = forwards.forward(token=token, requests=chosen, to=data["to"], asked_by=data["name"], at=at)
        except forwards.CannotForward as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            made.forward = ForwardForm(waiting=waiting)
            made.said = _forwarded(data["to"], sent)
    return made


def receive_document(request: HttpRequest, link: BuyerLink, *, at: datetime) -> Responses:
    """Keep a document about an invoice that was answered."""
    made = empty(link)
    verification = next((one for one in link.with_upload if one.public_id.hex == request.POST[UPLOAD]), None)
    if verification is None or link.opened is None:
        return made
    form = DocumentForm(request.POST, request.FILES, prefix=verification.public_id.hex, label_suffix="")
    made.uploads[verification.pk] = form
    if form.is_valid() and form.file is None:
        form.add_error("document", _("Choose a file."))
    if form.is_valid():
        _keep(form, verification, made, link, name=verification.answered_name, at=at)
    return made


def upload_forms(link: BuyerLink, made: Responses) -> dict[int, DocumentForm]:
    """The form for a document about each answered invoice."""
    return {
        one.pk: made.uploads.get(one.pk) or DocumentForm(prefix=one.public_id.hex, label_suffix="")
        for one in link.with_upload
    }


def _late(link: BuyerLink, data: QueryDict) -> list[AnswerForm]:
    """The forms of requests that were open when the page was shown, and are not any more."""
    if link.opened is None:
        return []
    waiting = {one.pk for one in link.waiting}
    named = {key.removesuffix("-answer") for key, value in data.items() if key.endswith("-answer") and value}
    rows = links.of_reader(opened=link.opened)
    return [AnswerForm(data, verification=one) for one in rows if one.public_id.hex in named and one.pk not in waiting]


def _take(outcome: answers.Outcome, form: AnswerForm, made: Responses, link: BuyerLink, *, at: datetime) -> None:
    verification = outcome.verification
    if outcome.error is not None:
        if outcome.error.field == "name":
            made.person.add_error("name", str(outcome.error))
        else:
            form.add_error(outcome.error.field if outcome.error.field in form.fields else None, str(outcome.error))
    elif outcome.problem:
        made.problems.append(Problem(verification, outcome.problem, form.typed()))
    elif verification.answered_at == at:
        _keep(form, verification, made, link, name=verification.answered_name, at=at)


def _keep(
    form: DocumentForm, verification: Verification, made: Responses, link: BuyerLink, *, name: str, at: datetime
) -> None:
    """Keep the file of `form`, if it has one."""
    if form.file is None or link.opened is None:
        return
    kind = form.cleaned_data["document_kind"] or buyer_documents.SENT[0]
    try:
        buyer_documents.add(opened=link.opened, verification=verification, kind=kind, file=form.file, name=name, at=at)
    except (RefusedFile, CannotKeep) as refusal:
        made.problems.append(
            Problem(verification, _("We did not keep the document. %(refusal)s") % {"refusal": refusal})
        )


def _forwarded(to: str, sent: Sequence[object]) -> str:
    if not sent:
        return _("%(to)s already has the link.") % {"to": to}
    statuses = {getattr(one, "status", "") for one in sent}
    if "sent" in statuses:
        return _("We have sent the link to %(to)s. You can still respond here.") % {"to": to}
    return _("We will review %(to)s first, as it is not at your company's domain. You can still respond here.") % {
        "to": to
    }
