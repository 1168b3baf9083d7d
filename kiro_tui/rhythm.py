"""How far apart questions are while all goes well: a fixed interval, or one that follows the use of Kiro.

It follows by three rules. Soon after Kiro's sessions were written to, a question is due, but never closer than CLOSEST
to the last answer. While neither the sessions nor the figures change, each answer doubles the interval, up to RAREST.
What changes brings it back to where it began.

A look at the sessions before a question and one after it: what was written in between may be our own question's doing
and is no use. All is reckoned on the monotonic clock; it must never ask, wait, or know of failures.
"""

from datetime import datetime
from typing import Protocol

from kiro_tui.clock import Clock
from kiro_tui.domain.state import Snapshot, Why
from kiro_tui.domain.usage import Report

CLOSEST = 60.0
"""Seconds from an answer to the next question that use brings about."""
RAREST = 30 * 60.0
SETTLING = 20.0
"""Seconds from a write to the question: the turn may still run, and figures lag."""
BETWEEN_LOOKS = 30.0
"""Longer than SETTLING, so that one who writes without a break puts the question off once, and not for ever."""


class Activity(Protocol):
    """Whoever can tell when Kiro was used."""

    async def last_write(self) -> datetime | None:
        """Return when a session was last written to, aware UTC; None where that is unknown."""
        ...


class Rhythm:
    """When the next question is due; `interval` is kept exactly where there is no activity to follow."""

    def __init__(self, interval: float, clock: Clock, activity: Activity | None = None) -> None:
        self._clock = clock
        self._activity = activity
        self._base = interval if activity is None else min(max(interval, CLOSEST), RAREST)
        self._interval = self._base
        self._answered: float | None = None
        self._figures: object = None
        self._looked = clock.monotonic()
        self._last_write: datetime | None = None
        self._used: float | None = None
        """When the last write since the last reading was; None where there was none."""

    @property
    def interval(self) -> float:
        """Seconds from one answer to the next question while nothing happens."""
        return self._interval

    @property
    def base(self) -> float:
        """The interval where the rhythm began, and comes back to."""
        return self._base

    def next_after(self, answered: float) -> tuple[float, Why]:
        """Return when the next question is due, on the monotonic clock, and why then."""
        regular = answered + self._interval
        if self._used is not None:
            return min(max(self._used + SETTLING, answered + CLOSEST), regular), Why.ACTIVITY
        return regular, Why.QUIET if self._interval > self._base else Why.INTERVAL

    def learn(self, snapshot: Snapshot) -> None:
        """Take a reading into account."""
        if self._activity is None:
            return
        now, figures = self._clock.monotonic(), _figures(snapshot.report)
        if self._used is not None or self._answered is None or figures != self._figures:
            self._interval = self._base
        elif now - self._answered >= self._interval:  # what was asked out of turn says nothing about a whole interval
            self._interval = min(2 * self._interval, RAREST)
        self._answered, self._figures, self._used = now, figures, None

    async def look_in_passing(self) -> bool:
        """Look at the sessions, unless that was done a moment ago; return whether they were written to."""
        return self._clock.monotonic() - self._looked >= BETWEEN_LOOKS and await self.look()

    async def look(self) -> bool:
        """Look at the sessions; return whether they were written to since the last look."""
        before = self._last_write
        await self.overlook()
        if self._last_write is None or (before is not None and self._last_write <= before):
            return False
        # Whoever dates the files, such as a file server, may be ahead of us.
        ago = (self._clock.now() - self._last_write).total_seconds()
        self._used = self._looked - max(ago, 0)
        return True

    async def overlook(self) -> None:
        """Look at the sessions, and take nothing that was written so far for use."""
        if self._activity is not None:
            self._last_write = await self._activity.last_write() or self._last_write
        self._looked = self._clock.monotonic()


def _figures(report: Report) -> object:
    """Return what changes when credits are used or granted, but not by the mere passing of days."""
    windows = [(window.kind, window.used, window.limit) for window in report.windows]
    return report.plan, windows, report.overage.credits if report.overage else None
