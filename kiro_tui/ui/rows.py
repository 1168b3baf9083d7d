"""The one widget that draws rows of the page: it writes only the rows that changed.

A row that changes every second would cost more in Textual's way of drawing than in everything else that a dashboard
does at rest. Where nothing can lie over the rows, what changed is therefore written as it is.

Must never decide what is said; it maps roles to the styles of app.tcss and nothing else. Text from outside arrives
as plain cells (no markup is ever parsed), so a plan named `[red]x` shows as `[red]x`.
"""

from collections.abc import Callable, Iterable
from functools import cache
from itertools import takewhile
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from kiro_tui.ui.line import EMPTY, Line, Role, Span, span_width


@cache
def _clicked(action: str) -> Style:
    """Return what makes an action of a click; one for all, because Rich keeps each sum that it has made of styles."""
    return Style.from_meta({"@click": action})


class Rows(Widget):
    """Rows of text, drawn exactly as the page says; the mouse selects their text and clicks their actions."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"rows--{role}" for role in Role}

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._rows: tuple[Line, ...] = ()
        self.styles.height = 0  # else it would lie, one row high, over whatever else has rows

    def show(self, rows: tuple[Line, ...], write: Callable[[str], None] | None = None) -> None:
        """Show these rows; those that say the same as before are not drawn again.

        `write` goes straight to the terminal, and is given where nothing lies over these rows.
        """
        before, self._rows = self._rows, rows
        if len(before) != len(rows):
            self.styles.height = len(rows)
            self.refresh(layout=True)
            return
        pairs = enumerate(zip(before, rows, strict=True))
        changed = [Region(0, y, self._changed_cells(old, new), 1) for y, (old, new) in pairs if old != new]
        if changed and write is not None and self.region:
            write("".join(map(self._row, changed)))
            self._set_dirty(*changed)  # Textual keeps rows that it has drawn, and does not know that these are old
        elif changed:
            self.refresh(*changed)

    def _row(self, changed: Region) -> str:
        """Return what writes a part of a row where it stands."""
        x, y = self.region.offset + changed.offset
        strip = self._cells(changed.y).crop(0, changed.width)
        return self.written(strip, x, y)

    def written(self, strip: Strip, x: int, y: int) -> str:
        """Return what writes cells at a place of the terminal, as Textual would."""
        for line_filter in self.app.get_line_filters():
            strip = strip.apply_filter(line_filter, self.background_colors[1])
        return f"\x1b[{y + 1};{x + 1}H{strip.render(self.app.console)}"

    def _changed_cells(self, old: Line, new: Line) -> int:
        """Return how much of a row must be drawn, from its left end, where Textual always begins."""
        cells = self.size.width
        before, after = old.laid_out(cells), new.laid_out(cells)
        if span_width(before) != span_width(after):
            return cells
        pairs = zip(reversed(before), reversed(after), strict=False)
        alike = [span for span, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]
        return span_width(after) - span_width(alike)

    @property
    def text(self) -> str:
        """What the rows say, as a person would read it."""
        return "\n".join("".join(span.text for span in self._laid_out(y)).rstrip() for y in range(len(self._rows)))

    def render_line(self, y: int) -> Strip:
        """Draw one row (Textual's line interface)."""
        return self._cells(y).apply_offsets(0, y)

    def _cells(self, y: int) -> Strip:
        strip = self._selected(self.drawn(self._laid_out(y)), y)
        return strip.extend_cell_length(self.size.width, self.rich_style)

    def drawn(self, spans: Iterable[Span]) -> Strip:
        """Return the spans in the colours of their roles."""
        return Strip([Segment(span.text, self._style(span)) for span in spans])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the text that the mouse has marked."""
        return selection.extract(self.text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002 - what is marked is asked when drawing
        """Draw the marked text."""
        self.refresh()

    def _laid_out(self, y: int) -> tuple[Span, ...]:
        line = self._rows[y] if y < len(self._rows) else EMPTY
        return line.laid_out(self.size.width)

    def _style(self, span: Span) -> Style:
        style = self.get_component_rich_style(f"rows--{span.role}")
        return style + _clicked(span.action) if span.action else style

    def _selected(self, strip: Strip, y: int) -> Strip:
        marked = self.text_selection
        reach = marked.get_span(y) if marked is not None else None
        if reach is None:
            return strip
        start, end = reach
        if end == -1:
            end = strip.cell_length
        mark = self.screen.get_component_rich_style("screen--selection")
        before, marked_strip, after = (
            strip.crop(0, start),
            strip.crop(start, end).apply_style(mark),
            strip.crop(end, strip.cell_length),
        )
        return Strip.join([before, marked_strip, after])
