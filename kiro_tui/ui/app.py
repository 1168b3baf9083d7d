"""The dashboard: it follows what is asked and answered, and does what the keys say.

It asks nothing itself: a worker follows the poller's events. It owns no process and no file, and whoever opened the
poller closes it. How the page is drawn, and when, stands in paged.py.
"""

import asyncio
import gc
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widgets import Input

from kiro_tui.domain import wording
from kiro_tui.domain.alerts import Alert, Severity
from kiro_tui.domain.state import Asking, Event, Failure, Snapshot, State, advance
from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import ACCOUNT_PAGE, STATUS_PAGE, is_another, used_this_month
from kiro_tui.errors import KiroTuiError
from kiro_tui.ui import late, palette
from kiro_tui.ui.alarm import Alarm
from kiro_tui.ui.bindings import bindings, keymap
from kiro_tui.ui.foresight import Foresight
from kiro_tui.ui.lent import Lent, PastReadings
from kiro_tui.ui.outlook import Outlook
from kiro_tui.ui.page import compose
from kiro_tui.ui.paged import PagedApp
from kiro_tui.ui.sheets import HelpSheet, Sheet, TerminalSheet
from kiro_tui.ui.taste import Taste
from kiro_tui.ui.themes import next_after, themes

ALERT_SHOWN = 15
"""Seconds for which an alert stands on the page."""
ALERT_ROWS = 4
"""In a pane of fewer rows an alert would hide the figures, and be cut; the level beside them says it there."""
SEVERITIES: Mapping[Severity, SeverityLevel] = {
    Severity.INFO: "information",
    Severity.WARNING: "warning",
    Severity.CRITICAL: "error",
}
"""In Textual's words."""


