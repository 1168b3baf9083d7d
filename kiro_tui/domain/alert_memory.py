"""What a person was told already, as one value for each account, and how it is known for what it was told.

Pure; whoever has the journal keeps it. It only grows, within bounds: what was told of a billing month, a grant or an
outage stays told, whatever the figures do afterwards, so that one that comes back is no news.

A billing month is known by its end, which a source may move by a day, forget, or take back. So an end that is nearer
to a known month's than HALF_A_MONTH means that month, and one that is not told means the month that runs, or else the
calendar's. A few months are remembered, so that a misread one does not make the true one new again. A grant is known
by its name and its end; of several that are alike each is matched to one that was told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

HALF_A_MONTH = timedelta(days=14)
MOST_MONTHS = 4
MOST_GRANTS = 32
SAME_END = timedelta(days=2)
"""Two ends of one grant are closer: days that are counted down are rounded, and a reading may be corrected by one."""
BELIEVED = -timedelta(days=31), timedelta(days=62)
"""From when a reading is taken to a reset that it names; one that is further away was misread."""


@dataclass(frozen=True, slots=True)
class Month:
    """What was told of one billing month."""

    ends: datetime
    """As it was first heard of."""
    used: Mapping[str, int] = field(default_factory=dict)
    """The highest percent by the window's name."""
    cost: Decimal | None = None
    """The highest sum."""
    overage: bool = False
    """That it began."""
    runs_out: bool = False
    lasts: bool = False
    """That it will last after all."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What was told of one bonus or add-on pack."""

    name: str
    ends: datetime
    """As it was when that was told."""
    days: int
    """The fewest days before its end."""


@dataclass(frozen=True, slots=True)
class Outage:
    """Since when no question has been answered, and what was told of that."""

    since: datetime
    last: datetime
    """When the last of the questions failed that are known of."""
    signed_out: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything that was told to one person."""

    months: tuple[Month, ...] = ()
    """The one that was read of last comes first."""
    grants: tuple[Grant, ...] = ()
    outage: Outage | None = None
    """None while all is well."""
    well_at: datetime | None = None
    """When the reading was taken that ended the last outage."""


def month_of(memory: Memory, ends: datetime | None, seen_at: datetime) -> Month:
    """Return what was told of the month that a reading is about; `ends` is the reset that it names, if any."""
    current = memory.months[0] if memory.months else None
    if ends is None or not BELIEVED[0] <= ends - seen_at <= BELIEVED[1]:
        if current is not None and seen_at < current.ends:
            return current
        ends = _first_of_next_month(seen_at)
    nearest = min(memory.months, key=lambda month: abs(month.ends - ends), default=None)
    return nearest if nearest is not None and abs(nearest.ends - ends) < HALF_A_MONTH else Month(ends)


def with_month(memory: Memory, month: Month) -> Memory:
    """Return what was told, with this month read of last."""
    others = (other for other in memory.months if other.ends != month.ends)
    return replace(memory, months=(month, *others)[:MOST_MONTHS])


def grants_of(memory: Memory, ends: Iterable[tuple[str, datetime]]) -> list[Grant | None]:
    """Return what was told of each of these grants, named by label and end; None where that is nothing."""
    free = list(memory.grants)
    found: list[Grant | None] = []
    for name, end in ends:
        alike = (grant for grant in free if grant.name == name and abs(grant.ends - end) < SAME_END)
        grant = min(alike, key=lambda grant: abs(grant.ends - end), default=None)
        if grant is not None:
            free.remove(grant)
        found.append(grant)
    return found


def with_grant(memory: Memory, grant: Grant, before: Grant | None) -> Memory:
    """Return what was told with this grant in the place of what was known of it before."""
    others = [other for other in memory.grants if other is not before]
    latest = sorted((*others, grant), key=lambda each: each.ends)[-MOST_GRANTS:]
    return replace(memory, grants=tuple(latest))


def _first_of_next_month(moment: datetime) -> datetime:
    return (moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1)
