"""The only place where time is read and the only place where anything waits.

Two clocks, because they disagree when a laptop sleeps: `now` is the wall (aware UTC; it jumps), `monotonic`
counts seconds for deadlines and never jumps. No other module may import `time` or call `asyncio.sleep`.
"""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


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
