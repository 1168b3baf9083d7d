"""The Spend screen: where it went, by project, session, model and day, and the turns of each session.

It lies over the page like the other sheets. What it says is laid out by spend_page.py; here are the keys, the search
and the waiting. Files are read in threads, so that neither a slow disk nor an endless tree stops the page, and whoever
leaves the screen stops the reading. It knows nothing of files: they are asked for through `Book`.
"""

from collections.abc import Generator
from contextlib import closing
from datetime import UTC, tzinfo
from decimal import Decimal
from typing import ClassVar, Protocol

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input
from textual.worker import get_current_worker

from kiro_tui.clock import Clock
from kiro_tui.domain.spend import By, Explained, Session, Spend, Turn, explained, spend_by
from kiro_tui.spend.ledger import Ledger, Progress
from kiro_tui.ui.bindings import closed_by
from kiro_tui.ui.line import EMPTY, Line, Role, Span
from kiro_tui.ui.page import ROOMY_ROWS, margins
from kiro_tui.ui.rows import Rows
from kiro_tui.ui.sheets import Sheet
from kiro_tui.ui.spend_list import NAMELESS, Listing, Sight, inset, listing, listing_of_turns
from kiro_tui.ui.spend_search import Scope, narrowed
from kiro_tui.ui.spend_view import Place, SpendView, above, below, body

NEWS = 100
"""The reading is told of in so many steps at most."""
WHEEL = 3
"""Rows that one notch of the mouse's wheel moves."""


class Book(Protocol):
    """This machine's sessions. Everything here takes time and is asked for in a thread."""

    @property
    def where(self) -> str:
        """The folder that they are in, fit to be shown."""
        ...

    def read(self) -> Generator[Progress | Ledger]:
        """Yield how far the reading is, and at last everything; closing it stops the reading."""
        ...

    def turns_of(self, session: Session) -> tuple[Turn, ...]:
        """Return a session's turns, the latest first; none where they cannot be read."""
        ...


