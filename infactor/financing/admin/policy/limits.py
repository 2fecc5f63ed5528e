"""Limits of buyers and suppliers in admin: which hold, which held, and setting one."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from infactor.core.admin.base import amount_text
from infactor.core.admin.preview import Look, Part, look_page
from infactor.core.money import text
from infactor.financing.admin.base.parts import (
    REFUSALS,
    Chosen,
    CurrencyField,
    do_or_ask,
)
from infactor.financing.admin.base.policy_base import (
    AddedByLook,
    HoldsFilter,
    buyer_field,
    reason_field,
)
from infactor.financing.admin.policy.approval_details import limit_facts
from infactor.financing.approvals import Plan
from infactor.financing.models import Approval, Limit
from infactor.invoices.debtors import grouping
from infactor.invoices.models import Debtor
from infactor.suppliers.access import person
from infactor.suppliers.models import Supplier

MAY_SET = "financing.set_limits"


class LimitForm(forms.Form):
    """Whose limit, and how much."""

    debtor = forms.ModelChoiceField(
        Debtor.objects.all(),
        required=False,
        widget=Chosen(Limit, "debtor"),
        help_text="A company over the whole house. Or choose one of its buyers below.",
    )
    buyer = buyer_field(
        "A customer in a supplier's books, whose debtor the limit is of; one is made where there is none."
    )
    supplier = forms.ModelChoiceField(
        Supplier.objects.all(),
        required=False,
        widget=Chosen(Limit, "supplier"),
        help_text="With a debtor or a buyer: of both together. Alone: of the supplier over all its buyers.",
    )
    currency = CurrencyField()
    amount = forms.DecimalField(max_digits=18, decimal_places=2, min_value=Decimal(0))
    reason = reason_field()

    def clean(self) -> dict[str, Any]:
        """Whose it is, once."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("debtor") and said.get("buyer"):
            self.add_error("buyer", "Choose a debtor or a buyer, not both.")
        if not self.errors and not any(said.get(name) for name in ("debtor", "buyer", "supplier")):
            raise forms.ValidationError("Say whose limit it is: a debtor, a buyer or a supplier.")
        return said


def set_limit(request: HttpRequest) -> HttpResponse:
    """Set a limit, after a look at the one that holds. `?buyer=7`, `?debtor=` or `?supplier=` fill it in."""
    given = {
        name: request.GET[name] for name in ("debtor", "buyer", "supplier") if request.GET.get(name, "").isdecimal()
    }
    form = LimitForm(request.POST if request.method == "POST" else None, initial=given)

    def look() -> Look:
        said = form.cleaned_data
        buyer, supplier, currency = said["buyer"], said["supplier"], said["currency"]
        debtor = said["debtor"] or (buyer and buyer.debtor)
        newcomer = buyer if debtor is None else None
        return Look(
            facts=(
                *limit_facts(debtor=debtor, supplier=supplier, currency=currency, newcomer=newcomer),
                ("Limit from now on", amount_text(said["amount"], said["currency"])),
            ),
            notes=("What is out already stays. A raise from the terms' amount up takes a second person.",),
        )

    def act() -> str:
        said = form.cleaned_data
        with transaction.atomic():
            debtor, supplier = said["debtor"], said["supplier"]
            if said["buyer"] is not None:
                debtor = grouping.of(buyer=said["buyer"], by=person(request), at=timezone.now())
            return do_or_ask(request, _plan(said, debtor=debtor, supplier=supplier), done="The limit is set.")

    return look_page(
        request,
        title="Set a limit",
        button="Set it",
        parts=(Part("Whose limit, and how much", form),),
        look=look,
        act=act,
        back=reverse("admin:financing_limit_changelist"),
        refusals=(*REFUSALS, grouping.JoinRefused),
    )


def _plan(said: dict[str, Any], *, debtor: Debtor | None, supplier: Supplier | None) -> Plan:
    whose = " and ".join(str(one) for one in (debtor, supplier) if one is not None)
    keys = f"{debtor.pk if debtor else ''}:{supplier.pk if supplier else ''}"
    return Plan(
        kind=Approval.Kind.LIMIT,
        subject=f"limit:{keys}:{said['currency']}",
        permission=MAY_SET,
        supplier=supplier,
        currency=said["currency"],
        amount=said["amount"],
        summary=f"Limit of {whose}: {text(said['amount'], said['currency'])}",
        arguments={
            "debtor": debtor and debtor.pk,
            "supplier": supplier and supplier.pk,
            "currency": said["currency"],
            "amount": str(said["amount"]),
            "reason": said["reason"],
        },
    )


class CurrentFilter(HoldsFilter):
    def over(self) -> Q:
        return Q(is_past=True)


@admin.register(Limit)
class LimitAdmin(AddedByLook):
    list_display = ("whose", "shown_supplier", "shown_amount", "holds", "reason", "set_by", "set_at")
    list_filter = (CurrentFilter, "currency")
    search_fields = ("debtor__name", "supplier__name", "reason")
    search_help_text = "By buyer, supplier or reason"
    date_hierarchy = "set_at"
    fields = ("whose", "shown_supplier", "shown_amount", "holds", "reason", "set_by", "set_at")
    readonly_fields = ("whose", "shown_supplier", "shown_amount", "holds")
    may_set = MAY_SET

    def get_queryset(self, request: HttpRequest) -> QuerySet[Limit]:
        rows: QuerySet[Limit] = super().get_queryset(request)
        later = Limit.objects.annotate(whose=Coalesce("debtor", 0), whom=Coalesce("supplier", 0)).filter(
            Q(set_at__gt=OuterRef("set_at")) | Q(set_at=OuterRef("set_at"), pk__gt=OuterRef("pk")),
            currency=OuterRef("currency"),
            whose=OuterRef("whose"),
            whom=OuterRef("whom"),
        )
        keys = rows.select_related("debtor", "supplier", "set_by").annotate(
            whose=Coalesce("debtor", 0), whom=Coalesce("supplier", 0)
        )
        return keys.annotate(is_past=Exists(later))

    def page_to_add(self, request: HttpRequest) -> HttpResponse:
        return set_limit(request)

    @admin.display(description="Buyer", ordering="debtor")
    def whose(self, limit: Limit) -> str:
        return str(limit.debtor or "every buyer")

    @admin.display(description="Supplier", ordering="supplier")
    def shown_supplier(self, limit: Limit) -> str:
        return str(limit.supplier or "every supplier")

    @admin.display(description="Amount", ordering="amount")
    def shown_amount(self, limit: Limit) -> SafeString:
        return amount_text(limit.amount, limit.currency)

    @admin.display(description="Holds", boolean=True)
    def holds(self, limit: Any) -> bool:
        return not limit.is_past
