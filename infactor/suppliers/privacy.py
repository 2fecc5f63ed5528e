"""Personal data of companies that sell invoices, of their owners, and of who acts for them."""

from collections.abc import Iterator

from django.db import models

from infactor.core.keys import fingerprint
from infactor.core.privacy.declarations import (
    BUYER,
    ERASED,
    OWNER,
    PERSON,
    SUPPLIER,
    Delete,
    Ground,
    NoPersonalData,
    Overwrite,
    Scrub,
    Subject,
    SubjectKind,
    Table,
)
from infactor.suppliers.models import BankAccount, Membership, Owner

RECORDS = "RETENTION_RECORDS_DAYS (ten years) after the last advance ended; without an advance until asked"
SUBJECTS = (
    SubjectKind(kind=SUPPLIER, model="suppliers.Supplier", key="public_id", name_fields=("name",), suppliers="pk"),
    SubjectKind(
        kind=OWNER,
        model="suppliers.Owner",
        key="email__iexact",
        name_fields=("name", "email"),
        suppliers="application__supplier",
    ),
)


def only_owner(subject: Subject) -> list[str]:
    """Companies that would be left without an owner."""
    if subject.kind != PERSON:
        return []
    owned = Membership.objects.filter(user_id=subject.row.pk, role=Membership.Role.OWNER).select_related("supplier")
    others = Membership.objects.filter(role=Membership.Role.OWNER, user__is_active=True).exclude(user=subject.row.pk)
    left = owned.exclude(supplier__in=others.values("supplier"))
    return [f"They are the only owner of {one.supplier.public_id}: erase the supplier first." for one in left]


def owners_names(kind: str, row: models.Model) -> Iterator[str]:
    """The names and addresses of a supplier's owners."""
    if kind == SUPPLIER:
        for names in Owner.objects.filter(application__supplier=row.pk).values_list("name", "email"):
            yield from names


def _erased_number(account: BankAccount) -> str:
    return f"{ERASED} {account.pk}"


