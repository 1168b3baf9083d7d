"""A dashboard on a stage: time stands still, nobody is asked, and the test says what the state is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from scenes import NOW
from textual.pilot import Pilot

from kiro_tui.domain.history import Reading
from kiro_tui.domain.state import Event, Snapshot, State
from kiro_tui.ui.app import Dashboard
from kiro_tui.ui.lent import Lent, Options

BERLIN = ZoneInfo("Europe/Berlin")


class StandingClock:
    """A clock that stands still: whoever sleeps on it sleeps for ever."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:  # noqa: ARG002 - it is never over
        await asyncio.Event().wait()


class SilentQuestions:
    """A poller that never asks; it notes what the keys wanted and passes on the events that the test gives it."""

    def __init__(self) -> None:
        self.interval = 300.0
        self.paused = False
        self.refreshed = 0
        self.given: asyncio.Queue[Event] = asyncio.Queue()

    async def events(self) -> AsyncIterator[Event]:
        while True:
            yield await self.given.get()

    def refresh(self) -> None:
        self.refreshed += 1

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def set_interval(self, seconds: float) -> None:
        self.interval = seconds


class KeptReadings:
    """A past that is a list, and news that the test gives."""

    def __init__(self, *readings: Reading, last: Snapshot | None = None) -> None:
        self._readings = readings
        self._last = last
        self.notice: str | None = None
        self.given: asyncio.Queue[Snapshot] = asyncio.Queue()

    async def last(self) -> Snapshot | None:
        return self._last

    async def news(self) -> Snapshot:
        return await self.given.get()

    async def readings(self, since: datetime) -> tuple[Reading, ...]:
        return tuple(reading for reading in self._readings if reading.last_at >= since)

    async def hourly(self, since: datetime) -> tuple[Reading, ...]:
        return await self.readings(since)


@asynccontextmanager
async def on_stage(
    state: State,
    size: tuple[int, int],
    options: Options | None = None,
    clock: StandingClock | None = None,
    past: KeptReadings | None = None,
    *,
    toasts: bool = False,
) -> AsyncIterator[tuple[Dashboard, Pilot[Any]]]:
    """Run a dashboard that shows the state at the size (columns, rows)."""
    app = Dashboard(Lent(SilentQuestions(), clock or StandingClock(), options or Options(zone=BERLIN), past=past))
    app.animation_level = "none"
    async with app.run_test(size=size, notifications=toasts) as pilot:
        app.state = state
        if past is not None:
            await foretold(app)
        await pilot.pause()
        yield app, pilot


async def foretold(app: Dashboard) -> None:
    """Let the dashboard look ahead, and wait until it shows what it has seen."""
    shown = asyncio.Event()
    vars(app)["_settle"] = shown.set
    app._look_ahead()
    await shown.wait()
    del vars(app)["_settle"]
