"""Turns added up by day: all that any table of a session needs.

Pure. A day is a day of the person's zone, a billing month one of UTC; where a month ends within a day, that day stands
here twice.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import chain, pairwise
from operator import attrgetter

from kiro_tui.domain.spend import Day, Tally, Turn

QUARTER = timedelta(minutes=15)
"""In no zone of our days does midnight lie within a quarter of an hour."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
WEEKS_COMPARED = 520
_MOMENT = attrgetter("at")
FIRST_COMPARED = datetime(2022, 1, 1, tzinfo=UTC)


def days_of(turns: Iterable[Turn], zone: tzinfo | None) -> tuple[Day, ...]:
    """Return the sums in the order of time; `zone` None is the machine's own."""
    sums: dict[tuple[date, date], list[Turn]] = {}
    begins = ends = LONG_AGO
    of_day: list[Turn] = []
    for turn in turns:
        if not begins <= turn.at < ends:  # turns come in order, and the calendar is asked once in a quarter of an hour
            begins = turn.at.replace(minute=turn.at.minute // 15 * 15, second=0, microsecond=0)
            ends = begins + QUARTER
            of_day = sums.setdefault((begins.astimezone(zone).date(), begins.date().replace(day=1)), [])
        of_day.append(turn)
    return tuple(Day(day, month, _tally(of_day)) for (day, month), of_day in sorted(sums.items()))


def merged(*several: tuple[Day, ...]) -> tuple[Day, ...]:
    """Return the sums of turns that were added up apart."""
    sums: dict[tuple[date, date], Tally] = {}
    for each in chain.from_iterable(several):
        key = each.day, each.month
        sums[key] = sums.get(key, Tally()) + each.tally
    return tuple(Day(day, month, tally) for (day, month), tally in sorted(sums.items()))


def print_of(zone: tzinfo | None) -> str:
    """Return what tells this zone from another: sums by day are worth nothing in another one."""
    moments = (FIRST_COMPARED + timedelta(weeks=week) for week in range(WEEKS_COMPARED))
    offsets = [int((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds()) // 60 for moment in moments]
    changes = [str(offsets[0])]
    changes += [f"{week}:{now}" for week, (before, now) in enumerate(pairwise(offsets)) if before != now]
    return " ".join(changes)


def _tally(turns: list[Turn]) -> Tally:
    known = [turn.credits for turn in turns if turn.credits is not None]
    return Tally(
        credits=sum(known, Decimal(0)) if known else None,
        turns=len(turns),
        unknown=len(turns) - len(known),
        last_at=max(map(_MOMENT, turns)),
    )
