"""The history as a value: which rows stand on a page of so many cells.

Pure, but for the chart's library. A chart of one day, week, month, billing month or year; what was used then beside
the times before; a table, newest first. Where there is little room the chart goes first and the table last. Must never
show as 0 what is unknown, nor draw what has not come.
"""

from collections.abc import Iterator
from decimal import Decimal

from kiro_tui.domain.usage_by import INSTANT, Period, Slot, Stretch, used_in
from kiro_tui.ui import notice
from kiro_tui.ui.chart import Bar, bar_chart
from kiro_tui.ui.glyphs import BAR, TRACK
from kiro_tui.ui.history_table import table
from kiro_tui.ui.history_view import HistoryView, credits_of, short_title, title
from kiro_tui.ui.line import EMPTY, Line, Role, Span, first_that_fits, joined, width

CHART_CELLS, CHART_ROWS = 60, 18
"""The smallest page with a chart."""
HIGHEST_CHART = 12
ROOMY_ROWS = 30
"""From here on the times before have rows of their own."""
MOST_COMPARED = 5
COMPARED_BAR = 40
GAP = "   "
NICE = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
"""What an axis ends with, times a power of ten."""
CALLED = {Period.BILLING: "billing month"}
OPEN = ("enter", "open")
KEYS = (("← →", "time"), ("↑ ↓", "choose"), OPEN, ("tab", "day … year"), ("esc", "back"))
NOTHING_YET = "Every reading of the dashboard is kept from now on. From two of them on, this shows what was used."


