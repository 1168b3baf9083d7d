"""Charts as rows of the page: lines in braille dots, and bars.

The drawing is plotext's, which is asked for the bare picture with one colour number for each series; here those
numbers become roles, and labels are put around it. No frame, no grid, few labels. Pure apart from importing plotext,
which takes a tenth of a second: with the first chart, or before it where nothing waits. Must never choose a colour, and
must never draw what is unknown as if it were 0.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock
from typing import Any

from kiro_tui.ui import glyphs
from kiro_tui.ui.line import EMPTY, Line, Role, Span, width

DOTS_ACROSS = 2
DOTS_DOWN = 4
"""Dots of a cell in braille."""
DOT_EVERY = 4.0
"""Dots from one point of a dotted line to the next."""
TIPS = " " + glyphs.TIPS
"""The upper end of a bar, by eighths of a cell."""
UNKNOWN = glyphs.NOT_KNOWN
WIDEST_BAR = 4
FEWEST_ROWS = 2
_DRAWING = Lock()
"""plotext has one figure for the whole program, and charts are drawn by several threads."""
_COLOURED = re.compile(r"(?:\x1b\[38;5;(\d+)m)?([^\x1b]*)\x1b\[0m")

Labels = Sequence[tuple[float, str]]
"""Where on an axis which text stands."""


@dataclass(frozen=True, slots=True)
class Series:
    """A line through points (x, y), in the order given."""

    points: tuple[tuple[float, float], ...]
    role: Role
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar and what stands below it."""

    value: float | None
    """Not negative; None is unknown, and shown as a dot on the ground."""
    role: Role
    label: str = ""


@dataclass(frozen=True, slots=True)
class _Scale:
    """An axis: the values at its two ends, and on how many places they are shown."""

    low: float
    high: float
    places: int

    def place(self, value: float) -> float:
        """Return the place from 0 (low) to places - 1 (high)."""
        return (value - self.low) / (self.high - self.low) * (self.places - 1)

    @classmethod
    def over(cls, values: Sequence[float], places: int) -> "_Scale":
        """Return the scale that holds all the values, with some room around a single one."""
        low, high = min(values), max(values)
        return cls(low, high if high > low else low + 1, places)


def library() -> Any:  # noqa: ANN401 - plotext ships no types
    """Return plotext; it is imported by the first call."""
    import plotext  # type: ignore[import-untyped]  # noqa: PLC0415 - it ships no types; only where a chart is shown

    return plotext


def lines_chart(
    series: Sequence[Series], cells: int, rows: int, x_labels: Labels, y_labels: Labels
) -> tuple[Line, ...]:
    """Draw lines, the later over the earlier, in so many cells and rows, labels included.

    The axes reach over all points and labels, so that labels at the ends choose the range. () where there is no room,
    or nothing to draw.
    """
    series = [each for each in series if each.points]
    gutter = _gutter(y_labels)
    across, down = cells - gutter, rows - bool(x_labels)
    xs = [x for each in series for x, _ in each.points]
    ys = [y for each in series for _, y in each.points]
    if across <= 0 or down < FEWEST_ROWS or not series:
        return ()
    horizontal = _Scale.over([*xs, *(at for at, _ in x_labels)], across)
    vertical = _Scale.over([*ys, *(at for at, _ in y_labels)], down)

    def draw(plotext: Any) -> None:  # noqa: ANN401 - plotext ships no types
        plotext.xlim(horizontal.low, horizontal.high)
        plotext.ylim(vertical.low, vertical.high)
        for number, each in enumerate(series):
            if each.dotted:
                points = tuple(_dots(each.points, horizontal, vertical))
                plotext.scatter(*_split(points), color=number, marker="braille")
            else:
                plotext.plot(*_split(each.points), color=number, marker="braille")

    picture = _picture(draw, across, down, [each.role for each in series])
    drawn = _beside(picture, gutter, _by_row(y_labels, vertical))
    return (*drawn, *([_below(gutter, across, x_labels, horizontal)] if x_labels else []))


