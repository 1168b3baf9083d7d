"""Will it last, as rows of the page: one line that says it, and below it the month as a picture where there is room.

Pure (the picture is chart.py's). What was left is the plan's colour, an even month and the way ahead are dotted, so
that they can be told apart without colour. Small panes get a single row of bars instead, or the line alone.
"""

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from kiro_tui.domain import forecast_wording, wording
from kiro_tui.domain.burndown import BurnDown, MarkKind, burn_down
from kiro_tui.domain.forecast import Forecast, Lasts, RunsOut, UsedUp, forecast
from kiro_tui.domain.month import Count
from kiro_tui.domain.past import Past
from kiro_tui.domain.stock import Point
from kiro_tui.ui import chart
from kiro_tui.ui.chart import Series
from kiro_tui.ui.glyphs import SEPARATOR, TIPS, UNSEEN
from kiro_tui.ui.line import EMPTY, Line, Role, Span, cut

FEWEST_PICTURE_ROWS = 6
MOST_PICTURE_ROWS = 14
DAYS_BETWEEN_LABELS = 7
PICTURES = 2
"""So many are kept: drawing one takes longer than all the rest of the page, which is drawn as often as it changes."""


class Outlook(NamedTuple):
    """Everything that the past lets one say about the month."""

    forecast: Forecast
    picture: BurnDown | None


def outlook_of(past: Past, now: datetime, count: Count) -> Outlook:
    """Work out the outlook; linear in the readings of the month, so not for every tick, and not on the event loop."""
    picture = burn_down(past, now, count)
    if picture is not None:
        chart.library()  # imported here, no page waits for it
    return Outlook(forecast(past, now, count), picture)


def block(outlook: Outlook, zone: tzinfo | None, cells: int, rows: int) -> tuple[Line, ...]:
    """Return the rows, at most so many: an empty one, what is said, and the best picture that fits."""
    said = EMPTY, _said(outlook.forecast, zone, cells)
    room = rows - len(said)
    if room < 0:
        return ()
    if outlook.picture is None or room < 1:
        return said
    if room >= FEWEST_PICTURE_ROWS:
        picture = _picture(outlook.picture, zone, cells, min(room, MOST_PICTURE_ROWS))
    else:
        picture = (sparkline(outlook.picture.left, outlook.picture, cells),)
    return (*said, *picture, *_marks(outlook.picture, zone, cells, room - len(picture)))


def _said(month: Forecast, zone: tzinfo | None, cells: int) -> Line:
    name = Span("Left this month", Role.NAME)
    role = {Lasts: Role.CALM, RunsOut: Role.WARN, UsedUp: Role.HIGH}.get(type(month.run_out), Role.DIM)
    ends = Span(forecast_wording.run_out(month.run_out, month.at, zone), role)
    usual = month.burn.usual
    before = f"{wording.per_day(usual)} a day · " if usual is not None else ""
    after = f" · {wording.per_day(month.allowance)} a day to use" if month.allowance else ""
    overage = f" · {forecast_wording.overage(month.overage)}" if month.overage and month.overage.credits.high else ""
    choices = [
        (Span(before, Role.DIM), ends, Span(after + overage, Role.DIM)),
        (Span(before, Role.DIM), ends, Span(after, Role.DIM)),
        (ends, Span(after, Role.DIM)),
        (ends,),
    ]
    whole = [Line((name,), right) for right in choices]
    fitting = next((line for line in whole if line.needs <= cells), None)
    return fitting or Line((Span(cut(ends.text, cells), role),))


@lru_cache(PICTURES)
def _picture(month: BurnDown, zone: tzinfo | None, cells: int, rows: int) -> tuple[Line, ...]:
    lines = [
        Series(_points(month.even), Role.TRACK, dotted=True),
        Series(_points(month.slowest), Role.DIM, dotted=True),
        Series(_points(month.fastest), Role.DIM, dotted=True),
        Series(_points(month.left), Role.PLAN),
    ]
    top = max((left for _, left in (*month.left, *month.even)), default=Decimal(0))
    amounts = [(float(amount), wording.limit(amount)) for amount in (Decimal(0), (top / 2).to_integral_value(), top)]
    return chart.lines_chart(lines, cells, rows, _days(month, zone), amounts)


def _points(points: tuple[Point, ...]) -> tuple[tuple[float, float], ...]:
    return tuple((at.timestamp(), float(left)) for at, left in points)


def _days(month: BurnDown, zone: tzinfo | None) -> list[tuple[float, str]]:
    """Return the labels of the days: the first with its month, then every seventh; and both ends of the picture."""
    begins, ends = month.month.begins, month.month.ends
    count = (ends - begins).days
    days = [begins + timedelta(days=day) for day in range(0, count, DAYS_BETWEEN_LABELS)]
    local = [day.astimezone(zone) for day in days]
    said = [f"{local[0]:%b} {local[0].day}", *(str(day.day) for day in local[1:])]
    return [*((day.timestamp(), text) for day, text in zip(days, said, strict=True)), (ends.timestamp(), "")]


def sparkline(points: tuple[Point, ...], month: BurnDown, cells: int) -> Line:
    """Draw what was left as one row of bars; the part of the month that nobody has seen yet stays a thin line."""
    begins, whole = month.month.begins, month.month.ends - month.month.begins
    most = max((left for _, left in points), default=Decimal(0))
    bars: list[str] = []
    known: Decimal | None = None
    waiting = list(points)
    for cell in range(cells):
        until = begins + whole * (cell + 1) / cells
        while waiting and waiting[0][0] <= until:
            known = waiting.pop(0)[1]
        if known is None or (not waiting and points and until > points[-1][0] + whole / cells):
            bars.append("")
            continue
        bars.append(TIPS[min(int(known * len(TIPS) / most), len(TIPS) - 1)] if most else TIPS[0])
    before = next((i for i, bar in enumerate(bars) if bar), len(bars))
    seen = "".join(bars[before:])
    rest = cells - before - len(seen)
    return Line((Span(UNSEEN * before, Role.TRACK), Span(seen, Role.PLAN), Span(UNSEEN * max(rest, 0), Role.TRACK)))


def _marks(month: BurnDown, zone: tzinfo | None, cells: int, rows: int) -> tuple[Line, ...]:
    """Name what happened or will happen to grants and limits in this month, in one row where there is one."""
    if rows < 1:
        return ()
    names = {MarkKind.BONUS_END: "ends", MarkKind.NEW_LIMIT: "new limit", MarkKind.RESET: "resets"}
    said = [
        f"{wording.dates(mark.at, mark.at, zone)}: {mark.label} {names[mark.kind]}".replace(":  ", ": ")
        for mark in month.marks
        if mark.kind is not MarkKind.RESET
    ]
    return (Line((Span(cut(SEPARATOR.join(said), cells), Role.DIM),)),) if said else ()
