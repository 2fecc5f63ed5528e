"""Payees of collection costs: entered when a cost is recorded, completed from their Form W-9."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from stdnum.exceptions import ValidationError
from stdnum.us import ein, itin, ssn

from infactor.core import audit
from infactor.core.business_day import business_day
from infactor.financing.accounting.payoff import PayoffError
from infactor.financing.advances import closing
from infactor.financing.models import Payee
from infactor.suppliers.countries import countries
from infactor.users import roles
from infactor.users.models import User

TinType = Payee.TinType
KINDS = {TinType.SSN: ssn, TinType.EIN: ein, TinType.ITIN: itin}
# The texts, each with the characters that it holds.
TEXTS = {"name": 200, "address_line1": 200, "address_line2": 200, "city": 100, "region": 100, "postal_code": 20}


class PayeeError(PayoffError):
    """The payee cannot be kept like this. `field` is the input that is wrong."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class PayeeDetails:
    """A payee as staff entered it. Its repr shows no number."""

    name: str
    service: str
    country: str
    business_type: str = Payee.BusinessType.UNKNOWN
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    tin_type: str = ""
    tin: str = field(repr=False, default="")
    w9_received_on: date | None = None


def enter(*, details: PayeeDetails, by: User, at: datetime) -> Payee:
    """Keep a new payee. Raises NotAllowed, PayeeError."""
    roles.require(by, closing.SETTLE_ADVANCES)
    payee = Payee(entered_by=by, entered_at=at)
    with transaction.atomic():
        _write(payee, details, at=at)
        audit.record(event="payee.entered", subject=payee, by=by, at=at)
    return payee


def change(*, payee: Payee, details: PayeeDetails, by: User, at: datetime) -> Payee:
    """Change or complete a payee. Without a number in `details` it keeps its own. Raises NotAllowed, PayeeError."""
    roles.require(by, closing.SETTLE_ADVANCES)
    with transaction.atomic():
        current = Payee.objects.select_for_update(of=("self",)).get(pk=payee.pk)
        if current.joined_into is not None:
            raise PayeeError(
                _("It is joined with %(joined_into)s. Change that payee, or separate them first.")
                % {"joined_into": current.joined_into}
            )
        changed = _write(current, details, at=at)
        audit.record(event="payee.changed", subject=current, by=by, at=at, details={"fields": changed})
    return current


def parse_tin(*, kind: str, number: str) -> str:
    """The nine digits of a taxpayer identification number. Raises PayeeError."""
    if kind not in TinType.values:
        raise PayeeError(_("Choose whether the number is an SSN, an EIN or an ITIN."), field="tin_type")
    try:
        return str(KINDS[TinType(kind)].validate("".join(number.split())))
    except ValidationError as error:
        raise PayeeError(
            _("This is no valid %(label)s. Compare it with the W-9.") % {"label": TinType(kind).label}, field="tin"
        ) from error


def formatted_tin(payee: Payee) -> str:
    """The number as forms have it: 123-45-6789, an EIN as 12-3456789; empty for none."""
    return str(KINDS[TinType(payee.tin_type)].format(payee.tin)) if payee.tin_type else ""


def _write(payee: Payee, details: PayeeDetails, *, at: datetime) -> list[str]:
    """Save `details` to `payee`, and return the names of the columns that changed."""
    values: dict[str, object] = {name: getattr(details, name).strip() for name in TEXTS}
    values |= {name: getattr(details, name) for name in ("service", "business_type", "country", "w9_received_on")}
    _validate(payee, details, at=at)
    if details.tin.strip():
        digits = parse_tin(kind=details.tin_type, number=details.tin)
        values |= {"tin_type": details.tin_type, "tin": digits, "last4": digits[-4:]}
    elif payee.tin_type and details.tin_type not in ("", payee.tin_type):
        raise PayeeError(_("Enter the number again to change what kind it is."), field="tin")
    changed = sorted(name for name, value in values.items() if getattr(payee, name) != value)
    for name, value in values.items():
        setattr(payee, name, value)
    if payee.tin:
        accepted = Payee._meta.get_field("fingerprint").accepted(payee)
        same = Payee.objects.filter(fingerprint__in=accepted).exclude(pk=payee.pk).first()
        if same is not None:
            raise PayeeError(_("This is the number of %(same)s: use that payee.") % {"same": same}, field="tin")
        payee.fingerprint = accepted[0]
    payee.save()
    return [name for name in changed if name != "last4"]


def _validate(payee: Payee, details: PayeeDetails, *, at: datetime) -> None:
    name = details.name.strip()
    if not name:
        raise PayeeError(_("Enter the legal name."), field="name")
    for text, longest in TEXTS.items():
        if len(getattr(details, text).strip()) > longest:
            raise PayeeError(_("Enter at most %(longest)s characters.") % {"longest": longest}, field=text)
    if details.service not in Payee.Service.values:
        raise PayeeError(_("Choose what the payee does."), field="service")
    if details.business_type not in Payee.BusinessType.values:
        raise PayeeError(_("Choose a kind of business from the list."), field="business_type")
    if details.country not in countries():
        raise PayeeError(_("Choose the country from the list."), field="country")
    if details.w9_received_on is not None and details.w9_received_on > business_day(at):
        raise PayeeError(_("This day has not come yet."), field="w9_received_on")
    if Payee.objects.filter(name__iexact=name).exclude(pk=payee.pk).exists():
        raise PayeeError(_("There is a payee of this name: choose it, or tell them apart."), field="name")
