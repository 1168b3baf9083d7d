"""A pilot that waits until a dashboard has done all that there is to do, however busy the machine is.

Textual's own takes an app for idle when its process used little of the processor for a fiftieth of a second. On a busy
machine that is also true of an app that was given none of it, and a test then looks at half a page.
"""

import asyncio
import time
from typing import Any

from textual.app import App
from textual.pilot import Pilot

TURNS = 5
"""So often in a row there must be nothing to do: a message that was taken out may bring others."""
LONGEST = 10.0
"""Seconds after which it stays as it is: an app that never comes to rest is a matter for the test."""


async def is_at_rest(app: App[Any]) -> bool:
    """Return whether no message waits for anybody in the app, and no change of its size for its short timer."""
    if app._resize_event is not None or app._resize_timer is not None:
        return False
    for _ in range(TURNS):
        await asyncio.sleep(0)
        pumps = [app, *app._registry]
        if any(pump._running and (pump._next_callbacks or not pump._message_queue.empty()) for pump in pumps):
            return False
    return True


def install() -> None:
    """Let every pilot pause for as long as there is something to do."""
    pause = Pilot.pause

    async def pause_until_at_rest(self: Pilot[Any], delay: float | None = None) -> None:
        await pause(self, delay)
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline and not await is_at_rest(self.app):
            await pause(self)

    Pilot.pause = pause_until_at_rest
