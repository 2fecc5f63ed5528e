"""The template tags and partials that every page uses."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st

from infactor.core.templatetags.formatting import exact_number, strip_bidi
from infactor.dashboard.charts import Slice, bar_chart
from infactor.dashboard.pagination import CountedPaginator

MINUS = "\N{MINUS SIGN}"


def rendered(source: str, **context: object) -> str:
    return " ".join(engines["django"].from_string(source).render(context).split())


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (Decimal("1234.50"), "USD", "$1,234.50"),
        (Decimal("-0.01"), "EUR", f"{MINUS}€0.01"),
        (Decimal("9999999999999.99"), "USD", "$9,999,999,999,999.99"),
        (Decimal("1200"), "JPY", "¥1,200"),
        (Decimal("1200.55"), "JPY", "¥1,200.55"),
        (Decimal("12"), "", "12.00"),
    ],
)
def test_an_amount_stands_alone_in_its_direction(amount: Decimal, currency: str, shown: str) -> None:
    page = rendered("{% money amount currency %}", amount=amount, currency=currency)
    assert page == f'<bdi class="money">{shown}</bdi>'


def test_a_missing_amount_is_words() -> None:
    assert "cannot be read" in rendered("{% money None 'USD' %}")
    assert "none given" in rendered("{% money None 'USD' missing='none given' %}")
    assert "&lt;b&gt;" in rendered("{% money None 'USD' missing=words %}", words="<b>")


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=2))
def test_no_amount_loses_a_digit_on_its_way_to_the_page(amount: Decimal) -> None:
    page = rendered("{% money amount 'USD' %}", amount=amount)
    digits = page.removeprefix('<bdi class="money">').removesuffix("</bdi>").replace(MINUS, "-")
    assert Decimal(digits.replace("$", "").replace(",", "")) == amount


@pytest.mark.parametrize(
    ("number", "places", "shown"),
    [
        (Decimal("1234.5000"), 0, "1,234.5"),
        (Decimal("40"), 2, "40.00"),
        (Decimal("0.005"), 2, "0.005"),
        (Decimal("-2.50"), 0, f"{MINUS}2.5"),
        (Decimal("1E+3"), 0, "1,000"),
        (None, 0, ""),
    ],
)
def test_a_number_that_is_no_amount_is_shown_whole(number: Decimal | None, places: int, shown: str) -> None:
    assert exact_number(number, places) == shown


def test_days_and_moments_are_readable_by_machines() -> None:
    assert rendered("{{ d|day }}", d=date(2026, 1, 2)) == '<time datetime="2026-01-02">Jan 2, 2026</time>'
    assert "Jan 2, 2026, 03:04 UTC" in rendered("{{ d|moment }}", d=datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    assert rendered("{{ d|day }}{{ d|moment }}", d=None) == ""


def test_signs_that_turn_the_direction_are_left_out_where_nothing_can_hold_them() -> None:
    assert strip_bidi("a\u202eb\u2067c\u200fd شركة") == "abcd شركة"


def test_an_icon_is_passed_over_by_screen_readers_and_has_no_style() -> None:
    drawn = rendered("{% icon 'house' %}")
    assert 'aria-hidden="true"' in drawn
    assert "style" not in drawn


def test_progress_counts_in_words_and_knows_when_it_does_not_know() -> None:
    part = '{% include "parts/_progress.html" with noun="invoices" label="Reading" %}'
    assert "312 of 1,240 invoices" in rendered(part, done=312, total=1240)
    assert 'max="1240" value="312"' in rendered(part, done=312, total=1240)
    assert "312 invoices so far" in rendered(part, done=312, total=None)
    assert "max=" not in rendered(part, done=0, total=None)


def test_bars_are_shares_of_the_longest_and_a_little_stays_visible() -> None:
    slices = [
        Slice("a", Decimal(200), 1),
        Slice("b", Decimal(50), 1),
        Slice("c", Decimal("0.01"), 1),
        Slice("d", Decimal(0), 0),
    ]
    chart = bar_chart(title="t", category_heading="h", currency="USD", slices=slices)
    assert [bar.width for bar in chart.bars] == [Decimal("100.0"), Decimal("25.0"), Decimal("0.5"), Decimal(0)]
    assert (chart.total, chart.count) == (Decimal("250.01"), 3)
    drawn = rendered('{% include "parts/_chart.html" %}', chart=chart)
    assert drawn.count('class="track"') == 4
    assert drawn.count("<rect") == 7
    assert "$250.01" in drawn
    assert "style=" not in drawn


def test_a_chart_of_nothing_divides_by_nothing() -> None:
    assert bar_chart(title="t", category_heading="h", currency="USD", slices=[]).total == 0
    flat = bar_chart(title="t", category_heading="h", currency="USD", slices=[Slice("a", Decimal(-1), 1)])
    assert [bar.width for bar in flat.bars] == [0]


@pytest.mark.parametrize(
    ("current", "shown"),
    [
        (1, [1, 2, 3, None, 40]),
        (7, [1, None, 5, 6, 7, 8, 9, None, 40]),
        (40, [1, None, 38, 39, 40]),
        (4, [1, 2, 3, 4, 5, 6, None, 40]),
    ],
)
def test_page_numbers_near_and_at_both_ends_are_shown(current: int, shown: list[int | None]) -> None:
    assert list(CountedPaginator(range(2000), per_page=50, total=2000).get_page(current).page_numbers()) == shown
