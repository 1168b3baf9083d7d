"""Listening in while a question is answered: a starter of programs that notes what passes, and changes nothing of it.

Must never hold a program back, or keep it alive: whoever asks still reads, writes and closes.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from kiro_tui.clock import Clock
from kiro_tui.probe.process.child import Child, Command, Ending, Launch
from kiro_tui.recording.values import Chunk, Run


class Tape:
    """Notes every program that is started with `launch`."""

    def __init__(self, launch: Launch, clock: Clock) -> None:
        self._launch = launch
        self._clock = clock
        self._began = clock.monotonic()
        self.runs: list[Run] = []
        """Those that have ended, in the order in which they did."""

    @asynccontextmanager
    async def launch(self, command: Command) -> AsyncIterator[Child]:
        """Start a program and note what passes; leaving the context closes it, also when cancelled."""
        at = self._clock.monotonic()
        async with self._launch(command) as child:
            tapped = _Tapped(child, self._clock)
            try:
                yield tapped
            finally:
                ending = await tapped.close()
                argv = (Path(command.argv[0]).name, *command.argv[1:])
                chunks = tuple(tapped.chunks)
                self.runs.append(Run(argv, at - self._began, command.terminal, command.seconds, chunks, ending))


class _Tapped:
    """A program, and a note of what passes."""

    def __init__(self, child: Child, clock: Clock) -> None:
        self._child = child
        self._clock = clock
        self._began = clock.monotonic()
        self.chunks: list[Chunk] = []

    async def read(self, within: float) -> bytes | None:
        data = await self._child.read(within)
        over = bool(self.chunks) and self.chunks[-1] == Chunk(self.chunks[-1].at, b"")
        if data is not None and not (data == b"" and over):
            self.chunks.append(Chunk(self._passed(), data))
        return data

    def write(self, data: bytes) -> None:
        self.chunks.append(Chunk(self._passed(), data, told=True))
        self._child.write(data)

    async def close(self, *, at_once: bool = False) -> Ending:
        return await self._child.close(at_once=at_once)

    def _passed(self) -> float:
        return self._clock.monotonic() - self._began
