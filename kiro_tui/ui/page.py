"""The dashboard as a value: which rows stand on a page of so many cells, and when they have to be drawn anew.

Pure: `compose(view, cells, rows)` knows no Textual, no colour and no clock. The richest form that fits is chosen:
three rows a pool, then two, then the tiny form, then a single line. A failure adds one row and moves nothing else.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import NamedTuple

from kiro_tui.domain import wording
from kiro_tui.domain.state import Snapshot
from kiro_tui.domain.usage import WindowKind
from kiro_tui.domain.wording import FOR_EVER
from kiro_tui.ui import notice
from kiro_tui.ui.foot import foot
from kiro_tui.ui.glyphs import SEPARATOR
from kiro_tui.ui.head import head
from kiro_tui.ui.line import EMPTY, Line, Role, Span, beside
from kiro_tui.ui.panels import BONUSES, FORECAST, FULL_FORM_CELLS, OVERAGE, SHORT_FORM_CELLS, Column
from kiro_tui.ui.single import single_line
from kiro_tui.ui.view import View, fresh_for, kept_for, pools_of

ROOMY_ROWS = 18
"""Below, every row counts: no margin, and no keys in the last row."""
PAGE_CELLS = 120
"""Wider panes keep a margin: a line that is longer reads badly."""
GUTTER = 4
"""Blank cells between two columns."""
TWO_COLUMNS_FROM = {"auto": 150, "wide": 120}
"""Cells from which a layout has two columns; the others have one."""


class Body(NamedTuple):
    """The figures: most of the page, and of its work, but true for long where ages are said to the second."""

    of: object
    """What it is a function of, apart from the time."""
    rows: tuple[Line, ...]
    since: datetime
    lasts: float

    def lasts_from(self, now: datetime) -> float:
        """Return for how many seconds it stays true; 0 where it is not."""
        return max(self.lasts - (now - self.since).total_seconds(), 0) if now >= self.since else 0


class Page(NamedTuple):
    """The rows at the top, the rows at the bottom, and for how many seconds they stay true."""

    top: tuple[Line, ...]
    bottom: tuple[Line, ...]
    margin: tuple[int, int]
    """Blank rows above and below, blank cells left and right."""
    lasts: float
    body: Body | None = None
    """What the next page may take over."""


def margins(cells: int, rows: int, *, widest: int = PAGE_CELLS, compact: bool = False) -> tuple[int, int]:
    """Return the blank rows and the blank cells around a page that is at most so wide."""
    roomy = cells >= FULL_FORM_CELLS and not compact
    vertical = 1 if rows >= ROOMY_ROWS and roomy else 0
    if cells > widest + 4:
        return vertical, (cells - widest) // 2
    return vertical, 2 if roomy else 1 if cells >= SHORT_FORM_CELLS else 0


def compose(view: View, cells: int, rows: int, before: Page | None = None) -> Page:
    """Return the page for a pane of so many cells and rows; what still holds of the one before is taken over."""
    if view.taste.line or rows <= 3 or cells < 20:  # noqa: PLR2004 - no room for a second pool
        line, lasts = single_line(view, cells)
        return Page((line,), (), (0, 0), lasts)
    two_columns = cells >= TWO_COLUMNS_FROM.get(view.taste.layout, cells + 1)
    widest = 2 * PAGE_CELLS + GUTTER if two_columns else PAGE_CELLS
    vertical, horizontal = margins(cells, rows, widest=widest, compact=view.taste.layout == "compact")
    inner, height = cells - 2 * horizontal, rows - 2 * vertical
    bottom, bottom_lasts = foot(view, inner, with_keys=cells >= FULL_FORM_CELLS and rows >= ROOMY_ROWS)
    tiny = cells < SHORT_FORM_CELLS
    if tiny:
        bottom = bottom[:-1]  # the head says how old the figures are
    first, head_lasts = head(view, inner, tiny=tiny)
    # A row for the next failure is kept free, so that it moves nothing when it comes.
    room = height - 1 - (1 if tiny else 2)
    of = (_figures_of(view), inner, room, two_columns)
    body = before.body if before is not None else None
    if body is None or body.of != of or not body.lasts_from(view.now):
        rows_of_body, body_lasts = _body(view, inner, room, two_columns=two_columns)
        body = Body(of, rows_of_body, view.now, min(body_lasts, fresh_for(view)))
    lasts = min(bottom_lasts, head_lasts, body.lasts_from(view.now))
    return Page((first, *body.rows), bottom, (vertical, horizontal), lasts, body)


def headline(view: View) -> str:
    """Return what the gauge says in a few words, for the pane's title: `Kiro 32% · 7d`."""
    snapshot = view.state.latest
    pools = pools_of(view, snapshot) if snapshot else ()
    if not pools:
        return "Kiro"
    share, end = pools[0].window.used_percent, pools[0].end.short
    said = [
        f"Kiro {wording.percent(share, 0).replace(' ', '')}" if share is not None else "Kiro",
        wording.shortest(end),
    ]
    return SEPARATOR.join(filter(None, said))


def _figures_of(view: View) -> View:
    """Return the view without the time and, where there are figures, without what is being done for the next ones."""
    state = view.state if view.state.latest is None else replace(view.state, activity=None)
    return replace(view, now=datetime.min.replace(tzinfo=UTC), beat=0, state=state)


def _body(view: View, cells: int, rows: int, *, two_columns: bool) -> tuple[tuple[Line, ...], float]:
    snapshot = view.state.latest
    if snapshot is None:
        text = notice.screen(view.state, view.keys, cells, rows)  # the row that a failure would take is free
        return (EMPTY, *text), FOR_EVER
    pools = pools_of(view, snapshot)
    if not pools:
        return (EMPTY, *_no_windows(view, snapshot, cells))[:rows], FOR_EVER
    lasts = min(kept_for(view, snapshot), *(pool.end.lasts for pool in pools))
    first, second = _columns(view, snapshot) if two_columns else (view.taste.panels, ())
    if not first or not second:
        return Column(view, snapshot, view.taste.panels, cells).rows(rows), lasts
    width = (cells - GUTTER) // 2
    left = Column(view, snapshot, first, width, with_notes=FORECAST not in first)
    right = Column(view, snapshot, second, cells - GUTTER - width, with_notes=FORECAST in first)
    pairs = zip_longest(left.rows(rows), right.rows(rows), fillvalue=EMPTY)
    return tuple(beside(a, b, width, right.cells, GUTTER) for a, b in pairs), lasts


def _columns(view: View, snapshot: Snapshot) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the panels of two columns: the plan and what becomes of it, and the others; the first panel is left."""
    panels = view.taste.panels
    grants = any(window.kind is not WindowKind.PLAN for window in snapshot.report.windows)
    apart = {BONUSES, OVERAGE} if grants and BONUSES in panels else {FORECAST}
    one = tuple(panel for panel in panels if panel not in apart)
    other = tuple(panel for panel in panels if panel in apart)
    return (one, other) if panels[0] in one else (other, one)


def _no_windows(view: View, snapshot: Snapshot, cells: int) -> Iterator[Line]:
    if not snapshot.report.managed:
        yield Line((Span("This account has no allowance to show", Role.NAME),))
        return
    yield Line((Span("An administrator manages this plan", Role.NAME),))
    yield EMPTY
    page = view.keys.first("account_page")
    why = f"kiro-cli shows no numbers for it. Ask your administrator, or see the account page ({page})."
    yield from notice.paragraph(why, Role.DIM, cells)
