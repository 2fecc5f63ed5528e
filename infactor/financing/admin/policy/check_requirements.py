"""Which onboarding checks approval needs, in admin: the history, and a change, which may need a second person."""

from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core import reasons
from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Table
from infactor.financing.admin.base.decisions import REFUSALS, FinancingDecision
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.models import Approval
from infactor.suppliers import check_requirements, checks
from infactor.suppliers.check_catalogue import CATALOGUE
from infactor.suppliers.models import CheckKind, CheckRequirement


class RequirementForm(ReasonForm):
    """Asks whether approval needs a check, and how long approved suppliers may do without."""

    field_order = ("kind", "is_required", "grace_days", "reason")
    kind = forms.ChoiceField(label=gettext_lazy("Check"), choices=[("", gettext_lazy("Choose…")), *CheckKind.choices])
    is_required = forms.TypedChoiceField(
        label=gettext_lazy("Approval needs it"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    grace_days = forms.IntegerField(
        label=gettext_lazy("Days that approved suppliers have for it"),
        required=False,
        min_value=0,
        max_value=check_requirements.LONGEST_GRACE_DAYS,
        help_text=gettext_lazy(
            "Then those without it get no offers and payouts. 0 or empty: they are stopped at once."
        ),
    )


class SetRequirementView(FinancingDecision):
    """Say whether approval needs a check. Dropping one waits for a second person."""

    title = gettext_lazy("Change what approval needs")
    button = gettext_lazy("Change")
    permission = check_requirements.SET_REQUIREMENTS
    needs_fresh_factor = True
    form_class = RequirementForm
    refusals = (*REFUSALS, check_requirements.InvalidRequirement, reasons.ReasonMissing)
    notes = (
        gettext_lazy(
            "A check that approval needs from now on is asked for from approved suppliers, too. Those without it stand "
            "under Checks missing of approved suppliers."
        ),
        gettext_lazy("If approval is to need a check no longer, a second person must approve that."),
    )

    @cached_property
    def required(self) -> Any:
        return check_requirements.requirements()

    def get_initial(self) -> dict[str, Any]:
        return {"grace_days": settings.CHECK_GRACE.days}

    def tables(self) -> list[Table]:
        rows = [(item.kind.label, item.task, _("yes") if self.required[item.kind] else _("no")) for item in CATALOGUE]
        return [Table(_("Checks"), (_("Check"), _("How"), _("Needed")), rows)]

    def get_success_url(self) -> str:
        return reverse("admin:suppliers_checkrequirement_changelist")

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        is_required, label = data["is_required"], CheckKind(data["kind"]).label
        request = ApprovalRequest(
            kind=Approval.Kind.CHECK,
            subject=f"check:{data['kind']}",
            permission=check_requirements.SET_REQUIREMENTS,
            supplier=None,
            currency="",
            amount=Decimal(0),
            summary=(
                _("Approval needs this check from now on: %(check)s")
                if is_required
                else _("Approval needs this check no longer: %(check)s")
            )
            % {"check": label},
            arguments={
                "kind": data["kind"],
                "is_required": is_required,
                "grace_days": (data["grace_days"] or 0) if is_required else 0,
                "reason": data["reason"],
            },
        )
        lacking = checks.approved_without(kinds=[data["kind"]]).count() if is_required else 0
        without = _(" Approved suppliers without it: %(lacking)s.") % {"lacking": lacking} if lacking else ""
        return self.execute_or_request_approval(
            request,
            done=_("Approval needs it from now on: %(label)s.%(without)s") % {"label": label, "without": without},
        )


@admin.register(CheckRequirement)
class CheckRequirementAdmin(DecisionAdmin):
    list_display = ("kind", "is_required", "enforced_from", "reason", "set_at", "set_by", "approved_by")
    list_filter = ("kind", "is_required")
    list_select_related = ("set_by", "approved_by")
    date_hierarchy = "set_at"
    add_decision = SetRequirementView
    fields = ("kind", "is_required", "enforced_from", "reason", "set_at", "set_by", "approved_by")
