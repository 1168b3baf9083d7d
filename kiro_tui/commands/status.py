"""`kiro-tui status`: say what is known, asking first where that is wanted, and exit.

Must never import textual, and must never end while a child of ours lives, except one that asks behind a status line.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kiro_tui.clock import SystemClock
from kiro_tui.commands import hurry
from kiro_tui.commands.ages import age
from kiro_tui.commands.shared import share, terms
from kiro_tui.commands.signals import unless_ended
from kiro_tui.commands.source import OpenSource, open_probe
from kiro_tui.domain.carding import card_of
from kiro_tui.domain.state import SHORTEST_INTERVAL, Failure, State, advance
from kiro_tui.domain.text import clean
from kiro_tui.errors import NoNumbers, ProbeError, UsageError
from kiro_tui.output import lines, template
from kiro_tui.output.as_json import document, error_document, render
from kiro_tui.output.as_text import text
from kiro_tui.output.words import NOTHING_KNOWN
from kiro_tui.settings import Settings, open_state_folder
from kiro_tui.sharing.source import SharedSource
from kiro_tui.streams import complain, write

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said on the command line."""

    json: bool = False
    pretty: bool = False
    format: str | None = None
    """The name of a format, or a template."""
    cached: bool = False
    max_age: str | None = None
    behind: bool = False
    """Say what is known, and ask behind it."""
    options: Sequence[str] = ()
    """The options of all commands, as they were given: whoever asks behind it gets them too."""

    def check(self) -> None:
        """Raise what is wrong with it before anything is done."""
        if self.pretty and not self.json:
            raise UsageError("--pretty is for JSON.", "Try: kiro-tui status --json --pretty")
        if self.json and self.format is not None:
            raise UsageError("The output can be JSON or a format, not both.", "Leave --json or --format out.")
        if self.cached and self.max_age is not None:
            hint = "Leave --max-age out, or ask behind what is known: --refresh-in-background"
            raise UsageError("--cached never asks, however old the last reading is.", hint)
        if self.format is not None and self.format not in lines.NAMES:
            _check_template(self.format)

    @property
    def waits(self) -> bool:
        """Whether what is said waits for kiro-cli."""
        return not self.cached and not self.behind


def run(settings: Settings, asked: Asked, *, open_source: OpenSource = open_probe) -> int:
    """Print what is known, or why nothing is, and return the exit status."""
    asked.check()
    clock = SystemClock()
    limit = age(asked.max_age, settings.interval, "status")
    on = terms(settings, os.environ)
    if asked.max_age is not None:
        on = replace(on, max_age=limit, max_failure_age=min(limit, SHORTEST_INTERVAL))
    folder = open_state_folder()
    with share(open_source(settings, clock), clock, folder, on) as shared:
        known = asyncio.run(unless_ended(_asked(shared, settings, asked) if asked.waits else _known(shared, settings)))
    if isinstance(known, signal.Signals):
        log.info("ended by %s", known.name)
        return 128 + known
    status = _say(known, asked, clock.now(), settings)
    hurry.leave_note(settings, folder, asked.options)
    if not asked.waits:
        hurry.leave_card(known, folder, on.scope)
    if asked.behind:
        hurry.ask_behind(known, folder, on.scope, limit, asked.options)
    return status


async def _asked(shared: SharedSource, settings: Settings, asked: Asked) -> State:
    """Return what is known after asking; after a failure that is the last good reading, where there is one."""
    state = State(settings.interval)
    log.info("asking")
    # Whoever types the command is the person who asks; with an age it is a program that does so time and again.
    outcome = await shared.ask(by_person=asked.max_age is None)
    if isinstance(outcome, Failure):
        log.info("%s: %s", outcome.error.code, outcome.error.message)
        last = await shared.last()
        state = state if last is None else advance(state, last)
    return advance(state, outcome)


async def _known(shared: SharedSource, settings: Settings) -> State:
    """Return what all programs know, without asking."""
    state = State(settings.interval)
    for event in (await shared.last(), shared.last_failure()):
        state = state if event is None else advance(state, event)
    return state


def _say(state: State, asked: Asked, now: datetime, settings: Settings) -> int:
    error = _error(state)
    if asked.json:
        said = document(state, now, show_email=settings.show_email)
        if error is not None and state.failure is None:
            said = error_document(error)
        write(render(said, pretty=asked.pretty) + "\n")
        return error.exit_status if error is not None else 0
    if asked.format in {None, lines.PLAIN}:
        write(text(state, now, show_email=settings.show_email))
    else:
        card = card_of(state.latest, state.failure)
        write(lines.line(card, asked.format or "", now.timestamp(), settings.interval))
    return complain(error) if error is not None else 0


def _error(state: State) -> ProbeError | None:
    """Return why the last question failed, or that nothing is known; None where all is well."""
    if state.failure is not None:
        return state.failure.error
    return None if state.latest is not None else NoNumbers(NOTHING_KNOWN.message, NOTHING_KNOWN.hint)


def _check_template(wanted: str) -> None:
    try:
        template.parsed(wanted)
    except template.Mistake as mistake:
        names = ", ".join(lines.NAMES)
        hint = f"There are {names}, and templates such as '{{percent:.0f}}% {{resets_in}}'."
        raise UsageError(f"--format: {clean(str(mistake), 600)}.", hint) from None
