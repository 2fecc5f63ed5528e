"""Staff's decisions about a request: an offer under the terms in force or with terms of its own, and declining."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from infactor.core.admin.decisions import RowDecision
from infactor.core.admin.formatting import amount_text, link, moment_text
from infactor.core.admin.preview import Fieldset, Preview
from infactor.core.admin.tables import Facts, Table
from infactor.core.money import format_amount
from infactor.core.translatable import Text
from infactor.financing import terms_in_force
from infactor.financing.admin.base.decisions import FinancingDecision, FinancingPreview, current_day
from infactor.financing.admin.base.forms import SupplierReasonForm
from infactor.financing.admin.base.tables import price_tables
from infactor.financing.admin.base.terms_text import FIELDS, changed_rows, term_text
from infactor.financing.admin.origination.decision_tables import (
    against_table,
    asked_table,
    history_table,
    limits_after_table,
)
from infactor.financing.admin.origination.request_figures import assess, figures_of, summary, terms_now
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.eligibility import reassessment
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.models import Approval, FinancingRequest, FundingTerms, RequestLine
from infactor.financing.origination import deals, offers, requests
from infactor.financing.origination.deals import DEAL_TERMS, Deal
from infactor.financing.origination.offers import OfferError
from infactor.financing.policy.terms import changed_values
from infactor.financing.pricing.disclosure import Disclosure

NOT_ELIGIBLE = gettext_lazy("Some invoices cannot be financed: decline them, or check only the others.")


class LinesForm(forms.Form):
    """Asks which of the waiting invoices."""

    def __init__(self, *args: Any, waiting: Sequence[RequestLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(line.pk), _("Invoice %(invoice)s") % {"invoice": line.invoice}) for line in waiting]
        self.fields["lines"] = forms.MultipleChoiceField(
            label=_("Invoices"), choices=choices, widget=forms.CheckboxSelectMultiple
        )
        self.order_fields(self.field_order)


class DeclineForm(LinesForm, SupplierReasonForm):
    """Asks which of the waiting invoices, and why."""

    field_order = ("lines", "reason")


class OfferForm(LinesForm):
    """Asks which of the waiting invoices, and the terms of this deal: those in force unless they are changed."""

    def __init__(self, *args: Any, in_force: FundingTerms | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if in_force is None:
            return
        for name in DEAL_TERMS:
            field = FIELDS[name]
            known = term_text(name, getattr(in_force, name), in_force.currency)
            asked = field.formfield(
                label=capfirst(str(field.verbose_name)),
                help_text=format_html(_("{} In force: {}."), field.help_text, known),
                initial=_typed(getattr(in_force, name)),
            )
            if asked is not None:
                self.fields[name] = asked
        self.fields["reason"] = forms.CharField(
            label=_("Why this deal differs"),
            max_length=200,
            required=False,
            help_text=_("For the audit log. Needed where a term differs from the one in force."),
        )
        self.fields["replaces"] = forms.IntegerField(widget=forms.HiddenInput, initial=in_force.pk)


def _typed(value: object) -> object:
    """A number as people type it: 85, not 85.000."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class RequestDecision(RowDecision, FinancingDecision):
    """A decision about the invoices of one request that wait for a price."""

    row: FinancingRequest
    permission = offers.PRICE_REQUESTS

    @classmethod
    def is_possible(cls, row: FinancingRequest) -> bool:
        return row.lines.filter(status=RequestLine.Status.WAITING).exists()

    @classmethod
    def blocker_of(cls, row: FinancingRequest) -> str:
        last = row.lines.filter(decided_at__isnull=False).select_related("decided_by").order_by("-decided_at").first()
        said = _("None of its invoices waits for a price any more.")
        if last is None or last.decided_at is None:
            return said
        who = last.decided_by or _("the system")
        return _("%(said)s The last one: %(what)s on %(at)s, by %(who)s.") % {
            "said": said,
            "what": last.get_status_display().lower(),
            "at": moment_text(last.decided_at),
            "who": who,
        }

    @cached_property
    def waiting(self) -> list[RequestLine]:
        rows = self.row.lines.filter(status=RequestLine.Status.WAITING).select_related("invoice__buyer")
        return list(rows.order_by("pk"))

    @cached_property
    def assessments(self) -> Mapping[int, Assessment]:
        return assess(self.row, self.waiting)

    @cached_property
    def ready(self) -> list[RequestLine]:
        return [line for line in self.waiting if self.assessments[line.invoice_id].is_eligible]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "waiting": self.waiting}

    def facts(self) -> Facts:
        row = self.row
        needed = amount_text(row.requested_amount, row.currency) if row.requested_amount else _("not specified")
        return [
            (_("Supplier"), link(row.supplier)),
            (
                _("Requested"),
                _("%(at)s, by %(who)s") % {"at": moment_text(row.requested_at), "who": row.requested_by},
            ),
            (_("Cash needed"), needed),
        ]

    def tables(self) -> list[Table]:
        invoices, found = [line.invoice for line in self.waiting], self.assessments
        return [
            asked_table(invoices, found, currency=self.row.currency),
            against_table(self.row, invoices, found),
            limits_after_table(invoices, found),
            history_table(self.row, invoices, found),
        ]

    def chosen(self, form: Any) -> list[RequestLine]:
        """The lines that are checked on the form."""
        return [line for line in self.waiting if str(line.pk) in form.cleaned_data["lines"]]


