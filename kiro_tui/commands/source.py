"""What the commands ask, and when: the kiro-cli of this machine, and its use, opened with the person's settings."""

import asyncio
import os
from collections.abc import Callable

from kiro_tui.activity import SessionsActivity
from kiro_tui.clock import Clock
from kiro_tui.domain.state import Outcome
from kiro_tui.poller import Source
from kiro_tui.settings import Level, Settings, open_state_folder
from kiro_tui.spend.root import roots_of

OpenSource = Callable[[Settings, Clock], Source]


class OpenedWhenAsked:
    """A source that is imported and opened with the first question, so that no first paint waits for it."""

    def __init__(self, open_it: Callable[[], Source]) -> None:
        self._open = open_it
        self._source: Source | None = None

    async def ask(self, *, by_person: bool = False) -> Outcome:
        """Answer once, as the source does."""
        if self._source is None:
            self._source = await asyncio.to_thread(self._open)
        return await self._source.ask(by_person=by_person)


def open_probe(settings: Settings, clock: Clock) -> Source:
    """Return a probe; it holds nothing that would have to be closed."""

    def opened() -> Source:
        from kiro_tui.probe.probe import Probe  # noqa: PLC0415 - after the first paint
        from kiro_tui.probe.process.child import launch  # noqa: PLC0415 - after the first paint

        return Probe(
            launch=launch,
            clock=clock,
            environment=os.environ,
            state_folder=open_state_folder(),
            path=settings.kiro_cli,
            timeout=settings.timeout,
            ways=settings.source or None,
        )

    return OpenedWhenAsked(opened)


def open_activity(settings: Settings, clock: Clock) -> SessionsActivity | None:
    """Return whoever sees when Kiro is used; None where the person has set an interval, which is kept."""
    is_set = settings.origin("interval").level is not Level.DEFAULT
    return None if is_set else SessionsActivity(roots_of(os.environ, settings.kiro_homes), clock)
