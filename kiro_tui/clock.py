"""The only place where time is read and the only place where anything waits.

Two clocks, because they disagree when a laptop sleeps: `now` is the wall (aware UTC; it jumps), `monotonic`
counts seconds for deadlines and never jumps. No other module may import `time` or call `asyncio.sleep`.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


async def next_turn() -> None:
    """Return when everybody else who could go on has done so once."""
    await asyncio.sleep(0)


class Clock(Protocol):
    """What the rest of the program knows of time; tests give one that they move by hand."""

    def now(self) -> datetime:
        """Return the wall time, timezone-aware in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start, never going back. It may stand still while the machine sleeps."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after so many monotonic seconds; 0 only lets other tasks run."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the wall time, timezone-aware in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start, never going back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after so many monotonic seconds."""
        await asyncio.sleep(seconds)


class TimeLapse:
    """A calendar of its own that runs many times as fast as the machine's time: the demo's month in minutes.

    Everything that waits through it waits so much shorter, but never less than `shortest` real seconds.
    """

    def __init__(self, calendar: Callable[[float], datetime], speed: float, shortest: float) -> None:
        """`calendar` says which time it is there after so many real seconds."""
        self._calendar = calendar
        self._speed = speed
        self._shortest = shortest
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the calendar's time, aware UTC."""
        return self._calendar(time.monotonic() - self._began)

    def monotonic(self) -> float:
        """Return the calendar's seconds from an arbitrary start."""
        return (time.monotonic() - self._began) * self._speed

    async def sleep(self, seconds: float) -> None:
        """Return after so many of the calendar's seconds."""
        await asyncio.sleep(max(seconds / self._speed, self._shortest) if seconds > 0 else 0)


class CalendarOnly:
    """A clock whose date is another clock's, while its seconds are the machine's: for real children in a time lapse."""

    def __init__(self, calendar: Clock) -> None:
        self._calendar = calendar

    def now(self) -> datetime:
        """Return the calendar's time, aware UTC."""
        return self._calendar.now()

    def monotonic(self) -> float:
        """Return the machine's seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after so many of the machine's seconds."""
        await asyncio.sleep(seconds)
