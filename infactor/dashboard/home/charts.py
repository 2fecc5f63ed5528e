"""Bar charts drawn on the server: the geometry and the numbers for templates/parts/_chart.html."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from infactor.core import money

ROW_HEIGHT = 42
TEXT_BASELINE = 14
BAR_TOP = 22


@dataclass(frozen=True)
class Slice:
    """The data of one bar: a number of invoices and their total, in the currency of the chart."""

    label: str
    amount: Decimal
    count: int
    tone: str = "info"


@dataclass(frozen=True)
class Bar:
    """One drawn bar. `width` is a percentage of the chart's width; `y` and `text_y` are pixels."""

    label: str
    amount: Decimal
    count: int
    tone: str
    amount_text: str
    width: Decimal
    y: int
    text_y: int


@dataclass(frozen=True)
class BarChart:
    """A bar chart in one currency. The longest bar fills the width."""

    title: str
    category_heading: str
    currency: str
    bars: tuple[Bar, ...]

    @property
    def height(self) -> int:
        return ROW_HEIGHT * len(self.bars)

    @property
    def amount_heading(self) -> str:
        return f"Amount, {self.currency}" if self.currency else "Amount"

    @property
    def count(self) -> int:
        return sum(bar.count for bar in self.bars)

    @property
    def total(self) -> Decimal:
        return sum((bar.amount for bar in self.bars), Decimal(0))

    @property
    def description(self) -> str:
        return "; ".join(f"{bar.label} {bar.amount_text}" for bar in self.bars)


def bar_chart(
    *, title: str, category_heading: str, currency: str, slices: Sequence[Slice], language: str = "en"
) -> BarChart:
    """A chart with one horizontal bar for each slice. A negative amount (credits) has a number but no bar."""
    max_amount = max((one.amount for one in slices), default=Decimal(0))
    bars = tuple(
        Bar(
            label=one.label,
            amount=one.amount,
            count=one.count,
            tone=one.tone,
            amount_text=money.format_amount(one.amount, currency, language=language),
            width=_width_percent(one.amount, max_amount),
            y=ROW_HEIGHT * position + BAR_TOP,
            text_y=ROW_HEIGHT * position + TEXT_BASELINE,
        )
        for position, one in enumerate(slices)
    )
    return BarChart(title=title, category_heading=category_heading, currency=currency, bars=bars)


def _width_percent(amount: Decimal, max_amount: Decimal) -> Decimal:
    """Width in percent with one decimal. A positive amount is always visible."""
    if amount <= 0 or max_amount <= 0:
        return Decimal(0)
    return max((amount / max_amount * 100).quantize(Decimal("0.1")), Decimal("0.5"))
