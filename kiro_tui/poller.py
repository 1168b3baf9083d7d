"""When kiro-cli is asked, and how we wait in between; a failure is a value here, never an exception.

`Poller.events` is one endless stream of Asking, Snapshot or Failure, Resting; whoever reads it need not know any rule
below. There is never more than one question in flight. Questions are at least SHORTEST_INTERVAL apart, except
those that a person, a reset or a wake from suspend asks for. While all goes well the rhythm (rhythm.py) says when the
next one is due. The poller must never know how a question is asked, and it waits only through the clock.

Everything is planned on the monotonic clock, so that setting the wall clock causes no burst of questions. The wall
clock says two things only: when a plan resets, and, by running away from the monotonic clock, that the
machine was asleep.
"""

import asyncio
import logging
import math
import random
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from kiro_tui.clock import Clock
from kiro_tui.domain.state import SHORTEST_INTERVAL, Asking, Event, Failure, Outcome, Resting, Snapshot, Why
from kiro_tui.domain.usage import WindowKind
from kiro_tui.errors import NotLoggedIn
from kiro_tui.rhythm import Activity, Rhythm

LONGEST_BACKOFF = 15 * 60.0
SIGNED_OUT_FIRST = 30 * 60.0
SIGNED_OUT_LONGEST = 4 * 3600.0
RESET_GRACE = 5.0
"""Seconds that the service gets to notice its own reset."""
SLICE = 5.0
"""Seconds of one uninterrupted sleep: a suspend is noticed this long after the wake at most."""
JUMP = 5.0
"""Seconds by which the two clocks must part within a slice to mean that the machine slept or the wall was set."""

NEVER = math.inf

log = logging.getLogger(__name__)


class Source(Protocol):
    """Whoever can answer the question; every foreseen failure comes back as a Failure."""

    async def ask(self, *, by_person: bool = False) -> Outcome:
        """Answer once; `by_person` allows what we must not do unasked, such as asking fully while signed out."""
        ...


@dataclass(frozen=True, slots=True)
class _Turn:
    """The next question: when, on the monotonic clock (NEVER: not by itself), and why then."""

    due: float
    why: Why
    extra: bool = False
    """It comes out of turn: for a reset or a wake."""


