"""How fast credits are used: credits per day over the last day, the last week and this month.

Pure. Plan, bonuses, add-ons and overage count together, since bonuses are spent before the plan: a plan that stands
still is not "no use". Must never take time of which nothing is known for idle time, nor for time like the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from kiro_tui.domain.course import NOTHING, Use
from kiro_tui.domain.month import DAY, BillingMonth, in_days

WEEK = 7 * DAY
KNOWN_AT_LEAST = timedelta(hours=3)
"""With less than that, nothing is said of a rate."""
KNOWN_SHARE = 8
"""An eighth of the window must be known: 3 hours of a day, 21 of a week."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What was used in the part of a window of which something is known."""

    credits: Decimal
    known: timedelta
    """Never less than `KNOWN_AT_LEAST`."""

    @property
    def per_day(self) -> Decimal:
        """Credits per day of 24 hours: what was used / the days that are known."""
        return self.credits / in_days(self.known)

    @property
    def at_least(self) -> Decimal:
        """The same, but with part of one day for the whole of it: nobody uses credits around the clock."""
        return self.credits / in_days(max(self.known, DAY))


@dataclass(frozen=True, slots=True)
class Burn:
    """The three rates; each is None where too little is known."""

    day: Rate | None
    week: Rate | None
    month: Rate | None
    """Since the plan's last reset; None also where that is unknown."""

    @property
    def usual(self) -> Decimal | None:
        """Credits per day as they are said in one figure: the week's, else the day's, else the month's."""
        rate = self.week or self.day or self.month
        return rate.per_day if rate is not None else None

    @property
    def spread(self) -> tuple[Decimal, Decimal] | None:
        """Credits per day, the slowest and the fastest to be reckoned with; None where no rate is known.

        Fastest is the highest of the three. Slowest is the lower of week and month; the day's counts only where less
        than half of the week is known: a busy day is a warning, an idle one is no promise. Assumes that people go on
        as they did in that time.
        """
        rates = [rate for rate in (self.day, self.week, self.month) if rate is not None]
        if not rates:
            return None
        settled = self.week is not None and self.week.known * 2 >= WEEK
        steady = [rate for rate in (self.week, self.month) if rate is not None] if settled else rates
        return min(rate.at_least for rate in steady), max(rate.per_day for rate in rates)


def burn(uses: Sequence[Use], now: datetime, month: BillingMonth | None) -> Burn:
    """Return the rates over the 24 hours and the 7 days before now, and since the month began.

    A use that lies in a window by a part counts by that part: between two readings it is spread evenly. Rate = what
    was used / the time of which something is known. None where that time is less than three hours or less than an
    eighth of the window. The week may reach into the month before: it is the same person.
    """
    return Burn(
        _rate(uses, now - DAY, now),
        _rate(uses, now - WEEK, now),
        _rate(uses, month.begins, now) if month is not None and month.holds(now) else None,
    )


def _rate(uses: Sequence[Use], start: datetime, now: datetime) -> Rate | None:
    spent, known = NOTHING, timedelta(0)
    for use in uses:
        begins, ends = max(use.start, start), min(use.end, now)
        if begins >= ends:
            continue
        known += ends - begins
        if use.credits:
            whole = begins == use.start and ends == use.end
            spent += use.credits if whole else use.credits * in_days(ends - begins) / in_days(use.end - use.start)
    enough = known >= KNOWN_AT_LEAST and known * KNOWN_SHARE >= now - start
    return Rate(spent, known) if enough else None
