"""What the readings of one account tell, worked out once for each new reading and not for each tick of the clock.

Pure. Must never mix accounts: what one person used says nothing of another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiro_tui.domain.course import Run, Use, runs, sightings, uses
from kiro_tui.domain.history import Reading
from kiro_tui.domain.stock import Stock, stock_of
from kiro_tui.domain.usage import Report

REACH = timedelta(days=35)
"""Older readings tell a forecast nothing: a month and a few days."""


@dataclass(frozen=True, slots=True)
class Past:
    """What happened so far."""

    course: tuple[Run, ...]
    """Oldest first, without the figures that must not be believed."""
    uses: tuple[Use, ...]
    """What is known to have been used, in order, with gaps where nothing is."""
    latest: Report | None
    """The newest report; None where there is no reading."""
    stock: Stock | None
    """What it leaves to spend; None where there is no limit, or no figure to be believed."""


def past_of(readings: Sequence[Reading], now: datetime) -> Past:
    """Put readings in order, whatever order they come in; those of `REACH` before now are enough.

    ValueError where they are of several accounts: that is a bug of the caller. What claims to be read after now was
    read by a clock that was wrong, and is left out.
    """
    if len({reading.account for reading in readings}) > 1:
        raise ValueError("readings of several accounts cannot be forecast together")
    seen = sightings(readings, now)
    if not seen:
        return Past((), (), None, None)
    course = tuple(runs(seen))
    return Past(course, tuple(uses(course)), seen[-1][1], stock_of(seen))
