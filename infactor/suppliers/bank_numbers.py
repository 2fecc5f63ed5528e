"""Bank numbers: what an account's number must look like in its country, read without spaces. Pure."""

import re
from dataclasses import dataclass

from stdnum import iban, numdb
from stdnum.exceptions import ValidationError
from stdnum.us import rtn

from infactor.core.fields import fingerprint

_IBANS = numdb.get("iban")
_SEPARATORS = re.compile(r"[\s.\-]+")
# Shorter ones would be shown whole by their last four; no country has longer ones.
_LOCAL = re.compile(r"[A-Z0-9]{6,34}")
_US = re.compile(r"[0-9]{6,17}")
_ROUTING = re.compile(r"[A-Z0-9]{3,20}")


class NumberWrong(ValueError):
    """A bank number that cannot be right; `field` says which one."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Numbers:
    """The numbers of one account without spaces. Its words hold none of them: it may stand in a log."""

    account: str
    routing: str
    country: str

    def __repr__(self) -> str:
        return f"Numbers(••••{self.last4})"

    @property
    def last4(self) -> str:
        return self.account[-4:]

    @property
    def fingerprint(self) -> str:
        """Equal for equal accounts, and tells nothing of them."""
        return fingerprint("bank-account", self.country, self.routing, self.account)


def has_iban(country: str) -> bool:
    """Whether accounts of `country` (ISO 3166) are known by an IBAN."""
    return bool(_IBANS.info(country)[0][1])


def read(*, country: str, account_number: str, routing_number: str) -> Numbers:
    """The numbers as they are stored. Raises NumberWrong, which names no number.

    A country with IBANs wants one of its own; the United States a routing number; of other countries only the shape is
    known.
    """
    account = _SEPARATORS.sub("", account_number).upper()
    routing = _SEPARATORS.sub("", routing_number).upper()
    if has_iban(country):
        return Numbers(account=_iban(account, country=country), routing="", country=country)
    if country == "US":
        if not _US.fullmatch(account):
            raise NumberWrong("account_number", "An account number in the United States has 6 to 17 digits.")
        if not rtn.is_valid(routing):
            raise NumberWrong(
                "routing_number", "This is not a routing number: it has 9 digits, the last of them a check."
            )
        return Numbers(account=account, routing=routing, country=country)
    if not _LOCAL.fullmatch(account):
        raise NumberWrong("account_number", "An account number has 6 to 34 digits or letters.")
    if routing and not _ROUTING.fullmatch(routing):
        raise NumberWrong("routing_number", "A bank's number has 3 to 20 digits or letters.")
    return Numbers(account=account, routing=routing, country=country)


def _iban(account: str, *, country: str) -> str:
    try:
        read = iban.validate(account)
    except ValidationError as error:
        raise NumberWrong("account_number", "This is not an IBAN: check its digits.") from error
    if read[:2] != country:
        raise NumberWrong("account_number", "This IBAN is of another country than the bank.")
    return str(read)
