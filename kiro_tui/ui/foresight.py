"""What the past tells of the month, worked out off the event loop each time that it may tell something else.

One at a time: what was begun is finished, and thrown away where there are news meanwhile, which may be another
account's. Nothing is cancelled, because a thread cannot be, and would hold thousands of readings twice.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from kiro_tui.clock import Clock
from kiro_tui.domain.history import Reading
from kiro_tui.domain.month import Count
from kiro_tui.domain.past import REACH, past_of
from kiro_tui.ui.lent import PastReadings
from kiro_tui.ui.outlook import Outlook, outlook_of


class Foresight:
    """Outlooks, one after the other."""

    def __init__(self, past: PastReadings, clock: Clock, count: Count) -> None:
        """`count` says which days count for the pace and the allowance."""
        self._past = past
        self._clock = clock
        self._count = count
        self._news = asyncio.Event()

    def look(self) -> None:
        """Say that the past may tell something else by now."""
        self._news.set()

    async def next(self, draw: Callable[[Outlook], object]) -> Outlook:
        """Return the next outlook; `draw` draws it off the event loop, for what it keeps of that."""
        while True:
            await self._news.wait()
            self._news.clear()
            now = self._clock.now()
            outlook = await asyncio.to_thread(self._of, await self._past.hourly(now - REACH), now, draw)
            if not self._news.is_set():
                return outlook

    def _of(self, readings: Sequence[Reading], now: datetime, draw: Callable[[Outlook], object]) -> Outlook:
        outlook = outlook_of(past_of(readings, now), now, self._count)
        draw(outlook)
        return outlook