def bar_chart(bars: Sequence[Bar], cells: int, rows: int, y_labels: Labels) -> tuple[Line, ...]:
    """Draw bars from 0 in so many cells and rows, labels included; each is a whole number of cells wide.

    The axis reaches from 0 over all values and labels. () where there is no room.
    """
    gutter = _gutter(y_labels)
    labelled = any(bar.label for bar in bars)
    across, down = cells - gutter, rows - labelled
    if not bars or across < len(bars) or down < FEWEST_ROWS:
        return ()
    step = across // len(bars)
    thick = min(max(step - 1, 1), WIDEST_BAR)
    # A bar fills cells from below and a label stands in one: the highest value ends where its cell does.
    vertical = _Scale.over([0, *(bar.value or 0 for bar in bars), *(at for at, _ in y_labels)], down + 1)

    def draw(plotext: Any) -> None:  # noqa: ANN401 - plotext ships no types
        plotext.xlim(0, across - 1)
        plotext.ylim(0, down - 1)
        for number, bar in enumerate(bars):
            columns = [number * step + n for n in range(thick)]
            if bar.value is None:
                plotext.scatter([columns[(thick - 1) // 2]], [0], color=number, marker=UNKNOWN)
                continue
            for y, sign in _column(bar.value, vertical):
                plotext.scatter(columns, [y] * thick, color=number, marker=sign)

    picture = _picture(draw, across, down, [bar.role for bar in bars])
    drawn = _beside(picture, gutter, {max(row - 1, 0): text for row, text in _by_row(y_labels, vertical).items()})
    if not labelled:
        return drawn
    middles = [(number * step + (thick - 1) / 2, bar.label) for number, bar in enumerate(bars) if bar.label]
    return (*drawn, _below(gutter, across, middles, _Scale(0, max(across - 1, 1), across)))


def _column(value: float, vertical: _Scale) -> Iterator[tuple[int, str]]:
    """Yield the cells of a bar, counted from the ground, and the sign in each."""
    eighths = round(vertical.place(value) * 8)
    if value > 0:
        eighths = max(eighths, 1)  # something was used: that much must be seen
    whole, part = divmod(eighths, 8)
    yield from ((y, TIPS[8]) for y in range(whole))
    if part:
        yield whole, TIPS[part]


def _dots(points: Sequence[tuple[float, float]], horizontal: _Scale, vertical: _Scale) -> Iterator[tuple[float, float]]:
    """Yield points along a line at equal distances as they are seen, whatever its slope."""
    ahead = 0.0
    for (x, y), (to_x, to_y) in pairwise(points):
        across = (horizontal.place(to_x) - horizontal.place(x)) * DOTS_ACROSS
        down = (vertical.place(to_y) - vertical.place(y)) * DOTS_DOWN
        length = math.hypot(across, down)
        while ahead < length:
            part = ahead / length
            yield x + (to_x - x) * part, y + (to_y - y) * part
            ahead += DOT_EVERY
        ahead -= length
    yield from points[-1:]


def _split(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


def _picture(draw: Any, across: int, down: int, roles: Sequence[Role]) -> list[tuple[Span, ...]]:  # noqa: ANN401 - takes plotext, which ships no types
    """Return the rows of what is drawn, without axes and labels."""
    plotext = library()
    with _DRAWING:
        plotext.clear_figure()
        plotext.limit_size(False, False)  # noqa: FBT003 - plotext's signature; the pane decides, not the terminal
        plotext.plotsize(across, down)
        plotext.xaxes(False, False)  # noqa: FBT003 - plotext's signature
        plotext.yaxes(False, False)  # noqa: FBT003 - plotext's signature
        plotext.xfrequency(0)
        plotext.yfrequency(0)
        plotext.canvas_color("default")
        draw(plotext)
        return [_spans(row, roles) for row in plotext.build().split("\n")[:down]]


def _spans(row: str, roles: Sequence[Role]) -> tuple[Span, ...]:
    return tuple(
        Span(text, Role.TEXT if number == "" else roles[int(number)]) for number, text in _COLOURED.findall(row) if text
    )


def _gutter(y_labels: Labels) -> int:
    return max((width(text) + 1 for _, text in y_labels), default=0)


def _by_row(y_labels: Labels, vertical: _Scale) -> dict[int, str]:
    """Return the label of each row, counted from the ground; of two in one row the later."""
    return {round(vertical.place(at)): text for at, text in y_labels}


def _beside(picture: Sequence[tuple[Span, ...]], gutter: int, labels: dict[int, str]) -> tuple[Line, ...]:
    """Put the labels to the left of the picture."""
    if not gutter:
        return tuple(Line(spans) for spans in picture)
    from_ground = reversed(range(len(picture)))
    return tuple(
        Line((Span(labels.get(row, "").rjust(gutter - 1) + " ", Role.DIM), *spans))
        for row, spans in zip(from_ground, picture, strict=True)
    )


def _below(gutter: int, across: int, labels: Labels, horizontal: _Scale) -> Line:
    """Put each label below its place, moved inwards at the ends; one that would touch the one before is left out."""
    said = " " * gutter
    for at, text in labels:
        start = math.floor(horizontal.place(at) - (width(text) - 1) / 2 + 1e-9)
        start = gutter + max(min(start, across - width(text)), 0)
        touches = width(said) > gutter and start <= width(said)
        if not touches and start + width(text) <= gutter + across:
            said += " " * (start - width(said)) + text
    return Line((Span(said, Role.DIM),)) if said.strip() else EMPTY
