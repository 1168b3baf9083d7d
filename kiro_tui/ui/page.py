"""The dashboard as a value: which rows stand on a page of so many cells, and when they have to be drawn anew.

Pure: `compose(view, cells, rows)` knows no Textual, no colour and no clock. The richest form that fits is chosen:
three rows a pool, then two, then the tiny form, then a single line. A failure adds one row and moves nothing else.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from kiro_tui.domain import wording
from kiro_tui.domain.state import Snapshot, freshness
from kiro_tui.domain.usage import Overage
from kiro_tui.domain.wording import FOR_EVER
from kiro_tui.ui import gauge, notice, outlook
from kiro_tui.ui.foot import foot
from kiro_tui.ui.gauge import NO_END, Columns, Level, Pool
from kiro_tui.ui.head import head
from kiro_tui.ui.line import EMPTY, Line, Role, Span, first_that_fits, joined
from kiro_tui.ui.view import View, fresh_for, pools_of

FULL_FORM_CELLS = 60
SHORT_FORM_CELLS = 40
ROOMY_ROWS = 18
"""Below, every row counts: no margin, and no keys in the last row."""
PAGE_CELLS = 120
"""Wider panes keep a margin: a line that is longer reads badly."""


class Page(NamedTuple):
    """The rows at the top, the rows at the bottom, and for how many seconds they stay true."""

    top: tuple[Line, ...]
    bottom: tuple[Line, ...]
    margin: tuple[int, int]
    """Blank rows above and below, blank cells left and right."""
    lasts: float


def margins(cells: int, rows: int) -> tuple[int, int]:
    """Return the blank rows and the blank cells around the page."""
    vertical = 1 if rows >= ROOMY_ROWS and cells >= FULL_FORM_CELLS else 0
    if cells >= FULL_FORM_CELLS:
        horizontal = max(2, (cells - PAGE_CELLS) // 2 if cells > PAGE_CELLS + 4 else 2)
    else:
        horizontal = 1 if cells >= SHORT_FORM_CELLS else 0
    return vertical, horizontal


def compose(view: View, cells: int, rows: int) -> Page:
    """Return the page for a pane of so many cells and rows."""
    if rows <= 3 or cells < 20:  # noqa: PLR2004 - no room for a second pool
        return _single_line(view, cells)
    vertical, horizontal = margins(cells, rows)
    inner, height = cells - 2 * horizontal, rows - 2 * vertical
    bottom, bottom_lasts = foot(view, inner, with_keys=cells >= FULL_FORM_CELLS and rows >= ROOMY_ROWS)
    tiny = cells < SHORT_FORM_CELLS
    if tiny:
        bottom = bottom[:-1]  # the head says how old the figures are
    first, head_lasts = head(view, inner, tiny=tiny)
    # A row for the next failure is kept free, so that it moves nothing when it comes.
    body, body_lasts = _body(view, inner, height - 1 - (1 if tiny else 2))
    top = (first, *body)
    lasts = min(bottom_lasts, head_lasts, body_lasts, fresh_for(view))
    return Page(top, bottom, (vertical, horizontal), lasts)


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
    return " · ".join(filter(None, said))


def _body(view: View, cells: int, rows: int) -> tuple[tuple[Line, ...], float]:
    snapshot = view.state.latest
    if snapshot is None:
        text = notice.screen(view.state, cells, rows)  # the row that a failure would take is free
        return (EMPTY, *text), FOR_EVER
    pools = pools_of(view, snapshot)
    lasts = min((pool.end.lasts for pool in pools), default=FOR_EVER)
    if not pools:
        return (EMPTY, *_no_windows(snapshot, cells))[:rows], lasts
    body: tuple[Line, ...] = ()
    for body in _forms(snapshot, pools, cells):
        if len(body) <= rows:
            return (*body, *_outlook(view, cells, rows - len(body))), lasts
    return body[:rows], lasts


def _outlook(view: View, cells: int, rows: int) -> tuple[Line, ...]:
    """Say whether it will last, in whatever room the pools leave; a tiny pane has none for it."""
    if view.outlook is None or cells < SHORT_FORM_CELLS - 2:
        return ()
    return outlook.block(view.outlook, view.zone, cells, rows)


def _no_windows(snapshot: Snapshot, cells: int) -> Iterator[Line]:
    if not snapshot.report.managed:
        yield Line((Span("This account has no allowance to show", Role.NAME),))
        return
    yield Line((Span("An administrator manages this plan", Role.NAME),))
    yield EMPTY
    why = "kiro-cli shows no numbers for it. Ask your administrator, or see the account page (o)."
    yield from notice.paragraph(why, Role.DIM, cells)


def _forms(snapshot: Snapshot, pools: tuple[Pool, ...], cells: int) -> Iterator[tuple[Line, ...]]:
    """Yield the bodies from the richest to the smallest; whoever asks takes the first that fits."""
    extra = tuple(_below(snapshot, cells))
    columns = Columns.of(pools)
    if cells >= FULL_FORM_CELLS - 4:
        for kept in (len(pools), 3):
            blocks = [gauge.full(pool, columns, cells) for pool in pools[:kept]]
            yield _stacked([*blocks, *_folded(pools[kept:]), *((line,) for line in extra)], airy=True)
    if cells >= SHORT_FORM_CELLS - 2:
        for kept in dict.fromkeys((len(pools), 3)):
            for airy in (True, False):
                blocks = [gauge.short(pool, columns, cells) for pool in pools[:kept]]
                tail = (*(line for block in _folded(pools[kept:]) for line in block), *extra)
                yield _stacked([*blocks, *([tail] if tail else [])], airy=airy)
    for kept in range(len(pools), 0, -1):
        blocks = [gauge.tiny(pool, cells) for pool in pools[:kept]]
        yield tuple(line for block in (*blocks, *_folded(pools[kept:])) for line in block)


def _stacked(blocks: list[tuple[Line, ...]], *, airy: bool) -> tuple[Line, ...]:
    between = (EMPTY,) if airy else ()
    return tuple(line for block in blocks for line in (*between, *block))


def _folded(pools: tuple[Pool, ...]) -> list[tuple[Line, ...]]:
    """Say pools that have no room of their own in one line."""
    if not pools:
        return []
    left = [pool.window.remaining for pool in pools if pool.window.remaining is not None]
    parts = [f"{wording.amount(sum(left, Decimal(0)))} left" if left else ""]
    soonest = min(
        (pool.end for pool in pools if pool.end.left), key=lambda end: end.left or timedelta(), default=NO_END
    )
    if soonest.phrase:
        parts.append(f"next {soonest.phrase}" if len(pools) > 1 else soonest.phrase)
    return [(Line((Span(f"{len(pools)} more", Role.NAME), Span("   "), joined(parts))),)]


def _below(snapshot: Snapshot, cells: int) -> Iterator[Line]:
    """Yield the rows under the pools: overage, then what the figures need said about them."""
    if snapshot.report.overage is not None:
        yield _overage(snapshot.report.overage)
    if snapshot.newer_than_known:
        yield from notice.paragraph(wording.too_new(snapshot.version), Role.DIM, cells)
    for note in snapshot.report.notes:
        yield from notice.paragraph(note.text, Role.DIM, cells)


def _overage(overage: Overage) -> Line:
    name = Span("Overage", Role.NAME)
    if not overage.enabled:
        return Line((name, Span("   "), Span("off", Role.DIM)))
    facts = [
        f"{wording.amount(overage.credits)} credits" if overage.credits is not None else "",
        wording.money(overage.cost, overage.currency) if overage.cost is not None else "",
        f"cap {wording.money(overage.cap, overage.currency)}" if overage.cap is not None else "",
    ]
    rate = f"{wording.money(overage.rate, overage.currency)} a credit" if overage.rate is not None else ""
    used = bool(overage.credits)
    said = (Span("on", Role.WARN if used else Role.TEXT), Span("   "), joined(facts, Role.TEXT if used else Role.DIM))
    right = (Span(rate, Role.DIM),) if rate else ()
    return Line((name, Span("   "), *said), right)


def _single_line(view: View, cells: int) -> Page:
    """Everything in one row, for a pane of one row or a very narrow one."""
    snapshot = view.state.latest
    brand = Span("Kiro", Role.BRAND)
    if snapshot is None:
        failure = view.state.failure
        said = notice.IN_FEW_WORDS[failure.error.code] if failure else "asking…"
        words = Span(said, Role.WARN if failure else Role.DIM)
        choices = [Line((brand, Span(" "), words)), Line((words,))]
        return Page((first_that_fits(cells, choices),), (), (0, 0), FOR_EVER)
    pools = pools_of(view, snapshot)
    if not pools:
        return Page((Line((brand, Span(" no numbers", Role.DIM))),), (), (0, 0), FOR_EVER)
    fresh = freshness(view.state, view.now)
    pool = replace(pools[0], stale=fresh is not None and fresh.stale)
    share = pool.window.used_percent
    percent = f" {wording.percent(share, 0).replace(' ', '')}" if share is not None else ""
    sign = {Level.CALM: "", Level.USED_UP: "!!", Level.OVER: " over"}.get(pool.level, pool.level.sign)
    value = Span(percent + sign, pool.level.role if pool.level is not Level.CALM else pool.toned(Role.NAME))
    remaining = pool.window.remaining
    left = (
        f" {remaining.to_integral_value():f} left"
        if remaining is not None
        else f" {wording.amount(pool.window.used)} used"
    )
    ends = f" {wording.shortest(pool.end.short)}" if pool.end.short else ""
    old = (Span("~", Role.WARN),) if pool.stale else ()
    whole = (*old, brand, value, Span(left, pool.toned(Role.TEXT)), Span(ends, Role.DIM))
    choices = [
        Line(whole),
        Line((*old, brand, value, Span(ends, Role.DIM))),
        Line((*old, brand, value)),
        Line((value,)),
    ]
    return Page((first_that_fits(cells, choices),), (), (0, 0), min(pool.end.lasts, fresh_for(view)))