class OfferView(RequestDecision, FinancingPreview):
    """Make an offer for all waiting invoices, or for those that stay checked, under terms that may be its own."""

    name = "offer"
    needs_fresh_factor = True
    alternatives = ("decline",)
    label = title = button = gettext_lazy("Make an offer")
    form_class = OfferForm

    @cached_property
    def in_force(self) -> FundingTerms | None:
        return terms_now(self.row)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "in_force": self.in_force}

    def get_initial(self) -> dict[str, Any]:
        return {"lines": [str(line.pk) for line in self.ready]}

    def get_fieldsets(self, form: Any) -> list[Fieldset]:
        asked = [Fieldset(_("For which invoices"), form, ("lines",))]
        return (
            [*asked, Fieldset(_("Terms of this deal"), form, (*DEAL_TERMS, "reason", "replaces"), is_folded=True)]
            if self.in_force
            else asked
        )

    def get_notes(self) -> list[Text]:
        notes: list[Text] = [_("The figures cover all invoices that can be financed, under the terms in force.")]
        return notes if len(self.ready) == len(self.waiting) else [*notes, NOT_ELIGIBLE]

    def tables(self) -> list[Table]:
        if self.figures is None:
            return super().tables()
        asked, *further = super().tables()
        return [asked, *price_tables(self.figures), *further]

    @cached_property
    def figures(self) -> Disclosure | None:
        """The price of all that can be financed, under the terms in force; None where nothing can be."""
        if not self.ready or self.in_force is None:
            return None
        return figures_of(self.row, self.ready, self.assessments, terms=self.in_force)

    def summary(self) -> Facts:
        return summary(self.figures) if self.figures else ()

    def terms_of(self, form: Any) -> FundingTerms:
        """The terms that the typed values come to: those in force, or unsaved ones of this deal."""
        today = current_day(self.row.supplier)
        in_force = terms_in_force.terms_for(supplier=self.row.supplier, currency=self.row.currency, on=today)
        return deals.build_terms(
            deal=_deal(form), in_force=in_force, request=self.row, by=self.user, at=timezone.now(), today=today
        )

    def preview(self, form: Any) -> Preview:
        chosen, terms = self.chosen(form), self.terms_of(form)
        assessments = assess(self.row, chosen, terms=terms)
        if excluded := [line for line in chosen if not assessments[line.invoice_id].is_eligible]:
            reasons = [reassessment.explain_exclusion(one.invoice, assessments[one.invoice_id]) for one in excluded]
            raise OfferError(*reasons)
        figures = figures_of(self.row, chosen, assessments, terms=terms)
        changes = changed_values(before=self.in_force, after=terms) if terms.request_id else {}
        rows = changed_rows(changes, currency=terms.currency)
        return Preview(
            facts=summary(figures),
            tables=(
                *(
                    [Table(_("What differs from the terms"), (_("Term"), _("In force"), _("This deal")), rows)]
                    if rows
                    else []
                ),
                *price_tables(figures),
            ),
            notes=(
                _("The supplier is shown these figures before it accepts, and gets an email now."),
                *((_("These terms are for this offer alone: they cannot be changed afterwards."),) if rows else ()),
            ),
        )

    def perform(self, form: Any) -> str:
        chosen, row, terms = self.chosen(form), self.row, self.terms_of(form)
        assessments = assess(row, chosen, terms=terms)
        advance = sum((assessments[line.invoice_id].advance for line in chosen), Decimal(0))
        own = _(", with terms of its own: %(reason)s") % {"reason": terms.reason} if terms.request_id else ""
        request = ApprovalRequest(
            kind=Approval.Kind.OFFER,
            subject=f"request:{row.pk}",
            permission=self.permission,
            supplier=row.supplier,
            currency=row.currency,
            amount=advance,
            summary=_("Offer %(advance)s to %(supplier)s for %(chosen)s%(own)s")
            % {
                "advance": format_amount(advance, row.currency),
                "supplier": row.supplier,
                "chosen": _count_text(chosen),
                "own": own,
            },
            arguments={"request": row.pk, "lines": [line.pk for line in chosen], "deal": _deal(form).as_text()},
        )
        done = _("The offer is made for %(chosen)s. An email tells %(supplier)s.") % {
            "chosen": _count_text(chosen),
            "supplier": row.supplier,
        }
        return self.execute_or_request_approval(request, done=done)


class DeclineView(RequestDecision):
    """Decline invoices of the request."""

    name = "decline"
    alternatives = ("offer",)
    label = title = button = gettext_lazy("Decline")
    form_class = DeclineForm

    def get_initial(self) -> dict[str, Any]:
        declined = self.waiting if len(self.waiting) == 1 else [one for one in self.waiting if one not in self.ready]
        return {"lines": [str(line.pk) for line in declined]}

    def perform(self, form: Any) -> str:
        chosen, reason = self.chosen(form), form.cleaned_data["reason"]
        requests.refuse_lines(lines=chosen, by=self.user, at=timezone.now(), reason=reason)
        return _("%(chosen)s declined. An email tells %(supplier)s why.") % {
            "chosen": _count_text(chosen),
            "supplier": self.row.supplier,
        }


def _deal(form: Any) -> Deal:
    data = form.cleaned_data
    terms = {name: data[name] for name in DEAL_TERMS if name in data}
    return Deal(terms=terms, reason=data.get("reason", ""), replaces=data.get("replaces", 0))


def _count_text(lines: Sequence[RequestLine]) -> str:
    return ngettext("%(count)s invoice", "%(count)s invoices", len(lines)) % {"count": len(lines)}
