"""The dashboard: a Textual app that draws one value, the page, and hands the keys on.

The app has two reactives, `state` and `now`; what is drawn is a pure function of them (page.py). It asks nothing
itself: a worker follows the poller's events. It owns no process and no file, and whoever opened the poller closes it.
"""

import asyncio
import signal
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from textual import events, work
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Size
from textual.reactive import reactive
from textual.screen import Screen

from kiro_tui.domain import wording
from kiro_tui.domain.past import REACH, past_of
from kiro_tui.domain.state import Asking, Event, Failure, Snapshot, State, advance
from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import ACCOUNT_PAGE, STATUS_PAGE, is_another, used_this_month
from kiro_tui.ui import palette
from kiro_tui.ui.driver import PaneDriver
from kiro_tui.ui.lent import Lent
from kiro_tui.ui.outlook import Outlook, outlook_of
from kiro_tui.ui.page import Page, compose, headline
from kiro_tui.ui.rows import Rows
from kiro_tui.ui.sheets import HelpSheet, Sheet, TerminalSheet
from kiro_tui.ui.themes import THEMES, next_after
from kiro_tui.ui.view import View

OUTLOOK_HOLDS = timedelta(minutes=5)
"""After that what the past tells of the month is worked out anew, although nothing was read."""
BEAT = 0.25
"""Seconds between two pictures of the spinner."""


