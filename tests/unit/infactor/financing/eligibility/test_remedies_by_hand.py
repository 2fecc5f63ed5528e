"""What a supplier reads about an invoice that it entered never sends it to books that there are not."""

from infactor.financing.eligibility import explanations
from infactor.financing.eligibility.catalogue import RULES, Outcome, Rule
from infactor.financing.eligibility.results import RuleResult

# Only imported invoices get these reasons: customers with parents and states, and what lowers a debt, are in books.
ONLY_IN_BOOKS = {
    (Rule.BUYER_NAMED, "inactive"),
    (Rule.BUYER_NAMED, "parent_unknown"),
    (Rule.BOOKS_HOLD, ""),
    (Rule.CONTRA, ""),
    (Rule.CREDITS, ""),
}


def test_every_remedy_that_names_the_books_has_one_for_invoices_by_hand() -> None:
    in_books = {
        (rule, reason)
        for rule, record in RULES.items()
        for reason, text in record.remedies.items()
        if "your books" in str(text)
    }
    here = {(rule, reason) for rule, record in RULES.items() for reason in record.remedies_by_hand}
    assert here == in_books - ONLY_IN_BOOKS


def test_the_remedy_follows_where_the_invoice_comes_from() -> None:
    result = RuleResult(Rule.DUE_DATE, Outcome.FAIL)
    assert "in your books" in explanations.remedy(result, currency="USD")
    assert explanations.remedy(result, currency="USD", is_by_hand=True) == "Edit the invoice and add a due date."
    dispute = RuleResult(Rule.DISPUTED, Outcome.FAIL)
    assert explanations.remedy(dispute, currency="USD", is_by_hand=True)
