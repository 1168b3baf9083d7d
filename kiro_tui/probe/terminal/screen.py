"""The screen that a program draws on: pyte's, with each operation that could fail, lose text or take long made total.

A change of a row is one splice, a scroll moves list items, numbers are bounded before they arrive; so nothing here
raises, and there is nothing to catch. What no report needs is left out: character sets, tab stops other than every
eighth column, widths other than the given one, the test pattern, reversing the whole screen.

The only import of pyte; it is pinned, because this relies on its internals.
"""
# ruff: noqa: D102 - the operations have pyte's names and do what pyte says of them

import re
from collections import deque

import pyte
from pyte import modes
from pyte.screens import Margins

from kiro_tui.domain.frame import PLAIN, Style
from kiro_tui.probe.terminal.cells import Cell, PastRow, Pen, Row, cell_width, restyled

SCROLLBACK_ROWS = 2000
TAB_WIDTH = 8

ROW_WORK = 10
CHARACTER_WORK = 3
"""What a row and a character outside the runs below cost of the work, where a character in one costs 1."""

# ASCII, lines, blocks and Braille, which spinners are made of: what nearly all output is, drawn a row at a time.
SURELY_NARROW_OR_ONE = re.compile("(?P<narrow>[ -~\u2500-\u259f\u2800-\u28ff]+)|.", re.DOTALL)

ANSI_MODES = frozenset({4, 20})  # insert; new line
PRIVATE_MODES = frozenset({6, 7})  # origin; wrap around
SAVED_CURSOR_MODE = 1048
ALTERNATE_SCREEN_MODES = frozenset({47, 1047, 1049})
STATUS, CURSOR_POSITION = 5, 6


