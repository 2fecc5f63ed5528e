"""Applications in admin: those that wait first, their details, and the three decisions."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core import reasons
from infactor.core.admin.base import ReadOnlyInline
from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.formatting import figure_text
from infactor.core.admin.forms import ReasonForSupplierForm
from infactor.core.admin.tables import Facts, Table
from infactor.core.business_day import business_day
from infactor.core.translatable import Text
from infactor.suppliers import agreements, applications, checks
from infactor.suppliers.access import signed_in_user
from infactor.suppliers.admin.checks import RecordCheckView
from infactor.suppliers.check_panel import checklist_table
from infactor.suppliers.countries import countries
from infactor.suppliers.models import Application, BankAccount, Owner, Supplier

Status = Application.Status
REFUSALS = (
    applications.IncompleteApplication,
    applications.IncompleteChecks,
    applications.SamePerson,
    reasons.ReasonMissing,
)


class ApplicationDecision(RowDecision, DecisionView):
    """A decision on everything that the supplier has declared, with secrets masked."""

    row: Application
    permission = "suppliers.decide_application"
    needs_fresh_factor = True
    refusals = REFUSALS
    next_status = ""

    @classmethod
    def is_possible(cls, row: Application) -> bool:
        return cls.next_status in Application.TRANSITIONS.allowed[row.status]

    def facts(self) -> Facts:
        return application_facts(self.row)

    def tables(self) -> list[Table]:
        return [_owners_table(self.row), bank_accounts_table(self.row.supplier)]


class ApproveView(ApplicationDecision):
    """Approve the supplier for financing."""

    name = "approve"
    alternatives = ("hold", "refuse")
    label = button = gettext_lazy("Approve")
    title = gettext_lazy("Approve the application")
    next_status = Status.APPROVED
    notes = (
        gettext_lazy(
            "Operations confirm its bank account afterwards. Until then nothing is offered to it or paid out."
        ),
    )

    def get_notes(self) -> list[Text]:
        left = checks.missing_for_approval(supplier=self.row.supplier, on=business_day(timezone.now()))
        open_checks = (
            [_("These checks are still open, so it cannot be approved yet: %(left)s.") % {"left": "; ".join(left)}]
            if left
            else []
        )
        return [*open_checks, *self.notes]

    def tables(self) -> list[Table]:
        return [checklist_table(self.row.supplier), *super().tables()]

    def perform(self, form: Any) -> str:
        applications.approve(application=self.row, by=signed_in_user(self.request), at=timezone.now())
        return _("%(supplier)s is approved. An email tells the supplier.") % {"supplier": self.row.supplier}


class HoldView(ApplicationDecision):
    """Put the application on hold, which stops new financing of the supplier."""

    name = "hold"
    alternatives = ("approve", "refuse")
    label = button = gettext_lazy("Put on hold")
    title = gettext_lazy("Put the application on hold")
    next_status = Status.ON_HOLD
    form_class = ReasonForSupplierForm
    notes = (
        gettext_lazy(
            "The supplier can change its application and submit it again. Until then, nothing new is financed."
        ),
    )

    def perform(self, form: Any) -> str:
        user, reason = signed_in_user(self.request), form.cleaned_data["reason"]
        applications.hold(application=self.row, by=user, reason=reason, at=timezone.now())
        return _("%(supplier)s is on hold. An email tells the supplier why.") % {"supplier": self.row.supplier}


class RefuseView(ApplicationDecision):
    """Refuse the application."""

    name = "refuse"
    alternatives = ("approve", "hold")
    label = button = gettext_lazy("Refuse")
    title = gettext_lazy("Refuse the application")
    next_status = Status.REFUSED
    form_class = ReasonForSupplierForm
    notes = (gettext_lazy("The supplier can correct its application and submit it again."),)

    def perform(self, form: Any) -> str:
        user, reason = signed_in_user(self.request), form.cleaned_data["reason"]
        applications.refuse(application=self.row, by=user, reason=reason, at=timezone.now())
        return _("%(supplier)s is refused. An email tells the supplier why.") % {"supplier": self.row.supplier}


def application_facts(application: Application) -> list[tuple[str, object]]:
    """What the supplier declared, with the tax number masked; "-" for nothing."""
    accepted = agreements.latest_acceptance(supplier=application.supplier)
    address = [application.address_line1, application.address_line2, application.city, application.region]
    address += [application.postal_code, countries().get(application.country, application.country)]
    facts: list[tuple[str, object]] = [
        (_("Supplier"), application.supplier),
        (_("Status"), application.get_status_display()),
        (_("Legal name"), application.legal_name),
        (_("Trading name"), application.trading_name),
        (_("Registration number"), application.registration_number),
        (_("Tax number"), masked(application.tax_id)),
        (_("Address"), ", ".join(part for part in address if part)),
        (_("Phone"), application.phone),
        (_("Website"), application.website),
        (_("In business since"), application.business_since),
        (_("Business"), application.about),
        (_("Submitted by"), application.submitted_by),
        (
            _("Agreement"),
            _("version %(version)s, by %(user)s, from %(ip_address)s")
            % {"version": accepted.text.version, "user": accepted.user, "ip_address": accepted.ip_address}
            if accepted
            else "",
        ),
        (_("Reason of the last decision"), application.reason),
    ]
    return [(label, value or "-") for label, value in facts]


def bank_accounts_table(supplier: Supplier) -> Table:
    """The accounts in use and those that wait, and whether another supplier entered the same one."""
    rows = []
    for one in BankAccount.objects.filter(supplier=supplier, status__in=["in_use", "waiting"]).order_by(
        "currency", "pk"
    ):
        others = same_account_elsewhere(one)
        rows.append(
            (f"{one.currency} {one.masked}", one.holder, one.bank_name, one.country, one.get_status_display(), others)
        )
    return Table(
        caption=_("Bank accounts"),
        columns=(_("Account"), _("Holder"), _("Bank"), _("Country"), _("Status"), _("Same account at")),
        rows=rows,
    )


def same_account_elsewhere(account: BankAccount) -> str:
    """Other suppliers that entered the same account, by name; "-" for none."""
    fingerprints = BankAccount._meta.get_field("fingerprint").accepted(account)
    same = BankAccount.objects.filter(fingerprint__in=fingerprints).exclude(supplier=account.supplier_id)
    return ", ".join(same.order_by("supplier__name").values_list("supplier__name", flat=True).distinct()) or "-"


def masked(secret: str) -> str:
    """The last four characters of a number."""
    return f"••••{secret[-4:]}" if len(secret) > 6 else "••••" if secret else ""


def _owners_table(application: Application) -> Table:
    return Table(
        caption=_("Owners"),
        columns=(_("Name"), _("Share"), _("Role"), _("Email"), _("Date of birth")),
        rows=[
            (one.name, figure_text(one.share, "%"), one.role or "-", one.email, "given" if one.date_of_birth else "-")
            for one in application.owners.all()
        ],
    )


class OwnerInline(ReadOnlyInline):
    """The owners of the company, without their dates of birth."""

    model = Owner
    fields = ("name", "shown_share", "role", "email", "birth_date")
    readonly_fields = ("shown_share", "birth_date")

    @admin.display(description=gettext_lazy("Share"))
    def shown_share(self, owner: Owner) -> SafeString:
        return figure_text(owner.share, "%")

    @admin.display(description=gettext_lazy("Date of birth"))
    def birth_date(self, owner: Owner) -> str:
        return "given" if owner.date_of_birth else "-"


class ChecksFilter(admin.SimpleListFilter):
    """Approved suppliers that lack a check which approval needs now."""

    title = gettext_lazy("checks")
    parameter_name = "checks"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("missing", _("Approved, and one is missing"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> QuerySet[Application]:
        return queryset.filter(pk__in=checks.approved_without().values("pk")) if self.value() else queryset


@admin.register(Application)
class ApplicationAdmin(DecisionAdmin):
    list_display = ("__str__", "supplier", "status", "country", "submitted_at", "decided_at", "decided_by")
    list_filter = ("status", ChecksFilter, "country")
    ordering = (F("submitted_at").desc(nulls_last=True), "-pk")
    queues = {
        ("status__exact", "submitted"): "submitted_at",
        ("status__exact", "on_hold"): "decided_at",
        ("checks", "missing"): "decided_at",
    }
    search_fields = ("legal_name", "trading_name", "supplier__name", "registration_number")
    search_help_text = gettext_lazy("By name or registration number")
    date_hierarchy = "submitted_at"
    inlines = (OwnerInline,)
    # Only named fields are shown: the tax number is not among them.
    fields = (
        "supplier",
        "status",
        "reason",
        "legal_name",
        "trading_name",
        "registration_number",
        "tax_number",
        "address_line1",
        "address_line2",
        "city",
        "region",
        "postal_code",
        "country",
        "phone",
        "website",
        "business_since",
        "business",
        "accounts",
        "agreement",
        "submitted_at",
        "submitted_by",
        "decided_at",
        "decided_by",
    )
    readonly_fields = ("tax_number", "business", "accounts", "agreement")
    decisions = (RecordCheckView, ApproveView, HoldView, RefuseView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        """Without drafts: those belong to their supplier until they are submitted."""
        rows: QuerySet[Application] = super().get_queryset(request)
        return rows.exclude(status=Status.DRAFT).select_related("supplier", "submitted_by", "decided_by")

    @admin.display(description=gettext_lazy("Tax number"))
    def tax_number(self, application: Application) -> str:
        return masked(application.tax_id)

    @admin.display(description=gettext_lazy("What it sells, and to whom"))
    def business(self, application: Application) -> str:
        return application.about

    @admin.display(description=gettext_lazy("Bank accounts"))
    def accounts(self, application: Application) -> str:
        return (
            "; ".join(" ".join(str(cell) for cell in row[:3]) for row in bank_accounts_table(application.supplier).rows)
            or "-"
        )

    @admin.display(description=gettext_lazy("Agreement"))
    def agreement(self, application: Application) -> str:
        return str(dict(application_facts(application))["Agreement"])
