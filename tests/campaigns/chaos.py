"""Hostile programs by the hundred, a quarter of them cancelled at a random moment: what is left afterwards?

PYTHONPATH=tests python -m campaigns.chaos --runs 1000 --lanes 4
"""

import argparse
import asyncio
import random
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Self

import hostile

from kiro_tui.probe.process.child import Command, Size, launch
from kiro_tui.probe.process.leaving import leaving

PACE = 0.02


class LoopLag:
    """How long the event loop did not come back to a tick that was due, at worst, in seconds.

    It is counted in the beats of a thread beside the loop. A busy machine holds up both, so only what blocks the loop
    alone is counted.
    """

    def __init__(self) -> None:
        self.worst = 0.0
        self._beats = self._seen = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._next = self._loop.call_later(PACE, self._tick)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._tick()
        self._next.cancel()
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stop.wait(PACE):
            self._beats += 1

    def _tick(self) -> None:
        beats = self._beats
        self.worst = max(self.worst, (beats - self._seen - 1) * PACE)
        self._seen = beats
        self._next = self._loop.call_later(PACE, self._tick)


@dataclass
class Result:
    """What a campaign found."""

    runs: int
    descriptors: tuple[int, int]
    zombies: int
    orphans: dict[int, str]
    left: int
    lag: float
    ends: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __str__(self) -> str:
        by_program = sorted({name for name, _ in self.ends})
        lines = [
            f"runs                {self.runs}",
            f"descriptors         {self.descriptors[0]} before, {self.descriptors[1]} after",
            f"zombies             {self.zombies}",
            f"orphans             {len(self.orphans)} {list(self.orphans.values())}",
            f"given up            {self.left}",
            f"worst loop lag      {self.lag * 1000:.0f} ms",
            "",
        ]
        for name in by_program:
            ends = ", ".join(f"{end} {count}" for (other, end), count in sorted(self.ends.items()) if other == name)
            lines.append(f"{name:30} {ends}")
        return "\n".join(lines)


class Campaign:
    """So many runs in so many lanes, the same ones for the same seed."""

    def __init__(self, runs: int, lanes: int, seed: int) -> None:
        self._token = hostile.new_token()
        self._chance = random.Random(seed)  # noqa: S311 - to repeat a campaign, not to keep a secret
        self._programs = islice(cycle(hostile.NAMES), runs)
        self._lanes = lanes
        self.result = Result(runs, (0, 0), 0, {}, 0, 0.0)

    async def run(self) -> Result:
        """Run all, and count what is left when every run says that it is over, and who left in the background has."""
        before, others = hostile.descriptors(), hostile.zombies()
        with LoopLag() as lag:
            await asyncio.gather(*(self._lane() for _ in range(self._lanes)))
            await leaving.wait()
        self.result.lag = lag.worst
        self.result.descriptors = before, hostile.descriptors()
        self.result.zombies = len(hostile.zombies() - others)
        for _ in range(20):  # one look may miss a hopper
            self.result.orphans |= hostile.alive(self._token)
        return self.result

    async def _lane(self) -> None:
        for name in self._programs:
            task = asyncio.create_task(self._one(name))
            if self._chance.random() < 0.25:
                await self._interrupt(task)
            try:
                end = await task
            except asyncio.CancelledError:
                end = "cancelled"
            self.result.ends[name, end] += 1

    async def _interrupt(self, task: asyncio.Task[str]) -> None:
        for _ in range(self._chance.choice((1, 2))):
            await asyncio.wait([task], timeout=self._chance.random() * 0.3)
            task.cancel()

    async def _one(self, name: str) -> str:
        command = Command(
            hostile.argv(name, self._token),
            hostile.environment(self._token),
            "/",
            seconds=0.4,
            terminal=Size() if self._chance.random() < 0.6 else None,
            max_bytes=200_000,
            leave_within=self._chance.choice((0.0, 0.0, 0.2)),
        )
        async with launch(command) as child:
            while data := await child.read(20.0):  # the deadline ends it, however long a busy machine takes
                if b"\x1b[6n" in data:
                    child.write(b"\x1b[1;1R")
            ending = await child.close()
        self.result.left += ending.left
        return ending.end


def main() -> int:
    """Run one campaign from the command line; 1 when something was left."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--lanes", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    result = asyncio.run(Campaign(options.runs, options.lanes, options.seed).run())
    sys.stdout.write(f"{result}\n")
    before, after = result.descriptors
    return int(bool(result.orphans or result.zombies or result.left or after > before))


if __name__ == "__main__":
    sys.exit(main())
