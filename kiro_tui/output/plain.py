"""What is known as plain text, for a person at a terminal and for a screen reader.

Pure, and imports nothing that takes time. One line for each allowance, in columns, no colour and no drawing: what
colour says on the dashboard is said in words here, and units are words too. Must never show a number that was not read.
"""

from __future__ import annotations

from datetime import UTC, datetime

from kiro_tui.domain.card import DAY, Card, Figures, Pool, seconds_left
from kiro_tui.domain.light import value
from kiro_tui.domain.moments import local_time
from kiro_tui.domain.spans import ago, as_of, countdown, in_words
from kiro_tui.output.words import amount, limit, rounded

TYPE_CHECKING = False  # typing's own takes longer to import than all of this
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

GAP = "   "
MANAGED = "An administrator manages this plan, and kiro-cli shows no numbers for it."


@value(frozen=True)
class Beside:
    """What may be known beside the figures."""

    whose: Sequence[str] = ()
    """Who is signed in."""
    warnings: Sequence[str] = ()
    zone: tzinfo | None = None
    """Where the person is; None is where the machine is."""


NOTHING = Beside()


def text(card: Card, now: float, beside: Beside = NOTHING, *, stale: bool) -> str:
    """Return the latest reading in lines, "" where there is none."""
    figures = card.figures
    if figures is None:
        return ""
    blocks = [
        [", ".join([figures.plan or "Kiro, plan unknown", *beside.whose])],
        _rows(figures, now, beside.zone) or [MANAGED],
        [f"Note: {note}" for note in figures.notes],
        *([warning] for warning in beside.warnings),
        [_origin(figures, now, stale=stale)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _rows(figures: Figures, now: float, zone: tzinfo | None) -> list[str]:
    rows = [_row(pool, figures.taken_at, now, zone) for pool in figures.pools]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else [0]
    lines = [_aligned(row, widths) for row in rows]
    if figures.overage:
        lines.append(f"{'Overage':{widths[0]}}{GAP}{figures.overage.words}{_as_of(figures.overage.as_of, now)}")
    return lines


def _row(pool: Pool, taken_at: float, now: float, zone: tzinfo | None) -> tuple[str, ...]:
    used, left = f"{amount(pool.used)} used", ""
    if pool.limit:
        used = f"{amount(pool.used)} of {limit(pool.limit)} used"
        left = f"{amount(pool.over)} over the limit" if pool.over else f"{amount(pool.remaining)} left"
    share = f"{rounded(pool.percent, 1)} %" if pool.percent else ""
    return pool.label, share, used, left, _end(pool, taken_at, now, zone) + _as_of(pool.as_of, now)


def _as_of(moment: float | None, now: float) -> str:
    """Say how old a figure is that is older than the reading."""
    return "" if moment is None else f", {in_words(as_of(now - moment)[0])}"


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    """Return the cells in columns: the outer two to the left, the figures to the right."""
    label, *figures, end = row
    cells = [label.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(figures, widths[1:-1], strict=True))]
    return GAP.join([*cells, end]).rstrip()


def _end(pool: Pool, taken_at: float, now: float, zone: tzinfo | None) -> str:
    verb = "resets" if pool.kind == "plan" else "expires"
    seconds = seconds_left(pool, taken_at, now)
    if seconds is None:
        return f"{verb} at an unknown time"
    if pool.ends_at is None:
        days = int(seconds // DAY)
        return f"{verb} in {days} day{'' if days == 1 else 's'}"
    left = countdown(seconds)[0]
    when = "now" if left == "now" else f"in {in_words(left)}"
    moments = (datetime.fromtimestamp(each, UTC) for each in (pool.ends_at, now))
    return f"{verb} {when} ({local_time(next(moments), zone, next(moments))})"


def _origin(figures: Figures, now: float, *, stale: bool) -> str:
    asked = f"kiro-cli {figures.version}" if figures.version else "a kiro-cli of unknown version"
    when = in_words(ago(now - figures.taken_at)[0])
    return f"Read {when} from {asked} ({figures.way}){', so it may be out of date' if stale else ''}."
