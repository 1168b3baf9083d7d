"""What was used in an hour, a day, a month: known use laid over the calendar.

Pure. Where a day begins depends on the person's zone, and two days a year are no 24 hours; a billing month and its days
are counted from its reset. A use that was read only after a while is spread evenly over that while, and says so.
Must never take for 0 what is unknown.
"""

import calendar
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from kiro_tui.domain.course import NOTHING, Run, Use
from kiro_tui.domain.month import DAY

HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)
MILLIONTH = Decimal("0.000001")
MOSTLY = Decimal("0.9")
"""The share of a time that must be known for its use to be all of it."""
LONG_GAP = 4
"""A use that was read only after more than one part in so many of a time counts as spread over it."""


class Period(StrEnum):
    """The lengths of time that are looked at."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    BILLING = "billing"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Stretch:
    """One day, week, month or year, and where its parts begin and end; UTC."""

    period: Period
    edges: tuple[datetime, ...]
    """At least two, in order: of hours in a day, of months in a year, of days in all others."""

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return self.edges[0]

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return self.edges[-1]

    def holds(self, moment: datetime) -> bool:
        """Say whether the moment lies in it."""
        return self.begins <= moment < self.ends


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of a stretch, and what was used in it."""

    begins: datetime
    ends: datetime
    credits: Decimal | None
    """None where nothing is known of it."""
    whole: bool = True
    """It is all that was used then, as far as readings go; else at least so much was."""
    spread: bool = False
    """Some of it was read so much later that it may belong to the slots beside."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The person's calendar: the zone (None is the machine's own), and any one reset of the plan, None if unknown."""

    zone: tzinfo | None = None
    resets_at: datetime | None = None

    @property
    def periods(self) -> tuple[Period, ...]:
        """The periods that it has: without a reset there is no billing month."""
        return tuple(each for each in Period if each is not Period.BILLING or self.resets_at is not None)

    def holding(self, period: Period, moment: datetime) -> Stretch:
        """Return the stretch in which the moment lies; ValueError for a billing month where no reset is known."""
        if period is Period.BILLING:
            return Stretch(period, tuple(self._billing_days(moment.astimezone(UTC))))
        day = moment.astimezone(self.zone).date()
        if period is Period.DAY:
            return Stretch(period, tuple(_steps(self._midnight(day), self._midnight(day + DAY), HOUR)))
        days = _days_of(period, day)
        # A zone may have left a day out: then two of its midnights are one.
        return Stretch(period, tuple(sorted({self._midnight(each) for each in days})))

    def before(self, stretch: Stretch) -> Stretch:
        """Return the stretch of the same period that ends where this one begins."""
        return self.holding(stretch.period, stretch.begins - INSTANT)

    def after(self, stretch: Stretch) -> Stretch:
        """Return the stretch of the same period that begins where this one ends."""
        return self.holding(stretch.period, stretch.ends)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)

    def _billing_days(self, moment: datetime) -> Iterator[datetime]:
        if self.resets_at is None:
            raise ValueError("no reset is known")
        reset = self.resets_at.astimezone(UTC)
        months = (moment.year - reset.year) * 12 + moment.month - reset.month
        if moment < _months_later(reset, months):
            months -= 1
        yield from _steps(_months_later(reset, months), _months_later(reset, months + 1), DAY)


def divided(uses: Sequence[Use], edges: Sequence[datetime], now: datetime | None = None) -> tuple[Slot, ...]:
    """Return what was used from each edge to the next; `uses` in order, as `course.uses` gives them.

    What was used since the newest reading is unknown too, where that is older than an hour before `now`.
    """
    parts = list(pairwise(edges))
    credits_in = [NOTHING] * len(parts)
    known = [timedelta(0)] * len(parts)
    spread = [False] * len(parts)
    for use in _touching(uses, edges[0], edges[-1]):
        for n in range(max(bisect_right(edges, use.start) - 1, 0), len(parts)):
            begins, ends = parts[n]
            start, end = max(use.start, begins), min(use.end, ends)
            if start >= end:
                break
            credits_in[n] += _until(use, end) - _until(use, start)
            known[n] += end - start
            reaches_over = use.start < begins or use.end > ends
            spread[n] |= bool(use.credits) and reaches_over and (use.end - use.start) * LONG_GAP > ends - begins
    read_until = uses[-1].end if uses else edges[0]
    must_know = max(read_until, now - HOUR) if now is not None else read_until
    return tuple(
        Slot(
            begins,
            ends,
            credits_in[n] if known[n] else None,
            whole=Decimal(known[n] / (min(ends, max(must_know, begins + INSTANT)) - begins)) >= MOSTLY,
            spread=spread[n],
        )
        for n, (begins, ends) in enumerate(parts)
    )


def used_in(uses: Sequence[Use], begins: datetime, ends: datetime, now: datetime | None = None) -> Slot:
    """Return what was used from one moment to another, which must be later."""
    return divided(uses, (begins, ends), now)[0]


def seen_in(course: Sequence[Run], begins: datetime, ends: datetime) -> Run | None:
    """Return the newest figures that were read between the moments; None where none were."""
    n = bisect_left(course, ends, key=lambda run: run.first_at)
    return course[n - 1] if n and course[n - 1].last_at >= begins else None


def _touching(uses: Sequence[Use], begins: datetime, ends: datetime) -> Sequence[Use]:
    first = bisect_right(uses, begins, key=lambda use: use.end)
    return uses[first : bisect_left(uses, ends, key=lambda use: use.start)]


def _until(use: Use, moment: datetime) -> Decimal:
    """Return what was used of it until then, as if it had been used evenly; its parts sum up to it exactly."""
    if moment >= use.end:
        return use.credits
    if moment == use.start:  # as for nearly all of them: this spares a year of readings its arithmetic
        return NOTHING
    return (use.credits * ((moment - use.start) // INSTANT) / ((use.end - use.start) // INSTANT)).quantize(MILLIONTH)


def _days_of(period: Period, day: date) -> list[date]:
    """Return the first days of the parts of the week, month or year of that day, and of what comes after it."""
    if period is Period.WEEK:
        return [day + timedelta(n - day.weekday()) for n in range(8)]
    if period is Period.YEAR:
        return [day.replace(month=month, day=1) for month in range(1, 13)] + [date(day.year + 1, 1, 1)]
    return [day.replace(day=1) + timedelta(n) for n in range(calendar.monthrange(day.year, day.month)[1] + 1)]


def _steps(begins: datetime, ends: datetime, step: timedelta) -> Iterator[datetime]:
    at = begins
    while at < ends:
        yield at
        at += step
    yield ends


def _months_later(moment: datetime, months: int) -> datetime:
    """Return the same day of another month, or that month's last."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))
