"""`kiro-tui status`: ask once, print the reading, exit.

Must never import textual, and must never end while a child of ours lives.
"""

import asyncio
import logging
import signal
from contextlib import aclosing

from kiro_tui.clock import SystemClock
from kiro_tui.commands.signals import unless_ended
from kiro_tui.commands.source import OpenSource, open_probe
from kiro_tui.domain.state import Failure, Outcome, Snapshot, State, advance
from kiro_tui.output.as_json import document, render
from kiro_tui.output.as_text import text
from kiro_tui.poller import Poller
from kiro_tui.settings import Settings
from kiro_tui.streams import complain, write

log = logging.getLogger(__name__)


def run(settings: Settings, *, as_json: bool, pretty: bool, open_source: OpenSource = open_probe) -> int:
    """Print one reading, or why there is none, and return the exit status."""
    clock = SystemClock()
    poller = Poller(open_source(settings, clock), clock, settings.interval)
    poller.refresh()  # whoever types the command is the person who asks
    outcome = asyncio.run(unless_ended(_first_outcome(poller)))
    if isinstance(outcome, signal.Signals):
        log.info("ended by %s", outcome.name)
        return 128 + outcome
    state = advance(State(settings.interval), outcome)
    if as_json:
        write(render(document(state, clock.now(), show_email=settings.show_email), pretty=pretty) + "\n")
    else:
        write(text(state, clock.now(), show_email=settings.show_email))
    if isinstance(outcome, Snapshot):
        return 0
    return outcome.error.exit_status if as_json else complain(outcome.error)


async def _first_outcome(poller: Poller) -> Outcome:
    async with aclosing(poller.events()) as events:
        return await anext(event async for event in events if isinstance(event, Snapshot | Failure))
