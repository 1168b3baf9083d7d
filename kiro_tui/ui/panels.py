"""The panels of the page as rows, in the richest form that fits: three rows a pool, then two, then the tiny form.

Pure. The forecast takes the room that the figures leave, wherever it stands among them. What has to be said about the
figures is no panel, and is never hidden.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import groupby

from kiro_tui.choices import PANELS
from kiro_tui.domain import wording
from kiro_tui.domain.state import Snapshot
from kiro_tui.domain.usage import Overage, WindowKind
from kiro_tui.ui import gauge, notice, outlook
from kiro_tui.ui.gauge import NO_END, Columns, Pool
from kiro_tui.ui.line import EMPTY, Line, Role, Span, joined
from kiro_tui.ui.view import View, pools_of

PLAN, BONUSES, OVERAGE, FORECAST = PANELS
FULL_FORM_CELLS = 60
SHORT_FORM_CELLS = 40
FEW = 3
"""So many pools are shown before the others are folded into one row."""
COMPACT_FORECAST_ROWS = 3

Block = tuple[Line, ...]
"""Rows that stay together."""
Form = tuple[Block, Block]
"""What stands above the forecast, and what below it."""


@dataclass(frozen=True, slots=True)
class Column:
    """Some panels, one below the other, in so many cells."""

    view: View
    snapshot: Snapshot
    panels: tuple[str, ...]
    cells: int
    with_notes: bool = True

    def pools(self, panel: str) -> tuple[Pool, ...]:
        """Return the pools that a panel shows; none for one that is hidden."""
        if panel not in self.panels:
            return ()
        pools = pools_of(self.view, self.snapshot)
        return tuple(pool for pool in pools if (pool.window.kind is WindowKind.PLAN) == (panel == PLAN))

    def rows(self, rows: int) -> Block:
        """Return the rows, at most so many."""
        form: Form = ((), ())
        for form in _forms(self):
            room = rows - len(form[0]) - len(form[1])
            if room >= 0:
                return (*form[0], *self._forecast(room), *form[1])
        return (*form[0], *form[1])[:rows]

    def _forecast(self, rows: int) -> Block:
        """Say whether it will last; a tiny pane has no room for it."""
        view = self.view
        if FORECAST not in self.panels or view.outlook is None or self.cells < SHORT_FORM_CELLS - 2:
            return ()
        most = COMPACT_FORECAST_ROWS if view.taste.layout == "compact" else rows
        return outlook.block(view.outlook, view.zone, self.cells, min(rows, most))


def _forms(column: Column) -> Iterator[Form]:
    """Yield the rows from the richest form to the smallest; whoever asks takes the first that fits."""
    cells, plan, bonuses = column.cells, column.pools(PLAN), column.pools(BONUSES)
    widths = Columns.of((*plan, *bonuses))
    few = max(FEW - len(plan), 0)
    compact = column.view.taste.layout == "compact"
    if cells >= FULL_FORM_CELLS - 4 and not compact:
        for kept in (len(bonuses), few):
            above, below = _blocks(column, lambda pool: gauge.full(pool, widths, cells), kept)
            yield _stacked(above, airy=True), _stacked(below, airy=True)
    if cells >= SHORT_FORM_CELLS - 2:
        for kept in (len(bonuses), few):
            above, below = _blocks(column, lambda pool: gauge.short(pool, widths, cells), kept)
            for airy in (False,) if compact else (True, False):
                yield _stacked(_close(above), airy=airy), _stacked(_close(below), airy=airy)
    for kept in range(len(bonuses), -1, -1):
        above, below = _blocks(column, lambda pool: gauge.tiny(pool, cells), kept, only_pools=True)
        yield _stacked(above, airy=False), _stacked(below, airy=False)


def _blocks(
    column: Column, form: Callable[[Pool], Block], kept: int, *, only_pools: bool = False
) -> tuple[list[Block], list[Block]]:
    """Return the blocks above the forecast and those below it; of the bonuses so many, the others in one row."""
    bonuses, overage = column.pools(BONUSES), column.snapshot.report.overage
    figures: dict[str, list[Block]] = {
        PLAN: [form(pool) for pool in column.pools(PLAN)],
        BONUSES: [*map(form, bonuses[:kept]), *_folded(bonuses[kept:])],
        OVERAGE: [(_overage(overage),)] if overage is not None and not only_pools else [],
    }
    place = column.panels.index(FORECAST) if FORECAST in column.panels else len(column.panels)
    above = [block for panel in column.panels[:place] for block in figures[panel]]
    below = [block for panel in column.panels[place + 1 :] for block in figures[panel]]
    if column.with_notes and not only_pools:
        last = below if column.panels[place + 1 :] else above
        last += [(line,) for line in _notes(column.snapshot, column.cells)]
    return above, below


def _stacked(blocks: Iterable[Block], *, airy: bool) -> Block:
    between = (EMPTY,) if airy else ()
    return tuple(line for block in blocks for line in (*between, *block))


def _close(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks with those of one row that follow each other as one."""
    for is_row, those in groupby(blocks, lambda block: len(block) == 1):
        if is_row:
            yield tuple(line for block in those for line in block)
        else:
            yield from those


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


def _notes(snapshot: Snapshot, cells: int) -> Iterator[Line]:
    """Yield what the figures need said about them."""
    if snapshot.newer_than_known:
        yield from notice.paragraph(wording.too_new(snapshot.version), Role.DIM, cells)
    for note in snapshot.report.notes:
        yield from notice.paragraph(note.text, Role.DIM, cells)


def _overage(overage: Overage) -> Line:
    name = Span("Overage", Role.NAME)
    if not overage.enabled and not overage.credits:
        return Line((name, Span("   "), Span("off", Role.DIM)))
    facts = [
        f"{wording.amount(overage.credits)} credits" if overage.credits is not None else "",
        wording.money(overage.cost, overage.currency) if overage.cost is not None else "",
        f"cap {wording.money(overage.cap, overage.currency)}" if overage.cap is not None else "",
    ]
    rate = f"{wording.money(overage.rate, overage.currency)} a credit" if overage.rate is not None else ""
    used = bool(overage.credits)
    switch = Span("on", Role.WARN if used else Role.TEXT) if overage.enabled else Span("off", Role.DIM)
    said = (switch, Span("   "), joined(facts, Role.TEXT if used else Role.DIM))
    right = (Span(rate, Role.DIM),) if rate else ()
    return Line((name, Span("   "), *said), right)
