"""Turns added up by day and model: all that any table of a session needs.

Pure. A day is a day of the person's zone, a billing month one of UTC; where a month ends within a day, that day stands
here twice.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise

from kiro_tui.domain.spend import Day, Tally
from kiro_tui.spend.records import Record
from kiro_tui.spend.values import UNKNOWN, credits_of, moment

QUARTER = 15 * 60 * 10**6
"""In no zone of our days does midnight lie within a quarter of an hour; in microseconds."""
WEEKS_COMPARED = 520
FIRST_COMPARED = datetime(2022, 1, 1, tzinfo=UTC)


class _Sum:
    """A sum that grows; plain, because there are hundreds of thousands of turns."""

    __slots__ = ("cost", "interrupted", "known", "last", "turns")

    def __init__(self) -> None:
        self.cost = self.known = self.turns = self.interrupted = self.last = 0

    def tally(self) -> Tally:
        return Tally(
            credits=credits_of(self.cost) if self.known else None,
            turns=self.turns,
            unknown=self.turns - self.known,
            last_at=moment(self.last),
            interrupted=self.interrupted,
        )


def days_of(records: Iterable[Record], zone: tzinfo | None) -> tuple[Day, ...]:
    """Return the sums in the order of time; `zone` None is the machine's own."""
    sums: dict[tuple[date, date, str], _Sum] = {}
    calendar: dict[int, tuple[date, date]] = {}
    last_quarter, last_model, total = -1, "", _Sum()
    for _, at, cost, model, interrupted in records:
        quarter, name = at // QUARTER, model or ""
        if quarter != last_quarter or name != last_model:  # turns come in order: mostly nothing is to be looked up
            if quarter not in calendar:
                begins = moment(quarter * QUARTER)
                calendar[quarter] = begins.astimezone(zone).date(), begins.date().replace(day=1)
            last_quarter, last_model = quarter, name
            total = sums.setdefault((*calendar[quarter], name), _Sum())
        total.turns += 1
        if cost != UNKNOWN:
            total.known += 1
            total.cost += cost
        elif interrupted:
            total.interrupted += 1
        if at > total.last:  # noqa: PLR1730 - a call for each turn is what takes the time
            total.last = at
    return tuple(
        Day(day, month, each.tally(), name or None) for (day, month, name), each in sorted(sums.items(), key=_when)
    )


def _when(item: tuple[tuple[date, date, str], _Sum]) -> tuple[date, date, str]:
    return item[0]


def print_of(zone: tzinfo | None) -> str:
    """Return what tells this zone from another: sums by day are worth nothing in another one."""
    moments = (FIRST_COMPARED + timedelta(weeks=week) for week in range(WEEKS_COMPARED))
    offsets = [int((each.astimezone(zone).utcoffset() or timedelta()).total_seconds()) // 60 for each in moments]
    changes = [str(offsets[0])]
    changes += [f"{week}:{now}" for week, (before, now) in enumerate(pairwise(offsets)) if before != now]
    return " ".join(changes)
