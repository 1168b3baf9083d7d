"""The page as the next launch will paint it, before it has read Textual: as it was at the last reading, in bytes.

It says of when it is, so that it is true whenever it is painted; until the first pool ends, which changes more than
words. No address stands in it, whatever the dashboard shows: it is kept in a file.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from textual.geometry import Size
from textual.strip import Strip

from kiro_tui.domain.state import Snapshot, State
from kiro_tui.ui.line import Line
from kiro_tui.ui.page import compose
from kiro_tui.ui.rows import Rows
from kiro_tui.ui.view import View

HOLDS = timedelta(days=30)
"""What has no end is not painted for longer."""


def as_remembered(view: View, latest: Snapshot) -> View:
    """Return what the page of a later launch is a function of."""
    state = State(view.state.interval, latest=latest)
    return replace(view, state=state, now=latest.taken_at, show_email=False, remembered=True)


def holds_until(latest: Snapshot) -> datetime:
    """Return when the first of the reading's pools ends."""
    windows = latest.report.windows
    days = (window.ends_in_days for window in windows)
    ends = [latest.taken_at + timedelta(days=left) for left in days if left is not None]
    ends += [window.ends_at for window in windows if window.ends_at is not None]
    return min([*ends, latest.taken_at + HOLDS])


def frame_of(view: View, size: Size, rows: Rows) -> bytes:
    """Return what draws the whole page on a cleared screen; `rows` lends its colours."""
    page = compose(view, size.width, size.height)
    above, aside = page.margin
    placed = {above + y: line for y, line in enumerate(page.top)}
    placed |= {size.height - above - len(page.bottom) + y: line for y, line in enumerate(page.bottom)}
    base = rows.rich_style
    drawn = []
    for y in range(size.height):
        spans = placed.get(y, Line()).laid_out(size.width - 2 * aside)
        strip = Strip.join([Strip.blank(aside, base), rows.drawn(spans)]).adjust_cell_length(size.width, base)
        drawn.append(rows.written(strip, 0, y))
    return "".join(drawn).encode()
