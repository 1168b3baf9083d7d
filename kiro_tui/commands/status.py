"""`kiro-tui status`: ask once, print the reading, exit.

Must never import textual, and must never end while a child of ours lives.
"""

import asyncio
import logging
import signal

from kiro_tui.clock import SystemClock
from kiro_tui.commands.shared import open_shared
from kiro_tui.commands.signals import unless_ended
from kiro_tui.commands.source import OpenSource, open_probe
from kiro_tui.domain.state import Failure, Outcome, Snapshot, State, advance
from kiro_tui.output.as_json import document, render
from kiro_tui.output.as_text import text
from kiro_tui.settings import Settings
from kiro_tui.sharing.source import SharedSource
from kiro_tui.streams import complain, write

log = logging.getLogger(__name__)


def run(settings: Settings, *, as_json: bool, pretty: bool, open_source: OpenSource = open_probe) -> int:
    """Print one reading, or why there is none, and return the exit status."""
    clock = SystemClock()
    with open_shared(settings, clock, open_source) as shared:
        answer = asyncio.run(unless_ended(_asked(shared, State(settings.interval))))
    if isinstance(answer, signal.Signals):
        log.info("ended by %s", answer.name)
        return 128 + answer
    state, outcome = answer
    if as_json:
        write(render(document(state, clock.now(), show_email=settings.show_email), pretty=pretty) + "\n")
    else:
        write(text(state, clock.now(), show_email=settings.show_email))
    if isinstance(outcome, Snapshot):
        return 0
    return outcome.error.exit_status if as_json else complain(outcome.error)


async def _asked(shared: SharedSource, state: State) -> tuple[State, Outcome]:
    """Return what is known after asking; after a failure that is the last good reading, where there is one."""
    log.info("asking")
    outcome = await shared.ask(by_person=True)  # whoever types the command is the person who asks
    if isinstance(outcome, Failure):
        log.info("%s: %s", outcome.error.code, outcome.error.message)
        last = await shared.last()
        state = state if last is None else advance(state, last)
    return advance(state, outcome), outcome
