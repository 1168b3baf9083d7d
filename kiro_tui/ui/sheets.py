"""The sheets that lie over the page: the keys, and the terminal as kiro-cli drew it.

They show values that they are given and ask for nothing. Esc, q or the key that opened a sheet closes it.
"""

from collections.abc import Iterator
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget

from kiro_tui.domain.frame import Frame, Style
from kiro_tui.domain.state import Attempt, Failure, Snapshot
from kiro_tui.keys import COMMANDS, Keys
from kiro_tui.ui.bindings import closed_by
from kiro_tui.ui.interleaved import Interleaved
from kiro_tui.ui.line import EMPTY, Line, Role, Span, first_that_fits, joined, width
from kiro_tui.ui.rows import Rows

FIXED_KEYS = (("ctrl+z", "suspend; fg comes back"), ("ctrl+c", "quit, whatever the other keys are"))
SIGNS = (
    ("!", "75 % or more is used, or a grant lapses within 3 days", Role.WARN),
    ("!!", "90 % or more is used", Role.HIGH),
    ("over", "more is used than the limit allows", Role.OVER),
    ("at least", "kiro-cli may have cut the figure off at the limit", Role.TEXT),
)


class Sheet(Interleaved, ModalScreen[None]):
    """A sheet over the page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close"),
    ]

    def action_close(self) -> None:
        """Go back to the page."""
        self.dismiss()


class HelpSheet(Sheet):
    """The keys, and what the signs mean."""

    BINDINGS: ClassVar[list[BindingType]] = [closed_by("help")]

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Lay out the keys."""
        with VerticalScroll():
            yield Rows(id="help")

    def on_mount(self) -> None:
        """Show them."""
        self.query_one(Rows).show(tuple(self._rows()))

    def _rows(self) -> Iterator[Line]:
        yield Line((Span("Keys", Role.BRAND),))
        yield EMPTY
        said = [("  ".join(self._keys.of(command.name)), command.does) for command in COMMANDS]
        column = max(width(key) for key, _ in said) + 3
        for key, does in (*said, *FIXED_KEYS):
            yield Line((Span(key.ljust(column), Role.NAME), Span(does)))
        yield EMPTY
        yield Line((Span("Signs", Role.BRAND),))
        yield EMPTY
        for sign, means, role in SIGNS:
            yield Line((Span(sign.ljust(column), role), Span(means)))
        yield EMPTY
        yield Line((Span("The mouse marks text; ctrl+shift+c or your terminal's own key copies it.", Role.DIM),))


class FrameView(Widget):
    """A screen of kiro-cli, cell by cell, in the colours that it chose."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self._frame = frame
        self.styles.height = max(len(frame.rows), 1)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """The width of the screen that kiro-cli saw."""
        return self._frame.columns

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        rows = self._frame.rows
        runs = rows[y] if y < len(rows) else ()
        segments = [Segment(run.text, self.rich_style + _rich(run.style)) for run in runs]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style).apply_offsets(0, y)


def _rich(style: Style) -> RichStyle:
    return RichStyle(
        color=_colour(style.foreground),
        bgcolor=_colour(style.background),
        bold=style.bold or None,
        italic=style.italic or None,
        underline=style.underline or None,
        reverse=style.reverse or None,
    )


def _colour(name: str | None) -> str | None:
    """Return Rich's name for one of the 16 colours, or the `#rrggbb` as it is."""
    return name.replace("bright", "bright_") if name and not name.startswith("#") else name


class TerminalSheet(Sheet):
    """The last screen of every way that was tried, oldest first."""

    BINDINGS: ClassVar[list[BindingType]] = [closed_by("terminal")]

    def __init__(self, outcome: Snapshot | Failure | None) -> None:
        super().__init__(classes="-whole")
        self._outcome = outcome

    def compose(self) -> ComposeResult:
        """Lay out a heading and a screen for each attempt."""
        with VerticalScroll():
            yield Rows(id="summary")
            for attempt in self._outcome.attempts if self._outcome else ():
                yield Rows(classes="heading")
                if attempt.frame is not None and attempt.frame.rows:
                    yield FrameView(attempt.frame)

    def on_mount(self) -> None:
        """Fill the headings."""
        outcome = self._outcome
        attempts = outcome.attempts if outcome else ()
        self.query_one("#summary", Rows).show((_summary(outcome, self.app.size.width - 4),))
        for rows, attempt in zip(self.query(".heading").results(Rows), attempts, strict=True):
            rows.show((EMPTY, _heading(attempt), EMPTY))


def _summary(outcome: Snapshot | Failure | None, cells: int) -> Line:
    """Which kiro-cli it was; the way back stays in sight however long its path is."""
    back = (Span("esc", Role.KEY, "screen.close"), Span(" back", Role.DIM, "screen.close"))
    if outcome is None:
        return Line((Span("kiro-cli was not asked yet", Role.NAME),), back)
    name = Span("kiro-cli", Role.NAME)
    facts = ([outcome.version or "", outcome.path or ""], [outcome.version or ""])
    return first_that_fits(cells, (Line((name, Span("   "), joined(known)), back) for known in facts))


def _heading(attempt: Attempt) -> Line:
    left = [
        Span(attempt.source.label if attempt.source else attempt.way, Role.BRAND),
        Span(f"   {attempt.took:.1f} s", Role.DIM),
    ]
    if attempt.error is not None:
        left += [Span("   "), Span(attempt.error.message, Role.WARN)]
    elif attempt.frame is None:
        left += [Span("   "), Span("answered without a screen", Role.DIM)]
    return Line(tuple(left))
