"""What the kernel says of a program and all that it has started: processor time, wake-ups, memory."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
QUIET = 0.2
"""So much of a processor may others use while we measure."""


class Use(NamedTuple):
    """What was used since the start, but for what has ended already."""

    processor: float
    """Seconds."""
    wake_ups: int
    """How often any thread has begun to run again after it waited."""


def use_of(pid: int) -> Use:
    """Return what the program has used so far, to the nanosecond: the usual counters know hundredths of a second."""
    processor, wake_ups = 0, 0
    for member in family(pid):
        for thread in (PROC / str(member) / "task").iterdir():
            try:
                processor += int((thread / "schedstat").read_text().split()[0])
                status = (thread / "status").read_text()
            except FileNotFoundError:
                continue  # it has just ended
            wake_ups += int(status.partition("\nvoluntary_ctxt_switches:")[2].split(maxsplit=1)[0])
    return Use(processor / 1e9, wake_ups)


def memory_of(pid: int) -> float:
    """Return the proportional set size in MiB: what is shared with others counts by its share."""
    lines = "".join((PROC / str(member) / "smaps_rollup").read_text() for member in family(pid)).splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def family(pid: int) -> Iterator[int]:
    """Yield the process and all below it."""
    yield pid
    for thread in (PROC / str(pid) / "task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from family(int(child))


def wait_for_quiet(most: float) -> float:
    """Wait until others leave the machine alone, but not for ever; return how many processors they use."""
    deadline = time.monotonic() + most
    while True:
        before = _busy()
        time.sleep(0.5)
        others = (_busy() - before) / 0.5
        if others <= QUIET or time.monotonic() >= deadline:
            return others


def _busy() -> float:
    """Return the seconds that all processors together have worked."""
    user, nice, system, _idle, _waiting, *others = map(int, (PROC / "stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + sum(others)) / os.sysconf("SC_CLK_TCK")
