"""What collectors do about one buyer: record a contact or a promise, and send letters."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.formatting import amount_text, amounts_text, day_text, figure_text
from infactor.core.admin.preview import Fieldset, Preview, PreviewView
from infactor.core.admin.tables import Facts, Table
from infactor.core.business_day import business_day
from infactor.core.form_fields import DayInput
from infactor.core.money import format_amount
from infactor.desk.admin.base import DeskDecision
from infactor.desk.collecting import accounts, contacts, letters, promises
from infactor.desk.collecting.accounts import Account, OpenInvoice
from infactor.desk.collecting.letters import Candidate
from infactor.desk.models import Contact, Letter
from infactor.desk.rights import COLLECT

DAY = DayInput()
NEXT_CONTACT = timedelta(days=7)


class AccountDecision(DeskDecision):
    """A decision about one buyer, whom the address names."""

    permission = COLLECT
    back_label = gettext_lazy("Collect from buyers")
    account: Account

    def load(self) -> None:
        try:
            self.account, self.owes = accounts.read_slug(self.kwargs["slug"])
        except accounts.UnknownAccount as unknown:
            raise Http404 from unknown

    @cached_property
    def today(self) -> date:
        return business_day(timezone.now())

    @cached_property
    def invoices(self) -> list[OpenInvoice]:
        return accounts.open_invoices(of=self.account).get(self.account, [])

    def facts(self) -> Facts:
        return [(_("Buyer"), str(self.owes)), (_("Open"), amounts_text(letters.total(self.invoices)))]

    def get_success_url(self) -> str:
        return reverse("admin:desk_collect_account", args=[self.account.slug])


class ContactForm(forms.Form):
    """Asks what was said."""

    channel = forms.ChoiceField(label=gettext_lazy("How"), choices=Contact.Channel.choices)
    person = forms.CharField(label=gettext_lazy("With whom"), max_length=150, required=False)
    summary = forms.CharField(
        label=gettext_lazy("What was said"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    next_contact_on = forms.DateField(
        label=gettext_lazy("Next contact"),
        required=False,
        widget=DAY,
        help_text=gettext_lazy("Empty: nobody has to ask again."),
    )


class RecordContactView(AccountDecision):
    """Record a contact."""

    title = gettext_lazy("Record a contact")
    button = gettext_lazy("Record")
    form_class = ContactForm

    def get_initial(self) -> dict[str, Any]:
        return {"next_contact_on": self.today + NEXT_CONTACT}

    def perform(self, form: Any) -> str:
        contacts.record(account=self.account, **form.cleaned_data, by=self.user, at=timezone.now())
        return _("The contact is recorded.")


class InvoicesField(forms.TypedMultipleChoiceField):
    """Asks which open invoices; the choice is their advances' keys."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, invoices: Sequence[OpenInvoice], *, today: date) -> None:
        named = [(str(one.advance.pk), _invoice_text(one, today=today)) for one in invoices]
        super().__init__(label=_("Invoices"), choices=named, coerce=int)


