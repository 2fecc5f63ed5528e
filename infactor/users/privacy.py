"""Personal data of people with an account, and of the tables of Django, allauth and core."""

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models import Q

from infactor.core.privacy.declarations import (
    BUYER,
    KINDS,
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

SUBJECTS = (
    SubjectKind(
        kind=PERSON,
        model="users.User",
        key="email__iexact",
        name_fields=("email", "name"),
        suppliers="memberships__supplier",
    ),
)


def sessions_of(subject: Subject) -> Q:
    """The sessions of a person. A session names its user only inside its signed text."""
    return Q(
        pk__in=[
            session.pk
            for session in Session.objects.iterator()
            if SessionStore().decode(session.session_data).get("_auth_user_id") == str(subject.row.pk)
        ]
    )


def any_ready(subject: Subject) -> Q:
    """The lists that are ready: anybody may stand in any of them."""
    return Q(state="ready")


def active_staff(subject: Subject) -> list[str]:
    """Staff are deactivated before they are erased, by a decision that another administrator takes."""
    is_active = subject.kind == PERSON and subject.row.is_staff and subject.row.is_active  # type: ignore[attr-defined]
    return ["This person is staff: deactivate the account first."] if is_active else []


BLOCKERS = (active_staff,)
TABLES = (
    Table(
        model="sessions.Session",
        purpose="keeps people signed in",
        ground=Ground.CONTRACT,
        retention="staff: 30 minutes without use, 12 hours at most; suppliers: 12 hours without use, 7 days at most. "
        "Ended ones are deleted every night",
        secret=("session_key", "session_data"),
        paths={PERSON: sessions_of},
        on_erasure={PERSON: Delete()},
    ),
    Table(
        model="account.EmailAddress",
        purpose="confirms that an address belongs to who signs in with it",
        ground=Ground.CONTRACT,
        retention="as long as the account; unconfirmed sign-ups: RETENTION_UNCONFIRMED_DAYS",
        personal=("email",),
        paths={PERSON: ("user",)},
        on_erasure={PERSON: Delete()},
    ),
    Table(
        model="account.EmailConfirmation",
        purpose="links that confirm an address",
        ground=Ground.CONTRACT,
        retention="as long as the address; not used, since the links are signed",
        secret=("key",),
        paths={PERSON: ("email_address__user",)},
        on_erasure={PERSON: Delete()},
    ),
    Table(
        model="admin.LogEntry",
        purpose="which row staff changed in a form of admin",
        ground=Ground.INTEREST,
        retention="ten years, as the audit log",
        personal=("object_repr", "change_message"),
        other=("object_id",),
        paths={PERSON: ("user",)},
        mentions=("object_repr", "change_message"),
        on_erasure={kind: Scrub(("object_repr", "change_message")) for kind in KINDS},
    ),
    Table(
        model="core.OutgoingMail",
        purpose="emails to send, and proof that they were sent",
        ground=Ground.CONTRACT,
        retention="text and subject: RETENTION_MAIL_TEXT_DAYS after sending; the rest: RETENTION_MAIL_DAYS",
        personal=("to", "reply_to", "subject", "body"),
        secret=("unsubscribe_url",),
        other=("key", "language", "error"),
        paths={SUPPLIER: ("supplier_id",)},
        mentions=("to", "reply_to", "subject", "body"),
        scope="supplier_id",
        on_erasure={kind: Delete() for kind in KINDS},
    ),
    Table(
        model="core.ListExport",
        purpose="a list of staff as a file, which somebody asked for",
        ground=Ground.CONTRACT,
        retention="a day",
        personal=("query", "content"),
        other=("listed",),
        paths={PERSON: ("user",), SUPPLIER: any_ready, OWNER: any_ready, BUYER: any_ready},
        not_copied_for=KINDS,
        on_erasure={kind: Delete() for kind in KINDS},
    ),
    Table(
        model="core.AuditEvent",
        purpose="who did what, and when: accountability for money and access",
        ground=Ground.LEGAL_DUTY,
        retention="ten years. It holds row numbers, not names; names in staff's reasons are erased on request",
        personal=("reason", "details"),
        other=("event", "subject_type", "subject_id"),
        paths={SUPPLIER: ("supplier_id",), PERSON: ("actor",)},
        mentions=("reason", "details"),
        scope="supplier_id",
        on_erasure={kind: Scrub(("reason", "details")) for kind in KINDS},
    ),
    Table(
        model="mfa.Authenticator",
        purpose="second factors: authenticator apps, passkeys, recovery codes",
        ground=Ground.CONTRACT,
        retention="until removed",
        secret=("data",),
        paths={PERSON: ("user",)},
        on_erasure={PERSON: Delete()},
    ),
    Table(
        model="usersessions.UserSession",
        purpose="where somebody is signed in, so that they can see and end it",
        ground=Ground.CONTRACT,
        retention="as long as the session",
        personal=("ip", "user_agent"),
        secret=("session_key",),
        other=("data",),
        paths={PERSON: ("user",)},
        on_erasure={PERSON: Delete()},
    ),
    Table(
        model="users.KnownDevice",
        purpose="tells a new browser from a known one, to warn of a sign-in",
        ground=Ground.INTEREST,
        retention="400 days after it was used last; deleted at a later sign-in, or with the account",
        secret=("token_hash",),
        paths={PERSON: ("user",)},
        on_erasure={PERSON: Delete()},
    ),
    Table(
        model="users.AccountChange",
        purpose="holds back a new bank account after a change of sign-in, and warns the former address",
        ground=Ground.INTEREST,
        retention="as long as the account",
        personal=("former_email",),
        paths={PERSON: ("user",)},
        on_erasure={PERSON: Delete()},
    ),
    Table(
        model="users.User",
        purpose="the account: who signs in",
        ground=Ground.CONTRACT,
        retention="as long as the account; the row stays without name and address, since records refer to it",
        personal=("email", "name", "language", "last_login", "date_joined"),
        secret=("password",),
        paths={PERSON: ("pk",)},
        on_erasure={
            PERSON: Overwrite(
                {
                    "email": lambda user: f"erased-{user.pk}@erased.invalid",
                    "name": "",
                    "language": "",
                    "password": "!",
                    "is_active": False,
                    "is_staff": False,
                    "is_superuser": False,
                    "last_login": None,
                }
            )
        },
    ),
)

NO_PERSONAL_DATA = (
    NoPersonalData(
        ("auth.Permission", "auth.Group", "contenttypes.ContentType", "core.Heartbeat"),
        "roles, names of tables, and when a process last ran",
    ),
    NoPersonalData(
        ("core.CompressionDictionary",),
        "what compressed documents have in common: only words that the documents of many customers have",
    ),
)
