"""The full number of a supplier's bank account, on demand: to read it out to the bank, or to compare it."""

from datetime import datetime

from django.db import transaction

from infactor.core import audit
from infactor.suppliers import bank_numbers
from infactor.suppliers.models import BankAccount
from infactor.users import roles
from infactor.users.models import User


def show_number(*, account: BankAccount, by: User | None, at: datetime) -> bank_numbers.BankNumbers:
    """The full numbers of `account`, for who may confirm it. Each time is audited, without the numbers.

    Raises roles.NotAllowed without `suppliers.confirm_bank_account`.
    """
    user = roles.require(by, "suppliers.confirm_bank_account")
    with transaction.atomic():
        current = BankAccount.objects.get(pk=account.pk)
        audit.record(event="bankaccount.number_shown", subject=current, by=user, at=at, supplier_id=current.supplier_id)
        return bank_numbers.BankNumbers(
            account=current.account_number, routing=current.routing_number, country=current.country
        )
