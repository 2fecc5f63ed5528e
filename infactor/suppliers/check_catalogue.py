"""The onboarding checks: what each is, how long it counts, and which documents prove it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from infactor.core.translatable import Text
from infactor.documents.models import Kind
from infactor.suppliers.models import CheckKind

RENEWING = gettext_lazy("We are renewing our checks of your company. You need not do anything.")


@dataclass(frozen=True)
class CheckItem:
    """One check.

    `valid_days` is for how long it usually counts; None for good. `documents` are the kinds that prove it. `asked` is
    what the supplier uploads for it, in its words; "" where staff look it up themselves. `lapsed` tells the supplier
    that it has to be made again.
    """

    kind: CheckKind
    task: Text
    documents: Sequence[Kind]
    valid_days: int | None
    asked: Text = ""
    lapsed: Text = RENEWING

    @property
    def wanted(self) -> str:
        """What tells an approved supplier that this check, which was not needed then, is missing."""
        if self.asked:
            return _("We need this from you: %(asked)s. Upload it on the page of your company.") % {"asked": self.asked}
        return _("We are making a further check of your company. You need not do anything.")

    @property
    def usual_validity(self) -> str:
        """For how long it usually counts, in words."""
        months = round(self.valid_days / 30.4) if self.valid_days else 0
        return ngettext("%(count)s month", "%(count)s months", months) % {"count": months} if months else _("for good")


CATALOGUE: tuple[CheckItem, ...] = (
    CheckItem(
        CheckKind.REGISTRATION,
        gettext_lazy("Compare name, number and address with the public register."),
        (Kind.REGISTRATION,),
        365,
        gettext_lazy("The registration of your company, from the public register"),
        gettext_lazy(
            "The proof of your company's registration has expired. Upload a new one on the page of your company."
        ),
    ),
    CheckItem(
        CheckKind.OWNERS,
        gettext_lazy("Everybody who owns 25% or more, or decides, is named in the application."),
        (Kind.REGISTRATION, Kind.OTHER),
        365,
    ),
    CheckItem(
        CheckKind.IDENTITY,
        gettext_lazy("Compare each owner with an identity document that is in force."),
        (Kind.IDENTITY,),
        1095,
        gettext_lazy("An identity document of each owner, such as a passport"),
        gettext_lazy("An owner's proof of identity has expired. Upload a new one on the page of your company."),
    ),
    CheckItem(
        CheckKind.LIENS,
        gettext_lazy("Search the register of liens (UCC) under the legal name: nobody else holds the receivables."),
        (Kind.OTHER, Kind.REGISTRATION),
        180,
    ),
    CheckItem(
        CheckKind.SANCTIONS, gettext_lazy("Search company and owners in the lists of sanctions."), (Kind.OTHER,), 365
    ),
    CheckItem(
        CheckKind.BANK_ACCOUNT,
        gettext_lazy("The account belongs to the company: a letter of the bank, or a statement with its name."),
        (Kind.BANK_LETTER,),
        None,
        gettext_lazy("A letter of your bank, or a bank statement, that shows your company's name and account"),
        gettext_lazy("We need a new proof of your bank account. Upload one on the page of your company."),
    ),
)
ITEMS: dict[str, CheckItem] = {item.kind.value: item for item in CATALOGUE}
# What a supplier may upload itself.
ASKED_KINDS: tuple[Kind, ...] = (Kind.REGISTRATION, Kind.IDENTITY, Kind.BANK_LETTER)
