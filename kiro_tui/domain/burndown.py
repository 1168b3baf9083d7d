"""The month as lines for a picture: what was left, what an even month would have left, and where it is going.

Pure: moments and amounts, no cells and no colours. Must never draw what was not read: before the first reading of the
month, and for a rate that is unknown, there is no line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from kiro_tui.domain.burn import burn
from kiro_tui.domain.course import NOTHING, Run, plan_of
from kiro_tui.domain.month import BillingMonth, Count
from kiro_tui.domain.past import Past
from kiro_tui.domain.stock import Point, Stock
from kiro_tui.domain.usage import Report, WindowKind


class MarkKind(StrEnum):
    """What can happen at a moment of the month that is no use."""

    RESET = "reset"
    BONUS_END = "bonus_end"
    NEW_LIMIT = "new_limit"


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment to mark, and whose it is."""

    at: datetime
    kind: MarkKind
    label: str = ""
    """The bonus's name."""


@dataclass(frozen=True, slots=True)
class BurnDown:
    """One billing month; each line is straight between its points, which go forward in time."""

    month: BillingMonth
    left: tuple[Point, ...]
    """Plan and bonuses together, as they were read."""
    even: tuple[Point, ...]
    """The plan alone, used evenly; level on days that do not count."""
    slowest: tuple[Point, ...]
    """From the newest reading to the reset, or to where nothing is left; () where no rate is known."""
    fastest: tuple[Point, ...]
    marks: tuple[Mark, ...]
    """In order of time."""


def burn_down(past: Past, now: datetime, count: Count | None = None, most: int = 200) -> BurnDown | None:
    """Return the picture of the month in which now lies.

    No line of what was left has more than `most` points (at least 2). None where the reset or the limit is unknown,
    or the reset has passed without a reading since.
    """
    count = count or Count()
    plan = plan_of(past.latest) if past.latest is not None else None
    if plan is None or plan.ends_at is None or plan.limit is None or past.stock is None:
        return None
    month = BillingMonth.until(plan.ends_at)
    if not month.holds(now):
        return None
    course = [run for run in past.course if run.figures.resets_at == month.ends and run.last_at >= month.begins]
    spread = burn(past.uses, now, month).spread
    slowest, fastest = (past.stock.path(rate, month.ends) for rate in spread) if spread is not None else ((), ())
    return BurnDown(
        month,
        thinned((*_left(course, month), (past.stock.seen_at, past.stock.left)), most),
        _even(plan.limit, month, count),
        slowest,
        fastest,
        tuple(sorted(_marks(course, past.stock, month), key=lambda mark: mark.at)),
    )


def thinned(points: Sequence[Point], most: int) -> tuple[Point, ...]:
    """Return at most so many of the points: the first, and the last of each of `most` - 1 equal spans of time."""
    points = tuple(dict.fromkeys(points))
    if len(points) <= most:
        return points
    begins, ends = points[0][0], points[-1][0]
    last_of = {-((begins - at) * (most - 1) // (ends - begins)): (at, left) for at, left in points[1:]}
    return (points[0], *last_of.values())


def _left(course: Sequence[Run], month: BillingMonth) -> Iterator[Point]:
    for run in course:
        left = _left_in(run.report)
        for at in (max(run.first_at, month.begins), run.last_at):
            yield at, left


def _left_in(report: Report) -> Decimal:
    windows = (window for window in report.windows if window is plan_of(report) or window.kind is WindowKind.BONUS)
    return sum((window.remaining or NOTHING for window in windows), NOTHING)


def _even(limit: Decimal, month: BillingMonth, count: Count) -> tuple[Point, ...]:
    """Return limit x (1 - days passed / days of the month) at the ends of the month and wherever counting turns."""
    whole = count.days(month.begins, month.ends)
    if not whole:
        return ()
    moments = (month.begins, *count.turns(month.begins, month.ends), month.ends)
    return tuple((at, limit * (1 - count.days(month.begins, at) / whole)) for at in moments)


def _marks(course: Sequence[Run], stock: Stock, month: BillingMonth) -> Iterator[Mark]:
    """Yield the reset, the ends of bonuses to come, and what was seen: bonuses that lapsed, limits that changed."""
    yield Mark(month.ends, MarkKind.RESET)
    for bonus in stock.bonuses:
        if bonus.ends_at is not None and bonus.ends_at < month.ends:
            yield Mark(bonus.ends_at, MarkKind.BONUS_END, bonus.label)
    for before, after in pairwise(course):
        if before.figures.limit != after.figures.limit:
            yield Mark(after.first_at, MarkKind.NEW_LIMIT)
        there = {grant.label for grant in after.figures.grants}
        for grant in before.figures.grants:
            if grant.kind is WindowKind.BONUS and grant.left and grant.label not in there:
                yield Mark(after.first_at, MarkKind.BONUS_END, grant.label)
