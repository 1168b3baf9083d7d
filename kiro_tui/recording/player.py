"""A recording asked again: the same question, the real probe, and programs that say what they said then.

Nothing is started, and no time passes but on the recording's own clock, so that a minute is read in an instant. What
was said after we had written something is only said after we have written again. Must never believe a recording: it
may say anything at all.
"""

from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from kiro_tui.clock import SystemClock
from kiro_tui.domain.state import Outcome, Snapshot, State, advance
from kiro_tui.errors import UsageError
from kiro_tui.output.as_json import document
from kiro_tui.probe.finding import NAME
from kiro_tui.probe.installation import ENGINE_V3, Installation, fingerprint, read_version
from kiro_tui.probe.memory import Memory
from kiro_tui.probe.probe import Probe
from kiro_tui.probe.process.child import Child, Command, End, Ending
from kiro_tui.recording.values import Document, Recording, Run

LEAST_WAIT = 1e-6
"""Seconds by which every waiting moves the clock on, so that none is endless."""
NOT_COMPARED = ("taken_at", "age_seconds", "stale", "took_seconds", "manage_url", "status_url")
"""What depends on when and how fast a recording is played, or is not read at all."""


class RecordedTime:
    """A clock that stands at the time of a recording, and moves only as somebody waits."""

    def __init__(self, began: datetime) -> None:
        self._began = began
        self._passed = 0.0

    def now(self) -> datetime:
        """Return the wall time as it was then, aware UTC."""
        return self._began + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        """Return the seconds since the recording began."""
        return self._passed

    async def sleep(self, seconds: float) -> None:
        """Let other tasks run, and so much time pass."""
        self._passed += max(seconds, 0)
        await SystemClock().sleep(0)

    async def wait(self, seconds: float) -> None:
        """Let so much time pass, and never none."""
        await self.sleep(max(seconds, LEAST_WAIT))


class Player:
    """Plays the runs of a recording to whoever starts the same programs again, each once."""

    def __init__(self, recording: Recording, clock: RecordedTime) -> None:
        self._runs = list(recording.runs)
        self._clock = clock

    @asynccontextmanager
    async def launch(self, command: Command) -> AsyncIterator[Child]:
        """Play the first run of that command that was not played yet; UsageError where there is none."""
        asked = command.argv[1:], command.terminal is None
        found = next((run for run in self._runs if (run.argv[1:], run.terminal is None) == asked), None)
        if found is None:
            raise UsageError(
                f"This kiro-tui asks `kiro-cli {' '.join(command.argv[1:])}`, and the recording holds no answer to it.",
                "Make the recording anew with this version, or play it with the one that made it.",
            )
        self._runs.remove(found)
        yield _Played(found, self._clock)


class _Played:
    """A program that says what it said then, at the same pace."""

    def __init__(self, run: Run, clock: RecordedTime) -> None:
        self._clock = clock
        self._chunks = deque(run.chunks)
        self._ending = run.ending
        self._over = False
        self._written_ahead = 0
        self._last = clock.monotonic()
        """When the last chunk passed, on the clock."""
        self._last_at = 0.0
        """When it passed then."""

    async def read(self, within: float) -> bytes | None:
        if self._over:
            return b""
        while self._chunks and self._chunks[0].told and self._written_ahead:
            self._written_ahead -= 1
            self._take()
        if not self._chunks or self._chunks[0].told:
            await self._clock.wait(within)
            return None
        due = self._last + max(self._chunks[0].at - self._last_at, 0)
        left = due - self._clock.monotonic()
        await self._clock.wait(min(left, within))
        if left > within:
            return None
        data = self._take()
        self._over = data == b""
        return data

    def write(self, data: bytes) -> None:  # noqa: ARG002 - what a program was told then is what it answered to
        if self._chunks and self._chunks[0].told:
            self._take()
        else:
            self._written_ahead += 1

    async def close(self, *, at_once: bool = False) -> Ending:  # noqa: ARG002 - nothing runs that could stay
        return replace(self._ending, end=End.RELEASED, status=None, signal=None) if self._chunks else self._ending

    def _take(self) -> bytes:
        chunk = self._chunks.popleft()
        self._last, self._last_at = self._clock.monotonic(), chunk.at
        return chunk.data


class Played(NamedTuple):
    """What came of playing a recording."""

    outcome: Outcome
    document: Document
    """The same as a recording notes it."""
    moment: datetime
    """When that was, by the recording's clock."""


async def play(recording: Recording) -> Played:
    """Ask the recording what kiro-cli was asked; UsageError where it holds no answer to that."""
    with _machine(recording) as (program, state):
        clock = RecordedTime(recording.recorded_at)
        probe = Probe(
            launch=Player(recording, clock).launch,
            clock=clock,
            environment={},
            state_folder=state,
            path=program,
            timeout=recording.timeout,
            ways=recording.ways,
            is_idle=lambda: any(ENGINE_V3 in run.argv for run in recording.runs),  # as it was when it was recorded
        )
        outcome = await probe.ask()
    return Played(outcome, outcome_document(outcome), clock.now())


@contextmanager
def _machine(recording: Recording) -> Iterator[tuple[str, Path]]:
    """Lend a kiro-cli that can be found, and a state folder in which is known what was known then."""
    with TemporaryDirectory(prefix="kiro-tui-replay-") as folder:
        program, state = Path(folder, NAME), Path(folder, "state")
        program.touch(mode=0o700)  # it is never started
        state.mkdir()
        Memory(state).learn(_key(recording, str(program)), recording.learned)
        yield str(program), state


def _key(recording: Recording, program: str) -> str:
    version = read_version(f"kiro-cli {recording.kiro_cli}") if recording.kiro_cli else None
    return Installation(program, version, fingerprint(program)).key


def outcome_document(outcome: Outcome) -> Document:
    """Return what came of a question, without what would differ if it were answered again, or said in other words."""
    moment = outcome.taken_at if isinstance(outcome, Snapshot) else outcome.at
    found = document(advance(State(interval=0), outcome), moment, show_email=True)
    reading, error = found["reading"], found["error"]
    if reading:
        reading = {name: value for name, value in reading.items() if name not in NOT_COMPARED}
        reading["kiro_cli"] = reading["kiro_cli"]["version"]
        reading["notes"] = [note["code"] for note in reading["notes"]]
        for figures in filter(None, (*reading["windows"], reading["overage"])):
            del figures["as_of"]  # one question keeps nothing of an earlier one
    attempts = [
        {"way": attempt.way.value, "error": attempt.error and attempt.error.code} for attempt in outcome.attempts
    ]
    return {"reading": reading, "error": error and error["code"], "attempts": attempts}