class Dashboard(PagedApp):
    """The full-screen dashboard."""

    CSS_PATH = "app.tcss"
    TITLE = "kiro-tui"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("ctrl+c,ctrl+q", "quit", "Quit", priority=True, show=False),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False),
    ]

    def __init__(self, lent: Lent) -> None:
        super().__init__(State(interval=lent.questions.interval), lent.clock, lent.options, lent.frame)
        self._questions = lent.questions
        self._open_page = lent.open_page
        self._past = lent.past
        self._book = lent.book
        self._told: set[str] = set()
        self._settled = False
        self._foresight = Foresight(lent.past, lent.clock, lent.options.count) if lent.past is not None else None
        self._alarm: Alarm | None = None
        if lent.watcher is not None and lent.open_crier is not None:
            crier = lent.open_crier(self.send_to_terminal)
            self._alarm = Alarm(lent.watcher, crier, lent.clock, self._show_alert, self._say)
        self._save = lent.save
        for theme in themes(light_terminal=lent.options.light_terminal):
            self.register_theme(theme)
        name = lent.options.theme
        if self.available_themes[name].ansi:
            self.theme = name
        else:  # not just set: Textual would read all its styles twice
            self.set_reactive(Dashboard.theme, name)
            self.stylesheet.set_variables(self.get_css_variables())
        self._kept = self._chosen()

    def on_mount(self) -> None:
        """Take the person's keys, and start the worker that follows the poller."""
        self.set_keymap(keymap(self._options.keys))
        self._follow()
        if self._past is not None and self._foresight is not None:
            self._foretell(self._past, self._foresight)

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
        elif isinstance(event, Failure):
            self._alert()

    def _look_ahead(self) -> None:
        if self._foresight is not None:
            self._foresight.look()

    @work(group="outlook")
    async def _foretell(self, past: PastReadings, foresight: Foresight) -> None:
        while True:
            self._outlook = await foresight.next(self._drawn_ahead)
            self._tell_once(past.notice)
            self._draw()
            self._alert()
            self._settle()

    def _drawn_ahead(self, outlook: Outlook) -> None:
        """Draw the page for what is kept of that: the picture of the month, which takes long; not on the event loop."""
        compose(replace(self._view(), outlook=outlook), *self.size)

    @work(group="alerts")
    async def _alert(self) -> None:
        """Tell what is worth an alert in this state."""
        if self._alarm is not None:
            await self._alarm.look(self.state, self._outlook.forecast if self._outlook is not None else None)

    def _settle(self) -> None:
        """Take what a dashboard needs as here for good, once it has all been read and where nothing else is shown.

        Python looks through everything else for garbage now and then, and hears no key for as long.
        """
        if not self._settled and len(self.screen_stack) == 1:
            self._settled = True
            gc.freeze()

    def _show_alert(self, alert: Alert) -> None:
        if self.size.height >= ALERT_ROWS:
            severity = SEVERITIES[alert.severity]
            self.notify(alert.text, title=alert.title, severity=severity, timeout=ALERT_SHOWN, markup=False)

    def _tell_once(self, notice: str | None) -> None:
        if notice and notice not in self._told:
            self._told.add(notice)
            self._say(notice)

    def action_refresh(self) -> None:
        """Ask now."""
        self._questions.refresh()

    def action_pause(self) -> None:
        """Pause, or go on."""
        if self._questions.paused:
            self._questions.resume()
        else:
            self._questions.pause()

    def action_less_often(self) -> None:
        """Ask less often."""
        self._ask_every(min((s for s in self._options.intervals if s > self._questions.interval), default=None))

    def action_more_often(self) -> None:
        """Ask more often."""
        self._ask_every(max((s for s in self._options.intervals if s < self._questions.interval), default=None))

    def _ask_every(self, seconds: float | None) -> None:
        if seconds is not None:
            self._questions.set_interval(seconds)
            self.state = replace(self.state, interval=seconds)
            self._say(f"Asks every {wording.interval(seconds)}")

    async def action_history(self) -> None:
        """Show past readings."""
        if self._past is not None:
            sheet = await asyncio.to_thread(late.history_sheet)
            self._open(sheet(self._past, self._clock, self._options.zone))

    async def action_spend(self) -> None:
        """Show where the credits went on this machine."""
        if self._book is not None:
            screen = await asyncio.to_thread(late.spend_screen)
            latest = self.state.latest
            used = used_this_month(latest.report) if latest is not None else None
            self._open(screen(self._book, used, self._options.zone, self._clock))

    def action_terminal(self) -> None:
        """Show the screens that kiro-cli drew."""
        self._open(TerminalSheet(self._last_attempts()))

    def action_help(self) -> None:
        """Show the keys."""
        self._open(HelpSheet(self._options.keys))

    def action_account_page(self) -> None:
        """Show the account page in the browser."""
        self._browse(ACCOUNT_PAGE)

    def action_status_page(self) -> None:
        """Show the AWS Health Dashboard in the browser."""
        self._browse(STATUS_PAGE)

    def action_snooze(self) -> None:
        """Hold alerts back for longer, or no more."""
        if self._alarm is None:
            self._say("No alerts are sent from here")
            return
        self._say(self._alarm.snooze())
        self._snoozed_until = self._alarm.snoozed_until
        self._draw()
        self._alert()

    def action_theme(self) -> None:
        """Go on to the next theme."""
        self.theme = next_after(self.theme)
        self._say(f"Theme: {self.theme}")

    def action_layout(self) -> None:
        """Go on to the next layout."""
        self.like(self._taste.with_next_layout())
        self._say(f"Layout: {self._taste.layout}")

    def like(self, taste: Taste) -> None:
        """Show the page as the person likes it."""
        self._taste = taste
        self._draw()

    def _chosen(self) -> dict[str, object]:
        """Return what can be chosen here, by its key in the settings."""
        taste = self._taste
        return {
            "theme": self.theme,
            "interval": self._questions.interval,
            "layout": taste.layout,
            "panels": taste.panels,
        }

    @work(exclusive=True, group="save")
    async def action_save(self) -> None:
        """Keep in the settings what was changed here, and nothing else."""
        chosen = self._chosen()
        changed = {key: value for key, value in chosen.items() if value != self._kept[key]}
        if self._save is None:
            self._say("There is nowhere to keep settings")
        elif not changed:
            self._say("Nothing was changed here that is not kept already")
        else:
            try:
                where = await asyncio.to_thread(self._save, changed)
            except KiroTuiError as error:
                self._say(f"{error.message} {error.hint}".strip())
                return
            self._kept = chosen
            self._say(f"Saved {', '.join(changed)} in {clean(where)}")

    def action_command_palette(self) -> None:
        """Show all commands by name; its cursor stands still, because whatever blinks must be drawn."""
        super().action_command_palette()
        self.call_after_refresh(self._still_cursor)

    def _still_cursor(self) -> None:
        for typed in self.screen.query(Input):
            typed.cursor_blink = False

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002 - Textual's signature
        """Fill the palette with what the keys do, and with the themes."""
        return palette.commands(self, self._options.keys, self._taste, self.like)

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
