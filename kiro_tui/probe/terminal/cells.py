"""What stands in one place of a terminal's screen: a character and its look.

Pure. Reads colours and attributes (SGR), says how many places a character takes, and turns a row of cells into runs
of text. It never raises on what a program asked for: a look that it does not know changes nothing.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, NamedTuple

from wcwidth import wcwidth

from kiro_tui.domain.frame import PLAIN, Run, Style
from kiro_tui.probe.terminal.sequences import numbers

LONGEST_CLUSTER = 8
KEPT_CELLS = 4096
NOT_SHOWN = -1

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
VARIATION_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))


class Cell(NamedTuple):
    """One place of the screen; the second half of a wide character holds the text ""."""

    data: str
    style: Style = PLAIN


class Pen(dict[str, Cell]):
    """The cells of one style, the usual ones made once."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self.style = style
        self.blank = Cell(" ", Style(background=style.background))
        """What erasing leaves behind: of the whole look only the background."""

    def __missing__(self, char: str) -> Cell:
        cell = Cell(char, self.style)
        if len(self) < KEPT_CELLS:
            self[char] = cell
        return cell


@lru_cache(KEPT_CELLS)
def cell_width(char: str) -> int:
    """Return how many cells a character takes: 1, 2, 0 for a mark on the one before it, -1 for what is not shown.

    Joiners and variation selectors choose among glyphs and would change the width of what was drawn already, so
    they are not shown.
    """
    if char in VARIATION_SELECTORS or unicodedata.category(char) in INVISIBLE:
        return NOT_SHOWN
    return wcwidth(char)


class Row(list[Cell]):
    """A row of the screen, as wide as the screen at all times and without half characters."""

    def __init__(self, columns: int, blank: Cell) -> None:
        super().__init__([blank] * columns)

    def splice(self, start: int, stop: int, cells: list[Cell], blank: Cell) -> None:
        """Put cells in the place of others; what follows moves, is cut at the row's end or followed by blanks."""
        columns = len(self)
        self._part(start, blank)
        self._part(stop, blank)
        self[start:stop] = cells
        if len(self) > columns:
            self._part(columns, blank)
            del self[columns:]
        elif len(self) < columns:
            self.extend([blank] * (columns - len(self)))

    def _part(self, column: int, blank: Cell) -> None:
        if 0 < column < len(self) and not self[column].data:
            self[column - 1 : column + 1] = [blank] * 2

    def mark(self, column: int, mark: str) -> None:
        """Put a combining mark on the character left of a column; a blank takes none, and a pile of them has an end."""
        at = column - 1 if column > 1 and not self[column - 1].data else column
        if at == 0:
            return
        cell = self[at - 1]
        if not cell.data.isspace() and len(cell.data) < LONGEST_CLUSTER:
            self[at - 1] = Cell(unicodedata.normalize("NFC", cell.data + mark), cell.style)

    def runs(self) -> tuple[Run, ...]:
        """Return the text in runs of one look, without the blanks at the end."""
        if "".join([cell.data for cell in self]).isspace():  # most rows are blank, and this is the quick way to see it
            return ()
        end = len(self)
        while end and not self[end - 1].data.strip():
            end -= 1
        return tuple(
            Run("".join([cell.data for cell in cells]), style)
            for style, cells in groupby(self[:end], key=attrgetter("style"))
        )


class PastRow:
    """A row that has left the screen and changes no more: it is put into runs once, when first asked for."""

    def __init__(self, row: Row) -> None:
        self._row = row

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The text in runs of one look, without the blanks at the end."""
        return self._row.runs()


NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
SIXTEEN = (*NAMES, *(f"bright{name}" for name in NAMES))
CUBE = (0x00, 0x5F, 0x87, 0xAF, 0xD7, 0xFF)
PALETTE = (
    *SIXTEEN,
    *(f"#{red:02x}{green:02x}{blue:02x}" for red in CUBE for green in CUBE for blue in CUBE),
    *(f"#{grey:02x}{grey:02x}{grey:02x}" for grey in range(8, 248, 10)),
)

ATTRIBUTES: dict[int, dict[str, Any]] = {
    0: {name: getattr(PLAIN, name) for name in Style.__slots__},
    1: {"bold": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    21: {"underline": True},  # doubly
    22: {"bold": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"reverse": False},
    39: {"foreground": None},
    49: {"background": None},
    **{30 + n: {"foreground": name} for n, name in enumerate(SIXTEEN[:8])},
    **{40 + n: {"background": name} for n, name in enumerate(SIXTEEN[:8])},
    **{90 + n: {"foreground": name} for n, name in enumerate(SIXTEEN[8:])},
    **{100 + n: {"background": name} for n, name in enumerate(SIXTEEN[8:])},
}
UNDERLINE = 4
COLOURS = {38: "foreground", 48: "background", 58: None}  # 58, the underline's own, is read over
INDEXED, DIRECT = 5, 2
LARGEST_COMPONENT = 255


@lru_cache(KEPT_CELLS)
def restyled(style: Style, parameters: str) -> Style:
    """Return the style after an SGR sequence, whose parameters may use `38;5;n` as well as `38:5:n` and `4:3`."""
    changes: dict[str, Any] = {}
    fields = iter(parameters.split(";"))
    for field in fields:
        code, *details = numbers(field, ":")
        if code in COLOURS:
            colour = _colour(details) if details else _colour_of_fields(fields)
            if colour and (target := COLOURS[code]):
                changes[target] = colour
        elif code == UNDERLINE and details:
            changes["underline"] = details[0] != 0
        elif not details:
            changes.update(ATTRIBUTES.get(code, {}))
    return replace(style, **changes) if changes else style


def _colour_of_fields(fields: Iterator[str]) -> str | None:
    kind = numbers(next(fields, ""))[0]
    length = {INDEXED: 1, DIRECT: 3}.get(kind, 0)
    return _colour([kind, *(numbers(field)[0] for field in islice(fields, length))])


def _colour(details: list[int]) -> str | None:
    kind, *components = details
    if any(component > LARGEST_COMPONENT for component in components):
        return None
    match components:
        case [index, *_] if kind == INDEXED:
            return PALETTE[index]
        case [red, green, blue] | [_, red, green, blue, *_] if kind == DIRECT:
            return f"#{red:02x}{green:02x}{blue:02x}"
        case _:
            return None
