"""The plan's meters: titles, figures and bars, and which bar belongs to which figures.

Each function takes in one line of its shape and says whether it does: the same words may mean nothing elsewhere.
"""

import re

from kiro_tui.probe.reading.dates import read_date
from kiro_tui.probe.reading.meters import Meter
from kiro_tui.probe.reading.numbers import amount, exact, read_amount
from kiro_tui.probe.reading.pairs import read_pair, without_bars
from kiro_tui.probe.reading.position import Position

DEFAULT_LABEL = "Credits"


def label(at: Position, found: re.Match[str]) -> bool:
    """Keep a title for the figures below it."""
    if at.title_line is not None:
        at.note_unread(at.title_line)
    at.title, at.title_line = found["label"], None if at.is_beside else at.line
    return True


def label_before(at: Position, found: re.Match[str]) -> bool:
    """Keep a title for figures that may begin a report below it; alone it begins none."""
    at.title = found["label"]
    at.bar_above = at.bar_line = None
    return True


def first_pair(at: Position, found: re.Match[str]) -> bool:
    """Begin a report with the figures of the plan, which nothing else prints."""
    return at.begin_untitled() and pair(at, found)


def pair(at: Position, found: re.Match[str]) -> bool:
    """Add a meter."""
    row = read_pair(found, now=at.now)
    name = row.label or without_bars(at.title or "") or DEFAULT_LABEL
    bar, overage = at.bar_above, None if at.draft.meters else at.overage_above
    at.title_line = at.bar_line = None
    at.section()
    at.draft.meters.append(Meter(name, row.used, row.limit, row.percent, row.resets_at, overage))
    at.draft.inline |= row.is_inline
    at.ends_open = row.ends_open
    at.meter_number = at.number
    if row.percent is None and bar is not None:
        at.draft.complete_meter(*bar)
    at.awaits_bar = row.percent is None and bar is None
    if row.used is None:
        at.draft.unreadable = at.draft.unreadable or at.line
    if row.used is None or row.has_remainder:
        at.note_unread(at.line)
    return True


def pooled(at: Position, found: re.Match[str]) -> bool:
    """Add a meter without a limit."""
    at.section()
    used = read_amount(found["used"])
    name = without_bars(found["label"]) or DEFAULT_LABEL
    at.draft.meters.append(Meter(name, None if used is None else amount(found["used"]), None))
    if used is None:
        at.note_unreadable()
    return True


def bar_before(at: Position, found: re.Match[str]) -> bool:
    """Keep a bar for figures below it; alone it begins no report."""
    if at.in_context or at.is_spoken or read_amount(found["percent"]) is None:
        return False
    _keep(at, found)
    return True


def bar(at: Position, found: re.Match[str]) -> bool:
    """Add a bar to the figures above it, or keep it for those below."""
    if at.in_context:
        return False
    if at.awaits_bar and _complete(at, found):
        return True
    if at.title is None and at.draft.titled:
        at.draft.percent_alone = read_amount(found["percent"])
        return False
    _keep(at, found)
    return True


def _complete(at: Position, found: re.Match[str]) -> bool:
    """Add the bar to the meter above; one that stands further away must agree with it."""
    is_next = at.number == at.meter_number + 1
    is_drawn = not at.line.startswith(found["percent"])
    percent = read_amount(found["percent"])
    if not is_next and not is_drawn:
        return False
    if percent is None:
        at.note_unreadable()
    elif not is_next and at.draft.meters[-1].contradicts(percent):
        return False
    else:
        at.draft.complete_meter(percent, read_date(found["date"] or "", now=at.now))
    at.awaits_bar = False
    return True


def _keep(at: Position, found: re.Match[str]) -> None:
    at.bar_above = exact(found["percent"]), read_date(found["date"] or "", now=at.now)
    at.bar_line = at.line


def bar_without_percent(at: Position, _: re.Match[str]) -> bool:
    """Pass over a bar whose percent stands in the next row."""
    if at.number == at.meter_number + 1:
        at.meter_number = at.number
    return at.awaits_bar or at.title is not None
