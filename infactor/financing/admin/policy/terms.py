"""The terms of financing in admin: every version, and writing a new one with a look at what it changes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from infactor.core.admin.base import whether
from infactor.core.admin.decisions import Table
from infactor.core.admin.preview import Look, Part, look_page
from infactor.financing import terms_in_force
from infactor.financing.admin.base.parts import (
    REFUSALS,
    Chosen,
    CurrencyField,
    day_text,
    do_or_ask,
    key_of,
)
from infactor.financing.admin.base.policy_base import AddedByLook
from infactor.financing.admin.base.terms_text import changed_rows, term_text, terms_rows
from infactor.financing.approvals import Plan
from infactor.financing.models import Approval, FundingTerms
from infactor.financing.policy import changes

MAY_SET = "financing.set_terms"
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("For whom, from when, and why", ("currency", "supplier", "valid_from", "reason")),
    (
        "What is paid out, and what it costs",
        (
            "advance_rate",
            "first_fee_rate",
            "first_fee_days",
            "further_fee_rate",
            "further_fee_days",
            "recourse_days",
            "offer_days",
        ),
    ),
    (
        "Which invoices are bought",
        (
            "minimum_amount",
            "most_age_to_buy",
            "most_age",
            "most_payment_days",
            "least_days_to_due",
            "cross_aging_days",
            "cross_aging_share",
            "concentration_share",
            "dilution_months",
            "dilution_warn",
            "dilution_stop",
            "least_paid_invoices",
        ),
    ),
    ("Limits where staff have set none", ("buyer_limit", "supplier_limit", "pair_limit")),
    (
        "When the buyer is asked first",
        ("verify_first", "verify_from", "verify_share"),
    ),
    ("Who decides", ("automatic_up_to", "second_person_from")),
)
NAMES = tuple(name for _, names in GROUPS for name in names)


class TermsForm(forms.ModelForm):
    """A new version, whole."""

    class Meta:
        model = FundingTerms
        fields = NAMES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supplier"].widget = Chosen(FundingTerms, "supplier")
        self.fields["currency"] = CurrencyField()
        self.fields["valid_from"].widget = forms.DateInput(attrs={"type": "date"})


def write(request: HttpRequest) -> HttpResponse:
    """Write a new version; `?from=3` begins with the numbers of version 3."""
    form = TermsForm(
        request.POST if request.method == "POST" else None, initial=_beginning(request.GET.get("from", ""))
    )

    def look() -> Look:
        terms: FundingTerms = form.instance
        before = changes.version_before(terms=terms)
        found = changes.changes(before=before, after=terms)
        if before is not None and not found:
            raise changes.SettingRefused(f"Nothing differs from version {before.pk}.")
        rows = changed_rows(found, currency=terms.currency)
        return Look(
            facts=(
                ("Currency", terms.currency),
                ("For", str(terms.supplier or "every supplier without terms of its own")),
                ("Holds from", day_text(terms.valid_from)),
                (
                    "Instead of",
                    f"version {before.pk}, from {day_text(before.valid_from)}" if before else "no terms yet",
                ),
            ),
            tables=(Table("What changes", ("Term", "From", "To"), rows),),
            notes=(
                "It cannot be changed or deleted, only followed by another version.",
                "It is asked for now, and written when a second person approves.",
                "Offers that are made keep the terms that they were made under. Every invoice is judged anew.",
            ),
        )

    def act() -> str:
        terms: FundingTerms = form.instance
        whom = f" for {terms.supplier}" if terms.supplier else ""
        plan = Plan(
            kind=Approval.Kind.TERMS,
            subject=f"terms:{terms.currency}:{terms.supplier_id or ''}",
            permission=MAY_SET,
            supplier=terms.supplier,
            currency=terms.currency,
            amount=Decimal(0),
            summary=f"Write terms{whom} in {terms.currency} from {day_text(terms.valid_from)}: {terms.reason}",
            arguments=terms_in_force.as_text(terms=terms),
        )
        return do_or_ask(request, plan, done="The terms are written.")

    return look_page(
        request,
        title="Write new terms",
        button="Write this version",
        parts=[Part(legend, form, names) for legend, names in GROUPS],
        look=look,
        act=act,
        back=reverse("admin:financing_fundingterms_changelist"),
        refusals=REFUSALS,
    )


def _beginning(version: str) -> dict[str, object]:
    """The numbers of a version, or those of the model; the day and the reason are always new."""
    row = FundingTerms.objects.filter(pk=key_of(version)).first()
    values: dict[str, object] = {"valid_from": timezone.now().date()}
    if row is not None:
        copied = (name for name in NAMES if name not in ("valid_from", "reason", "supplier"))
        values |= {name: getattr(row, name) for name in copied}
        values["supplier"] = row.supplier_id
    return values


@admin.register(FundingTerms)
class FundingTermsAdmin(AddedByLook):
    list_display = (
        "version",
        "whose",
        "valid_from",
        "rate",
        "fee",
        "recourse",
        "second_person",
        "reason",
        "set_by",
        "next_version",
    )
    list_filter = ("currency", ("supplier", whether("whose", no="Every supplier", yes="One supplier")))
    list_select_related = ("supplier", "set_by")
    search_fields = ("currency", "supplier__name", "reason")
    search_help_text = "By supplier, currency or reason"
    date_hierarchy = "valid_from"
    readonly_fields = ("whose", "set_by", "set_at", "next_version")
    may_set = MAY_SET

    def get_list_display(self, request: HttpRequest) -> Any:
        """The way to the next version is for those who may write it."""
        return [one for one in self.list_display if one != "next_version" or request.user.has_perm(MAY_SET)]

    def get_fields(self, request: HttpRequest, obj: FundingTerms | None = None) -> Any:
        """With the way to the next version for those who may write it."""
        shown = ("currency", "whose", "valid_from", "reason", "set_by", "set_at")
        return (*shown, "next_version") if request.user.has_perm(MAY_SET) else shown

    def tables_of(self, row: FundingTerms) -> Sequence[Table]:
        """Every number under the legend of its kind."""
        return [Table(legend, (), terms_rows(row, names)) for legend, names in GROUPS[1:]]

    def page_to_add(self, request: HttpRequest) -> HttpResponse:
        return write(request)

    @admin.display(description="Terms", ordering="pk")
    def version(self, terms: FundingTerms) -> str:
        return f"Terms {terms.pk}, {terms.currency}"

    @admin.display(description="For", ordering="supplier")
    def whose(self, terms: FundingTerms) -> str:
        return str(terms.supplier or "every supplier")

    @admin.display(description="Advance rate", ordering="advance_rate")
    def rate(self, terms: FundingTerms) -> SafeString | str:
        return term_text("advance_rate", terms.advance_rate, terms.currency)

    @admin.display(description="Recourse", ordering="recourse_days")
    def recourse(self, terms: FundingTerms) -> SafeString | str:
        return term_text("recourse_days", terms.recourse_days, terms.currency)

    @admin.display(description="Second person from", ordering="second_person_from")
    def second_person(self, terms: FundingTerms) -> SafeString | str:
        return term_text("second_person_from", terms.second_person_from, terms.currency)

    @admin.display(description="Fee")
    def fee(self, terms: FundingTerms) -> str:
        first = f"{terms.first_fee_rate.normalize():f} % for {terms.first_fee_days} days"
        return f"{first}, then {terms.further_fee_rate.normalize():f} % each {terms.further_fee_days}"

    @admin.display(description="Next version")
    def next_version(self, terms: FundingTerms) -> SafeString:
        where = f"{reverse('admin:financing_fundingterms_add')}?from={terms.pk}"
        return format_html(
            '<a href="{}">Write the next<span class="visually-hidden"> after {}</span></a>', where, terms
        )
