"""Properties of every evaluation: limits hold, lines add up, and order and other currencies do not matter."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infactor.financing.eligibility import evaluation, request_evaluation
from infactor.financing.eligibility.catalogue import REDUCTION_RULES, Rule
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.portfolio import Portfolio, Utilization, debtor_key
from infactor.financing.eligibility.rules.buyer import BuyerRules
from infactor.financing.eligibility.rules.limits import available_limits
from infactor.financing.terms import Terms
from infactor.invoices.receivables import ReceivableInvoice
from tests.support.factories.portfolios import PLAIN, TODAY, buyer, invoice, portfolio

TERMS = {
    code: replace(PLAIN, currency=code, verify_threshold=Decimal(900), supplier_limit=Decimal(limit))
    for code, limit in (("USD", 4000), ("EUR", 3000))
}
BUYERS = [buyer(1, debtor_id=5), buyer(2, debtor_id=5), buyer(3), buyer(4, paid_invoices=0)]
KEYS = {one.id: debtor_key(buyer=one) for one in BUYERS}
cents = st.integers(0, 200_000).map(lambda cents: Decimal(cents) / 100)
limits = st.sampled_from([0, 15_000, 49_999, 99_901, 150_000, 300_000]).map(lambda cents: Decimal(cents) / 100)
currencies = st.sampled_from(["USD", "EUR"])
# Mostly invoices that pass their own rules, so that they compete for the limits.
faces = st.sampled_from([Decimal(whole) + cent for whole in range(90, 2000, 17) for cent in (0, Decimal("0.37"))])

taxes = st.sampled_from([Decimal(0), Decimal("0.01"), Decimal("17.5"), Decimal(80)])
ahead = st.sampled_from([*range(7, 50), 6, -3])
choices = st.sets(st.integers(1, 9))
lengths = st.sampled_from([30, 45, 60, 61])


@st.composite
def invoices(draw: st.DrawFn) -> list[ReceivableInvoice]:
    found = []
    for pk in range(1, draw(st.integers(1, 9)) + 1):
        amount, due = draw(faces), draw(ahead)
        found.append(
            invoice(
                pk,
                buyer_key=draw(st.sampled_from([1, 2, 3, 1, 2, 3, 4])),
                balance=amount,
                tax=draw(taxes),
                currency=draw(currencies),
                payable_date=TODAY + timedelta(days=due),
                txn_date=TODAY + timedelta(days=due - draw(lengths)),
            )
        )
    return found


@st.composite
def portfolios(draw: st.DrawFn) -> Portfolio:
    pairs = st.tuples(st.sampled_from(sorted(set(KEYS.values()))), currencies)
    pair = draw(st.dictionaries(pairs, limits.map(lambda amount: Utilization(amount, ("INV-F",))), max_size=3))
    own = {
        code: Utilization(sum((held.amount for (_, one), held in pair.items() if one == code), Decimal(0)))
        for code in TERMS
    }
    scenario = {key: Utilization(held.amount + draw(cents)) for key, held in pair.items()}
    return portfolio(
        *draw(invoices()),
        buyers=BUYERS,
        credits=draw(st.dictionaries(st.tuples(st.integers(1, 4), currencies), cents, max_size=4)),
        used_across_suppliers=scenario,
        used_by_pair=pair,
        used_by_supplier=own,
        buyer_limits=draw(st.dictionaries(pairs, limits, max_size=3)),
        pair_limits=draw(st.dictionaries(pairs, limits, max_size=3)),
    )


# No verification and no minimum amount, so that no invoice drops out and frees headroom for another.
SMOOTH = {
    code: replace(terms, verify_threshold=Decimal(10**9), minimum_amount=Decimal(0)) for code, terms in TERMS.items()
}


def assess(weighed: Portfolio, terms: Mapping[str, Terms] = TERMS) -> dict[int, Assessment]:
    return evaluation.evaluate_all(portfolio=weighed, terms_by_currency=terms, as_of=TODAY)


def changed(weighed: Portfolio, **values: Any) -> Portfolio:
    return replace(weighed, **values)


@given(portfolios())
def test_the_lines_between_face_and_base_add_up_and_the_advance_is_the_rate_of_the_base(weighed: Portfolio) -> None:
    for one in assess(weighed).values():
        assert one.face - sum(line.amount for line in one.deductions) == one.base >= 0
        assert all(line.amount > 0 for line in one.deductions)
        if one.decision == "ineligible":
            assert (one.base, one.advance) == (0, 0)
            assert one.deciding_rule
        else:
            assert one.base >= 100
            assert abs(one.advance - one.base * Decimal("0.85")) <= Decimal("0.005")


@given(portfolios())
def test_all_bases_together_stay_within_every_limit_and_share(weighed: Portfolio) -> None:
    found = assess(weighed)
    for code, terms in TERMS.items():
        ones = [one for one in weighed.invoices if one.currency == code and found[one.id].base > 0]
        total = sum((found[one.id].base for one in ones), Decimal(0))
        held = weighed.used_by_supplier[code].amount
        assert not ones or total + held <= terms.supplier_limit
        for key in {KEYS[one.buyer_key] for one in ones}:
            of_debtor = sum((found[one.id].base for one in ones if KEYS[one.buyer_key] == key), Decimal(0))
            (member, *_) = (one for one in BUYERS if KEYS[one.id] == key)
            for room in available_limits(buyer=member, currency=code, portfolio=weighed, terms=terms):
                if room.rule in (Rule.BUYER_LIMIT, Rule.PAIR_LIMIT):
                    assert room.limit is not None
                    assert room.actual + of_debtor <= room.limit
            shown = {said.limit for one in ones for said in found[one.id].results if said.rule is Rule.CONCENTRATION}
            pair = weighed.used_by_pair.get((key, code), Utilization()).amount
            assert all(cap is None or pair + of_debtor <= cap for cap in shown)


@given(portfolios(), st.integers(1, 4), currencies, cents)
def test_more_credits_of_a_buyer_raise_no_base_of_it(
    weighed: Portfolio, buyer_key: int, code: str, amount: Decimal
) -> None:
    before = assess(weighed, SMOOTH)
    credits = {**weighed.credits, (buyer_key, code): weighed.credits.get((buyer_key, code), Decimal(0)) + amount}
    after = assess(changed(weighed, credits=credits), SMOOTH)
    mine = [one.id for one in weighed.invoices if (one.buyer_key, one.currency) == (buyer_key, code)]
    assert all(after[pk].base <= before[pk].base for pk in mine)


@given(portfolios(), st.randoms(use_true_random=False))
def test_the_order_in_which_invoices_come_changes_nothing(weighed: Portfolio, chance: Any) -> None:
    shuffled = list(weighed.invoices)
    chance.shuffle(shuffled)
    assert assess(changed(weighed, invoices=shuffled)) == assess(weighed)


@given(portfolios())
def test_invoices_of_another_currency_change_nothing(weighed: Portfolio) -> None:
    alone = [one for one in weighed.invoices if one.currency == "USD"]
    together = assess(weighed)
    assert assess(changed(weighed, invoices=alone)) == {one.id: together[one.id] for one in alone}


@given(portfolios())
def test_an_invoice_evaluated_by_itself_in_its_context_comes_out_as_among_all(weighed: Portfolio) -> None:
    buyer_rules = BuyerRules(portfolio=weighed, terms_by_currency=TERMS, as_of=TODAY)
    for one in weighed.invoices:
        together = assess(weighed)[one.id]
        alone = evaluation.evaluate(
            invoice=one, terms=TERMS[one.currency], context=buyer_rules.context_for(one), as_of=TODAY
        )
        # Every rule gives the same result; only deductions for other invoices need the whole portfolio.
        shared = (*REDUCTION_RULES, Rule.MINIMUM_AMOUNT, Rule.ANNUAL_RATE)
        own = {result for result in alone.results if result.rule not in shared}
        assert own <= set(together.results)
        assert alone.base >= together.base


@given(portfolios(), choices)
def test_chosen_invoices_are_assessed_as_among_all(weighed: Portfolio, chosen: set[int]) -> None:
    found = evaluation.iter_evaluate(
        portfolio=weighed, terms_by_currency=TERMS, as_of=TODAY, invoice_ids=frozenset(chosen)
    )
    everything = assess(weighed)
    assert {one.invoice_id: one for one in found} == {pk: one for pk, one in everything.items() if pk in chosen}


@given(portfolios(), choices)
def test_a_new_request_is_assessed_as_listed_and_as_if_it_were_decided(weighed: Portfolio, chosen: set[int]) -> None:
    request = request_evaluation.evaluate_request(
        portfolio=weighed, terms_by_currency=TERMS, as_of=TODAY, invoice_ids=frozenset(chosen)
    )
    for found, around in (
        (request.as_listed, weighed),
        (request.as_offered, changed(weighed, under_decision=frozenset(chosen))),
    ):
        assert found == {pk: one for pk, one in assess(around).items() if pk in chosen}
