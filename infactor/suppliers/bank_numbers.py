"""Validates account and routing numbers by the rules of the bank's country. No database access."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from stdnum import iban, numdb
from stdnum.exceptions import ValidationError
from stdnum.us import rtn

from infactor.core import keys

_IBANS = numdb.get("iban")
_SEPARATORS = re.compile(r"[\s.\-]+")
# The last four digits would give away a shorter number; no country has longer ones.
_LOCAL = re.compile(r"[A-Z0-9]{6,34}")
_US = re.compile(r"[0-9]{6,17}")
_ROUTING = re.compile(r"[A-Z0-9]{3,20}")


class InvalidBankNumber(ValueError):
    """A bank number is invalid; `field` says which one."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class BankNumbers:
    """The numbers of one account without separators. Its repr shows only the last four digits, so it may be logged."""

    account: str
    routing: str
    country: str

    def __repr__(self) -> str:
        return f"BankNumbers(••••{self.last4})"

    @property
    def last4(self) -> str:
        return self.account[-4:]

    @property
    def fingerprint(self) -> str:
        """Equal for equal accounts; does not reveal the numbers."""
        return self.fingerprints[0]

    @property
    def fingerprints(self) -> list[str]:
        """The fingerprint under every key, the current one first; see BankAccount.fingerprint."""
        return keys.fingerprints("bank-account", self.country, self.routing, self.account)


def has_iban(country: str) -> bool:
    """Whether accounts in `country` (ISO 3166) have an IBAN."""
    return bool(_IBANS.info(country)[0][1])


def parse(*, country: str, account_number: str, routing_number: str) -> BankNumbers:
    """The numbers as they are stored. Raises InvalidBankNumber, whose message holds no number.

    Countries with IBANs need an IBAN of that country; the United States need a routing number; for other countries
    only length and characters are checked.
    """
    account = _SEPARATORS.sub("", account_number).upper()
    routing = _SEPARATORS.sub("", routing_number).upper()
    if has_iban(country):
        return BankNumbers(account=_iban(account, country=country), routing="", country=country)
    if country == "US":
        if not _US.fullmatch(account):
            raise InvalidBankNumber("account_number", _("An account number in the United States has 6 to 17 digits."))
        if not rtn.is_valid(routing):
            raise InvalidBankNumber(
                "routing_number",
                _("This is not a valid routing number. It has 9 digits, the last of which is a check digit."),
            )
        return BankNumbers(account=account, routing=routing, country=country)
    if not _LOCAL.fullmatch(account):
        raise InvalidBankNumber("account_number", _("An account number has 6 to 34 digits or letters."))
    if routing and not _ROUTING.fullmatch(routing):
        raise InvalidBankNumber("routing_number", _("A bank's number has 3 to 20 digits or letters."))
    return BankNumbers(account=account, routing=routing, country=country)


def _iban(account: str, *, country: str) -> str:
    try:
        number = iban.validate(account)
    except ValidationError as error:
        raise InvalidBankNumber("account_number", _("This is not a valid IBAN. Check its digits.")) from error
    if number[:2] != country:
        raise InvalidBankNumber("account_number", _("This IBAN belongs to another country than the bank."))
    return str(number)
