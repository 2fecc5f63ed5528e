"""The guide of an application: its parts with what is done and how long the rest takes, who does what then."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infactor.core.dates import format_day
from infactor.suppliers.applications import REQUIRED_FIELDS
from infactor.suppliers.models import Application, BankAccount

Status = Application.Status


@dataclass(frozen=True)
class Part:
    """A part of the application: what is needed and why, how many minutes it takes, and where it stands on the page."""

    title: str
    text: str
    minutes: int
    anchor: str
    is_done: bool
    progress: str = ""


@dataclass(frozen=True)
class Guide:
    """The parts of an application that its owner fills in."""

    parts: Sequence[Part]

    @property
    def done(self) -> int:
        """How many parts are done."""
        return sum(part.is_done for part in self.parts)

    @property
    def next_part(self) -> Part | None:
        """The first part that is not done."""
        return next((part for part in self.parts if not part.is_done), None)

    @property
    def time_text(self) -> str:
        """How long the parts that are not done take."""
        minutes = sum(part.minutes for part in self.parts if not part.is_done)
        return ngettext("about %(minutes)s minute", "about %(minutes)s minutes", minutes) % {"minutes": minutes}


@dataclass(frozen=True)
class Stage:
    """What happens to an application: `who` does it, and whether it is done or comes now."""

    title: str
    who: str
    text: str
    is_done: bool = False
    is_now: bool = False


def guide(
    *, application: Application | None, accounts: Sequence[BankAccount], missing: Sequence[str], is_current: bool
) -> Guide:
    """The parts, as they stand. `missing` are documents, `is_current` whether the newest agreement is accepted."""
    filled = sum(bool(application and getattr(application, name)) for name in REQUIRED_FIELDS)
    owners = len(application.owners.all()) if application is not None else 0
    return Guide(
        [
            Part(
                _("Company"),
                _("Legal name, tax number, address and phone. We look them up in public registers."),
                2,
                "company-title",
                filled == len(REQUIRED_FIELDS),
                _("%(filled)s of %(all)s answers") % {"filled": filled, "all": len(REQUIRED_FIELDS)},
            ),
            Part(
                _("Owners"),
                _("Everyone who owns 25% or more, with date of birth. The law asks us to check this."),
                1,
                "owners-title",
                owners > 0,
            ),
            Part(
                _("Bank account"),
                _("Account and routing number. We pay your advances there and nowhere else."),
                1,
                "bank-title",
                any(one.status != BankAccount.Status.SUSPENDED for one in accounts),
            ),
            Part(
                _("Documents"),
                _("Registration, identity of the owners, a bank letter. Photos and PDF work. You can send them later."),
                1,
                "documents-title",
                not missing,
                ngettext("%(number)s missing", "%(number)s missing", len(missing)) % {"number": len(missing)}
                if missing
                else "",
            ),
            Part(
                _("Agreement"),
                _("It says what both sides owe each other. An owner reads and accepts it."),
                1,
                "agreement",
                is_current,
            ),
        ]
    )


def answer_time() -> str:
    """Within which time staff decide."""
    days = settings.APPLICATION_DECIDED_WITHIN_DAYS
    return ngettext("within %(days)s working day", "within %(days)s working days", days) % {"days": days}


def stages(*, application: Application, missing: Sequence[str], is_payable: bool) -> list[Stage]:
    """Who does what, from the application to the first advance, of one that was submitted."""
    is_approved = application.status == Status.APPROVED
    is_returned = application.status in (Status.ON_HOLD, Status.REFUSED)
    is_checked = application.status == Status.SUBMITTED
    you = _("You")
    found = [_submitted(application, you)]
    if missing:
        text = _("Still missing: %(missing)s.") % {"missing": "; ".join(missing)}
        found.append(Stage(_("Upload documents"), you, text, is_now=not is_approved))
    if is_returned:
        text = _("Correct your application and submit it again.")
        asked = application.status == Status.ON_HOLD  # of one that was refused nobody asked anything
        title = _("Answer our question") if asked else _("Correct your application")
        found.append(Stage(title, you, text, is_now=True))
    found.append(
        Stage(
            _("Company check"),
            "infactor",
            _("Your company is approved.")
            if is_approved
            else _("We decide %(time)s and email you.") % {"time": answer_time()},
            is_done=is_approved,
            is_now=is_checked,
        )
    )
    found.append(
        Stage(
            _("Bank account confirmation"),
            "infactor",
            _("We confirm it with you before the first payout."),
            is_done=is_payable,
            is_now=is_approved and not is_payable,
        )
    )
    text = _("Choose invoices and see what you get and what it costs.")
    found.append(Stage(_("Request your first advance"), you, text, is_now=is_approved and is_payable))
    return found


def _submitted(application: Application, you: str) -> Stage:
    text = ""
    if application.submitted_at is not None:
        day = format_day(application.submitted_at.astimezone(application.supplier.zone).date())
        text = _("Submitted on %(day)s.") % {"day": day}
    return Stage(_("Apply for financing"), you, text, is_done=True)