class Dashboard(App[None]):
    """The full-screen dashboard."""

    CSS_PATH = "app.tcss"
    TITLE = "kiro-tui"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit"),
        Binding("ctrl+c,ctrl+q", "quit", "Quit", priority=True, show=False),
        Binding("r", "refresh_now", "Refresh now"),
        Binding("p", "pause", "Pause or go on"),
        Binding("plus,equals_sign", "interval(1)", "Ask less often"),
        Binding("minus", "interval(-1)", "Ask more often"),
        Binding("h", "history", "History"),
        Binding("w", "spend", "Where it went"),
        Binding("d", "terminal", "The terminal as kiro-cli drew it"),
        Binding("o", "open_account", "Account page"),
        Binding("s", "open_status", "Status page"),
        Binding("t", "next_theme", "Theme"),
        Binding("question_mark,f1", "help", "Help"),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False),
    ]

    state: reactive[State] = reactive(State(interval=300.0), init=False)
    now: reactive[datetime] = reactive(datetime.min.replace(tzinfo=UTC), init=False)

    def __init__(self, lent: Lent) -> None:
        super().__init__(driver_class=PaneDriver)
        self._questions = lent.questions
        self._clock = lent.clock
        self._options = options = lent.options
        self._open_page = lent.open_page
        self._past = lent.past
        self._book = lent.book
        self._outlook: Outlook | None = None
        self._beat = 0
        self._told: set[str] = set()
        self._title = ""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = options.theme if options.theme in self.available_themes else THEMES[0].name
        self.set_reactive(Dashboard.state, State(interval=lent.questions.interval))
        self.set_reactive(Dashboard.now, lent.clock.now())

    def compose(self) -> ComposeResult:
        """Lay out the page: rows at the top, rows at the bottom."""
        with Vertical(id="page"):
            yield Rows(id="top")
            yield Rows(id="bottom")

    def on_mount(self) -> None:
        """Start: theme, signals, the worker that follows the poller."""
        self.app_resume_signal.subscribe(self, lambda _app: self._come_back())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._ended_by, number)
        self._follow()
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the page out anew; Textual notes the new size only after this."""
        self._draw(event.size)

    @work(exclusive=True, group="poller")
    async def _follow(self) -> None:
        if self._past is not None:
            last = await self._past.last()
            if last is not None:
                self._learn(last)
            self._hear()
        async for event in self._questions.events():
            if isinstance(event, Asking):
                self._beat = 0
            self._learn(event)

    @work(exclusive=True, group="news")
    async def _hear(self) -> None:
        """Show at once what another pane has got."""
        while self._past is not None:
            self._learn(await self._past.news())

    def _learn(self, event: Event) -> None:
        before = self.state.latest
        self.state = advance(self.state, event)
        if isinstance(event, Snapshot):
            if before is not None and is_another(before.account, event.account):
                self._outlook = None
                self._say("Another account is signed in: its own figures are shown from now on.")
            self._look_ahead()

    @work(exclusive=True, group="outlook")
    async def _look_ahead(self) -> None:
        """Work out, off the event loop, what the past tells of the month."""
        if self._past is None:
            return
        now = self._clock.now()
        readings = await self._past.readings(now - REACH)
        self._outlook = await asyncio.to_thread(lambda: outlook_of(past_of(readings, now), now, self._options.count))
        self._tell_once(self._past.notice)
        self._draw()

    def _tell_once(self, notice: str | None) -> None:
        if notice and notice not in self._told:
            self._told.add(notice)
            self._say(notice)

    def watch_state(self) -> None:
        """Draw what changed; a new state is looked at with the time at which it came."""
        self.now = self._clock.now()
        self._draw()

    def _come_back(self) -> None:
        # Textual leaves the screen blank after SIGTSTP and `fg`.
        self.refresh(layout=True)
        self.watch_state()

    def _ended_by(self, number: signal.Signals) -> None:
        self.exit(return_code=128 + number)

    # ------------------------------------------------------------------------------------------ drawing

    def _draw(self, size: Size | None = None) -> None:
        if not self.is_running or not self.screen_stack:
            return
        options = self._options
        view = View(
            self.state,
            self.now,
            options.zone,
            options.show_email,
            options.seconds,
            options.demo,
            self._outlook,
            self._beat,
        )
        size = size or self.size
        page = compose(view, size.width, size.height)
        self._show(page)
        self._name_the_pane(headline(view))
        asking = isinstance(self.state.activity, Asking)
        self._tick_after(min(page.lasts, BEAT) if asking else page.lasts)

    def _show(self, page: Page) -> None:
        base = self.screen_stack[0]
        container = base.query_one("#page", Vertical)
        vertical, horizontal = page.margin
        if container.styles.padding != (vertical, horizontal, vertical, horizontal):
            container.styles.padding = (vertical, horizontal)
        base.query_one("#top", Rows).show(page.top)
        base.query_one("#bottom", Rows).show(page.bottom)

    @work(exclusive=True, group="tick")
    async def _tick_after(self, seconds: float) -> None:
        """Draw again when the first of the shown texts is no longer true; nothing happens in between."""
        if seconds == wording.FOR_EVER:
            return
        await self._clock.sleep(seconds + 0.01)
        self._beat += 1
        self.now = self._clock.now()
        self._draw()
        if self._outlook is not None and self.now - self._outlook.forecast.at >= OUTLOOK_HOLDS:
            self._look_ahead()

    def _name_the_pane(self, title: str) -> None:
        if self._options.pane_title and title != self._title:
            self._title = title
            if isinstance(self._driver, PaneDriver):
                self._driver.name_pane(clean(title))

    # ------------------------------------------------------------------------------------------ keys

    def action_refresh_now(self) -> None:
        """Ask now."""
        self._questions.refresh()

    def action_pause(self) -> None:
        """Pause, or go on."""
        if self._questions.paused:
            self._questions.resume()
        else:
            self._questions.pause()

    def action_interval(self, step: int) -> None:
        """Ask less often, or more often."""
        current, steps = self._questions.interval, self._options.intervals
        further = [seconds for seconds in steps if (seconds > current if step > 0 else seconds < current)]
        if further:
            chosen = min(further) if step > 0 else max(further)
            self._questions.set_interval(chosen)
            self.state = replace(self.state, interval=chosen)
            self._say(f"Asks every {wording.interval(chosen)}")

    def action_history(self) -> None:
        """Show past readings."""
        from kiro_tui.ui.history import HistorySheet  # noqa: PLC0415 - no launch should wait for it

        if self._past is not None:
            self._open(HistorySheet(self._past, self._clock, self._options.zone))

    def action_spend(self) -> None:
        """Show where the credits went on this machine."""
        from kiro_tui.ui.spend import SpendScreen  # noqa: PLC0415 - no launch should wait for it

        if self._book is not None:
            latest = self.state.latest
            used = used_this_month(latest.report) if latest is not None else None
            self._open(SpendScreen(self._book, used, self._options.zone, self._clock))

    def action_terminal(self) -> None:
        """Show the screens that kiro-cli drew."""
        self._open(TerminalSheet(self._last_attempts()))

    def action_help(self) -> None:
        """Show the keys."""
        self._open(HelpSheet())

    def action_open_account(self) -> None:
        """Show the account page in the browser."""
        self._browse(ACCOUNT_PAGE)

    def action_open_status(self) -> None:
        """Show the AWS Health Dashboard in the browser."""
        self._browse(STATUS_PAGE)

    def action_next_theme(self) -> None:
        """Go on to the next theme."""
        self.theme = next_after(self.theme)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002 - Textual's signature
        """Fill the palette with what the keys do, and with the themes."""
        return palette.commands(self)

    def _open(self, sheet: Sheet) -> None:
        if isinstance(self.screen, Sheet):
            self.pop_screen()
        self.push_screen(sheet)

    def _last_attempts(self) -> Snapshot | Failure | None:
        return self.state.failure or self.state.latest

    @work(group="browser")
    async def _browse(self, address: str) -> None:
        shown = await asyncio.to_thread(self._open_page, address)
        self._say(f"Opened {address}" if shown else f"Open this in a browser: {address}")

    def _say(self, text: str) -> None:
        self.notify(text, markup=False, timeout=4)
