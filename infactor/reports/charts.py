"""Small line charts as SVG points, drawn by the template: no script, and the table beside them has the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, HEIGHT, MARGIN = 240, 56, 4


@dataclass(frozen=True)
class Line:
    """A line in a box of WIDTH by HEIGHT. `points` is for a polyline; `end` is its last point."""

    points: str
    end: tuple[str, str] | None
    zero: str  # the height of zero
    width: int = WIDTH
    height: int = HEIGHT


def line(values: Sequence[Decimal | None]) -> Line:
    """The line of `values`, equally far apart; None leaves its place out. Zero is always inside."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    low = min([Decimal(0), *(value for _, value in known)])
    high = max([Decimal(0), *(value for _, value in known)])
    high = high if high > low else low + 1  # a line of nothing lies on the ground
    reach = high - low

    def height_of(value: Decimal) -> str:
        return f"{MARGIN + (high - value) / reach * (HEIGHT - 2 * MARGIN):.1f}"

    step = Decimal(WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)
    points = [(f"{MARGIN + step * place:.1f}", height_of(value)) for place, value in known]
    return Line(" ".join(f"{x},{y}" for x, y in points), points[-1] if points else None, height_of(Decimal(0)))