class Poller:
    """Asks the source at the right times.

    `jitter` gives numbers in [0, 1) that spread the retries. With an `activity` the interval is where the rhythm
    begins; without one it is kept.
    """

    def __init__(
        self,
        source: Source,
        clock: Clock,
        interval: float,
        jitter: Callable[[], float] = random.random,
        activity: Activity | None = None,
    ) -> None:
        self._source = source
        self._clock = clock
        self._rhythm = Rhythm(max(interval, SHORTEST_INTERVAL), clock, activity)
        self._jitter = jitter
        self._changed = asyncio.Event()
        self._paused = False
        self._wanted = False
        self._woken = False
        self._last_was_extra = False
        self._answered: float | None = None
        self._failed_delay = 0.0
        self._failures = 0
        self._signed_out = 0
        self._reset_at: datetime | None = None

    @property
    def interval(self) -> float:
        """Seconds from one answer to the next question, as they are now."""
        return self._rhythm.interval

    @property
    def paused(self) -> bool:
        """Whether questions come only when a person asks for them."""
        return self._paused

    def refresh(self) -> None:
        """Ask now, on behalf of a person; where a question is running already, its answer is the one."""
        self._wanted = True
        self._changed.set()

    def pause(self) -> None:
        """Ask nothing by ourselves any more; a running question is still answered."""
        self._paused = True
        self._changed.set()

    def resume(self) -> None:
        """Go on where we would be now without the pause."""
        self._paused = False
        self._changed.set()

    def set_interval(self, seconds: float) -> None:
        """Keep this interval from now on, counted from the last answer; less than the shortest is the shortest."""
        self._rhythm = Rhythm(max(seconds, SHORTEST_INTERVAL), self._clock)
        self._changed.set()

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield what happens, for ever. Cancelling whoever waits for the next event cancels a running question."""
        while True:
            self._changed.clear()
            now, monotonic = self._clock.now(), self._clock.monotonic()
            turn = self._next_turn(now, monotonic)
            if turn.due > monotonic:
                until = None if turn.due == NEVER else now + timedelta(seconds=turn.due - monotonic)
                log.info("resting until %s (%s)", until, turn.why)
                yield Resting(until, turn.why, self._rhythm.interval)
                await self._rest(turn, now, monotonic)
                continue
            log.info("asking")
            yield Asking(now)
            await self._rhythm.look()
            outcome = await self._source.ask(by_person=self._wanted)
            await self._rhythm.overlook()
            self._learn(outcome, turn)
            yield outcome

    def _next_turn(self, now: datetime, monotonic: float) -> _Turn:
        if self._wanted:
            return _Turn(monotonic, Why.INTERVAL)
        if self._paused:
            return _Turn(NEVER, Why.PAUSED)
        if self._answered is None:
            return _Turn(monotonic, Why.INTERVAL)
        if self._signed_out:
            # Neither a wake nor a reset signs anybody in.
            return _Turn(self._answered + self._failed_delay, Why.SIGNED_OUT)
        if self._failures:
            turn = _Turn(self._answered + self._failed_delay, Why.BACKOFF)
        else:
            turn = _Turn(*self._rhythm.next_after(self._answered))
        # A wall clock that is set to and fro must not ask all the time: two extra questions keep their distance.
        earliest = self._answered + SHORTEST_INTERVAL if self._last_was_extra else monotonic
        extras = []
        if self._woken:
            extras.append(_Turn(earliest, turn.why, extra=True))
        if self._reset_at is not None:
            reset = monotonic + (self._reset_at - now).total_seconds() + RESET_GRACE
            extras.append(_Turn(max(reset, earliest), Why.RESET, extra=True))
        return min([turn, *extras], key=lambda each: each.due)

    async def _rest(self, turn: _Turn, wall: datetime, monotonic: float) -> None:
        """Return when the turn has come, somebody changed something, or the wall clock jumped since the given times."""
        if turn.due == NEVER:
            await self._changed.wait()
        while not self._changed.is_set() and self._clock.monotonic() < turn.due:
            await self._sleep_unless_changed(min(turn.due - self._clock.monotonic(), SLICE))
            wall_before, monotonic_before = wall, monotonic
            wall, monotonic = self._clock.now(), self._clock.monotonic()
            jump = (wall - wall_before).total_seconds() - (monotonic - monotonic_before)
            if abs(jump) > JUMP:
                log.info("the wall clock jumped by %.0f s", jump)
                self._woken = self._woken or jump > 0
                return
            if not self._failures and await self._rhythm.look_in_passing():
                return  # it was used, and the turn may come sooner

    async def _sleep_unless_changed(self, seconds: float) -> None:
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        changing = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait((sleeping, changing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            changing.cancel()
            await asyncio.gather(sleeping, changing, return_exceptions=True)

    def _learn(self, outcome: Outcome, turn: _Turn) -> None:
        """Take from an answer what decides about the next question."""
        self._answered = self._clock.monotonic()
        self._wanted = self._woken = False  # also what was wished for while the question ran: this is its answer
        self._last_was_extra = turn.extra
        match outcome:
            case Snapshot():
                log.info("a reading by %s in %.2f s", outcome.way, outcome.took)
                self._failures = self._signed_out = 0
                self._rhythm.learn(outcome)
                self._reset_at = _next_reset(outcome, self._clock.now())
            case Failure():
                log.info("%s: %s", outcome.error.code, outcome.error.message)
                self._failures += 1
                self._signed_out = self._signed_out + 1 if isinstance(outcome.error, NotLoggedIn) else 0
                self._failed_delay = self._delay_after_failure()
                if self._reset_at is not None and self._reset_at <= self._clock.now():
                    self._reset_at = None

    def _delay_after_failure(self) -> float:
        if self._signed_out:
            return _doubled(SIGNED_OUT_FIRST, self._signed_out, SIGNED_OUT_LONGEST)
        # A person who wants to be asked rarely is not asked more often because it fails.
        longest = max(self._rhythm.base, LONGEST_BACKOFF)
        return _doubled(2 * SHORTEST_INTERVAL, self._failures, longest) * (1 + self._jitter()) / 2


def _doubled(first: float, times: int, longest: float) -> float:
    return float(min(first * 2 ** min(times - 1, 20), longest))


def _next_reset(snapshot: Snapshot, now: datetime) -> datetime | None:
    ends = (window.ends_at for window in snapshot.report.windows if window.kind is WindowKind.PLAN)
    return min((end for end in ends if end is not None and end > now), default=None)
