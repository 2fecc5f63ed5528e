"""Bar charts drawn on the server: the geometry and the numbers for templates/parts/_chart.html."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

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
        return _("Amount, %(currency)s") % {"currency": self.currency} if self.currency else _("Amount")

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


COLUMN_AREA = 132  # pixels, the height of the highest column
COLUMN_TOP = 20
LABEL_EVERY = 3  # so that the labels fit on a telephone


@dataclass(frozen=True)
class ColumnSlice:
    """The data of one column: a label, and what stands in it from the bottom up, in the currency of the chart."""

    label: str
    amounts: tuple[Decimal, Decimal]


@dataclass(frozen=True)
class Column:
    """One drawn column of two parts. `x` and `text_x` are percentages of the width, the others pixels."""

    label: str
    amounts: tuple[Decimal, Decimal]
    total: Decimal
    total_text: str
    x: Decimal
    lower_y: int
    lower_height: int
    upper_y: int
    upper_height: int
    shows_label: bool


@dataclass(frozen=True)
class ColumnChart:
    """Columns in one currency, side by side. The highest fills the height; `highest_text` is its amount."""

    title: str
    category_heading: str
    currency: str
    series: tuple[str, str]
    columns: tuple[Column, ...]
    highest_text: str

    height = COLUMN_TOP + COLUMN_AREA + 26
    baseline = COLUMN_TOP + COLUMN_AREA
    label_y = COLUMN_TOP + COLUMN_AREA + 18

    @property
    def column_width(self) -> Decimal:
        """In percent of the chart's width, a third of it as the gap."""
        return (Decimal(100) / len(self.columns) * Decimal("0.66")).quantize(Decimal("0.01"))

    @property
    def totals(self) -> tuple[Decimal, Decimal]:
        lower, upper = zip(*(one.amounts for one in self.columns), strict=True)
        return sum(lower, Decimal(0)), sum(upper, Decimal(0))

    @property
    def total(self) -> Decimal:
        return sum(self.totals, Decimal(0))

    @property
    def description(self) -> str:
        return "; ".join(f"{one.label} {one.total_text}" for one in self.columns if one.total)


def column_chart(
    *,
    title: str,
    category_heading: str,
    currency: str,
    series: tuple[str, str],
    slices: Sequence[ColumnSlice],
    language: str = "en",
) -> ColumnChart:
    """A chart with one column of two parts for each slice; no amount is negative. `series` names the parts."""
    highest = max((sum(one.amounts, Decimal(0)) for one in slices), default=Decimal(0))
    step = Decimal(100) / max(len(slices), 1)
    columns = []
    for position, one in enumerate(slices):
        lower, upper = (_height(amount, highest) for amount in one.amounts)
        total = sum(one.amounts, Decimal(0))
        columns.append(
            Column(
                label=one.label,
                amounts=one.amounts,
                total=total,
                total_text=money.format_amount(total, currency, language=language),
                x=(step * position).quantize(Decimal("0.01")),
                lower_y=COLUMN_TOP + COLUMN_AREA - lower,
                lower_height=lower,
                upper_y=COLUMN_TOP + COLUMN_AREA - lower - upper,
                upper_height=upper,
                shows_label=position % LABEL_EVERY == 0,
            )
        )
    return ColumnChart(
        title=title,
        category_heading=category_heading,
        currency=currency,
        series=series,
        columns=tuple(columns),
        highest_text=money.format_amount(highest, currency, language=language),
    )


def _height(amount: Decimal, highest: Decimal) -> int:
    """Height in pixels. A positive amount is always visible."""
    return max(int(amount / highest * COLUMN_AREA), 3) if amount > 0 and highest > 0 else 0
