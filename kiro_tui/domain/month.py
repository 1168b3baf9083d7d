"""The billing month and how time is counted in it: calendar days, or the working days of a person somewhere.

Pure. Spans are differences of UTC instants; only where a day begins depends on the person's zone. Must never take a
local day for 24 hours: on two days a year it is not.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MINYEAR, UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal

DAY = timedelta(days=1)
EVERY_DAY = frozenset(range(7))
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN_OF_DAYS = re.compile(rf"({'|'.join(WEEKDAYS)})(?:\s*-\s*({'|'.join(WEEKDAYS)}))?")


def parse_workdays(text: str) -> frozenset[int]:
    """Return the days that `mon-fri` or `mon,wed,fri` names, Monday being 0; ValueError says which part names none."""
    days: set[int] = set()
    for part in text.lower().split(","):
        found = _SPAN_OF_DAYS.fullmatch(part.strip())
        if not found:
            raise ValueError(f"{part.strip()!r} is no day and no span of days such as mon-fri")
        first = WEEKDAYS.index(found[1])
        last = WEEKDAYS.index(found[2] or found[1])
        days.update((first + n) % 7 for n in range((last - first) % 7 + 1))
    return frozenset(days)


def in_days(span: timedelta) -> Decimal:
    """Return a span in days of 24 hours."""
    return Decimal(span // timedelta(microseconds=1)) / Decimal(DAY // timedelta(microseconds=1))


@dataclass(frozen=True, slots=True)
class BillingMonth:
    """From one reset of the plan to the next: a calendar month that ends when the window does; UTC."""

    begins: datetime
    ends: datetime

    @classmethod
    def until(cls, ends: datetime) -> "BillingMonth":
        """Return the month that ends then; it began on the same day of the month before, or on that month's last.

        Before the first January of all there is none: that month holds no moment.
        """
        year, month = (ends.year, ends.month - 1) if ends.month > 1 else (max(ends.year - 1, MINYEAR), 12)
        last = calendar.monthrange(year, month)[1]
        return cls(ends.replace(year=year, month=month, day=min(ends.day, last)), ends)

    def holds(self, moment: datetime) -> bool:
        """Say whether the moment lies in this month; its end belongs to the next."""
        return self.begins <= moment < self.ends


@dataclass(frozen=True, slots=True)
class Count:
    """How days are counted: all alike, or only those on which a person works."""

    workdays: frozenset[int] = EVERY_DAY
    """Monday is 0. With every day in it, a day is 24 hours and the zone means nothing."""
    zone: tzinfo | None = None
    """Where a working day begins and ends; None is the machine's own."""

    def days(self, start: datetime, end: datetime) -> Decimal:
        """Return the days from start to end, 0 where the end is not after the start.

        With working days each counts as one, however long the clocks make it, and a part of it by its share; the
        other days count nothing.
        """
        if end <= start:
            return Decimal(0)
        if self.workdays == EVERY_DAY:
            return in_days(end - start)
        return sum(
            (
                in_days(min(end, closes) - max(start, opens)) / in_days(closes - opens)
                for opens, closes in self._working(start, end)
            ),
            Decimal(0),
        )

    def turns(self, start: datetime, end: datetime) -> tuple[datetime, ...]:
        """Return the moments between start and end at which counting pauses or goes on; none where all days count."""
        if self.workdays == EVERY_DAY:
            return ()
        edges: set[datetime] = set()
        for opens, closes in self._working(start, end):
            edges ^= {opens, closes}  # where two working days meet, nothing turns
        return tuple(sorted(edge for edge in edges if start < edge < end))

    def _working(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the working days that touch the span, as UTC instants; one that a zone left out has no length."""
        day = start.astimezone(self.zone).date()
        while (opens := self._midnight(day)) < end:
            closes = self._midnight(day + DAY)
            if day.weekday() in self.workdays and opens < closes:
                yield opens, closes
            day += DAY

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)
