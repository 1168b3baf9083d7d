"""The lines that a program printed, put together again from the rows that the terminal broke them into.

Pure, knows no wording. A terminal breaks a line wherever the row ends, in mid-word if need be, and a finished
screen no longer says where. A row that reaches the right edge may go on in the next; whether it does is for the
caller to say, who knows what a line of this program looks like.
"""

from collections.abc import Callable

from kiro_tui.domain.frame import Frame
from kiro_tui.probe.terminal.cells import cell_width

LONGEST_LINE = 1200
"""Characters; a line that goes on for longer is cut into several, so that no screen makes reading slow."""


def unwrap(frame: Frame, begins_anew: Callable[[str, str], bool]) -> list[str]:
    """Return the screen's lines; `begins_anew(line, row)` says that a full line ends although its row is full."""
    lines: list[str] = []
    goes_on = False
    for row in frame.lines:
        missing = frame.columns - _cells(row, frame.columns)
        if goes_on and row and len(lines[-1]) < LONGEST_LINE and not begins_anew(lines[-1], row):
            lines[-1] += row
        else:
            lines.append(row)
        if missing == 1:
            lines[-1] += " "  # frames drop blanks at the end of a row, so a blank may have stood in the last cell
        goes_on = missing <= 1
    return lines


def _cells(row: str, columns: int) -> int:
    """Return the row's width; anything that is far from the edge need not be counted."""
    if row.isascii() or 2 * len(row) < columns - 1:
        return len(row)
    return sum(max(cell_width(character), 0) for character in row)
