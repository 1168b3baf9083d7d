"""A finished terminal screen as a value: what a person would have seen.

Pure. It stands in the domain, not beside the terminal that makes it, because the dashboard shows frames (`d`) and
must not know kiro-cli. The text holds no control characters: whoever makes a Frame has cleaned it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """How a run of text looks; colours are names of the 16 (`red`, `brightblue`) or `#rrggbb`, None is the default."""

    foreground: str | None = None
    background: str | None = None
    bold: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring cells of one style."""

    text: str
    style: Style = PLAIN


@dataclass(frozen=True, slots=True)
class Frame:
    """The rows of a screen from the oldest kept in the scrollback to the last that holds text."""

    columns: int
    rows: tuple[tuple[Run, ...], ...]
    """Each row without the blanks at its end; a blank row is ()."""
    cursor: tuple[int, int] = (0, 0)
    """Row (an index into `rows`, possibly one beyond the last) and column, both from 0."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The rows as text only."""
        return tuple("".join(run.text for run in row) for row in self.rows)

    @property
    def text(self) -> str:
        """The whole screen as text, rows joined by newlines."""
        return "\n".join(self.lines)
