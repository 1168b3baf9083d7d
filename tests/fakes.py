"""Stand-ins that are plain lists: a clock moved by hand, a child that says what its script says."""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from kiro_tui.domain.state import Outcome
from kiro_tui.probe.process.child import Child, Command, End, Ending, Launch

QUIET = None
"""In a script: nothing comes, however long the reader waits."""

START = datetime(2026, 6, 11, 12, 0, tzinfo=UTC)


class FakeClock:
    """Time stands still until somebody sleeps or the test moves it; sleeping takes no real time.

    `sleep` moves both clocks on to the earliest sleeper as soon as every task waits. `suspend` moves only the wall,
    as a laptop does.
    """

    def __init__(self, now: datetime = START) -> None:
        self._wall = now
        self._monotonic = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        self._wall += timedelta(seconds=seconds)
        self._monotonic += seconds
        while self._sleepers and self._sleepers[0][0] <= self._monotonic:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)

    def suspend(self, seconds: float) -> None:
        self._wall += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        self.slept.append(seconds)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._order), future))
        asyncio.get_running_loop().call_soon(self._settle, 20)
        await future

    def _settle(self, rounds: int) -> None:
        # Let everything that can run do so first; then the only thing left to happen is that time passes.
        if rounds:
            asyncio.get_running_loop().call_soon(self._settle, rounds - 1)
            return
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        if self._sleepers:
            self.advance(max(self._sleepers[0][0] - self._monotonic, 0))


class ScriptedChild:
    """A child that gives its script's chunks one read at a time, and remembers what was written to it."""

    def __init__(
        self, script: Iterable[bytes | None], ending: Ending | None = None, clock: FakeClock | None = None
    ) -> None:
        self._script = list(script)
        self._ending = ending or Ending(End.EXITED, status=0)
        self._clock = clock
        self.written = bytearray()
        self.closed = False
        self.at_once = False
        """It was ended without any time to leave."""

    async def read(self, within: float) -> bytes | None:
        await asyncio.sleep(0)
        if not self._script:
            return b""
        if self._script[0] is QUIET:
            if self._clock:
                self._clock.advance(within)
            if len(self._script) > 1:
                self._script.pop(0)
            return None
        return self._script.pop(0)

    def write(self, data: bytes) -> None:
        self.written += data

    async def close(self, *, at_once: bool = False) -> Ending:
        self.at_once |= at_once
        ended_by_itself = not self._script
        self.closed = True
        return self._ending if ended_by_itself else Ending(End.RELEASED)


def scripted_launch(children: Iterable[Child], commands: list[Command] | None = None) -> Launch:
    """Return a launcher that hands out the given children in order and notes the commands."""
    waiting = list(children)

    @asynccontextmanager
    async def launch(command: Command) -> AsyncIterator[Child]:
        if commands is not None:
            commands.append(command)
        child = waiting.pop(0)
        try:
            yield child
        finally:
            await child.close()

    return launch


class ScriptedSource:
    """A source that gives its script's outcomes in order, and the last one ever after; notes when it was asked.

    `takes` is how long an answer takes on the clock; `by_person` and `asked_at` have one entry for each question.
    """

    def __init__(self, outcomes: Iterable[Outcome], clock: FakeClock | None = None, takes: float = 0.0) -> None:
        self._outcomes = list(outcomes)
        self._clock = clock or FakeClock()
        self._takes = takes
        self.by_person: list[bool] = []
        self.asked_at: list[float] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.cancelled = 0

    async def ask(self, *, by_person: bool = False) -> Outcome:
        self.by_person.append(by_person)
        self.asked_at.append(self._clock.monotonic())
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self._clock.sleep(self._takes)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.in_flight -= 1
        return self._outcomes.pop(0) if len(self._outcomes) > 1 else self._outcomes[0]
