"""Journal entries, deposits, and checks or other purchases, which may touch accounts receivable."""

from decimal import Decimal

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.company import global_tax
from quickbooks_app.sandbox.accounting.purchasing.lines import purchase_lines
from quickbooks_app.sandbox.accounting.purchasing.payments import amount_used as amount_used_by_bill_payments
from quickbooks_app.sandbox.accounting.relations import links, references
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules, set_currency
from quickbooks_app.sandbox.ledger import accounts, payables
from quickbooks_app.sandbox.ledger.receivables import ENTITY_OF_TYPE, entry_amounts, line_account, posted_line
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import Document, format_amount, parse_number, reference, reference_id
from quickbooks_app.sandbox.runtime.errors import business_rule, invalid_reference, invalid_value, parameter_missing

# As payments name them in LinkedTxn.
KINDS = ("JournalEntry", "Check", "Deposit", "Expense", "CreditCardCredit")
_PAYMENT_TYPES = {"Check": "Check", "Expense": "Cash", "CreditCardCredit": "CreditCard"}
_PAID_FROM = {"Check": ("Bank",), "CreditCard": ("Credit Card",)}
_DETAILS = {"JournalEntry": "JournalEntryLineDetail", "Deposit": "DepositLineDetail"}


def compose(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build the complete entry. Its accounts and customers exist, and each line on receivables names a customer."""
    body = dict(wanted)
    body["TxnDate"] = str(wanted.get("TxnDate") or clock.company_today(books.at).isoformat())[:10]
    lines = wanted.get("Line")
    if not lines:
        raise parameter_missing("Line")
    if entity == "Purchase":
        if wanted["PaymentType"] not in _PAYMENT_TYPES.values():
            raise parameter_missing("PaymentType")
        default = accounts.MASTERCARD if wanted["PaymentType"] == "CreditCard" else accounts.CHECKING
        body.setdefault("AccountRef", reference(default.id, default.name))
        if types := _PAID_FROM.get(wanted["PaymentType"]):
            references.require_account(books, body, "AccountRef", types=types)
        body["Line"] = purchase_lines(books, body)
    else:
        body["Line"] = [_line(entity, line, position=position) for position, line in enumerate(lines)]
    if entity == "Deposit":
        body.setdefault("DepositToAccountRef", reference(accounts.CHECKING.id, accounts.CHECKING.name))
        references.require_account(
            books, body, "DepositToAccountRef", types=("Bank", "Other Current Asset", "Credit Card")
        )
    elif entity == "JournalEntry":
        body.setdefault("Adjustment", False)
    if entity == "Deposit":
        links.complete_deposit(books, body, before=before)
    owner = _check_lines(books, entity, body)
    set_currency(books, body, customer=owner, rules=rules)
    body["TxnTaxDetail"] = {}
    if entity == "Purchase" and global_tax.applies(books):
        given = wanted["TxnTaxDetail"] if global_tax.is_given(sent) else None
        body["TxnTaxDetail"] = given or global_tax.tax_detail(books, body, side="Purchase")
    tax = parse_number(body["TxnTaxDetail"].get("TotalTax", 0))
    body["TotalAmt"] = format_amount(_total(entity, body) + tax)
    return body


def require_unused(books: Books, entity: str, before: Document, *, after: Document | None) -> None:
    """Raise BusinessFault 6000 if an entry would become smaller than what payments use of it."""
    amounts = entry_amounts(entity, after) if after else {}
    for customer, amount in entry_amounts(entity, before).items():
        used = amount_used(books, entity, before["Id"], customer=customer)
        left = amounts.get(customer, Decimal(0))
        _require_left(used, amount=amount, left=left)
    owed = payables.entry_amounts(entity, after) if after else {}
    for vendor, amount in payables.entry_amounts(entity, before).items():
        used = amount_used_by_bill_payments(books, entity, before["Id"], vendor=vendor)
        _require_left(used, amount=amount, left=owed.get(vendor, Decimal(0)))


def _require_left(used: Decimal, *, amount: Decimal, left: Decimal) -> None:
    if used and (left * amount <= 0 or abs(left) < used):
        raise business_rule("A transaction that other transactions are linked to must be unlinked first.")


def amount_used(books: Books, entity: str, id: str, *, customer: str) -> Decimal:
    """Return how much of a customer's share in an entry payments use, always positive."""
    payers, found = [customer], books.find("Customer", customer) or {}
    if parent := reference_id(found, "ParentRef"):
        payers.append(parent)
    used = Decimal(0)
    for payer in payers:
        for payment in books.list_of_customer("Payment", payer):
            for line in payment["Line"]:
                link = line["LinkedTxn"][0]
                if link["TxnId"] == id and ENTITY_OF_TYPE[link["TxnType"]] == entity:
                    used += Decimal(line["Amount"])
    return used


def on_receivables(kind: str, *, customer_id: str, amount: Decimal, raises: bool = False) -> tuple[str, Document]:
    """Return the entity and the create request of an entry that lowers (or raises) what a customer owes.

    The other side is an expense, or the bank that a deposit is paid into. Raises BusinessFault 2080 if `amount` is not
    above 0.
    """
    if amount <= 0:
        raise invalid_value(element="Amount", detail="The amount must be above 0")
    receivable = reference(accounts.RECEIVABLES.id, accounts.RECEIVABLES.name)
    other = reference(accounts.BAD_DEBTS.id, accounts.BAD_DEBTS.name)
    if kind == "JournalEntry":
        sides = [("Debit", receivable), ("Credit", other)] if raises else [("Credit", receivable), ("Debit", other)]
        lines = []
        for side, account in sides:
            detail: Document = {"PostingType": side, "AccountRef": account}
            if account is receivable:
                detail["Entity"] = {"Type": "Customer", "EntityRef": {"value": customer_id}}
            lines.append({"Amount": amount, "JournalEntryLineDetail": detail})
        return kind, {"Line": lines}
    if kind == "Deposit":
        if raises:
            raise invalid_value(element="TxnType", detail="A deposit lowers what a customer owes")
        detail = {"AccountRef": receivable, "Entity": {"value": customer_id, "type": "CUSTOMER"}}
        return kind, {"Line": [{"Amount": amount, "DepositLineDetail": detail}]}
    signed = amount if raises else -amount
    share = {"AccountRef": receivable, "CustomerRef": {"value": customer_id}}
    lines = [{"Amount": signed, "AccountBasedExpenseLineDetail": share}]
    if not raises:
        # No money leaves: the check only moves the debt to an expense.
        lines.append({"Amount": amount, "AccountBasedExpenseLineDetail": {"AccountRef": other}})
    payee = {"value": customer_id, "type": "Customer"}
    return "Purchase", {"PaymentType": _PAYMENT_TYPES[kind], "EntityRef": payee, "Line": lines}


def _line(entity: str, line: Document, *, position: int) -> Document:
    key = _DETAILS[entity]
    if entity == "JournalEntry" and line.get("DetailType") == "DescriptionOnly":
        return {**line, "Id": str(line.get("Id") or position)}
    if key not in line and not (entity == "Deposit" and line.get("LinkedTxn")):
        raise parameter_missing(f"Line.{key}")
    try:
        amount = parse_number(line.get("Amount", 0))
    except ValueError:
        raise invalid_value(element="Amount", detail=f"Invalid Number : {line.get('Amount')}") from None
    detail = line.get(key)
    if entity == "JournalEntry" and (detail or {}).get("PostingType") not in ("Debit", "Credit"):
        raise parameter_missing("PostingType")
    # As recorded: the lines of a journal entry are numbered from 0.
    id = str(line.get("Id") or (position if entity == "JournalEntry" else position + 1))
    rest = {name: value for name, value in line.items() if name not in ("Id", "Amount", "DetailType")}
    kind = {"DetailType": key} if detail else {}
    return {"Id": id, "Amount": format_amount(amount), **kind, **rest}


def _check_lines(books: Books, entity: str, body: Document) -> Document:
    """Check accounts and parties. Return the customer on receivables or the vendor on payables, or {}."""
    owner: Document = {}
    for line in body["Line"]:
        account_id, party_id, _ = posted_line(entity, body, line)
        account = books.find("Account", account_id or line_account(line))
        if account is None and not line.get("LinkedTxn") and line.get("DetailType") != "DescriptionOnly":
            raise invalid_reference(element="AccountRef", value=account_id)
        kind = (account or {}).get("AccountType")
        party_entity = "Vendor" if kind == accounts.PAYABLE else "Customer"
        party = books.find(party_entity, party_id) if party_id else None
        if party_id and party is None:
            raise invalid_reference(element="EntityRef", value=party_id)
        if kind not in (accounts.RECEIVABLE, accounts.PAYABLE):
            continue
        if party is None:
            raise business_rule(f"When you use {kind}, you must choose a {party_entity.lower()} in the Name field.")
        if owner and owner.get("CurrencyRef") != party.get("CurrencyRef"):
            raise business_rule("A transaction may use one currency only.")
        owner = party
        _set_account(line, _account_of(books, party, kind))
    return owner


def _account_of(books: Books, party: Document, kind: str) -> accounts.Account:
    """The receivables or payables account in the party's currency."""
    home = str(books.get("Preferences", "1")["CurrencyPrefs"]["HomeCurrency"]["value"])
    currency = reference_id(party, "CurrencyRef") or home
    choose = accounts.payables if kind == accounts.PAYABLE else accounts.receivables
    return choose(currency=currency, home=home)


def _set_account(line: Document, account: accounts.Account) -> None:
    key = line["DetailType"]
    line[key] = {**line[key], "AccountRef": reference(account.id, account.name)}


def _total(entity: str, body: Document) -> Decimal:
    total = sum((posted_line(entity, body, line)[2] for line in body["Line"]), Decimal(0))
    if entity == "JournalEntry":
        if total:
            raise business_rule("Debits and credits must be equal.")
        return total
    back = body.get("CashBack") or {}
    received = abs(total) - parse_number(back.get("Amount", 0))
    if received < 0:
        raise business_rule("Transaction amount must be 0 or greater.")
    return received
