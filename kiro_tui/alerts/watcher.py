"""Finds what is worth an alert, so that of all dashboards and watchers on this machine one tells it, once.

The dashboard and `kiro-tui watch` show it each new state; it keeps no state of its own, what was told is remembered by
whoever has the journal. Must never wait for a person, nor know of a channel.
"""

from collections.abc import Callable
from datetime import tzinfo
from typing import Protocol, TypeVar

from kiro_tui.alerts.memory_text import memory_of, text_of
from kiro_tui.clock import Clock
from kiro_tui.domain.alerts import Alert, Rules
from kiro_tui.domain.forecast import Forecast
from kiro_tui.domain.news import Known, news
from kiro_tui.domain.state import Snapshot, State, freshness

SUBJECT = "alerts"

T = TypeVar("T")


class SharedMemory(Protocol):
    """Whoever remembers one text on a subject for each account, for all programs at once."""

    async def amend(
        self, subject: str, change: Callable[[str | None], tuple[str, T]], seen: Snapshot | None = None
    ) -> T | None:
        """Change the text, with no other program in between; None where that cannot be had now, or `seen` is old."""
        ...


class Watcher:
    """Gives every alert to one of all who ask."""

    def __init__(self, memory: SharedMemory, clock: Clock, rules: Rules, zone: tzinfo | None = None) -> None:
        self._memory = memory
        self._clock = clock
        self._rules = rules
        self._zone = zone

    async def alerts(self, state: State, forecast: Forecast | None = None) -> tuple[Alert, ...]:
        """Return what is to be told of this state, and by nobody else; asked again, that is nothing.

        `forecast` is that of the state's latest reading. Where another program just holds the memory, nothing is told
        and the next state may be the one that is. Who is cancelled here may have been given what nobody tells then.
        """
        known = Known(state, self._clock.now(), forecast, self._zone)
        fresh = freshness(state, known.at)
        if state.failure is None and (fresh is None or fresh.stale):
            return ()

        def change(noted: str | None) -> tuple[str, tuple[Alert, ...]]:
            memory, alerts = news(memory_of(noted), known, self._rules)
            return text_of(memory), alerts

        seen = state.latest if state.failure is None else None
        return await self._memory.amend(SUBJECT, change, seen) or ()
