"""The history sheet: a person walks through the past by keys.

It reads all readings once, when it is opened, and works out off the event loop what they tell and what is shown. It
draws history_page and decides nothing about what is said there.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import ClassVar, Protocol

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Size

from kiro_tui.clock import Clock
from kiro_tui.domain.course import plan_of
from kiro_tui.domain.history import Reading
from kiro_tui.domain.past import past_of
from kiro_tui.domain.usage_by import Calendar, Period, Slot
from kiro_tui.ui.bindings import closed_by
from kiro_tui.ui.history_page import page
from kiro_tui.ui.history_view import History, HistoryView, Look
from kiro_tui.ui.line import Line, Role, Span
from kiro_tui.ui.page import margins
from kiro_tui.ui.rows import Rows
from kiro_tui.ui.sheets import Sheet

KEPT = timedelta(days=800)
"""Longer than readings are kept."""
SOME_ROWS = 10
WAIT = (Line((Span("History", Role.BRAND), Span("   "), Span("reading …", Role.DIM))),)


class PastReadings(Protocol):
    """Whoever knows what was read before."""

    async def readings(self, since: datetime) -> tuple[Reading, ...]:
        """Return what is known of one account, the one that is shown."""
        ...


class HistorySheet(Sheet):
    """Use by hour, day and month, and the readings of each day."""

    BINDINGS: ClassVar[list[BindingType]] = [
        closed_by("history"),
        Binding("escape", "back", "Back"),
        Binding("tab", "next_period(1)", "Longer"),
        Binding("shift+tab", "next_period(-1)", "Shorter"),
        *(Binding(period[0], f"look('{period}')", period.capitalize()) for period in Period),
        Binding("left", "move(-1)", "Earlier"),
        Binding("right", "move(1)", "Later"),
        Binding("up", "choose(-1)", "Newer row"),
        Binding("down", "choose(1)", "Older row"),
        Binding("pageup", f"choose(-{SOME_ROWS})", "Newer rows"),
        Binding("pagedown", f"choose({SOME_ROWS})", "Older rows"),
        Binding("home", "now", "Now"),
        Binding("enter", "open_chosen", "Open"),
    ]

    def __init__(self, source: PastReadings, clock: Clock, zone: tzinfo | None = None) -> None:
        """Take what is lent; `zone` None is the machine's own."""
        super().__init__(classes="-whole")
        self._source = source
        self._zone = zone
        self._now = clock.now()
        self._history: History | None = None
        self._look: Look | None = None
        self._opened_from: list[Look] = []
        self._drawing: object = None
        self.loaded = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Lay out one block of rows; it never scrolls, as it is made to fit."""
        with VerticalScroll(can_focus=False):
            yield Rows(id="history")

    async def on_mount(self) -> None:
        """Show something at once, and read."""
        await self._draw()
        self._load()

    async def on_resize(self, event: events.Resize) -> None:
        """Lay the page out anew."""
        await self._draw(event.size)

    @work(exclusive=True)
    async def _load(self) -> None:
        readings = await self._source.readings(self._now - KEPT)
        self._history = await asyncio.to_thread(history_of, readings, self._now, self._zone)
        self._look = Look(self._history.calendar.holding(Period.MONTH, self._now))
        await self._draw()
        self.loaded.set()

    async def _draw(self, size: Size | None = None) -> None:
        width, height = size or self.app.size
        vertical, horizontal = margins(width, height)
        shown: tuple[Line, ...] = WAIT
        view = self._view()
        self._drawing = this = object()
        if view is not None:  # all readings of a year are added up
            shown = await asyncio.to_thread(page, view, width - 2 * horizontal, height - 2 * vertical)
        if self._drawing is not this:
            return  # it was asked for anew meanwhile, perhaps for another size
        self.query_one(VerticalScroll).styles.padding = (vertical, horizontal)
        self.query_one(Rows).show(shown)

    def _view(self) -> HistoryView | None:
        if self._history is None or self._look is None:
            return None
        return HistoryView(self._history, self._look, self._now)

    async def _show(self, look: Look) -> None:
        self._look = look
        await self._draw()

    # ------------------------------------------------------------------------------------------ keys

    async def action_back(self) -> None:
        """Go back to where a day was opened from, else to the dashboard."""
        if self._opened_from:
            await self._show(self._opened_from.pop())
        else:
            self.dismiss()

    async def action_look(self, period: str) -> None:
        """Look at the day, week, … in which the chosen row lies."""
        view = self._view()
        if view is not None and period in view.history.calendar.periods:
            self._opened_from.clear()
            await self._show(_look_at(view, Period(period), _moment(view)))

    async def action_next_period(self, step: int) -> None:
        """Look at a longer or shorter time."""
        if (view := self._view()) is not None:
            periods = view.history.calendar.periods
            here = periods.index(view.look.stretch.period)
            await self.action_look(periods[(here + step) % len(periods)])

    async def action_move(self, step: int) -> None:
        """Go to the time before or after; not past the first reading, nor into the future."""
        view = self._view()
        if view is None or view.history.begins is None:
            return
        calendar, stretch = view.history.calendar, view.look.stretch
        if step < 0 and stretch.begins > view.history.begins:
            await self._show(Look(calendar.before(stretch)))
        elif step > 0 and stretch.ends <= self._now:
            await self._show(Look(calendar.after(stretch)))

    async def action_choose(self, step: int) -> None:
        """Choose another row of the table."""
        if (view := self._view()) is not None:
            last = max(len(view.rows) - 1, 0)
            await self._show(Look(view.look.stretch, min(max(view.look.chosen + step, 0), last)))

    async def action_now(self) -> None:
        """Go to the present."""
        if (view := self._view()) is not None:
            self._opened_from.clear()
            await self._show(Look(view.history.calendar.holding(view.look.stretch.period, self._now)))

    async def action_open_chosen(self) -> None:
        """Open the chosen month, or the chosen day."""
        view = self._view()
        if view is not None and isinstance(view.chosen, Slot):
            period = Period.MONTH if view.look.stretch.period is Period.YEAR else Period.DAY
            self._opened_from.append(view.look)
            await self._show(Look(view.history.calendar.holding(period, view.chosen.begins)))


def history_of(readings: tuple[Reading, ...], now: datetime, zone: tzinfo | None) -> History:
    """Work out what the readings tell; of many thousands that takes a second."""
    past = past_of(readings, now)
    plan = plan_of(past.latest) if past.latest is not None else None
    return History(readings, past, Calendar(zone, plan.ends_at if plan else None))


def _look_at(view: HistoryView, period: Period, moment: datetime) -> Look:
    """Return the look at the period with the row chosen that holds the moment."""
    stretch = view.history.calendar.holding(period, moment)
    rows = replace(view, look=Look(stretch)).rows
    holding = (n for n, row in enumerate(rows) if isinstance(row, Slot) and row.begins <= moment < row.ends)
    return Look(stretch, next(holding, 0))


def _moment(view: HistoryView) -> datetime:
    """Return a moment of the chosen row, or of the shown time where there is none."""
    match view.chosen:
        case Slot() as slot:
            return view.now if slot.begins <= view.now < slot.ends else slot.begins
        case Reading() as reading:
            return max(reading.first_at, view.look.stretch.begins)
        case None:
            return min(view.look.stretch.begins, view.now)