BLOCKERS = (only_owner,)
RELATED_NAMES = (owners_names,)
TABLES = (
    Table(
        model="suppliers.AgreementAcceptance",
        purpose="proof that the agreement was accepted: by whom, when, from where",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=("at", "ip_address", "user_agent"),
        paths={SUPPLIER: ("supplier",), PERSON: ("user",)},
        evidence="supplier",
        on_erasure={kind: Overwrite({"ip_address": "0.0.0.0", "user_agent": ""}) for kind in (SUPPLIER, PERSON)},  # noqa: S104  no address
    ),
    Table(
        model="suppliers.Owner",
        purpose="who owns the company: known by name before money is paid (money laundering)",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=("name", "role", "email", "date_of_birth"),
        paths={SUPPLIER: ("application__supplier",), OWNER: ("pk",)},
        evidence="application__supplier",
        on_erasure={SUPPLIER: Delete(), OWNER: Delete()},
    ),
    Table(
        model="suppliers.Application",
        purpose="which company asks to be financed, and the decision",
        ground=Ground.CONTRACT,
        retention=RECORDS,
        personal=(
            "legal_name",
            "trading_name",
            "registration_number",
            "tax_id",
            "address_line1",
            "address_line2",
            "city",
            "region",
            "postal_code",
            "country",
            "phone",
            "website",
            "business_since",
            "about",
            "reason",
        ),
        paths={SUPPLIER: ("supplier",)},
        evidence="supplier",
        on_erasure={
            SUPPLIER: Overwrite(
                {
                    **dict.fromkeys(("legal_name", "tax_id", "address_line1", "city", "phone"), ERASED),
                    **dict.fromkeys(
                        ("trading_name", "registration_number", "address_line2", "region", "postal_code"), ""
                    ),
                    **dict.fromkeys(("website", "about"), ""),
                    "business_since": None,
                    "reason": lambda row: ERASED if row.reason else "",
                }
            )
        },
    ),
    Table(
        model="suppliers.Check",
        purpose="what was checked about a company and its owners before it was financed (money laundering)",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=("made_on", "expires_on", "reference", "note"),
        paths={SUPPLIER: ("supplier",)},
        mentions=("reference", "note"),
        scope="supplier",
        evidence="supplier",
        on_erasure={
            SUPPLIER: Overwrite(
                {
                    "reference": lambda row: ERASED if row.reference else "",
                    "note": lambda row: ERASED if row.note else "",
                }
            ),
            **{kind: Scrub(("reference", "note")) for kind in (OWNER, PERSON, BUYER)},
        },
    ),
    Table(
        model="suppliers.BankAccount",
        purpose="where advances are paid to",
        ground=Ground.CONTRACT,
        retention=RECORDS,
        personal=(
            "currency",
            "holder",
            "bank_name",
            "country",
            "account_number",
            "routing_number",
            "last4",
            "reason",
            "proof_phone",
            "proof_note",
        ),
        secret=("fingerprint",),
        other=("status", "suspended_at", "suspended_because", "micro_deposits_matched_at"),
        paths={SUPPLIER: ("supplier",)},
        evidence="supplier",
        on_erasure={
            SUPPLIER: Overwrite(
                {
                    "holder": ERASED,
                    "bank_name": ERASED,
                    "account_number": _erased_number,
                    "routing_number": "",
                    "last4": "0000",
                    "fingerprint": lambda row: fingerprint("bank-account", row.country, "", _erased_number(row)),
                    "reason": lambda row: ERASED if row.reason else "",
                    "proof_phone": lambda row: ERASED if row.proof_phone else "",
                    "proof_note": lambda row: ERASED if row.proof_note else "",
                }
            )
        },
    ),
    Table(
        model="suppliers.AcceptanceRule",
        purpose="whether two people must accept the offers of a company",
        ground=Ground.CONTRACT,
        retention="as long as the company's account",
        personal=("off_requested_at",),
        other=("needs_two",),
        paths={SUPPLIER: ("supplier",), PERSON: ("off_requested_by",)},
        on_erasure={
            SUPPLIER: Delete(),
            PERSON: Overwrite({"off_requested_by": None, "off_requested_at": None}),
        },
    ),
    Table(
        model="suppliers.Membership",
        purpose="who may act for which company",
        ground=Ground.CONTRACT,
        retention="until somebody leaves",
        personal=("role",),
        paths={SUPPLIER: ("supplier",), PERSON: ("user",)},
        on_erasure={SUPPLIER: Delete(), PERSON: Delete()},
    ),
    Table(
        model="suppliers.AccountClosing",
        purpose="that a company asked to close its account, and was released",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=("status", "reason", "decision", "letter"),
        paths={SUPPLIER: ("supplier",)},
        mentions=("reason", "decision"),
        scope="supplier",
        evidence="supplier",
        on_erasure={
            SUPPLIER: Overwrite(
                {
                    "reason": lambda row: ERASED if row.reason else "",
                    "decision": lambda row: ERASED if row.decision else "",
                    "letter": lambda row: {"company": ERASED} if row.letter else {},
                }
            ),
            **{kind: Scrub(("reason", "decision")) for kind in (OWNER, PERSON, BUYER)},
        },
    ),
    Table(
        model="suppliers.Invitation",
        purpose="who was invited to act for which company, by whom, and what came of it",
        ground=Ground.CONTRACT,
        retention=RECORDS,
        personal=("email", "role", "status"),
        secret=("digest",),
        paths={SUPPLIER: ("supplier",), PERSON: ("accepted_by", "invited_by")},
        mentions=("email",),
        scope="supplier",
        on_erasure={SUPPLIER: Delete(), **{kind: Delete() for kind in (OWNER, PERSON, BUYER)}},
    ),
    Table(
        model="suppliers.Notification",
        purpose="what the people of a company are told in the app",
        ground=Ground.CONTRACT,
        retention="RETENTION_NOTIFICATION_DAYS",
        personal=("kind", "title", "path"),
        other=("key",),
        paths={SUPPLIER: ("supplier",), PERSON: ("user",)},
        mentions=("title",),
        scope="supplier",
        on_erasure={kind: Delete() for kind in (SUPPLIER, OWNER, PERSON, BUYER)},
    ),
    Table(
        model="suppliers.NotificationChoice",
        purpose="by which channels a person wants to hear of what",
        ground=Ground.CONTRACT,
        retention="until somebody leaves or is erased",
        personal=("kind",),
        paths={SUPPLIER: ("supplier",), PERSON: ("user",)},
        on_erasure={SUPPLIER: Delete(), PERSON: Delete()},
    ),
    Table(
        model="suppliers.SupplierName",
        purpose="what the company was called before: reports of a past day say so",
        ground=Ground.INTEREST,
        retention=RECORDS,
        personal=("name",),
        paths={SUPPLIER: ("subject",)},
        evidence="subject",
        on_erasure={SUPPLIER: Delete()},
    ),
    Table(
        model="suppliers.Supplier",
        purpose="the company that sells invoices",
        ground=Ground.CONTRACT,
        retention=RECORDS,
        personal=("name", "time_zone"),
        paths={SUPPLIER: ("pk",)},
        evidence="pk",
        on_erasure={SUPPLIER: Overwrite({"name": ERASED})},
    ),
)
NO_PERSONAL_DATA = (
    NoPersonalData(("suppliers.AgreementText",), "the versions of the agreement"),
    NoPersonalData(("suppliers.CheckRequirement",), "which checks an approval needs, since when, and why"),
)