class SpendScreen(Sheet):
    """What this machine's own Kiro sessions used."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back"),
        closed_by("spend"),
        Binding("tab", "turn(1)", "Next view"),
        Binding("shift+tab", "turn(-1)", "View before"),
        Binding("p", "by('project')", "By project"),
        Binding("s", "by('session')", "By session"),
        Binding("m", "by('model')", "By model"),
        Binding("d", "by('day')", "By day"),
        Binding("r", "read", "Look again"),
        Binding("slash", "search", "Search"),
        Binding("enter", "open", "Open"),
        Binding("up,k", "move(-1)", "Up"),
        Binding("down,j", "move(1)", "Down"),
        Binding("pageup", "page(-1)", "A page up"),
        Binding("pagedown,space", "page(1)", "A page down"),
        Binding("home", "move(-1_000_000)", "First"),
        Binding("end", "move(1_000_000)", "Last"),
    ]

    class Read(Message):
        """A step of the reading."""

        def __init__(self, step: Progress | Ledger) -> None:
            super().__init__()
            self.step = step

    class TurnsRead(Message):
        """The turns of a session."""

        def __init__(self, session: Session, turns: tuple[Turn, ...]) -> None:
            super().__init__()
            self.session = session
            self.turns = turns

    def __init__(self, book: Book, account_figure: Decimal | None, zone: tzinfo | None, clock: Clock) -> None:
        """Take what is lent; `account_figure` is what the account itself says was used this month, in credits."""
        super().__init__()
        self._book = book
        self._account_figure = account_figure
        self._zone = zone
        self._clock = clock
        self._places = [Place()]
        """The list that is shown is the last; the others are those that it was opened from."""
        self._ledger: Ledger | None = None
        self._progress: Progress | None = None
        self._listing: Listing | None = None
        self._spend: Spend | None = None
        self._explained: Explained | None = None
        self._words = ""

    def compose(self) -> ComposeResult:
        """Lay out what is above the list, the search, the list and what is below."""
        with Vertical(id="spend"):
            yield Rows(id="spend-top")
            with Horizontal(id="spend-search"):
                yield Rows(id="spend-slash")
                yield Input(placeholder="a title, project, model or day", select_on_focus=False, compact=True)
            yield Rows(id="spend-list")
            yield Rows(id="spend-bottom")

    def on_mount(self) -> None:
        """Start to read."""
        search = self.query_one(Input)
        search.cursor_blink = False  # whatever blinks must be drawn
        self.query_one("#spend-search").display = False
        self.action_read()

    def on_resize(self) -> None:
        """Lay out anew."""
        self._draw()

    def action_read(self) -> None:
        """Read what is new."""
        self._read()
        self._draw()

    @work(thread=True, exclusive=True, group="reading")
    def _read(self) -> None:
        reading = get_current_worker()
        with closing(self._book.read()) as steps:
            for step in steps:
                if reading.is_cancelled:
                    return
                if isinstance(step, Ledger) or step.done % max(step.total // NEWS, 1) == 0:
                    self.post_message(self.Read(step))

    @on(Read)
    def _take(self, message: Read) -> None:
        if isinstance(message.step, Ledger):
            self._ledger, self._progress = message.step, None
            if self._account_figure is not None:
                month = self._clock.now().astimezone(UTC).date().replace(day=1)
                self._explained = explained(message.step.sessions, month, self._account_figure)
            self._lay_out()
        else:
            self._progress = message.step
            self._draw()

    @work(thread=True, exclusive=True, group="turns")
    def _read_turns(self, session: Session) -> None:
        self.post_message(self.TurnsRead(session, self._book.turns_of(session)))

    @on(TurnsRead)
    def _take_turns(self, message: TurnsRead) -> None:
        if self._place.session is message.session:
            self._place.turns = message.turns
            self._lay_out()

    @property
    def _place(self) -> Place:
        return self._places[-1]

    @property
    def _view(self) -> SpendView:
        return SpendView(
            place=self._place,
            listing=self._listing,
            spend=self._spend,
            ledger=self._ledger,
            progress=self._progress,
            words=self._words,
            where=self._book.where,
            account=self._explained,
        )

    def _lay_out(self) -> None:
        """Work out the list anew, and show it."""
        place = self._place
        if place.session is not None:
            self._listing, self._spend = listing_of_turns(place.turns or (), self._zone), None
        elif self._ledger is not None:
            self._spend = spend_by(place.by, narrowed(self._ledger.sessions, self._words, place.scope))
            self._listing = listing(self._spend, self._zone)
        self._draw()

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        view, size, search = self._view, self.size, self.query_one("#spend-search")
        vertical, margin = margins(size.width, size.height)
        cells, space = size.width - 2 * margin, (EMPTY,) * vertical
        top = (*space, *(inset(line, margin) for line in above(view, cells, roomy=size.height >= ROOMY_ROWS)))
        bottom = (*space, *(inset(line, margin) for line in below(view, cells)), *space)
        room = size.height - len(top) - len(bottom) - (1 if search.display else 0)
        self.query_one("#spend-top", Rows).show(top)
        self.query_one("#spend-list", Rows).show(body(view, Sight(cells, margin, max(room, 1))))
        self.query_one("#spend-bottom", Rows).show(bottom)
        slash = self.query_one("#spend-slash", Rows)
        slash.styles.width = margin + 2
        slash.show((inset(Line((Span("/", Role.KEY),)), margin),))

    def action_back(self) -> None:
        """End the search, or go back to the list before, or to the page."""
        if self.query_one(Input).has_focus or (self._words and self._place.session is None):
            self._end_search()
        elif len(self._places) > 1:
            self._places.pop()
            self._lay_out()
        else:
            self.dismiss()

    def action_by(self, by: str) -> None:
        """Look at it by this."""
        if self._place.session is not None:
            self._places.pop()
        place = self._place
        if place.by is not By(by):
            place.by, place.chosen, place.top = By(by), 0, 0
        self._lay_out()

    def action_turn(self, step: int) -> None:
        """Look at it in the next of the four ways."""
        ways = list(By)
        self.action_by(ways[(ways.index(self._place.by) + step) % len(ways)])

    def action_move(self, step: int) -> None:
        """Choose another row."""
        if self._listing is not None:
            self._place.chosen = max(min(self._place.chosen + step, len(self._listing.entries) - 1), 0)
            self._draw()

    def action_page(self, pages: int) -> None:
        """Choose a row so much further on."""
        self.action_move(pages * max(self.query_one("#spend-list").size.height - 2, 1))

    def action_pick(self, number: int) -> None:
        """Choose the row that was clicked; open it where it was chosen already."""
        if number == self._place.chosen:
            self.action_open()
        else:
            self.action_move(number - self._place.chosen)

    def action_open(self) -> None:
        """Open the chosen row: the sessions of a project, model or day; the turns of a session."""
        place, spend = self._place, self._spend
        if spend is None or place.chosen >= len(spend.rows):
            return
        row = spend.rows[place.chosen]
        if row.session is None:
            self._places.append(Place(By.SESSION, Scope(spend.by, row.key, row.label or NAMELESS[spend.by])))
        else:
            self._places.append(Place(place.by, place.scope, row.session))
            self._read_turns(row.session)
        self._lay_out()

    def action_search(self) -> None:
        """Let the person type what to look for."""
        if self._place.session is None and self._view.has_turns:
            self.query_one("#spend-search").display = True
            self.query_one(Input).focus()
            self._draw()

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self._words = event.value.strip()
        self._place.chosen = 0
        self._lay_out()

    @on(Input.Submitted)
    def _narrowed(self) -> None:
        self.set_focus(None)
        if not self._words:
            self._end_search()

    def _end_search(self) -> None:
        self.set_focus(None)
        self.query_one("#spend-search").display = False
        self.query_one(Input).value = ""
        self._draw()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Go down."""
        event.stop()
        self.action_move(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Go up."""
        event.stop()
        self.action_move(-WHEEL)
