"""`kiro-tui status`: ask once, print the reading, exit.

Must never import textual, and must never end while a child of ours lives: a signal cancels the question, and the
source has ended what it had started before this returns.
"""

import asyncio
import logging
import signal
from collections.abc import Coroutine
from contextlib import aclosing

from kiro_tui.clock import SystemClock
from kiro_tui.commands.source import OpenSource, open_probe
from kiro_tui.domain.state import Failure, Outcome, Snapshot, State, advance
from kiro_tui.output.as_json import document, render
from kiro_tui.output.as_text import text
from kiro_tui.poller import Poller
from kiro_tui.settings import Settings
from kiro_tui.streams import complain, write

log = logging.getLogger(__name__)

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(settings: Settings, *, as_json: bool, pretty: bool, open_source: OpenSource = open_probe) -> int:
    """Print one reading, or why there is none, and return the exit status."""
    clock = SystemClock()
    poller = Poller(open_source(settings, clock), clock, settings.interval)
    poller.refresh()  # whoever types the command is the person who asks
    outcome = asyncio.run(_unless_ended(_first_outcome(poller)))
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


async def _unless_ended(answer: Coroutine[None, None, Outcome]) -> Outcome | signal.Signals:
    """Return the answer, or the signal that ended the waiting for it."""
    loop = asyncio.get_running_loop()
    waiting = asyncio.ensure_future(answer)
    received: list[signal.Signals] = []

    def end(number: signal.Signals) -> None:
        if not received:  # a second one must not disturb the tidying up after the first
            received.append(number)
            waiting.cancel()

    for number in ENDING_SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup wants it ignored
            loop.add_signal_handler(number, end, number)
    await asyncio.wait([waiting])
    if received and (waiting.cancelled() or waiting.exception() is None):
        return received[0]
    return waiting.result()
