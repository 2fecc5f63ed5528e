"""Applications in admin: the queue of those that wait, what each says, and the three decisions."""

from collections.abc import Callable

from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from infactor.core import reasons
from infactor.core.admin.base import ReadOnlyInline, figure_text
from infactor.core.admin.decisions import (
    DecidedAdmin,
    Decision,
    ReasonForSupplierForm,
    Table,
    confirm_page,
    page_of,
)
from infactor.suppliers import agreements, applications, bank_accounts
from infactor.suppliers.access import person
from infactor.suppliers.countries import countries
from infactor.suppliers.models import Application, BankAccount, Owner, Supplier

Status = Application.Status
MAY_DECIDE = "suppliers.decide_application"
REFUSALS = (
    applications.Incomplete,
    applications.SamePerson,
    bank_accounts.CannotConfirm,
    reasons.ReasonMissing,
)
QUEUE = Case(
    When(status=Status.SUBMITTED, then=Value(0)),
    When(status=Status.ON_HOLD, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def approve(request: HttpRequest, application: Application) -> HttpResponse:
    """Finance this supplier from now on."""

    def act(said: object) -> str:
        applications.approve(application=application, by=person(request), at=timezone.now())
        return f"{application.supplier} is approved, and told so by mail."

    return _page(
        request,
        application,
        title="Approve the application",
        button="Approve",
        act=act,
        notes=(
            "From now on this supplier can be made offers and be funded.",
            "The accounts with which it applied are confirmed with it, and paid to.",
        ),
    )


def hold(request: HttpRequest, application: Application) -> HttpResponse:
    """Wait with it, or stop financing for now."""

    def act(said: dict[str, str]) -> str:
        applications.hold(application=application, by=person(request), reason=said["reason"], at=timezone.now())
        return f"{application.supplier} is on hold, and told why by mail."

    return _page(
        request,
        application,
        title="Put the application on hold",
        button="Put on hold",
        act=act,
        form=ReasonForSupplierForm,
        notes=("The supplier can change what it said, and submit it again. Nothing new of it is financed meanwhile.",),
    )


def refuse(request: HttpRequest, application: Application) -> HttpResponse:
    """Don't finance this supplier."""

    def act(said: dict[str, str]) -> str:
        applications.refuse(application=application, by=person(request), reason=said["reason"], at=timezone.now())
        return f"{application.supplier} is refused, and told why by mail."

    return _page(
        request,
        application,
        title="Refuse the application",
        button="Refuse",
        act=act,
        form=ReasonForSupplierForm,
        notes=("The supplier may correct what it said, and apply again.",),
    )


def _page(request: HttpRequest, application: Application, **asked: object) -> HttpResponse:
    """The page of a decision: everything that the supplier said, but for what is masked."""
    return confirm_page(
        request,
        facts=facts_of(application),
        tables=(_owners(application), accounts_of(application.supplier)),
        back=page_of(application),
        refusals=REFUSALS,
        **asked,  # type: ignore[arg-type]
    )


def facts_of(application: Application) -> list[tuple[str, object]]:
    """What the supplier said, the tax number masked; "-" for nothing."""
    accepted = agreements.accepted_by(supplier=application.supplier)
    address = [application.address_line1, application.address_line2, application.city, application.region]
    address += [application.postal_code, countries().get(application.country, application.country)]
    said: list[tuple[str, object]] = [
        ("Supplier", application.supplier),
        ("Status", application.get_status_display()),
        ("Legal name", application.legal_name),
        ("Trading name", application.trading_name),
        ("Registration number", application.registration_number),
        ("Tax number", masked(application.tax_id)),
        ("Address", ", ".join(part for part in address if part)),
        ("Phone", application.phone),
        ("Website", application.website),
        ("In business since", application.business_since),
        ("What it sells", application.about),
        ("Submitted by", application.submitted_by),
        (
            "Agreement",
            f"version {accepted.text.version}, by {accepted.user}, from {accepted.ip_address}" if accepted else "",
        ),
        ("Reason of the last decision", application.reason),
    ]
    return [(label, value or "-") for label, value in said]


def accounts_of(supplier: Supplier) -> Table:
    """The accounts in use and those that wait; whether another supplier entered the same one."""
    rows = []
    for one in BankAccount.objects.filter(supplier=supplier, status__in=["in_use", "waiting"]).order_by(
        "currency", "pk"
    ):
        others = same_account_elsewhere(one)
        rows.append(
            (f"{one.currency} {one.masked}", one.holder, one.bank_name, one.country, one.get_status_display(), others)
        )
    return Table(
        caption="Bank accounts",
        columns=("Account", "Holder", "Bank", "Country", "Status", "Same account at"),
        rows=rows,
    )


def same_account_elsewhere(account: BankAccount) -> str:
    """Other suppliers that entered the same account, by name; "-" for none."""
    same = BankAccount.objects.filter(fingerprint=account.fingerprint).exclude(supplier=account.supplier_id)
    return ", ".join(same.order_by("supplier__name").values_list("supplier__name", flat=True).distinct()) or "-"


def masked(secret: str) -> str:
    """So much of a number that two can be told apart."""
    return f"••••{secret[-4:]}" if len(secret) > 6 else "••••" if secret else ""


def _owners(application: Application) -> Table:
    return Table(
        caption="Owners",
        columns=("Name", "Share", "Role", "E-mail", "Date of birth"),
        rows=[
            (one.name, figure_text(one.share, "%"), one.role or "-", one.email, "given" if one.born_on else "-")
            for one in application.owners.all()
        ],
    )


def _leads_to(status: str) -> Callable[[Application], bool]:
    return lambda application: status in Application.MOVES.allowed[application.status]


class OwnerInline(ReadOnlyInline):
    """Who owns the company; when they were born is not for reading."""

    model = Owner
    fields = ("name", "shown_share", "role", "email", "birth_date")
    readonly_fields = ("shown_share", "birth_date")

    @admin.display(description="Share")
    def shown_share(self, owner: Owner) -> SafeString:
        return figure_text(owner.share, "%")

    @admin.display(description="Date of birth")
    def birth_date(self, owner: Owner) -> str:
        return "given" if owner.born_on else "-"


@admin.register(Application)
class ApplicationAdmin(DecidedAdmin):
    list_display = ("__str__", "supplier", "status", "country", "submitted_at", "decided_at", "decided_by")
    list_filter = ("status", "country")
    list_select_related = ("supplier", "decided_by")
    search_fields = ("legal_name", "trading_name", "supplier__name", "registration_number")
    search_help_text = "By name or registration number"
    date_hierarchy = "submitted_at"
    inlines = (OwnerInline,)
    # The tax number is left out by being left unnamed.
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
    decisions = (
        Decision("approve", "Approve", MAY_DECIDE, approve, _leads_to(Status.APPROVED)),
        Decision("hold", "Put on hold", MAY_DECIDE, hold, _leads_to(Status.ON_HOLD)),
        Decision("refuse", "Refuse", MAY_DECIDE, refuse, _leads_to(Status.REFUSED)),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        """Drafts are their supplier's own until they are submitted."""
        rows: QuerySet[Application] = super().get_queryset(request)
        return rows.exclude(status=Status.DRAFT)

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """Those that wait for a decision first, the longest waiting of them on top."""
        return [QUEUE.asc(), "submitted_at"]

    @admin.display(description="Tax number")
    def tax_number(self, application: Application) -> str:
        return masked(application.tax_id)

    @admin.display(description="What it sells, and to whom")
    def business(self, application: Application) -> str:
        return application.about

    @admin.display(description="Bank accounts")
    def accounts(self, application: Application) -> str:
        return (
            "; ".join(" ".join(str(cell) for cell in row[:3]) for row in accounts_of(application.supplier).rows) or "-"
        )

    @admin.display(description="Agreement")
    def agreement(self, application: Application) -> str:
        return str(dict(facts_of(application))["Agreement"])
