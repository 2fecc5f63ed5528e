"""`python -m tests.benchmarks.mapping`: processor time of decoding and of mapping an invoice, the best of 60 rounds."""

import time
from collections.abc import Callable

import django

INVOICES, ROUNDS = 300, 60


def main() -> None:
    django.setup()
    from quickbooks_app.api import field_parsing
    from quickbooks_app.api.schemas import InvoicePayload
    from quickbooks_app.mapping.invoices import map_invoice
    from tests.benchmarks import books

    raws = list(books.invoices(INVOICES))
    decoding = _best(raws, lambda raw: field_parsing.decode(raw, InvoicePayload, issues=[]))
    mapping = _best(raws, lambda raw: map_invoice(raw, customer_emails={}, home_currency="USD"))
    print(f"{decoding:.1f} us to decode an invoice, {mapping:.1f} us to decode and map it")


def _best(raws: list[bytes], work: Callable[[bytes], object]) -> float:
    """Microseconds of processor time for one of `raws`."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for raw in raws:
            work(raw)
        found.append(time.process_time() - began)
    return min(found) / len(raws) * 1e6


if __name__ == "__main__":
    main()
