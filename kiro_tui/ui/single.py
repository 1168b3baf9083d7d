"""The page as a single line, for a pane of one row, a very narrow one, or whoever wants no more.

Pure. Percent, what is left and the end of the plan come first; with room for them follow the others, and how old it is.
"""

from collections.abc import Iterator
from dataclasses import replace

from kiro_tui.domain import wording
from kiro_tui.domain.state import freshness
from kiro_tui.domain.wording import FOR_EVER
from kiro_tui.ui import notice
from kiro_tui.ui.gauge import Level, Pool
from kiro_tui.ui.head import activity
from kiro_tui.ui.line import Line, Role, Span, first_that_fits
from kiro_tui.ui.panels import SHORT_FORM_CELLS
from kiro_tui.ui.view import View, fresh_for, pools_of

BRAND = Span("Kiro", Role.BRAND)
IN_ONE_ROW = {Level.CALM: "", Level.USED_UP: "!!", Level.OVER: " over"}
"""Signs that are others here, or none."""


def single_line(view: View, cells: int) -> tuple[Line, float]:
    """Return the line and for how many seconds it stays true."""
    snapshot = view.state.latest
    if snapshot is None:
        failure = view.state.failure
        said = notice.IN_FEW_WORDS[failure.error.code] if failure else "asking…"
        words = Span(said, Role.WARN if failure else Role.DIM)
        return first_that_fits(cells, [Line((BRAND, Span(" "), words)), Line((words,))]), FOR_EVER
    fresh = freshness(view.state, view.now)
    stale = fresh is not None and fresh.stale
    pools = tuple(replace(pool, stale=stale) for pool in pools_of(view, snapshot))
    if not pools:
        return Line((BRAND, Span(" no numbers", Role.DIM))), FOR_EVER
    first, *others = pools
    old = (Span("~", Role.WARN),) if stale else ()
    value, left, ends = _figures(first)
    choices = [
        Line((*old, BRAND, value, left, ends)),
        Line((*old, BRAND, value, ends)),
        Line((*old, BRAND, value)),
        Line((value,)),
    ]
    lasts = min(*(pool.end.lasts for pool in pools), fresh_for(view))
    if cells < SHORT_FORM_CELLS:
        return first_that_fits(cells, choices), lasts
    status, status_lasts = _status(view)
    rich = (
        Line((*choices[0].left, *(span for pool in others[:kept] for span in _other(pool))), status)
        for kept in range(len(others), -1, -1)
    )
    return first_that_fits(cells, [*rich, *choices]), min(lasts, status_lasts)


def _figures(pool: Pool) -> tuple[Span, Span, Span]:
    """Return the percent with the sign of its level, what is left, and when it ends."""
    share, remaining = pool.window.used_percent, pool.window.remaining
    percent = f" {wording.percent(share, 0).replace(' ', '')}" if share is not None else ""
    sign = IN_ONE_ROW.get(pool.level, pool.level.sign)
    left = f"{remaining.to_integral_value():f} left" if remaining is not None else f"{pool.left_or_used}"
    return (
        Span(percent + sign, pool.level.role if pool.level is not Level.CALM else pool.toned(Role.NAME)),
        Span(f" {left}", pool.toned(Role.TEXT)),
        Span(f" {wording.shortest(pool.end.short)}" if pool.end.short else "", Role.DIM),
    )


def _other(pool: Pool) -> Iterator[Span]:
    """Yield another pool: its name, what is left and when it ends."""
    _, left, ends = _figures(pool)
    sign = pool.level.sign or ("!" if pool.end.soon else "")
    yield Span(f"   {pool.window.title}", Role.DIM)
    yield left
    yield ends
    if sign:
        yield Span(f" {sign}", Role.WARN if pool.level is Level.CALM else pool.level.role)


def _status(view: View) -> tuple[tuple[Span, ...], float]:
    """Return the dot and the age, or what went wrong."""
    spans, lasts = activity(view, tiny=True)
    failure = view.state.failure
    if failure is None:
        return spans, lasts
    return (spans[0], Span(f" {notice.IN_FEW_WORDS[failure.error.code]}", Role.WARN)), FOR_EVER
