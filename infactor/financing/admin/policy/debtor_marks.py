"""Marks of debtors in admin: do not buy, bankrupt or watch, with who set each and why."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.blockers import done_blocker
from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.formatting import moment_text
from infactor.core.admin.forms import MIN_REASON_LENGTH
from infactor.core.admin.preview import Preview
from infactor.core.admin.tables import Facts
from infactor.financing import tasks
from infactor.financing.admin.base.decisions import REFUSALS, FinancingDecision, FinancingPreview
from infactor.financing.admin.base.filters import InForceFilter
from infactor.financing.admin.base.forms import RawIdSearchWidget, buyer_field, reason_field
from infactor.financing.models import OPEN_STATUSES, OUTSTANDING_STATUSES, Advance, DebtorMark, Limit, Offer
from infactor.financing.policy import debtor_marks
from infactor.invoices.debtors import grouping
from infactor.invoices.models import Debtor


class MarkForm(forms.Form):
    """Asks whom to mark as what."""

    debtor = forms.ModelChoiceField(
        Debtor.objects.all(),
        label=gettext_lazy("Debtor"),
        required=False,
        widget=RawIdSearchWidget(Limit, "debtor"),
        help_text=gettext_lazy("One company across all suppliers. Or choose one of its buyers below."),
    )
    buyer = buyer_field(
        gettext_lazy(
            "A customer in a supplier's books. The mark is that of its debtor, which is created if there is none."
        )
    )
    kind = forms.ChoiceField(label=gettext_lazy("Mark"), choices=DebtorMark.Kind.choices, widget=forms.RadioSelect)
    reason = reason_field()

    def clean(self) -> dict[str, Any]:
        """Require a debtor or a buyer, not both."""
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and bool(data.get("debtor")) == bool(data.get("buyer")):
            raise forms.ValidationError(_("Choose either a debtor or a buyer."))
        return data


class MarkView(FinancingPreview):
    """Mark a debtor. `?debtor=5` or `?buyer=7` fill in whom."""

    title = gettext_lazy("Mark a debtor")
    button = gettext_lazy("Mark")
    permission = debtor_marks.MARK_DEBTORS
    needs_fresh_factor = True
    legend = gettext_lazy("Whom, and as what")
    form_class = MarkForm
    refusals = (*REFUSALS, grouping.GroupingError)

    def get_initial(self) -> dict[str, Any]:
        return {
            name: self.request.GET[name] for name in ("debtor", "buyer") if self.request.GET.get(name, "").isdecimal()
        }

    def get_success_url(self) -> str:
        return reverse("admin:financing_debtormark_changelist")

    def preview(self, form: Any) -> Preview:
        data = form.cleaned_data
        debtor = data["debtor"] or data["buyer"].debtor
        ends = data["kind"] != DebtorMark.Kind.WATCH
        return Preview(
            facts=(
                (_("Debtor"), str(debtor or data["buyer"])),
                (_("Mark"), DebtorMark.Kind(data["kind"]).label),
                *_exposure(debtor),
            ),
            notes=(
                _(
                    "Its open requests and offers end at once, and advances that are not paid out are cancelled. "
                    "Each supplier reads why, without the reason that you enter."
                )
                if ends
                else _("Its invoices stay eligible, with a warning. No offer for them is made by itself."),
                _("A case is opened for each of its funded advances, and their reserves are held.")
                if data["kind"] == DebtorMark.Kind.BANKRUPT
                else _("Advances that are funded stay."),
            ),
        )

    def perform(self, form: Any) -> str:
        data, now = form.cleaned_data, timezone.now()
        with transaction.atomic():
            debtor = data["debtor"] or grouping.get_or_create_debtor(buyer=data["buyer"], by=self.user, at=now)
            debtor_marks.mark(debtor=debtor, kind=data["kind"], reason=data["reason"], by=self.user, at=now)
            _follow_up(debtor)
        return _("The debtor is marked. Its offers and requests follow.")


class EndMarkForm(forms.Form):
    """Asks why the mark ends."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=MIN_REASON_LENGTH,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class EndMarkView(RowDecision, FinancingDecision):
    """End a mark: the debtor is like any other again."""

    row: DebtorMark
    name = "end"
    label = button = gettext_lazy("End")
    title = gettext_lazy("End the mark")
    permission = debtor_marks.MARK_DEBTORS
    needs_fresh_factor = True
    form_class = EndMarkForm
    notes = (gettext_lazy("Cases of its bankruptcy close by themselves. What has ended stays ended."),)

    @classmethod
    def is_possible(cls, row: DebtorMark) -> bool:
        return row.ended_at is None

    @classmethod
    def blocker_of(cls, row: DebtorMark) -> str:
        return done_blocker(_("ended"), at=row.ended_at, by=row.ended_by) if row.ended_at else super().blocker_of(row)

    def facts(self) -> Facts:
        return [
            (_("Debtor"), str(self.row.debtor)),
            (_("Mark"), self.row.get_kind_display()),
            (_("Set by"), f"{self.row.set_by}, {moment_text(self.row.set_at)}"),
            (_("Reason"), self.row.reason),
            *_exposure(self.row.debtor),
        ]

    def perform(self, form: Any) -> str:
        now = timezone.now()
        debtor_marks.lift(debtor=self.row.debtor, reason=form.cleaned_data["reason"], by=self.user, at=now)
        _follow_up(self.row.debtor)
        return _("The mark has ended.")


def _follow_up(debtor: Debtor) -> None:
    """What follows from a mark is done by a worker at once; beat finds what a lost message leaves."""
    suppliers = set(debtor.buyers.order_by().values_list("supplier_id", flat=True))

    def enqueue() -> None:
        for supplier_id in sorted(suppliers):
            tasks.enqueue_for_supplier(supplier_id)

    transaction.on_commit(enqueue)


def _exposure(debtor: Debtor | None) -> Facts:
    """How many advances and offers the debtor has with all suppliers."""
    rows = Advance.objects.filter(buyer__debtor=debtor) if debtor is not None else Advance.objects.none()
    counts = rows.aggregate(
        funded=Count("pk", filter=Q(status__in=OUTSTANDING_STATUSES)),
        accepted=Count("pk", filter=Q(status__in=set(OPEN_STATUSES) - set(OUTSTANDING_STATUSES))),
    )
    offers = Offer.objects.filter(status=Offer.Status.PROPOSED, lines__invoice__buyer__debtor=debtor)
    return [
        (_("Funded advances"), counts["funded"]),
        (_("Advances to pay out"), counts["accepted"]),
        (_("Open offers"), offers.distinct().count() if debtor is not None else 0),
    ]


class MarkInForceFilter(InForceFilter):
    def condition(self) -> Q:
        return Q(ended_at__isnull=True)


@admin.register(DebtorMark)
class DebtorMarkAdmin(DecisionAdmin):
    list_display = ("debtor", "kind", "reason", "set_by", "set_at", "ended_at")
    list_filter = (MarkInForceFilter, "kind")
    search_fields = ("debtor__name", "debtor__buyers__name", "reason")
    search_help_text = gettext_lazy("By debtor, buyer or reason")
    date_hierarchy = "set_at"
    fields = ("debtor", "kind", "reason", "set_by", "set_at", "ended_by", "ended_at", "end_reason")
    decisions = (EndMarkView,)
    add_decision = MarkView

    def get_queryset(self, request: HttpRequest) -> QuerySet[DebtorMark]:
        rows: QuerySet[DebtorMark] = super().get_queryset(request)
        return rows.select_related("debtor", "set_by", "ended_by")
