"""What QuickBooks' report and infactor say is compared object by object, and nothing is hidden in a sum."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from quickbooks_app.completeness.comparison import Comparison, compare
from quickbooks_app.completeness.outcomes import Moments, evaluate
from quickbooks_app.completeness.receivables_report import ReceivablesReport, ReportLine
from quickbooks_app.completeness.stored_receivables import StoredBalance, StoredDocument, StoredReceivables

REPORTED = datetime(2026, 11, 20, 18, tzinfo=UTC)
EARLIER = REPORTED - timedelta(hours=2)
AS_OF = REPORTED - timedelta(minutes=1)


def line(
    qbk_id: str, amount: str, *, entity: str = "Invoice", kind: str = "", customer: str = "1", **more: str
) -> ReportLine:
    value = Decimal(amount)
    return ReportLine(
        kind=kind or entity,
        entity=entity,
        qbk_id=qbk_id,
        number=more.get("number", qbk_id),
        customer=customer,
        customer_name=f"Customer {customer}",
        currency=more.get("currency", "USD"),
        open_amount=value,
        home_amount=Decimal(more.get("home", amount)),
    )


def held(
    qbk_id: str,
    amount: str | None,
    *,
    entity: str = "Invoice",
    customer: str = "1",
    changed_at: datetime = EARLIER,
    **more: str,
) -> StoredDocument:
    value = Decimal(amount) if amount is not None else None
    number = more.get("number", qbk_id)
    return StoredDocument(entity, qbk_id, number, customer, more.get("currency", "USD"), value, changed_at)


def stored(*documents: StoredDocument, balances: Sequence[StoredBalance] = ()) -> StoredReceivables:
    return StoredReceivables(
        {(one.entity, one.qbk_id): one for one in documents}, {one.customer: one for one in balances}
    )


def report(*lines: ReportLine) -> ReceivablesReport:
    return ReceivablesReport(REPORTED, "USD", lines, sum((one.home_amount for one in lines), Decimal(0)))


def found(comparison: Comparison) -> list[tuple[str, str, str, str | None, str | None]]:
    return [
        (
            one.kind.value,
            one.entity,
            one.qbk_id,
            str(one.theirs) if one.theirs is not None else None,
            str(one.ours) if one.ours is not None else None,
        )
        for one in comparison.differences
    ]


def test_equal_books_have_no_difference_and_equal_totals() -> None:
    result = compare(
        report(line("7", "100.00"), line("8", "-40.00", entity="CreditMemo"), line("9", "-5.00", entity="Payment")),
        stored(held("7", "100.00"), held("8", "-40.00", entity="CreditMemo"), held("9", "-5.00", entity="Payment")),
    )
    assert (found(result), result.our_total, result.documents) == ([], Decimal("55.00"), 3)


def test_amounts_that_cancel_each_other_out_in_the_sum_are_both_found() -> None:
    result = compare(report(line("7", "100.00"), line("8", "60.00")), stored(held("7", "60.00"), held("8", "100.00")))
    assert found(result) == [
        ("amount", "Invoice", "7", "100.00", "60.00"),
        ("amount", "Invoice", "8", "60.00", "100.00"),
    ]
    assert result.our_total == Decimal("160.00")


def test_a_document_that_only_one_side_has_is_named() -> None:
    result = compare(report(line("7", "100.00")), stored(held("8", "30.00")))
    assert found(result) == [
        ("missing_here", "Invoice", "7", "100.00", None),
        ("missing_there", "Invoice", "8", None, "30.00"),
    ]
    assert result.our_total == Decimal("30.00")


def test_a_paid_invoice_that_is_open_in_the_report_is_another_amount_and_not_missing() -> None:
    result = compare(report(line("7", "100.00")), stored(held("7", "0.00")))
    assert found(result) == [("amount", "Invoice", "7", "100.00", "0.00")]


def test_a_journal_entry_is_named_and_leaves_the_rest_comparable() -> None:
    result = compare(
        report(line("7", "100.00"), line("12", "-25.00", entity="JournalEntry")), stored(held("7", "100.00"))
    )
    assert found(result) == [("entry", "JournalEntry", "12", "-25.00", None)]
    assert (result.our_total, result.entries_total) == (Decimal("100.00"), Decimal("-25.00"))


def test_a_line_of_an_unknown_kind_is_never_explained_away() -> None:
    result = compare(report(line("12", "-25.00", entity="", kind="Zauber")), stored())
    assert found(result) == [("unnamed", "Zauber", "12", "-25.00", None)]


def test_a_document_of_an_unknown_kind_is_found_by_its_id() -> None:
    assert found(compare(report(line("7", "1.00", entity="", kind="Rechnung")), stored(held("7", "1.00")))) == []


def test_a_document_without_an_id_is_found_by_its_customer_and_number() -> None:
    result = compare(report(line("", "60.00", number="1001")), stored(held("7", "100.00", number="1001")))
    assert found(result) == [("amount", "Invoice", "7", "60.00", "100.00")]


def test_documents_without_ids_and_numbers_are_compared_by_customer() -> None:
    lines = (line("", "60.00", number=""), line("", "40.00", number=""))
    assert found(compare(report(*lines), stored(held("7", "100.00")))) == []
    assert found(compare(report(*lines), stored(held("7", "90.00")))) == [
        ("missing_there", "Invoice", "7", None, "90.00"),
        ("unnamed", "Invoice", "", "60.00", None),
        ("unnamed", "Invoice", "", "40.00", None),
    ]


def test_a_document_of_another_customer_differs_though_its_amount_does_not() -> None:
    result = compare(report(line("7", "100.00", customer="2")), stored(held("7", "100.00", customer="1")))
    assert found(result) == [("customer", "Invoice", "7", "100.00", "100.00")]


def test_an_amount_that_cannot_be_read_here_differs() -> None:
    assert found(compare(report(line("7", "100.00")), stored(held("7", None)))) == [
        ("unreadable", "Invoice", "7", "100.00", None)
    ]


def test_amounts_are_compared_in_the_currency_of_the_document() -> None:
    euro = line("7", "100.00", currency="EUR", home="110.00")
    assert found(compare(report(euro), stored(held("7", "100.00", currency="EUR")))) == []
    result = compare(report(euro), stored(held("7", "60.00", currency="EUR")))
    assert found(result) == [("amount", "Invoice", "7", "100.00", "60.00")]
    assert result.our_total == Decimal("66.00")
    assert found(compare(report(euro), stored(held("7", "100.00")))) == [("amount", "Invoice", "7", "100.00", "100.00")]


@pytest.mark.parametrize(("balance", "differs"), [("75.00", False), ("100.00", True)])
def test_a_customers_balance_is_compared_with_all_lines_of_the_customer(balance: str, differs: bool) -> None:
    lines = (line("7", "100.00"), line("12", "-25.00", entity="JournalEntry"))
    customer = StoredBalance("1", "Blue", "USD", Decimal(balance), EARLIER)
    result = compare(report(*lines), stored(held("7", "100.00"), balances=[customer]))
    assert (("balance", "Customer", "1", "75.00", balance) in found(result)) is differs


def test_a_foreign_customers_balance_may_be_in_either_currency() -> None:
    lines = report(line("7", "100.00", currency="EUR", home="110.00"))
    for balance in ("100.00", "110.00"):
        customer = StoredBalance("1", "Bleu", "EUR", Decimal(balance), EARLIER)
        assert found(compare(lines, stored(held("7", "100.00", currency="EUR"), balances=[customer]))) == []


def outcomes(
    before: Comparison,
    after: Comparison,
    now: StoredReceivables,
    *,
    seen_before: Sequence[tuple[str, ...]] = (),
    refused: Sequence[tuple[str, str]] = (),
) -> list[tuple[str, str]]:
    evaluated = evaluate(
        before=before.differences,
        after=after.differences,
        stored=now,
        moments=Moments(as_of=AS_OF, reported=REPORTED),
        read_again=[key for one in before.differences if (key := one.object_key) is not None],
        with_issue=[],
        refused=refused,
        seen_before=seen_before,
    )
    return [(one.difference.qbk_id, one.outcome.value) for one in evaluated]


def test_an_object_that_syncs_had_missed_is_healed_and_one_that_just_changed_is_not() -> None:
    lines = report(line("7", "60.00"), line("8", "10.00"))
    was = stored(held("7", "100.00"), held("8", "20.00"))
    now = stored(held("7", "60.00"), held("8", "10.00", changed_at=AS_OF + timedelta(seconds=20)))
    assert outcomes(compare(lines, was), compare(lines, now), now) == [("7", "healed"), ("8", "changed")]


def test_a_document_that_changed_after_the_report_is_no_difference() -> None:
    lines = report(line("7", "60.00"))
    now = stored(held("7", "50.00", changed_at=REPORTED + timedelta(seconds=1)))
    assert outcomes(compare(lines, now), compare(lines, now), now) == [("7", "changed")]


def test_a_document_that_quickbooks_gives_out_with_another_amount_than_its_report_still_differs() -> None:
    lines, now = report(line("7", "60.00")), stored(held("7", "50.00"))
    assert outcomes(compare(lines, now), compare(lines, now), now) == [("7", "open")]


def test_what_repeats_to_the_cent_is_not_taken_for_a_change_twice() -> None:
    lines = report(line("7", "60.00"))
    now = stored(held("7", "50.00", changed_at=REPORTED))
    both = compare(lines, now)
    assert outcomes(both, both, now, seen_before=[both.differences[0].key]) == [("7", "open")]


def test_a_document_that_is_gone_when_it_is_read_again_was_deleted_after_the_report() -> None:
    both = compare(report(line("7", "60.00")), stored())
    assert outcomes(both, both, stored()) == [("7", "changed")]
    assert outcomes(both, both, stored(), seen_before=[both.differences[0].key]) == [("7", "open")]


def test_a_difference_of_a_refused_object_is_explained_by_that_even_if_it_repeats() -> None:
    both = compare(report(line("7", "60.00"), line("8", "1.00")), stored())
    seen = [one.key for one in both.differences]
    found = outcomes(both, both, stored(), seen_before=seen, refused=[("Invoice", "7")])
    assert found == [("7", "refused"), ("8", "open")]


def test_an_erased_customer_is_not_named_again_whatever_quickbooks_says_of_it() -> None:
    held_here = stored(held("1", "100"), held("2", "50", customer="2"))
    read_there = report(line("1", "120"), line("7", "80"), line("2", "50", customer="2"))
    assert len(compare(read_there, held_here).differences) == 2
    compared = compare(read_there, replace(held_here, erased=frozenset({"1"})))
    assert list(compared.differences) == []
    assert compared.our_total == read_there.total
