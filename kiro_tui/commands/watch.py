"""`kiro-tui watch`: no screen; each alert is a line of JSON on stdout, and goes out by the person's channels.

It asks as the dashboard does, shares questions and memory with all others, and goes on whatever kiro-cli does: a
failure is said once on stderr. It ends by a signal, or when whoever reads its lines has gone. Must never import
textual, and must never end while a child of ours lives.
"""

import asyncio
import logging
import os
import signal
import stat
import sys
from collections.abc import Coroutine
from contextlib import aclosing

from kiro_tui.alerts.crier import Crier
from kiro_tui.alerts.watcher import Watcher
from kiro_tui.clock import Clock, SystemClock
from kiro_tui.commands.crier import open_crier, open_terminal, rules_of
from kiro_tui.commands.shared import open_shared
from kiro_tui.commands.signals import unless_ended
from kiro_tui.commands.source import OpenSource, open_activity, open_probe
from kiro_tui.domain.forecast import Forecast, forecast
from kiro_tui.domain.month import Count
from kiro_tui.domain.past import REACH, past_of
from kiro_tui.domain.state import Event, Failure, Snapshot, State, advance
from kiro_tui.output.alerts import with_reading
from kiro_tui.output.as_json import render
from kiro_tui.poller import Poller
from kiro_tui.settings import Settings
from kiro_tui.sharing.source import SharedSource
from kiro_tui.streams import remark, write

log = logging.getLogger(__name__)


def run(settings: Settings, *, print_only: bool, open_source: OpenSource = open_probe) -> int:
    """Print alerts until it is ended, and return the exit status."""
    clock = SystemClock()
    with open_shared(settings, clock, open_source) as shared, open_terminal() as terminal:
        crier = None if print_only else open_crier(settings.alerts, clock, os.environ, terminal)
        poller = Poller(shared, clock, settings.interval, activity=open_activity(settings, clock))
        watch = _Watch(settings, clock, shared, crier)
        ended_by = asyncio.run(unless_ended(_first_to_end(watch.ask(poller), watch.hear(), _reader_gone())))
    if isinstance(ended_by, signal.Signals):
        log.info("ended by %s", ended_by.name)
        return 128 + ended_by
    return 0


class _Watch:
    """Follows the poller, and tells what is worth telling."""

    def __init__(self, settings: Settings, clock: Clock, shared: SharedSource, crier: Crier | None) -> None:
        self._settings = settings
        self._clock = clock
        self._shared = shared
        self._crier = crier
        self._watcher = Watcher(shared, clock, rules_of(settings.alerts))
        self._state = State(settings.interval)
        self._forecast: Forecast | None = None
        self._said: set[str] = set()
        self._turn = asyncio.Lock()

    async def ask(self, poller: Poller) -> None:
        """Follow the poller, for ever."""
        remark("watching; each alert is a line on stdout")
        async with aclosing(poller.events()) as events:
            async for event in events:
                await self._take(event)

    async def hear(self) -> None:
        """Follow what other programs learn, for ever."""
        while True:
            await self._take(await self._shared.news())

    async def _take(self, event: Event) -> None:
        async with self._turn:
            await self._learn(event)
            await self._tell()

    async def _learn(self, event: Event) -> None:
        self._talk_about(event)
        self._state = advance(self._state, event)
        if isinstance(event, Snapshot):
            now = self._clock.now()
            past = past_of(await self._shared.hourly(now - REACH), now)
            self._forecast = forecast(past, now, Count(self._settings.workdays))
            self._remark_once(self._shared.notice)

    async def _tell(self) -> None:
        for alert in await self._watcher.alerts(self._state, self._forecast):
            now, show_email = self._clock.now(), self._settings.show_email
            write(render(with_reading(alert, self._state, now, show_email=show_email), pretty=False) + "\n")
            if self._crier is not None:
                await self._crier.tell(alert)
        if self._crier is not None:
            await self._crier.tell_held()

    def _talk_about(self, event: Event) -> None:
        before = self._state.failure
        match event:
            case Failure() if before is None or before.error.code != event.error.code:
                remark(" ".join(filter(None, (event.error.message, event.error.hint))))
            case Snapshot() if before is not None:
                remark("kiro-cli answers again")

    def _remark_once(self, notice: str | None) -> None:
        if notice and notice not in self._said:
            self._said.add(notice)
            remark(notice)


async def _first_to_end(*works: Coroutine[None, None, None]) -> None:
    """Return when one of the works has ended, or raise what it raised; the others are cancelled."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _reader_gone() -> None:
    """Return when the other end of stdout is closed; never where stdout is no pipe."""
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    if sys.stdout is None or not stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode):
        await gone.wait()
    pipe = os.dup(sys.stdout.fileno())  # one of our own: stdout itself is replaced when a line cannot be written
    loop.add_reader(pipe, gone.set)
    try:
        await gone.wait()
    finally:
        loop.remove_reader(pipe)
        os.close(pipe)
