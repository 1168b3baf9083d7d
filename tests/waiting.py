"""Waiting for what other programs do. No other test module waits with a loop of its own.

A test fails only where something never happens: how long it takes depends on how busy the machine is. So the limit is
far above what is needed, and far below how long the programs of the tests hang.
"""

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds."""
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.1


def eventually(holds: Callable[[], object], within: float = PATIENCE) -> bool:
    """Look again and again; return whether it holds in time."""
    deadline, pause = time.monotonic() + within, FIRST_PAUSE
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)  # nothing says when another program has done something; so the processor is left to it
        pause = min(2 * pause, LONGEST_PAUSE)
    return True


def wait_until(holds: Callable[[], object], seen: Callable[[], object] = lambda: "") -> None:
    """Return when it holds; fail with what is seen instead where it does not in time."""
    assert eventually(holds), f"not within {PATIENCE:.0f} s; instead: {seen()}"
