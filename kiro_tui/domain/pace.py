"""Whether the plan is used faster or slower than an even month would.

Pure. Says where the month stands and where the use stands, and nothing of the future. Must never give a pace where
the limit or the reset is unknown.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kiro_tui.domain.month import BillingMonth, Count
from kiro_tui.domain.usage import Window

ONE_POINT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Pace:
    """How far the month and how far the use has come, both as shares of the whole."""

    passed: Decimal
    """The share of the month's days that has passed, 0 to 1: where the mark of an even month stands on the gauge."""
    used: Decimal
    """The share of the limit that is used; more than 1 over the limit."""
    days: Decimal
    """The days of the whole month, calendar or working."""

    @property
    def points(self) -> Decimal:
        """Percent of the limit between use and mark: positive is over pace (more used than evenly), negative under."""
        return (self.used - self.passed) / ONE_POINT

    @property
    def days_ahead(self) -> Decimal:
        """The same in days: the use stands where an even month stands so many days later; negative is behind.

        Ahead is over pace, behind is under pace: the use is ahead of the calendar, as the bar is ahead of its mark.
        """
        return (self.used - self.passed) * self.days


def pace(plan: Window, now: datetime, count: Count) -> Pace | None:
    """Compare the plan's use with an even month.

    passed = days from the month's beginning to now / days of the month; used = used / limit. None where the reset is
    unknown, has passed or is more than a month away, and where there is no limit or one of 0. Assumes that the month
    is a calendar month. Bonuses are spent before the plan, so that while one lasts the plan falls behind its pace.
    """
    if plan.ends_at is None or not plan.limit:
        return None
    month = BillingMonth.until(plan.ends_at)
    whole = count.days(month.begins, month.ends)
    if not month.holds(now) or not whole:
        return None
    used = plan.used / plan.limit
    if plan.bar_contradicts and plan.used_percent is not None:
        used = plan.used_percent * ONE_POINT
    return Pace(count.days(month.begins, now) / whole, used, whole)
