"""The table of the history: of a day its readings, else what was used in each day or month, newest first.

Pure. One row is chosen and marked by a sign; the table scrolls with it. Must never show a use that was not read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kiro_tui.domain import wording
from kiro_tui.domain.course import plan_of
from kiro_tui.domain.history import Reading
from kiro_tui.domain.usage import Report, Window, kept_times
from kiro_tui.domain.usage_by import Period, Slot, seen_in
from kiro_tui.ui.glyphs import BAR, CHOSEN_ROW, DASH, ELLIPSIS
from kiro_tui.ui.history_view import UNKNOWN, HistoryView, credits_of
from kiro_tui.ui.line import Line, Role, Span, first_that_fits, joined, span_width, width

GAP = "   "
CHOSEN, OTHERS = f"{CHOSEN_ROW} ", "  "
BAR_CELLS = 24
LEAST_BAR_CELLS = 6
NOTHING = Line((Span("Nothing was read then.", Role.DIM),))


@dataclass(frozen=True, slots=True)
class _Row:
    """One row before its columns have their widths."""

    when: str
    used: str
    part: Decimal | None
    """The share of the highest use, for the bar; None for no bar."""
    plan: str
    """What the plan's meter said."""
    facts: tuple[str, ...]
    """The rest, from the most important to the least."""


def table(view: HistoryView, cells: int, rows: int, *, with_bars: bool) -> tuple[Line, ...]:
    """Return a heading and as many rows as there is room for, the chosen one among them; () for no room."""
    if rows < 2:  # noqa: PLR2004 - a heading alone says nothing
        return ()
    entries = list(_rows(view))
    if not entries:
        return (NOTHING,)
    chosen = min(view.look.chosen, len(entries) - 1)
    room = rows - 1
    first = min(max(chosen - room // 2, 0), max(len(entries) - room, 0))
    widths = [max(map(width, column)) for column in zip(*((e.when, e.used, e.plan) for e in entries), strict=True)]
    return (
        _headings(view, widths, with_bars=with_bars),
        *(
            _line(entry, widths, cells, is_chosen=first + n == chosen, with_bar=with_bars)
            for n, entry in enumerate(entries[first : first + room])
        ),
    )


def _headings(view: HistoryView, widths: Sequence[int], *, with_bars: bool) -> Line:
    period = view.look.stretch.period
    when = {Period.DAY: "Read", Period.YEAR: "Month"}.get(period, "Day")
    said = f"{OTHERS}{when.ljust(widths[0])}{GAP}{'Used'.rjust(widths[1])}"
    plan = f"{GAP}{'Plan'.rjust(widths[2])}" if widths[2] and not (with_bars and period is not Period.DAY) else ""
    return Line((Span(said + plan, Role.DIM),))


def _line(row: _Row, widths: Sequence[int], cells: int, *, is_chosen: bool, with_bar: bool) -> Line:
    role = Role.NAME if is_chosen else Role.TEXT
    said = f"{row.when.ljust(widths[0])}{GAP}{row.used.rjust(widths[1])}"
    left = (Span(CHOSEN if is_chosen else OTHERS, Role.BRAND), Span(said, role if row.used != UNKNOWN else Role.DIM))
    if with_bar and row.part is not None:
        return Line((*left, Span(GAP), *_bar(row.part, cells - span_width(left) - len(GAP))))
    meter = Span(GAP + row.plan.rjust(widths[2]), Role.DIM)
    kept = range(len(row.facts), 0, -1)
    choices = (Line((*left, meter, Span(GAP), joined(row.facts[:count]))) for count in kept)
    return first_that_fits(cells, (*choices, Line((*left, meter)), Line(left)))


def _bar(part: Decimal, cells: int) -> tuple[Span, ...]:
    if cells < LEAST_BAR_CELLS or not part:
        return ()
    return (Span(BAR * max(round(part * min(cells, BAR_CELLS)), 1), Role.PLAN),)


def _rows(view: HistoryView) -> Iterator[_Row]:
    entries = view.rows
    slots = [entry for entry in entries if isinstance(entry, Slot)]
    most = max((slot.credits or Decimal(0) for slot in slots), default=Decimal(0)) or Decimal(1)
    for entry in entries:
        yield _of_reading(view, entry) if isinstance(entry, Reading) else _of_slot(view, entry, most)


def _of_slot(view: HistoryView, slot: Slot, most: Decimal) -> _Row:
    local = slot.begins.astimezone(view.history.calendar.zone)
    when = f"{local:%B}" if view.look.stretch.period is Period.YEAR else f"{local:%a %b} {local.day:>2}"
    run = seen_in(view.history.past.course, slot.begins, slot.ends)
    part = slot.credits / most if slot.credits is not None else Decimal(0)
    return _Row(when, credits_of(slot), part, *_meters(run.report if run else None))


def _of_reading(view: HistoryView, reading: Reading) -> _Row:
    step = view.history.steps.get(reading.first_at) if reading.first_at >= view.look.stretch.begins else None
    used = f"+{wording.amount(step)}" if step else ""
    kiro_cli = f"kiro-cli {reading.version}" if reading.version else ""
    plan, others = _meters(reading.report)
    times = kept_times(reading.report)
    kept = (f"partly as of {_clock_time(view, min(times))}",) if times else ()
    return _Row(_when(view, reading), used, None, plan, (*kept, *others, reading.way.value, kiro_cli))


def _clock_time(view: HistoryView, moment: datetime) -> str:
    """Say a moment before the reading, with its day where that is another one."""
    local = moment.astimezone(view.history.calendar.zone)
    return f"{local:%H:%M}" if moment >= view.look.stretch.begins else f"{local:%b} {local.day}, {local:%H:%M}"


def _when(view: HistoryView, reading: Reading) -> str:
    """Say from when to when it held, as far as that lies in the day."""
    zone, day = view.history.calendar.zone, view.look.stretch

    def said(moment: datetime) -> str:
        return f"{moment.astimezone(zone):%H:%M}"

    first = said(reading.first_at) if reading.first_at >= day.begins else ELLIPSIS
    last = said(reading.last_at) if reading.last_at < day.ends else ELLIPSIS
    return first if first == last and first != ELLIPSIS else f"{first}{DASH}{last}"


def _meters(report: Report | None) -> tuple[str, tuple[str, ...]]:
    """Say the plan's figures, and those of the others."""
    if report is None:
        return "", ()
    plan = plan_of(report)
    others = (window for window in report.windows if window is not plan)
    return _of_limit(plan) if plan else "", tuple(f"{window.label} {_of_limit(window)}" for window in others)


def _of_limit(window: Window) -> str:
    if window.limit is None:
        return f"{wording.amount(window.used)} used"
    return f"{wording.amount(window.used)} of {wording.limit(window.limit)}"
