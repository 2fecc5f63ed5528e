"""`make measure-numbers`: how many planted pairs of invoice numbers are compared rightly, by round of pairs."""

from infactor.invoices.invoice_numbers import normalized_number
from tests.support.invoice_number_pairs import ROUNDS


def main() -> None:
    print("| pairs | one invoice, and matched | two invoices, and kept apart |")
    print("| --- | ---: | ---: |")
    for name, (same, different) in ROUNDS.items():
        matched = sum(normalized_number(one) == normalized_number(other) != "" for one, other in same)
        apart = sum(normalized_number(one) != normalized_number(other) for one, other in different)
        print(f"| {name} round | {matched} of {len(same)} | {apart} of {len(different)} |")


if __name__ == "__main__":
    main()
