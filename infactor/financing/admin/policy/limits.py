"""Limits of buyers and suppliers in admin: those in force, those that have ended, and setting one."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.formatting import amount_text
from infactor.core.admin.preview import Preview
from infactor.core.lists.cells import AmountText
from infactor.core.money import format_amount
from infactor.financing.admin.base.decisions import REFUSALS, FinancingPreview
from infactor.financing.admin.base.filters import InForceFilter
from infactor.financing.admin.base.forms import CurrencyField, RawIdSearchWidget, buyer_field, reason_field
from infactor.financing.admin.policy.approval_details import limit_facts
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.models import Approval, Limit
from infactor.invoices.debtors import grouping
from infactor.invoices.models import Debtor
from infactor.suppliers.models import Supplier


class LimitForm(forms.Form):
    """Asks whose limit it is, and how much."""

    debtor = forms.ModelChoiceField(
        Debtor.objects.all(),
        label=gettext_lazy("Debtor"),
        required=False,
        widget=RawIdSearchWidget(Limit, "debtor"),
        help_text=gettext_lazy("One company across all suppliers. Or choose one of its buyers below."),
    )
    buyer = buyer_field(
        gettext_lazy(
            "A customer in a supplier's books. The limit is that of its debtor, which is created if there is none."
        )
    )
    supplier = forms.ModelChoiceField(
        Supplier.objects.all(),
        label=gettext_lazy("Supplier"),
        required=False,
        widget=RawIdSearchWidget(Limit, "supplier"),
        help_text=gettext_lazy(
            "With a debtor or a buyer: the limit of the pair. Alone: the supplier's limit over all its buyers."
        ),
    )
    currency = CurrencyField()
    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=18, decimal_places=2, min_value=Decimal(0))
    reason = reason_field()

    def clean(self) -> dict[str, Any]:
        """Require a debtor, a buyer or a supplier, and not both of the first two."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("debtor") and data.get("buyer"):
            self.add_error("buyer", _("Choose a debtor or a buyer, not both."))
        if not self.errors and not any(data.get(name) for name in ("debtor", "buyer", "supplier")):
            raise forms.ValidationError(_("Choose whose limit it is: a debtor, a buyer or a supplier."))
        return data


class SetLimitView(FinancingPreview):
    """Set a limit. `?debtor=`, `?buyer=7` or `?supplier=` fill in whose limit it is."""

    title = gettext_lazy("Set a limit")
    button = gettext_lazy("Set limit")
    permission = "financing.set_limits"
    needs_fresh_factor = True
    legend = gettext_lazy("Whose limit, and how much")
    form_class = LimitForm
    refusals = (*REFUSALS, grouping.GroupingError)

    def get_initial(self) -> dict[str, Any]:
        query = self.request.GET
        return {name: query[name] for name in ("debtor", "buyer", "supplier") if query.get(name, "").isdecimal()}

    def get_success_url(self) -> str:
        return reverse("admin:financing_limit_changelist")

    def preview(self, form: Any) -> Preview:
        data = form.cleaned_data
        buyer, supplier, currency = data["buyer"], data["supplier"], data["currency"]
        debtor = data["debtor"] or (buyer and buyer.debtor)
        new_debtor = buyer if debtor is None else None
        return Preview(
            facts=(
                *limit_facts(debtor=debtor, supplier=supplier, currency=currency, new_debtor=new_debtor),
                (_("New limit"), amount_text(data["amount"], currency)),
            ),
            notes=(
                _("Advances that are outstanding stay."),
                _("From the dual control threshold of the terms up, a second person must approve an increase."),
            ),
        )

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        with transaction.atomic():
            debtor, supplier = data["debtor"], data["supplier"]
            if data["buyer"] is not None:
                debtor = grouping.get_or_create_debtor(buyer=data["buyer"], by=self.user, at=timezone.now())
            request = self._approval_request(data, debtor=debtor, supplier=supplier)
            return self.execute_or_request_approval(request, done=_("The limit is set."))

    def _approval_request(
        self, data: dict[str, Any], *, debtor: Debtor | None, supplier: Supplier | None
    ) -> ApprovalRequest:
        names = " and ".join(str(one) for one in (debtor, supplier) if one is not None)
        keys = f"{debtor.pk if debtor else ''}:{supplier.pk if supplier else ''}"
        return ApprovalRequest(
            kind=Approval.Kind.LIMIT,
            subject=f"limit:{keys}:{data['currency']}",
            permission=self.permission,
            supplier=supplier,
            currency=data["currency"],
            amount=data["amount"],
            summary=_("Limit of %(names)s: %(amount)s")
            % {"names": names, "amount": format_amount(data["amount"], data["currency"])},
            arguments={
                "debtor": debtor and debtor.pk,
                "supplier": supplier and supplier.pk,
                "currency": data["currency"],
                "amount": str(data["amount"]),
                "reason": data["reason"],
            },
        )


class LimitInForceFilter(InForceFilter):
    def condition(self) -> Q:
        return Q(is_superseded=False)


@admin.register(Limit)
class LimitAdmin(DecisionAdmin):
    list_display = ("buyer_name", "supplier_name", "shown_amount", "in_force", "reason", "set_by", "set_at")
    list_filter = (LimitInForceFilter, "currency")
    search_fields = ("debtor__name", "supplier__name", "reason")
    search_help_text = gettext_lazy("By buyer, supplier or reason")
    summed = ((gettext_lazy("Limit"), "amount"),)
    date_hierarchy = "set_at"
    fields = ("buyer_name", "supplier_name", "shown_amount", "in_force", "reason", "set_by", "set_at")
    readonly_fields = ("buyer_name", "supplier_name", "shown_amount", "in_force")
    add_decision = SetLimitView

    def get_queryset(self, request: HttpRequest) -> QuerySet[Limit]:
        rows: QuerySet[Limit] = super().get_queryset(request)
        later = Limit.objects.annotate(debtor_key=Coalesce("debtor", 0), supplier_key=Coalesce("supplier", 0)).filter(
            Q(set_at__gt=OuterRef("set_at")) | Q(set_at=OuterRef("set_at"), pk__gt=OuterRef("pk")),
            currency=OuterRef("currency"),
            debtor_key=OuterRef("debtor_key"),
            supplier_key=OuterRef("supplier_key"),
        )
        keys = rows.select_related("debtor", "supplier", "set_by").annotate(
            debtor_key=Coalesce("debtor", 0), supplier_key=Coalesce("supplier", 0)
        )
        return keys.annotate(is_superseded=Exists(later))

    @admin.display(description=gettext_lazy("Buyer"), ordering="debtor")
    def buyer_name(self, limit: Limit) -> str:
        return str(limit.debtor or _("every buyer"))

    @admin.display(description=gettext_lazy("Supplier"), ordering="supplier")
    def supplier_name(self, limit: Limit) -> str:
        return str(limit.supplier or _("every supplier"))

    @admin.display(description=gettext_lazy("Amount"), ordering="amount")
    def shown_amount(self, limit: Limit) -> AmountText:
        return amount_text(limit.amount, limit.currency)

    @admin.display(description=gettext_lazy("In force"), boolean=True)
    def in_force(self, limit: Any) -> bool:
        return not limit.is_superseded
