"""The help pages are complete: links lead somewhere, terms exist, and every figure is what the code computes."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.template import Context, RequestContext, Template
from django.test import RequestFactory, override_settings
from django.urls import NoReverseMatch, resolve, reverse

from infactor.financing.eligibility.catalogue import RULES
from infactor.financing.pricing import late_fee, price
from infactor.financing.terms import Terms
from infactor.help_center.pages import FOLDER, HelpPage, library
from infactor.help_center.places import PAGE_OF
from infactor.help_center.rendering import address, render
from infactor.help_center.terms import PAGE, terms

ROOT = Path(__file__).resolve().parents[4]
PAGES = library().pages
TERMS = Terms()
FACE = Decimal(10_000)
PRICED = price.price(face=FACE, base=FACE, terms=TERMS)
TERM_TAG = re.compile(r"\{% term (\"?)([\w.-]+)\1 %\}")


def text_of(slug: str) -> str:
    page = library().find(slug)
    assert page is not None
    return " ".join(block.text for block in page.blocks)


def money(amount: Decimal) -> str:
    return f"${amount:,.2f}"


def paid_after(days: int, *, faces: tuple[Decimal, ...] = (FACE,)) -> price.PayoffScenario:
    prices = [price.price(face=face, base=face, terms=TERMS) for face in faces]
    return price.payoff_scenario(prices=prices, days=days, terms=TERMS, recourse=(), funded_on=date(2026, 10, 1))


def test_there_are_two_dozen_pages_each_with_a_theme_and_all_in_the_index() -> None:
    assert len(PAGES) >= 20
    assert {page.slug for page in PAGES} == {path.stem for path in (FOLDER / "en").glob("*.md")} - {"README"}
    assert all(page.title and page.theme and page.summary and page.search_words for page in PAGES)


@pytest.mark.parametrize("page", [page for page in PAGES if page.slug != PAGE], ids=lambda page: page.slug)
def test_a_page_is_short(page: HelpPage) -> None:
    words = sum(len(block.text.split()) for block in page.blocks)
    assert 120 <= words <= 350


def test_every_link_leads_to_a_page_of_the_site_and_to_a_heading_that_is_there() -> None:
    for page in PAGES:
        for link in page.links:
            path, _, anchor = address(link).partition("#")
            match = resolve(path)
            if anchor and match.view_name == "help:page":
                found = library().find(str(match.kwargs["slug"]))
                assert found is not None
                assert anchor in {block.anchor for block in found.blocks}, f"{page.slug}: {link}"


def test_every_term_leads_to_its_page_and_every_term_of_a_template_exists() -> None:
    assert list(terms()) == sorted(terms())
    for term in terms().values():
        assert term.explanation
        assert library().find(str(resolve(term.more).kwargs["slug"])), term.name
    used = {name for path in (ROOT / "templates").rglob("*.html") for _, name in TERM_TAG.findall(path.read_text())}
    assert len(used) > 15
    assert used - set(terms()) == set()


def test_help_opens_pages_that_exist_for_addresses_that_exist() -> None:
    assert {slug for slug in PAGE_OF.values() if library().find(slug) is None} == set()
    names = [name for name in PAGE_OF if "<" not in name]
    for name in names:
        samples: tuple[dict[str, str], ...] = (
            {},
            {"public_id": "6f1b1f6e-3b50-4b0c-9f0e-4f3c5c2f1a11"},
            {"token": "x"},
        )
        assert any(_exists(name, sample) for sample in samples) or name in WITH_OTHER_PARAMETERS, name


WITH_OTHER_PARAMETERS = {"buyer:document", "dashboard:pay_debt", "quickbooks:run"}


def _exists(name: str, parameters: dict[str, str]) -> bool:
    try:
        reverse(name, kwargs=parameters)
    except NoReverseMatch:
        return False
    return True


def test_html_in_a_page_is_text_and_a_table_has_no_inline_style() -> None:
    page = render('# T\n\nA <b onclick="x()">b</b> [x](javascript:alert)\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n')
    assert "<b onclick" not in page.html
    assert "javascript:" not in page.html.replace("(javascript:", "")
    assert "style=" not in page.html
    assert '<td class="number" data-label="b">2</td>' in page.html


def test_the_costs_are_what_the_code_computes() -> None:
    text = text_of("what-it-costs")
    for days, periods in ((30, 0), (45, 2), (60, 3), (90, 6)):
        found = paid_after(days)
        rates = f"1.5% + {periods} × 0.5%" if periods else "1.5%"
        row = f"{days} days · {rates} · {money(found.fee)} · {money(found.rebate)} · {found.annual_rate}%"
        assert row in text
        assert price.fee(fee_base=FACE, days=days, terms=TERMS).additional_periods == periods
    late = late_fee.LateFee(days=12, balance=FACE, rate=Decimal("0.05"), amount=Decimal("60.00"))
    figured = late_fee.late_fee(
        face=FACE,
        changes=[(date(2026, 1, 1), FACE)],
        start=date(2026, 3, 1),
        end=date(2026, 3, 12),
        terms=Terms(late_fee_rate=Decimal("0.05")),
    )
    assert figured == late
    assert "$10,000.00 × 0.05% × 12 days = $60.00" in text


def test_the_examples_of_an_advance_are_what_the_code_computes() -> None:
    found = paid_after(45)
    text = text_of("how-it-works")
    for amount in (PRICED.cash, PRICED.reserve, found.fee, found.rebate, PRICED.cash + found.rebate):
        assert money(amount) in text
    found = paid_after(55)
    short = found.rebate - Decimal(200)
    for slug in ("when-your-buyer-pays", "disputes-and-credit-notes"):
        assert money(found.fee) in text_of(slug)
        assert money(short) in text_of(slug)
    assert money(found.rebate) in text_of("when-your-buyer-pays")
    found = paid_after(45)
    assert f"{money(found.fee)}, and we pay you the rebate of {money(found.rebate)}" in text_of(
        "a-payment-that-came-to-you"
    )
    text = text_of("statement-and-documents")
    assert f"{money(PRICED.cash)} · {money(PRICED.reserve)}" in text
    assert f"{money(paid_after(55).fee)} · {money(paid_after(55).rebate)}" in text


def test_the_examples_of_offers_and_requests_are_what_the_code_computes() -> None:
    two = (FACE, Decimal(4_000))
    prices = [price.price(face=face, base=face, terms=TERMS) for face in two]
    text = text_of("offers")
    assert f"Cash now is {money(prices[0].cash + prices[1].cash)}" in text
    assert f"falls from {money(paid_after(30, faces=two).fee)} to {money(paid_after(30).fee)}" in text
    assert f"{TERMS.offer_days} with our standard terms" in text
    text = text_of("requesting-an-advance")
    assert f"Two of them raise {money(2 * PRICED.cash)}" in text
    assert f"fees of {money(paid_after(30, faces=(FACE, FACE)).fee)}" in text


def test_the_examples_of_leaving_and_recourse_are_what_the_code_computes() -> None:
    issued, paid_out = date(2026, 9, 1), date(2026, 10, 1)
    recourse = date.fromordinal(issued.toordinal() + TERMS.recourse_days)
    days = price.days_between(funded_on=paid_out, collected_on=recourse)
    owed = FACE + price.fee(fee_base=FACE, days=days, terms=TERMS).amount - PRICED.reserve
    text = text_of("late-payment-and-recourse")
    assert f"The recourse date is {recourse:%B %d}, {days} days after the payout" in text
    assert f"You pay · {money(owed)}" in text
    assert f"the time has cost you {money(owed - PRICED.cash)}" in text
    assert f"You pay · {money(FACE + paid_after(60).fee - PRICED.reserve)}" in text_of("leaving")


def test_the_rules_and_their_numbers_are_those_of_the_terms() -> None:
    text = text_of("what-makes-an-invoice-eligible")
    face, tax, credit = Decimal("1082.50"), Decimal("82.50"), Decimal(100)
    priced = price.price(face=face, base=face - tax - credit, terms=TERMS)
    for label, amount in (
        ("Eligible amount", priced.base),
        ("Advance (85%)", priced.advance),
        ("Reserve", priced.reserve),
    ):
        assert f"{label} · {money(amount)}" in text
    assert (
        f"at least {money(TERMS.minimum_amount)}, at most {TERMS.max_age_at_purchase_days} days old, and due in "
        f"{TERMS.min_days_to_due} to {TERMS.max_payment_terms_days} days"
    ) in text
    assert "some 30 rules" in text
    assert 28 <= len(RULES) <= 32
    assert TERMS.min_paid_invoices == 2
    assert f"from {money(TERMS.verify_threshold)} up" in text_of("your-buyers-confirmation")


def test_mails_that_ask_a_buyer_for_something_name_the_guide_with_its_whole_address() -> None:
    asked = (
        "verification/email/request_message.txt",
        "verification/email/forward_message.txt",
        "financing/notice_email/notice_message.txt",
        "financing/notice_email/release_message.txt",
    )
    assert [name for name in asked if "{% buyers_guide %}" not in (ROOT / "templates" / name).read_text()] == []
    with override_settings(QUICKBOOKS_REDIRECT_URI="https://infactor.example/quickbook/connect"):
        assert Template("{% buyers_guide %}").render(Context()) == "https://infactor.example/help/for-buyers/"


def test_a_term_is_explained_once_in_a_response_and_its_text_is_in_the_page() -> None:
    request = RequestFactory().get("/")
    template = Template('{% term "reserve" %}|{% term "reserve" %}|{% term "recourse-date" %}')
    first, again, other = template.render(RequestContext(request)).split("|")
    assert 'popovertarget="term-reserve"' in first
    assert terms()["reserve"].explanation.replace("'", "&#x27;") in first
    assert 'href="/help/when-your-buyer-pays/"' in first
    assert again == ""
    assert 'id="term-recourse-date"' in other
