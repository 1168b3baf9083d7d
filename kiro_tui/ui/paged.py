"""An app that draws one value, the page, and draws it again when the first of its texts is no longer true.

It has two reactives, `state` and `now`; what is drawn is a pure function of them (page.py). It asks nothing and knows
no key: whoever builds on it says what the state is and what is foretold.
"""

import asyncio
import logging
import signal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.filter import LineFilter, NoColor
from textual.geometry import Size
from textual.reactive import var
from textual.screen import Screen

from kiro_tui.clock import Clock, next_turn
from kiro_tui.domain import wording
from kiro_tui.domain.state import Asking, Snapshot, State
from kiro_tui.domain.text import clean
from kiro_tui.first_frame import FirstFrame
from kiro_tui.ui.ascii_filter import AsciiFilter
from kiro_tui.ui.driver import PaneDriver
from kiro_tui.ui.glyphs import in_ascii
from kiro_tui.ui.interleaved import Interleaved
from kiro_tui.ui.lent import Options
from kiro_tui.ui.page import Page, compose, headline
from kiro_tui.ui.remembered import as_remembered, frame_of, holds_until
from kiro_tui.ui.rows import Rows
from kiro_tui.ui.view import View

if TYPE_CHECKING:
    from kiro_tui.ui.outlook import Outlook

OUTLOOK_HOLDS = timedelta(minutes=5)
"""After that what the past tells of the month is worked out anew, although nothing was read."""
BEAT = 0.25
"""Seconds between two pictures of the spinner."""
ROOM_FOR_TOASTS = 8
"""Rows from which what is told in passing may have a margin."""
IN_ASCII, WITHOUT_COLOUR = AsciiFilter(), NoColor()

log = logging.getLogger(__name__)


class PageScreen(Interleaved, Screen[None]):
    """The screen on which the page is."""


class PagedApp(Interleaved, App[None]):
    """The page on a terminal, drawn only when it changes."""

    VERTICAL_BREAKPOINTS = [(0, "-flat"), (ROOM_FOR_TOASTS, "-high")]  # noqa: RUF012 - as Textual declares it
    # Not `reactive`: an app of which one changes draws its whole screen anew.
    state: var[State] = var(State(interval=300.0), init=False)
    now: var[datetime] = var(datetime.min.replace(tzinfo=UTC), init=False)

    def __init__(self, state: State, clock: Clock, options: Options, frame: FirstFrame) -> None:
        super().__init__(driver_class=PaneDriver)
        self._clock = clock
        self._options = options
        self._frame = frame
        self._page, self._top, self._bottom = Vertical(id="page"), Rows(id="top"), Rows(id="bottom")
        self._shown: Page | None = None
        self._outlook: Outlook | None = None
        self._beat = 0
        self._title = ""
        self._snoozed_until: datetime | None = None
        self._left_behind: object = None
        self._taste = options.taste
        if options.taste.still:
            self.animation_level = "none"
        self.set_reactive(PagedApp.state, state)
        self.set_reactive(PagedApp.now, clock.now())

    def compose(self) -> ComposeResult:
        """Lay out the page: rows at the top, rows at the bottom."""
        with self._page:
            yield self._top
            yield self._bottom

    def get_default_screen(self) -> PageScreen:
        """Return the screen below all others (Textual's hook)."""
        return PageScreen(id="_default")

    def on_load(self) -> None:
        """Answer for the terminal from here on, whoever ends us: it is taken over next."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._ended_by, number)
        self._frame.hand_over()

    def on_mount(self) -> None:
        """Draw the first picture."""
        self.app_resume_signal.subscribe(self, lambda _app: self._come_back())
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the page out anew; Textual notes the new size only after this."""
        self._draw(event.size)

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

    def _view(self) -> View:
        options = self._options
        return View(
            self.state,
            self.now,
            options.zone,
            options.show_email,
            options.seconds,
            options.demo,
            self._outlook,
            self._beat,
            options.keys,
            self._taste,
            self._snoozed_until,
        )

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every row of cells goes through before it is drawn (Textual's hook)."""
        # Textual makes greys of colours, and of the terminal's own ones black on black.
        filters = (WITHOUT_COLOUR,) if self.no_color else super().get_line_filters()
        return (*filters, IN_ASCII) if self._options.ascii_only else filters

    def _draw(self, size: Size | None = None) -> None:
        self._keep_true(self._drawn(size))

    def _drawn(self, size: Size | None = None) -> float:
        """Show what is known now, and return for how many seconds that stays true."""
        if not self.is_running or not self.screen_stack:
            return wording.FOR_EVER
        view, settled, size = self._view(), size is None, size or self.size
        self._shown = page = compose(view, *size, self._shown)
        self._show(page, settled=settled)
        self._name_the_pane(headline(view))
        self._leave_behind(view, size)
        turning = isinstance(self.state.activity, Asking) and not self._taste.still
        return min(page.lasts, BEAT) if turning else page.lasts

    def _show(self, page: Page, *, settled: bool) -> None:
        """Show a page; a `settled` one has the size that Textual knows."""
        vertical, horizontal = page.margin
        if self._page.styles.padding != (vertical, horizontal, vertical, horizontal):
            self._page.styles.padding = (vertical, horizontal)
            settled = False
        alone = settled and len(self.screen_stack) == 1 and not self._notifications
        write = self.send_to_terminal if alone else None
        self._top.show(page.top, write)
        self._bottom.show(page.bottom, write)

    def _leave_behind(self, view: View, size: Size) -> None:
        """Keep the page for the next launch, where it is new and looks as that one will."""
        latest, options = view.state.latest, self._options
        what = (latest, view.outlook, size)
        as_set = self.theme == options.theme and self._taste == options.taste
        if latest is None or options.demo or not as_set or what == self._left_behind:
            return
        self._left_behind = what
        self._keep(view, latest, size)

    @work(exclusive=True, group="frame")
    async def _keep(self, view: View, latest: Snapshot, size: Size) -> None:
        await next_turn()  # what is on the screen goes first
        frame = frame_of(as_remembered(view, latest), size, self._top)
        try:
            await asyncio.to_thread(self._frame.keep, frame, size, holds_until(latest).timestamp())
        except OSError as error:
            log.info("the first frame of the next launch cannot be kept: %s", error.strerror)

    @work(exclusive=True, group="tick")
    async def _keep_true(self, lasts: float) -> None:
        """Draw again when the first of the shown texts is no longer true; nothing happens in between."""
        while lasts != wording.FOR_EVER:
            await self._clock.sleep(lasts + 0.01)
            self._beat += 1
            self.now = self._clock.now()
            if self._outlook is not None and self.now - self._outlook.forecast.at >= OUTLOOK_HOLDS:
                self._look_ahead()
            lasts = self._drawn()

    def _look_ahead(self) -> None:
        """Work out anew what is foretold; whoever knows the past does that."""

    def send_to_terminal(self, text: str) -> None:
        """Write to the terminal past Textual."""
        if self._driver is not None:
            self._driver.write(text)
            self._driver.flush()

    def _name_the_pane(self, title: str) -> None:
        if self._options.pane_title and title != self._title:
            self._title = title
            if isinstance(self._driver, PaneDriver):
                self._driver.name_pane(clean(in_ascii(title) if self._options.ascii_only else title))