def page(view: HistoryView, cells: int, rows: int) -> tuple[Line, ...]:
    """Return exactly so many rows."""
    top = [_head(view, cells)]
    foot = [_keys(view, cells)] if rows >= CHART_ROWS else []
    if view.history.begins is None:
        said = [Line((Span("There is no history yet", Role.NAME),)), *notice.paragraph(NOTHING_YET, Role.DIM, cells)]
        return _filled([*top, EMPTY, *said], foot, rows)
    roomy = rows >= ROOMY_ROWS and cells >= CHART_CELLS
    top += [EMPTY] if rows >= CHART_ROWS else []
    top += [_total(view, cells)]
    charted = cells >= CHART_CELLS and rows >= CHART_ROWS
    if charted:
        top += [EMPTY, *_chart(view, cells, min(rows * 2 // 5, HIGHEST_CHART))]
    if roomy and (compared := list(_compared(view))):
        top += [EMPTY, *compared]
    top += [EMPTY]
    room = rows - len(top) - 2 * len(foot)
    return _filled([*top, *table(view, cells, room, with_bars=not charted)], foot, rows)


def _filled(top: list[Line], foot: list[Line], rows: int) -> tuple[Line, ...]:
    blank = [EMPTY] * (rows - len(top) - len(foot))
    return tuple([*top, *blank, *foot][:rows])


# Head and total -------------------------------------------------------------------------------------------------------


def _head(view: HistoryView, cells: int) -> Line:
    name = (Span("History", Role.BRAND), Span(GAP), Span(title(view, view.look.stretch), Role.NAME))
    tabs: list[Span] = []
    for period in view.history.calendar.periods:
        role = Role.NAME if period is view.look.stretch.period else Role.DIM
        tabs += [Span("  ")] if tabs else []
        tabs += [Span(period, role, f"screen.look('{period}')")]
    here = (Span(CALLED.get(view.look.stretch.period, view.look.stretch.period), Role.DIM),)
    return first_that_fits(cells, (Line(name, tuple(tabs)), Line(name, here), Line(name[2:], here), Line(name[2:])))


def _total(view: HistoryView, cells: int) -> Line:
    """What was used, and what of the time before."""
    stretch, uses = view.look.stretch, view.history.past.uses
    slot = used_in(uses, stretch.begins, stretch.ends, view.now)
    so_far = " credits so far" if stretch.holds(view.now) else " credits"
    used = (Span(credits_of(slot), Role.NAME), Span(so_far if slot.credits is not None else " nothing known", Role.DIM))
    before = view.history.calendar.before(stretch)
    whole, then = _until_then(view, before)
    if whole.credits is None:
        return Line(used)
    name = short_title(view, before)
    facts = [f"{name} {credits_of(whole)}"]
    if stretch.holds(view.now) and then.credits is not None:
        facts = [f"{name} {credits_of(then)} by then", f"{credits_of(whole)} in all"]
    lines = (Line(used, (joined(facts[:kept]),)) for kept in range(len(facts), 0, -1))
    return first_that_fits(cells, (*lines, Line(used)))


def _until_then(view: HistoryView, stretch: Stretch) -> tuple[Slot, Slot]:
    """Return what was used in the stretch, and in its part that is as long as what has passed of the shown one."""
    shown, uses = view.look.stretch, view.history.past.uses
    ends = stretch.ends
    if shown.holds(view.now):
        ends = min(ends, stretch.begins + max(view.now - shown.begins, INSTANT))
    whole = used_in(uses, stretch.begins, stretch.ends, view.now)
    return whole, used_in(uses, stretch.begins, ends, view.now)


def _keys(view: HistoryView, cells: int) -> Line:
    keys = [each for each in KEYS if each is not OPEN or isinstance(view.chosen, Slot)]

    def shown(count: int) -> Line:
        spans = [Span(text, role) for key, does in keys[-count:] for text, role in _key(key, does)]
        return Line(tuple(spans[1:]))

    return first_that_fits(cells, (shown(count) for count in range(len(keys), 0, -1)))


def _key(key: str, does: str) -> tuple[tuple[str, Role], ...]:
    return (GAP, Role.DIM), (key, Role.KEY), (f" {does}", Role.DIM)


# Chart ----------------------------------------------------------------------------------------------------------------


def _chart(view: HistoryView, cells: int, rows: int) -> tuple[Line, ...]:
    slots, chosen = view.slots, view.chosen
    # What a reading shows was used before it.
    at = chosen.begins if isinstance(chosen, Slot) else chosen.first_at - INSTANT if chosen else None
    bars = [_bar(view, slot, is_chosen=at is not None and slot.begins <= at < slot.ends) for slot in slots]
    highest = _nice(max((bar.value or 0 for bar in bars), default=0))
    labels = [(0.0, "0"), (highest / 2, f"{highest / 2:g}"), (highest, f"{highest:g}")]
    return bar_chart(bars, cells, rows, labels)


def _bar(view: HistoryView, slot: Slot, *, is_chosen: bool) -> Bar:
    label = _tick(view, slot)
    if slot.begins >= view.now:
        return Bar(0, Role.DIM, label)  # it has not come: nothing is drawn
    if slot.credits is None:
        return Bar(None, Role.DIM, label)
    role = Role.MARK if is_chosen else Role.TRACK if slot.spread else Role.PLAN
    return Bar(float(slot.credits), role, label)


def _tick(view: HistoryView, slot: Slot) -> str:
    """Say what stands below a bar: Mondays in a month, every sixth hour of a day, every part of a week and year."""
    local = slot.begins.astimezone(view.history.calendar.zone)
    match view.look.stretch.period:
        case Period.DAY:
            return f"{local:%H:%M}" if local.hour % 6 == 0 else ""
        case Period.WEEK:
            return f"{local:%a} {local.day}"
        case Period.YEAR:
            return f"{local:%b}"
        case _:
            return str(local.day) if local.weekday() == 0 else ""


def _nice(value: float) -> float:
    """Return the next number that an axis may end with."""
    power = 1.0
    while value > power * NICE[-1]:
        power *= 10
    return next(step * power for step in NICE if step * power >= value)


# The times before -----------------------------------------------------------------------------------------------------


def _compared(view: HistoryView) -> Iterator[Line]:
    """Yield a row for the shown time and each before it: bright for as much of it as has passed of the shown one."""
    begins, stretch = view.history.begins, view.look.stretch
    shown: list[tuple[str, Slot, Slot]] = []
    while len(shown) < MOST_COMPARED and begins is not None and stretch.ends > begins:
        shown.append((short_title(view, stretch), *_until_then(view, stretch)))
        stretch = view.history.calendar.before(stretch)
    if len(shown) < 2:  # noqa: PLR2004 - one alone is compared with nothing
        return
    most = max((whole.credits or Decimal(0) for _, whole, _ in shown), default=Decimal(0)) or Decimal(1)
    names = max(width(name) for name, _, _ in shown)
    figures = max(width(credits_of(whole)) for _, whole, _ in shown)
    for name, whole, then in shown:
        all_cells = _cells_of(whole.credits, most, COMPARED_BAR)
        by_then = min(_cells_of(then.credits, most, COMPARED_BAR), all_cells)
        yield Line(
            (
                Span(name.ljust(names), Role.DIM),
                Span(GAP + credits_of(whole).rjust(figures) + GAP),
                Span(BAR * by_then, Role.PLAN),
                Span(TRACK * (all_cells - by_then), Role.TRACK),
            )
        )


def _cells_of(credits_used: Decimal | None, most: Decimal, cells: int) -> int:
    if not credits_used:
        return 0
    return max(round(credits_used / most * cells), 1)
