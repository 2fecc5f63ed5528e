"""Recipients of verification requests: addresses of the buyer, never of the supplier itself."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext

from infactor.core.email.addresses import MAX_LENGTH, is_usable, usable_addresses
from infactor.invoices.debtors.email_domains import PUBLIC_DOMAINS
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Membership, Owner, Supplier


class InvalidRecipient(ValueError):
    """A request may not be sent to this address; the message says why."""


def buyer_addresses(*, invoice: Invoice) -> list[str]:
    """The usable addresses of the buyer of `invoice` in the supplier's books, the invoice's own first.

    None where the invoice's own cannot be used: the customer's may be somebody else's.
    """
    own = usable_addresses(invoice.buyer_email)
    if invoice.buyer_email.strip() and not own:
        return []
    return list(dict.fromkeys([*own, *usable_addresses(invoice.buyer.email if invoice.buyer else "")]))


def addresses_in_books(*, invoice: Invoice) -> list[str]:
    """Those of the buyer's addresses that are not only the supplier's own word: none of those entered by hand."""
    if not invoice.company_file.is_by_hand:
        return buyer_addresses(invoice=invoice)
    in_books = invoice.buyer is not None and not invoice.buyer.company_file.is_by_hand
    return usable_addresses(invoice.buyer.email) if invoice.buyer and in_books else []


def possible_recipients(*, invoice: Invoice, own: Sequence[str] | None = None) -> list[str]:
    """The buyer's addresses in the books without those that reach the supplier itself.

    `own`: the addresses of the supplier where the caller has them (`supplier_addresses`).
    """
    own = supplier_addresses(supplier=invoice.supplier) if own is None else own
    return [address for address in buyer_addresses(invoice=invoice) if not _reaches_any(address, own)]


def default_recipient(*, invoice: Invoice) -> str:
    """The address that is suggested for a request about `invoice`; "" if there is none."""
    return next(iter(possible_recipients(invoice=invoice)), "")


def validate_recipient(*, address: str, supplier: Supplier) -> str:
    """`address` without spaces. Raises InvalidRecipient if it is invalid or belongs to the supplier."""
    clean = address.strip()
    if len(clean) > MAX_LENGTH:
        raise InvalidRecipient(gettext("This email address is too long."))
    if not is_usable(clean):
        raise InvalidRecipient(gettext("Enter one complete email address."))
    if _reaches_any(clean, supplier_addresses(supplier=supplier)):
        raise InvalidRecipient(
            gettext("This looks like an address of your own company. The request must go to your buyer.")
        )
    return clean


def supplier_addresses(*, supplier: Supplier) -> list[str]:
    """Addresses of all members, past ones included, and of the owners: all of them may still read their email."""
    members = Membership.objects.filter(supplier=supplier).order_by().values_list("user__email", flat=True)
    owners = Owner.objects.filter(application__supplier=supplier).order_by().values_list("email", flat=True)
    return list(members.union(owners))


def _reaches_any(address: str, own: Iterable[str]) -> bool:
    """Whether `address` is one of `own`, or has the domain of one that is not a public email provider."""
    mailbox, domain = _split(address)
    for other in own:
        own_mailbox, own_domain = _split(other)
        if domain in PUBLIC_DOMAINS or own_domain in PUBLIC_DOMAINS:
            if (mailbox, domain) == (own_mailbox, own_domain):
                return True
        elif domain == own_domain or domain.endswith(f".{own_domain}") or own_domain.endswith(f".{domain}"):
            return True
    return False


def _split(address: str) -> tuple[str, str]:
    """Mailbox and domain, normalized: without the tag after a plus sign and, at Gmail, without dots."""
    mailbox, _, domain = address.casefold().rpartition("@")
    domain = "gmail.com" if domain == "googlemail.com" else _ascii(domain)
    mailbox = mailbox.strip('"').partition("+")[0]
    return (mailbox.replace(".", "") if domain == "gmail.com" else mailbox), domain


def _ascii(domain: str) -> str:
    """`domain` in IDNA, or unchanged if it cannot be encoded."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
