"""What the history shows, as values: the readings, the stretch of time that is looked at, and their names.

Pure, and without any size: chart, comparison and table all draw the same HistoryView.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from kiro_tui.domain import wording
from kiro_tui.domain.history import Reading
from kiro_tui.domain.past import Past
from kiro_tui.domain.usage_by import INSTANT, Calendar, Period, Slot, Stretch, divided
from kiro_tui.ui.glyphs import DASH

UNKNOWN = DASH


@dataclass(frozen=True)
class History:
    """All that is looked at, worked out once."""

    readings: tuple[Reading, ...]
    past: Past
    calendar: Calendar

    @cached_property
    def begins(self) -> datetime | None:
        """When it was first known what was used; None where nothing is."""
        return min((reading.first_at for reading in self.readings), default=None)

    @cached_property
    def steps(self) -> dict[datetime, Decimal]:
        """What each reading that showed more than the one before showed more, by the time of its first sight."""
        return {use.end: use.credits for use in self.past.uses if use.credits}


@dataclass(frozen=True, slots=True)
class Look:
    """What a person looks at."""

    stretch: Stretch
    chosen: int = 0
    """The row of the table, the newest being 0."""


@dataclass(frozen=True)
class HistoryView:
    """Everything that the page is a function of, apart from its size."""

    history: History
    look: Look
    now: datetime

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """What was used in each part of the stretch."""
        return divided(self.history.past.uses, self.look.stretch.edges, self.now)

    @cached_property
    def rows(self) -> tuple[Slot | Reading, ...]:
        """What the table shows, newest first: of a day its readings, else the parts that have begun."""
        begins, stretch = self.history.begins, self.look.stretch
        if stretch.period is Period.DAY:
            seen = (r for r in self.history.readings if r.last_at >= stretch.begins and r.first_at < stretch.ends)
            return tuple(sorted(seen, key=lambda reading: reading.last_at, reverse=True))
        return tuple(
            slot
            for slot in reversed(self.slots)
            if slot.begins <= self.now and begins is not None and slot.ends > begins
        )

    @cached_property
    def chosen(self) -> Slot | Reading | None:
        """The row that is chosen."""
        rows = self.rows
        return rows[min(self.look.chosen, len(rows) - 1)] if rows else None


def title(view: HistoryView, stretch: Stretch) -> str:
    """Say which day, week, month or year it is."""
    zone = view.history.calendar.zone
    first = stretch.begins.astimezone(zone)
    match stretch.period:
        case Period.DAY:
            return f"{first:%a %b} {first.day}, {first.year}"
        case Period.MONTH:
            return f"{first:%B} {first.year}"
        case Period.YEAR:
            return str(first.year)
        case _:
            return f"{wording.dates(stretch.begins, stretch.ends - INSTANT, zone)}, {first.year}"


def short_title(view: HistoryView, stretch: Stretch) -> str:
    """Say it in few cells, beside others of the same kind."""
    first = stretch.begins.astimezone(view.history.calendar.zone)
    match stretch.period:
        case Period.DAY:
            return f"{first:%a %b} {first.day}"
        case Period.MONTH:
            return f"{first:%B}"
        case Period.YEAR:
            return str(first.year)
        case _:
            return wording.dates(stretch.begins, stretch.ends - INSTANT, view.history.calendar.zone)


def credits_of(slot: Slot) -> str:
    """Say what was used: `60.00`, `about 60.00`, `at least 60.00`, and a dash where nothing is known."""
    if slot.credits is None:
        return UNKNOWN
    doubt = "at least " if not slot.whole else "about " if slot.spread else ""
    return doubt + wording.amount(slot.credits)
