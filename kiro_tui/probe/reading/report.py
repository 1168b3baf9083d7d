"""Kiro's usage report: from a finished screen to plain values.

Pure. What is not understood costs only itself: a row is noted and passed over, a figure that is there and cannot be
read takes its own window or field with it. A number is never guessed, never completed and never taken from outside a
report. The wording itself is in shapes.py, pairs.py, grants.py and refusals.py, and nowhere else.
"""

import re
from datetime import datetime
from typing import NamedTuple

from kiro_tui.domain.frame import Frame
from kiro_tui.domain.usage import Report
from kiro_tui.errors import ProbeError
from kiro_tui.probe.reading.draft import Draft
from kiro_tui.probe.reading.grants import BONUS, BONUS_WITHOUT_END, OTHER_PACKS, PACK_IN_USE
from kiro_tui.probe.reading.pairs import PAIR
from kiro_tui.probe.reading.reader import Reader
from kiro_tui.probe.reading.refusals import model_answer, overruled, refusal
from kiro_tui.probe.reading.shapes import BOX_BOTTOM, HEADER, OPENING, POOLED, RULE
from kiro_tui.probe.reading.wrapping import unwrap

BOX_SIDES = "┃│║"
LONGEST_LINE = 1500


class _Line(NamedTuple):
    text: str
    framed: bool
    """It stood between the sides of a box."""


FIGURES = (PAIR, POOLED, BONUS, BONUS_WITHOUT_END, PACK_IN_USE, OTHER_PACKS)


def parse(frame: Frame, *, now: datetime) -> Report:
    """Return the last report on the screen; `now` (aware) gives dates without a year theirs.

    Raises the ProbeError that says what the screen is instead: see refusals.py.
    """
    return _read(frame, now).report()


def is_whole(frame: Frame, *, now: datetime) -> bool:
    """Whether the screen holds a report with nothing left to come, so that the run may be ended.

    Whole is a report that `parse` returns, whose meters all have their bars and whose lists all have entries, with
    what every report is followed by below it: the advice at its foot, the lower edge of its box, or an idle prompt.
    The inline report has no foot (docs/kiro-cli.md, section 2.7): it is whole with its last row. A row that was not
    understood counts as the bar or the entry that is missing above it. The panel's foot ends a report whatever its
    pane cut off.
    """
    try:
        draft = _read(frame, now)
        draft.report()
    except ProbeError:
        return False
    return draft.is_whole


def _read(frame: Frame, now: datetime) -> Draft:
    """Return what the screen's last report holds; raises the error that says why there is none."""
    lines = [_normal(line) for line in unwrap(frame, _begins_anew)]
    texts = [text for text, _ in lines]
    if answered := model_answer(texts):
        raise answered
    draft = _draft([line for line in lines if line.text], now, may_be_cut=not _last_row_is_finished(frame))
    if not draft.is_report:
        raise refusal(texts, draft.percent_alone)
    if error := overruled(draft.other_lines):
        raise error
    return draft


def _draft(lines: list[_Line], now: datetime, *, may_be_cut: bool) -> Draft:
    """Read the lines; a number at the very end of an unfinished last line may go on, so that line is left out then."""
    reader = Reader(now)
    for line in lines:
        reader.take(line.text, framed=line.framed)
    if not (may_be_cut and reader.ends_open):
        return reader.finish()
    reader = Reader(now)
    for line in lines[:-1]:
        reader.take(line.text, framed=line.framed)
    return reader.finish(lines[-1].text)


def _last_row_is_finished(frame: Frame) -> bool:
    """Whether the cursor has left the last row that has text."""
    last = max((row for row, line in enumerate(frame.lines) if line.strip()), default=0)
    return frame.cursor[0] > last


def _normal(line: str) -> _Line:
    """Return the line without the sides of a box and with single blanks."""
    line = line[:LONGEST_LINE].strip()
    text = " ".join(line.strip(" " + BOX_SIDES).split())
    framed = line.startswith(tuple(BOX_SIDES)) and line.endswith(tuple(BOX_SIDES))
    if text.startswith("|") and text.endswith("|"):
        text, framed = text.strip("| "), True
    return _Line(text, framed)


def _begins_anew(line: str, row: str) -> bool:
    """Whether the row is a line of its own although the line above it reaches the right edge."""
    if line.rstrip().endswith(tuple(BOX_SIDES)) or row.startswith(tuple(BOX_SIDES)):
        return True
    line, row = _normal(line).text, _normal(row).text
    if OPENING.match(row) or RULE.fullmatch(line) or BOX_BOTTOM.fullmatch(row):
        return True
    return _is_any(FIGURES, row) and _is_any((HEADER, *FIGURES), line)


def _is_any(shapes: tuple[re.Pattern[str], ...], line: str) -> bool:
    return any(shape.fullmatch(line) for shape in shapes)
