"""Kiro's usage report: from a finished screen to plain values.

Pure. Strict in one direction: unknown words are skipped, but a figure that is there and cannot be read makes the
whole report unrecognised. A number is never guessed, never completed and never taken from outside a report.
The wording itself is in shapes.py, grants.py and refusals.py, and nowhere else.
"""

import re
from datetime import datetime

from kiro_tui.domain.frame import Frame
from kiro_tui.domain.usage import Report
from kiro_tui.errors import NotRecognised, ProbeError
from kiro_tui.probe.reading.draft import Draft
from kiro_tui.probe.reading.grants import BONUS, OTHER_PACKS, PACK_IN_USE
from kiro_tui.probe.reading.reader import Reader
from kiro_tui.probe.reading.refusals import LOOK_AT_THE_SCREEN, model_answer, overruled, refusal
from kiro_tui.probe.reading.shapes import BOX_BOTTOM, HEADER, OPENING, PAIR, POOLED, RULE
from kiro_tui.probe.reading.wrapping import unwrap

BOX_SIDES = "┃│║"
LONGEST_LINE = 1500

FIGURES = (PAIR, POOLED, BONUS, PACK_IN_USE, OTHER_PACKS)


def parse(frame: Frame, *, now: datetime) -> Report:
    """Return the last report on the screen; `now` (aware) gives dates without a year theirs.

    Raises the ProbeError that says what the screen is instead: see refusals.py.
    """
    return _read(frame, now).report()


def is_whole(frame: Frame, *, now: datetime) -> bool:
    """Whether the screen holds a report with nothing left to come, so that the run may be ended.

    Whole is a report that `parse` returns, whose meters all have their bars and whose lists all have entries, with
    what every report is followed by below it: the advice at its foot, the lower edge of its box, or an idle prompt.
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
    if answered := model_answer(lines):
        raise answered
    reader = Reader(now)
    for line in filter(None, lines):
        reader.take(line)
    if not reader.draft.is_report:
        raise refusal(lines)
    if error := overruled(reader.draft.other_lines):
        raise error
    if reader.breaks_off:
        raise NotRecognised("The usage report breaks off in the middle.", "Ask again. " + LOOK_AT_THE_SCREEN)
    return reader.draft


def _normal(line: str) -> str:
    """Return the line without the sides of a box and with single blanks."""
    return " ".join(line[:LONGEST_LINE].strip(" " + BOX_SIDES).split())


def _begins_anew(line: str, row: str) -> bool:
    """Whether the row is a line of its own although the line above it reaches the right edge."""
    if line.rstrip().endswith(tuple(BOX_SIDES)) or row.startswith(tuple(BOX_SIDES)):
        return True
    line, row = _normal(line), _normal(row)
    if OPENING.match(row) or RULE.fullmatch(line) or BOX_BOTTOM.fullmatch(row):
        return True
    return _is_any(FIGURES, row) and _is_any((HEADER, *FIGURES), line)


def _is_any(shapes: tuple[re.Pattern[str], ...], line: str) -> bool:
    return any(shape.fullmatch(line) for shape in shapes)
