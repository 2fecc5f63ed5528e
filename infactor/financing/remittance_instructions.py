"""Remittance instructions: infactor's bank account for a currency, and the reference that identifies a payment.

The account is the house account that buyers pay to in that currency, else the one of the settings, which takes the
currencies that they name. An account of another currency never stands in: then there is none, and staff are told.
"""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from infactor.banking.models import HouseAccount
from infactor.core.plain_text import to_plain_text


class NoAccountToPay(Exception):
    """There is no account that buyers pay to in a currency. The message says so to staff."""


def instructions_for(*, number: str, public_id: UUID, currency: str) -> dict[str, str]:
    """What a buyer enters in the bank transfer: holder, bank, account, routing, and the reference of its invoice.

    Raises NoAccountToPay.
    """
    account = account_in(currency=currency)
    if account is None:
        raise NoAccountToPay(missing_account(currency=currency))
    return {**account, "reference": payment_reference(number=number, public_id=public_id)}


def instructions_or_reference(*, number: str = "", public_id: UUID, currency: str) -> dict[str, str]:
    """What a supplier enters in the bank transfer when it pays itself; the reference alone where there is no account.

    Without a `number` the reference names the supplier, whose `public_id` it is, and no invoice: with an invoice's the
    money would be taken for its buyer's.
    """
    account = account_in(currency=currency) or {}
    return {**account, "reference": payment_reference(number=number, public_id=public_id)}


def account_in(*, currency: str) -> dict[str, str] | None:
    """Holder, bank, account and routing of the account that takes payments in `currency`; None if there is none."""
    found = HouseAccount.objects.filter(currency=currency, is_pay_to=True).first()
    if found is not None:
        return {
            "holder": found.originator_name,
            "bank": found.bank_name,
            "account": found.account_number,
            "routing": found.routing_number or found.bic,
        }
    return dict(settings.PAY_TO) if _is_in_settings(currency) else None


def without_account(*, currencies: Iterable[str]) -> set[str]:
    """Those of `currencies` in which nobody can be told where to pay."""
    asked = {one for one in currencies if not _is_in_settings(one)}
    if not asked:
        return set()
    return asked - set(HouseAccount.objects.filter(is_pay_to=True).values_list("currency", flat=True))


def missing_account(*, currency: str) -> str:
    """The sentence for staff where there is no account to pay to in `currency`."""
    text = _("There is no account that buyers pay to in %(currency)s. Choose a house account for it first.")
    return text % {"currency": currency}


def payment_reference(*, number: str, public_id: UUID) -> str:
    """The invoice number and a short code of infactor's, as two suppliers may both have an invoice 1001.

    Always one line and without invisible characters: a number cannot add lines of its own to the instructions, nor turn
    the direction of what a bank shows.
    """
    number = to_plain_text(number, multiline=False)
    return f"{number} IF-{public_id.hex[:8].upper()}".strip()


def _is_in_settings(currency: str) -> bool:
    return bool(settings.PAY_TO["account"]) and currency in settings.PAY_TO_CURRENCIES