class Screen(pyte.Screen):  # type: ignore[misc]  # pyte has no types that mypy could follow
    """Pyte's screen with its gaps closed, a scrollback and an alternate screen."""

    def __init__(self, columns: int, lines: int, work: int, replies: int) -> None:
        self.work_left = 0
        """How much may still be drawn, changed, moved and erased; no text is drawn when it is used up."""
        super().__init__(columns, lines)
        self.reset()  # pyte forgets the margins once more after its own
        self.work_left = work
        self.replies_left = replies
        self.replies: list[str] = []

    def reset(self) -> None:
        super().reset()
        self.margins = self._all_rows
        self.pen = Pen(PLAIN)
        self.last_drawn = ""
        self.saved = self._cursor_and_style
        self.scrollback: deque[PastRow] = deque(maxlen=SCROLLBACK_ROWS)
        self.main: tuple[list[Row], Margins, tuple[int, int, Style]] | None = None
        self.buffer: list[Row] = self._blank_rows(self.lines)  # pyte's is a dict, in which a scroll touches every row

    def soft_reset(self) -> None:
        self.margins = self._all_rows
        self.pen = Pen(PLAIN)
        self.mode = {modes.DECAWM}

    @property
    def _all_rows(self) -> Margins:
        return Margins(0, self.lines - 1)

    # Text

    def restyle(self, parameters: str) -> None:
        style = restyled(self.pen.style, parameters)
        if style is not self.pen.style:
            self.pen = Pen(style)

    def draw(self, data: str) -> None:
        for match in SURELY_NARROW_OR_ONE.finditer(data):
            if match.lastgroup:
                self._draw_narrow(match[0])
            else:
                self._draw_character(match[0])

    def _draw_narrow(self, run: str) -> None:
        while run and self.work_left > 0:
            self._make_room(1)
            piece = run[: max(min(self.columns - self.cursor.x, self.work_left), 1)]
            run = run[len(piece) :]
            self.work_left -= len(piece)
            self._put([self.pen[char] for char in piece])
            self.last_drawn = piece[-1]

    def _draw_character(self, char: str) -> None:
        width = cell_width(char)
        if self.work_left <= 0 or not 0 <= width <= self.columns:
            return
        self.work_left -= CHARACTER_WORK
        if width == 0:
            self.buffer[self.cursor.y].mark(self.cursor.x, char)
            return
        self._make_room(width)
        self._put([self.pen[char]] if width == 1 else [self.pen[char], self.pen[""]])
        self.last_drawn = char

    def _make_room(self, width: int) -> None:
        if self.cursor.x + width <= self.columns:
            return
        if modes.DECAWM in self.mode:
            self.carriage_return()
            self.index()
        else:
            self.cursor.x = self.columns - width

    def _put(self, cells: list[Cell]) -> None:
        start = self.cursor.x
        self.cursor.x += len(cells)
        stop = start if modes.IRM in self.mode else self.cursor.x
        self.buffer[self.cursor.y].splice(start, stop, cells, self.pen.blank)

    def repeat(self, count: int) -> None:
        self.draw(self.last_drawn * min(count, self.columns))

    # The row of the cursor

    def _change_row(self, start: int, stop: int, blanks: int) -> None:
        self.work_left -= ROW_WORK
        self.buffer[self.cursor.y].splice(start, stop, [self.pen.blank] * blanks, self.pen.blank)

    def insert_characters(self, count: int) -> None:
        x = self.cursor.x
        self._change_row(x, x, min(count, self.columns - x))

    def delete_characters(self, count: int) -> None:
        x = self.cursor.x
        self._change_row(x, min(x + count, self.columns), 0)

    def erase_characters(self, count: int) -> None:
        x = self.cursor.x
        stop = min(x + count, self.columns)
        self._change_row(x, stop, stop - x)

    def erase_in_line(self, how: int) -> None:
        x, end = self.cursor.x, self.columns
        match how:
            case 0:
                self._change_row(x, end, end - x)
            case 1:
                stop = min(x + 1, end)
                self._change_row(0, stop, stop)
            case 2:
                self._change_row(0, end, end)

    # Rows

    def _blank_rows(self, count: int) -> list[Row]:
        self.work_left -= count * ROW_WORK
        return [Row(self.columns, self.pen.blank) for _ in range(count)]

    def erase_in_display(self, how: int) -> None:
        y = self.cursor.y
        match how:
            case 0:
                self.erase_in_line(0)
                self.buffer[y + 1 :] = self._blank_rows(self.lines - y - 1)
            case 1:
                self.erase_in_line(1)
                self.buffer[:y] = self._blank_rows(y)
            case 2:
                self.buffer[:] = self._blank_rows(self.lines)
            case 3:
                self.scrollback.clear()

    def scroll_up(self, count: int) -> None:
        if self.margins.top == 0 and self.main is None:
            self.scrollback.extend(map(PastRow, self.buffer[: min(count, self.margins.bottom + 1)]))
        self._remove_rows(self.margins.top, count)

    def scroll_down(self, count: int) -> None:
        self._insert_rows(self.margins.top, count)

    def _remove_rows(self, at: int, count: int) -> None:
        bottom = self.margins.bottom
        count = min(count, bottom - at + 1)
        self.buffer[bottom + 1 : bottom + 1] = self._blank_rows(count)
        del self.buffer[at : at + count]

    def _insert_rows(self, at: int, count: int) -> None:
        bottom = self.margins.bottom
        count = min(count, bottom - at + 1)
        del self.buffer[bottom + 1 - count : bottom + 1]
        self.buffer[at:at] = self._blank_rows(count)

    def delete_lines(self, count: int) -> None:
        if self.margins.top <= self.cursor.y <= self.margins.bottom:
            self._remove_rows(self.cursor.y, count)
            self.carriage_return()

    def insert_lines(self, count: int) -> None:
        if self.margins.top <= self.cursor.y <= self.margins.bottom:
            self._insert_rows(self.cursor.y, count)
            self.carriage_return()

    # The cursor

    def index(self) -> None:
        if self.cursor.y == self.margins.bottom:
            self.scroll_up(1)
        else:
            self.work_left -= ROW_WORK
            self.cursor_down(1)

    def reverse_index(self) -> None:
        if self.cursor.y == self.margins.top:
            self.scroll_down(1)
        else:
            self.cursor_up(1)

    def next_line(self) -> None:
        self.carriage_return()
        self.index()

    def cursor_up(self, count: int) -> None:
        # A margin holds only what comes from inside; pyte would pull the cursor down to it.
        top = self.margins.top if self.cursor.y >= self.margins.top else 0
        self.cursor.y = max(self.cursor.y - count, top)

    def cursor_down(self, count: int) -> None:
        bottom = self.margins.bottom if self.cursor.y <= self.margins.bottom else self.lines - 1
        self.cursor.y = min(self.cursor.y + count, bottom)

    def tab(self, count: int = 1) -> None:
        self.cursor.x = min((self.cursor.x // TAB_WIDTH + count) * TAB_WIDTH, self.columns - 1)

    def tab_back(self, count: int) -> None:
        stops_left_of_here = -(-self.cursor.x // TAB_WIDTH)
        self.cursor.x = max(stops_left_of_here - count, 0) * TAB_WIDTH

    def set_margins(self, top: int, bottom: int) -> None:
        bottom = min(bottom or self.lines, self.lines)
        if top < bottom:
            self.margins = Margins(max(top, 1) - 1, bottom - 1)
            self.cursor_position()

    @property
    def _cursor_and_style(self) -> tuple[int, int, Style]:
        return self.cursor.x, self.cursor.y, self.pen.style

    def save_cursor(self) -> None:
        self.saved = self._cursor_and_style

    def restore_cursor(self) -> None:
        self._return_to(self.saved)

    def _return_to(self, place: tuple[int, int, Style]) -> None:
        self.cursor.x, self.cursor.y, style = place
        self.pen = Pen(style)

    # Modes and replies

    def switch(self, codes: list[int], *, on: bool, private: bool) -> None:
        for code in codes:
            if code in (PRIVATE_MODES if private else ANSI_MODES):
                (self.set_mode if on else self.reset_mode)(code, private=private)
            elif private and code in ALTERNATE_SCREEN_MODES:
                (self._show_alternate if on else self._show_main)()
            elif private and code == SAVED_CURSOR_MODE:
                (self.save_cursor if on else self.restore_cursor)()

    def _show_alternate(self) -> None:
        if self.main is None:
            self.main = (self.buffer, self.margins, self._cursor_and_style)
            self.buffer, self.margins = self._blank_rows(self.lines), self._all_rows

    def _show_main(self) -> None:
        if self.main is not None:
            self.buffer, self.margins, place = self.main
            self.main = None
            self._return_to(place)

    def write_process_input(self, data: str) -> None:
        if self.replies_left:
            self.replies_left -= 1
            self.replies.append(data)

    def report_status(self, what: int, prefix: str = "") -> None:
        if what == STATUS and not prefix:
            self.write_process_input("\x1b[0n")
        elif what == CURSOR_POSITION:
            top = self.margins.top if modes.DECOM in self.mode else 0
            row, column = max(self.cursor.y - top, 0), min(self.cursor.x, self.columns - 1)
            self.write_process_input(f"\x1b[{prefix}{row + 1};{column + 1}R")
