"""Whom a question may be sent to: the buyer, and never the supplier who asks."""

from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from infactor.invoices.debtors.email_domains import PUBLIC
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Membership, Owner, Supplier

LONGEST = 254


class AddressRefused(ValueError):
    """The question may not be sent to this address; the message says why."""


def of_books(*, invoice: Invoice) -> list[str]:
    """The valid addresses that the books have for the buyer of `invoice`, the invoice's own first."""
    texts = [invoice.buyer_email, invoice.buyer.email if invoice.buyer else ""]
    return list(dict.fromkeys(_valid(texts)))


def first_of(*, invoice: Invoice) -> str:
    """Where a question about `invoice` goes unless its supplier says otherwise; empty where nothing fits."""
    mine = list(_of_members(invoice.supplier))
    return next((address for address in of_books(invoice=invoice) if not _is_same(address, mine)), "")


def require_buyers(*, address: str, supplier: Supplier) -> str:
    """`address` as it may be written to. Raises AddressRefused for none, or for one of the supplier's own."""
    clean = address.strip()
    try:
        validate_email(clean)
    except ValidationError as error:
        raise AddressRefused("Enter one complete e-mail address.") from error
    if len(clean) > LONGEST:
        raise AddressRefused("This e-mail address is too long.")
    if _is_same(clean, list(_of_members(supplier))):
        raise AddressRefused(
            "This looks like an address of your own company. The question must go to your buyer, who answers it."
        )
    return clean


def _valid(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for part in text.replace(";", ",").split(","):
            address = part.strip()
            try:
                validate_email(address)
            except ValidationError:
                continue
            if len(address) <= LONGEST:
                yield address


def _of_members(supplier: Supplier) -> Iterator[str]:
    """Of everybody who ever acted for it, and who owns it: who may not sign in any more may still read mail."""
    yield from Membership.objects.filter(supplier=supplier).values_list("user__email", flat=True)
    yield from Owner.objects.filter(application__supplier=supplier).values_list("email", flat=True)


def _is_same(address: str, mine: Iterable[str]) -> bool:
    """Whether `address` reaches one of `mine`: the same box, or any box of the same company."""
    box, domain = _split(address)
    for own in mine:
        own_box, own_domain = _split(own)
        if domain in PUBLIC or own_domain in PUBLIC:
            if (box, domain) == (own_box, own_domain):
                return True
        elif domain == own_domain or domain.endswith(f".{own_domain}") or own_domain.endswith(f".{domain}"):
            return True
    return False


def _split(address: str) -> tuple[str, str]:
    """The box and the domain, each in its one spelling; what follows a plus sign is the reader's own label, and Gmail
    reads over dots."""
    box, _, domain = address.casefold().rpartition("@")
    domain = "gmail.com" if domain == "googlemail.com" else _ascii(domain)
    box = box.strip('"').partition("+")[0]
    return (box.replace(".", "") if domain == "gmail.com" else box), domain


def _ascii(domain: str) -> str:
    """`domain` as the name service knows it; one that it cannot know as it is."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
