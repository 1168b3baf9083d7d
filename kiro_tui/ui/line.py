"""A row of the page as a value: pieces of text, each with the role that it plays.

Pure: no Textual, no colour. What a role looks like is decided in app.tcss. A row has a left and a right part; where
both do not fit, the right one gives way. Widths are terminal cells.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from wcwidth import wcswidth, wcwidth

from kiro_tui.ui.glyphs import ELLIPSIS, SEPARATOR


class Role(StrEnum):
    """What a piece of text is for; each is a component class `rows--…` in app.tcss."""

    TEXT = "text"
    NAME = "name"
    BRAND = "brand"
    DIM = "dim"
    CALM = "calm"
    WARN = "warn"
    HIGH = "high"
    OVER = "over"
    PLAN = "plan"
    TRACK = "track"
    MARK = "mark"
    KEY = "key"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Span:
    """Some text in one role; `action` is what a click on it does, as the name of an action of the app."""

    text: str
    role: Role = Role.TEXT
    action: str | None = None


def width(text: str) -> int:
    """Return how many cells the text takes."""
    return max(wcswidth(text), 0)


def cut(text: str, cells: int) -> str:
    """Return the text, shortened with `…` where it takes more than so many cells."""
    if width(text) <= cells:
        return text
    if cells <= 0:
        return ""
    kept, used = "", 0
    for character in text:
        step = max(wcwidth(character), 0)
        if used + step > cells - 1:
            break
        kept += character
        used += step
    return kept.rstrip() + ELLIPSIS


def span_width(spans: Iterable[Span]) -> int:
    """Return how many cells the spans take together."""
    return sum(width(span.text) for span in spans)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: spans that start at the left edge, and spans that end at the right edge."""

    left: tuple[Span, ...] = ()
    right: tuple[Span, ...] = ()

    GAP = 2
    """The fewest cells that keep left and right apart."""

    @property
    def needs(self) -> int:
        """The cells that this line takes when nothing is cut."""
        gap = self.GAP if self.left and self.right else 0
        return span_width(self.left) + gap + span_width(self.right)

    def laid_out(self, cells: int) -> tuple[Span, ...]:
        """Return the spans of a row of exactly so many cells (the blanks at its end are left out)."""
        right = self.right if self.needs <= cells else ()
        room = cells - span_width(right) - (self.GAP if right and self.left else 0)
        left = []
        for span in self.left:
            text = cut(span.text, room)
            if text:
                left.append(Span(text, span.role, span.action))
            room -= width(text)
            if text != span.text:
                break
        if not right:
            return tuple(left)
        blanks = cells - span_width(left) - span_width(right)
        return (*left, Span(" " * blanks), *right)

    @property
    def text(self) -> str:
        """The row as it would be read aloud: left, then right."""
        return "  ".join(filter(None, ("".join(s.text for s in side).strip() for side in (self.left, self.right))))


EMPTY = Line()


def first_that_fits(cells: int, lines: Iterable[Line]) -> Line:
    """Return the first line that fits whole, else the last one (which is then cut)."""
    line = EMPTY
    for line in lines:
        if line.needs <= cells:
            break
    return line


def beside(left: Line, right: Line, left_cells: int, right_cells: int, gap: int) -> Line:
    """Return one row of two, each laid out in its own cells."""
    first, second = left.laid_out(left_cells), right.laid_out(right_cells)
    blanks = left_cells - span_width(first) + gap
    return Line((*first, Span(" " * blanks), *second) if second else first)


def joined(parts: Iterable[str], role: Role = Role.DIM, by: str = SEPARATOR) -> Span:
    """Return the parts that are not empty as one span."""
    return Span(by.join(filter(None, parts)), role)