class PromiseForm(forms.Form):
    """Asks who promised how much until when, for which invoices."""

    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=18, decimal_places=2)
    promised_on = forms.DateField(
        label=gettext_lazy("Until"), widget=DAY, help_text=gettext_lazy("The day on which the money is on our account.")
    )
    said_by = forms.CharField(
        label=gettext_lazy("Said by"), max_length=150, help_text=gettext_lazy("The person at the buyer.")
    )

    def __init__(self, *args: Any, invoices: Sequence[OpenInvoice], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["invoices"] = InvoicesField(invoices, today=today)


class RecordPromiseView(AccountDecision):
    """Record a promise to pay."""

    title = gettext_lazy("Record a promise to pay")
    button = gettext_lazy("Record")
    form_class = PromiseForm
    notes = (gettext_lazy("Payments decide whether it is kept. A broken one becomes a task for you."),)

    def blocker(self) -> str:
        return "" if self.invoices else _("Nothing is open of this buyer.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "invoices": self.invoices, "today": self.today}

    def perform(self, form: Any) -> str:
        data = dict(form.cleaned_data)
        wanted = set(data.pop("invoices"))
        chosen = [one for one in self.invoices if one.advance.pk in wanted]
        promises.record(account=self.account, invoices=chosen, **data, by=self.user, at=timezone.now())
        return _("The promise is recorded.")


class LetterForm(forms.Form):
    """Asks which letter goes about which invoices, and how."""

    level = forms.ChoiceField(label=gettext_lazy("Letter"), choices=Letter.Level.choices)
    channel = forms.ChoiceField(label=gettext_lazy("Sent"), choices=Letter.Channel.choices)
    next_contact_on = forms.DateField(label=gettext_lazy("Next contact"), required=False, widget=DAY)

    def __init__(self, *args: Any, invoices: Sequence[OpenInvoice], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        late = [one for one in invoices if one.days_late(today) > 0]
        self.fields["invoices"] = InvoicesField(late, today=today)


class SendLettersView(AccountDecision, PreviewView):
    """Send letters: the preview shows each as it would go, the second press sends them."""

    title = gettext_lazy("Send a letter")
    button = gettext_lazy("Send")
    legend = gettext_lazy("Which letter, about which invoices")
    form_class = LetterForm
    notes = (
        gettext_lazy(
            "Each customer in a supplier's books gets a letter of its own, at the address to which its notice of "
            "assignment went. No letter adds a fee."
        ),
    )

    def blocker(self) -> str:
        if not any(one.days_late(self.today) > 0 for one in self.invoices):
            return _("No invoice of this buyer is late.")
        return letters.blocker_of_account(account=self.account, invoices=self.invoices)

    def get_initial(self) -> dict[str, Any]:
        """The earliest letter that an invoice may get, about all that may get it."""
        initial = {"channel": Letter.Channel.MAIL, "next_contact_on": self.today + NEXT_CONTACT}
        for level in Letter.Level.values:
            free = [one.invoice.advance.pk for one in self._candidates(level) if not one.blocker]
            if free:
                return {**initial, "level": level, "invoices": free}
        return initial

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "invoices": self.invoices, "today": self.today}

    def get_fieldsets(self, form: Any) -> Sequence[Fieldset]:
        return [Fieldset(self.legend, form)]

    def tables(self) -> Sequence[Table]:
        return [letters_table_of(self.invoices, self.today)]

    def preview(self, form: Any) -> Preview:
        return Preview()

    def effects(self) -> tuple[Sequence[Table], Sequence[str]]:
        tables = [
            Table(
                caption=f"{one.get_level_display()}, {one.get_channel_display().lower()}",
                columns=(),
                rows=[(_("To"), one.to), (_("Subject"), one.subject), (_("Text"), linebreaksbr(one.body))],
            )
            for one in self.sent
        ]
        return tables, [f"{one.to}\x1f{one.subject}\x1f{one.body}" for one in self.sent]

    def perform(self, form: Any) -> str:
        data = dict(form.cleaned_data)
        self.sent = letters.send(
            account=self.account, advance_ids=data.pop("invoices"), **data, by=self.user, at=timezone.now()
        )
        count = len(self.sent)
        return _("The letter is sent.") if count == 1 else _("%(count)s letters are sent.") % {"count": count}

    def _candidates(self, level: str) -> list[Candidate]:
        return letters.candidates(invoices=self.invoices, level=level, today=self.today)


def letters_table_of(invoices: Sequence[OpenInvoice], today: date) -> Table:
    """Each open invoice, and for each letter whether it may go now."""
    found = {level: letters.candidates(invoices=invoices, level=level, today=today) for level in Letter.Level.values}
    rows = [
        (
            str(one.advance.invoice),
            str(one.advance.supplier),
            amount_text(one.open, one.currency),
            day_text(one.due_on),
            figure_text(max(one.days_late(today), 0)),
            *(found[level][place].blocker or _("Can be sent.") for level in Letter.Level.values),
        )
        for place, one in enumerate(invoices)
    ]
    columns = (
        _("Invoice"),
        _("Supplier"),
        _("Open"),
        _("Due"),
        _("Days late"),
        *(str(label) for label in Letter.Level.labels),
    )
    return Table(caption=_("Open invoices"), columns=columns, rows=rows)


def _invoice_text(one: OpenInvoice, *, today: date) -> str:
    late = one.days_late(today)
    when = (
        _("%(late)s days late") % {"late": late}
        if late > 0
        else _("due %(due_on)s") % {"due_on": day_text(one.due_on)}
        if one.due_on
        else _("no due date")
    )
    return f"{one.advance.invoice}, {one.advance.supplier}: {format_amount(one.open, one.currency)}, {when}"
