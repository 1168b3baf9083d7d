"""What is left to spend, and how it goes down at a steady rate.

Pure. Bonuses are spent first, the one that ends first before the others, each until it is used up or lapses; then the
plan; then add-on packs; then overage. Must never promise more than the newest report shows: no grant is foreseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from kiro_tui.domain.course import NOTHING, plan_of
from kiro_tui.domain.month import DAY, in_days
from kiro_tui.domain.usage import Report, Window, WindowKind

Point = tuple[datetime, Decimal]
"""A moment, and the credits that are left then."""
FOR_EVER_DAYS = 36_500
"""A bonus that has more days outlasts the calendar, and everybody."""
_Name = tuple[WindowKind, str, Decimal | None]
"""What tells one bonus from another."""


@dataclass(frozen=True, slots=True)
class Bonus:
    """A bonus with something left."""

    label: str
    left: Decimal
    ends_at: datetime | None
    """The last moment at which it may still be there; None where no end was said."""

    def lasts_at(self, moment: datetime) -> bool:
        """Say whether it can still be used then."""
        return self.ends_at is None or moment < self.ends_at


@dataclass(frozen=True, slots=True)
class Stock:
    """What was left when the newest report was read."""

    seen_at: datetime
    plan: Decimal
    """0 over the limit."""
    bonuses: tuple[Bonus, ...]
    """In the order in which they are spent."""
    packs: Decimal
    """Of add-on packs, which are spent after the plan."""
    beyond: Decimal | None
    """What is used beyond the plan; None where that is unknown."""

    @property
    def left(self) -> Decimal:
        """Plan and bonuses together."""
        return self.plan + sum((bonus.left for bonus in self.bonuses), NOTHING)

    def path(self, per_day: Decimal, ends: datetime) -> tuple[Point, ...]:
        """Return how plan and bonuses go down at a steady rate, from `seen_at` to `ends` or to where nothing is left.

        Each bonus lasts left / rate days or to its end, where what is left of it lapses: two points at one moment.
        Then the plan lasts left / rate days. Between two points the line is straight.
        """
        whole = in_days(ends - self.seen_at)
        day, rest = NOTHING, self.left
        points = [(day, rest)]
        for amount, until in (*((b.left, self._days_to(b.ends_at, whole)) for b in self.bonuses), (self.plan, whole)):
            rest -= amount
            stop = max(min(until, whole), day)
            spent = per_day * (stop - day)
            if amount <= spent:
                day = day + amount / per_day if amount else day
                points.append((day, rest))
                continue
            day = stop
            points.append((day, rest + amount - spent))
            if until >= whole:
                break
            points.append((day, rest))
        return tuple((self.seen_at + _span(at), amount) for at, amount in dict.fromkeys(points))

    def used_up_at(self, per_day: Decimal, ends: datetime) -> datetime | None:
        """Return when plan and bonuses are used up at that rate; None where something is left at `ends`.

        A higher rate never gives a later moment: what is spent of bonuses grows no faster than the rate.
        """
        at, left = self.path(per_day, ends)[-1]
        return at if not left and at < ends else None

    def beyond_at(self, per_day: Decimal, ends: datetime) -> Decimal | None:
        """Return what will have been used beyond plan, bonuses and packs at `ends`.

        Used so far + rate x days from where plan and bonuses are used up - packs; None where the first is unknown.
        """
        if self.beyond is None:
            return None
        used_up = self.used_up_at(per_day, ends)
        after = per_day * in_days(ends - used_up) if used_up is not None else NOTHING
        return self.beyond + max(after - self.packs, NOTHING)

    def _days_to(self, end: datetime | None, whole: Decimal) -> Decimal:
        return whole if end is None else in_days(end - self.seen_at)


def stock_of(seen: Sequence[tuple[datetime, Report]]) -> Stock | None:
    """Return what the newest of the sightings leaves to spend; the older ones only sharpen when bonuses end.

    None where the plan has no limit, or its figures contradict each other.
    """
    seen_at, report = seen[-1]
    plan = plan_of(report)
    if plan is None or plan.remaining is None or plan.bar_contradicts:
        return None
    bonuses = sorted(_bonuses(seen), key=lambda bonus: (bonus.ends_at is None, bonus.ends_at, bonus.label, bonus.left))
    packs = sum((w.remaining or NOTHING for w in report.windows if w.kind is WindowKind.ADD_ON), NOTHING)
    return Stock(seen_at, plan.remaining, tuple(bonuses), packs, _beyond(report, plan))


def _beyond(report: Report, plan: Window) -> Decimal | None:
    stated = report.overage.credits if report.overage is not None else None
    if stated is not None:
        return stated
    # At the limit, and not a word of what came on top: it may be nothing or anything.
    return None if plan.used == plan.limit else max(plan.used - (plan.limit or NOTHING), NOTHING)


def _bonuses(seen: Sequence[tuple[datetime, Report]]) -> list[Bonus]:
    seen_at, report = seen[-1]
    counted = _counted_down(seen)
    return [
        Bonus(window.label, window.remaining, _end_of(window, seen_at, counted.get(_name(window), {})))
        for window in report.windows
        if window.kind is WindowKind.BONUS and window.remaining
    ]


def _counted_down(seen: Sequence[tuple[datetime, Report]]) -> dict[_Name, dict[int, tuple[datetime, datetime]]]:
    """Return when each bonus was first and last seen to have so many days; what lies between tells nothing more."""
    counted: dict[_Name, dict[int, tuple[datetime, datetime]]] = {}
    for at, report in seen:
        for window in report.windows:
            if window.ends_in_days is not None and window.as_of is None:
                of_bonus = counted.setdefault(_name(window), {})
                of_bonus[window.ends_in_days] = of_bonus.get(window.ends_in_days, (at, at))[0], at
    return counted


def _end_of(window: Window, seen_at: datetime, counted: dict[int, tuple[datetime, datetime]]) -> datetime | None:
    """Return the last moment at which the bonus may still be there.

    N days, rounded down, seen at a moment mean an end of N to N + 1 days later. Every sighting of the same bonus
    narrows that; a sighting that does not agree was of an older bonus with the same name.
    """
    if window.ends_at is not None or window.ends_in_days is None:
        return window.ends_at
    if window.as_of is None:
        low, high = _between(seen_at, window.ends_in_days)
    else:  # its days were counted then, and only carried on since
        low, high = _between(window.as_of, window.ends_in_days + max(seen_at - window.as_of, timedelta(0)).days)
    sightings = ((at, days) for days, moments in counted.items() for at in moments)
    for at, days in sorted(sightings, reverse=True):
        earliest, latest = _between(at, days)
        if earliest < high and low < latest:
            low, high = max(low, earliest), min(high, latest)
    return high


def _name(window: Window) -> _Name:
    return window.kind, window.label, window.limit


def _between(seen_at: datetime, days: int) -> tuple[datetime, datetime]:
    days = min(days, FOR_EVER_DAYS)
    return seen_at + days * DAY, seen_at + (days + 1) * DAY


def _span(days: Decimal) -> timedelta:
    return timedelta(microseconds=int(days * (DAY // timedelta(microseconds=1))))
