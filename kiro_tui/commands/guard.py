"""`kiro-tui guard`: end well while enough credits are left, so that a script can stop before they do.

Must never end well for a number that was not read, except where that was asked for by name (`--fail-open`).
"""

import asyncio
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
from kiro_tui.domain.carding import figures_of
from kiro_tui.domain.enough import Minimum, decisive, minimum_of
from kiro_tui.domain.state import SHORTEST_INTERVAL, Failure, Snapshot
from kiro_tui.domain.text import clean
from kiro_tui.errors import NoNumbers, ProbeError, UsageError
from kiro_tui.output import guard as said
from kiro_tui.output.as_json import render
from kiro_tui.settings import Settings, open_state_folder
from kiro_tui.streams import complain, remark, write


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said on the command line."""

    min_remaining: str | None
    window: str = "plan"
    max_age: str | None = None
    fail_open: bool = False
    json: bool = False
    options: Sequence[str] = ()
    """The options of all commands, as they were given."""

    @property
    def minimum(self) -> Minimum:
        """How much must be left; raises UsageError."""
        if self.min_remaining is None:
            raise UsageError("guard must be told how much has to be left.", "Try: kiro-tui guard --min-remaining 10%")
        minimum = minimum_of(self.min_remaining)
        if minimum is None:
            found = f"found {clean(self.min_remaining, 80)!r}"
            message = f"--min-remaining: expected a percent up to 100%, or credits without a sign, {found}"
            raise UsageError(message, "See: kiro-tui guard --help")
        return minimum


def run(settings: Settings, asked: Asked, *, open_source: OpenSource = open_probe) -> int:
    """Say whether enough is left, and return the exit status."""
    minimum = asked.minimum
    limit = age(asked.max_age, said.MAX_AGE, "guard")
    clock = SystemClock()
    on = replace(terms(settings, os.environ), max_age=limit, max_failure_age=min(limit, SHORTEST_INTERVAL))
    folder = open_state_folder()
    with share(open_source(settings, clock), clock, folder, on) as shared:
        outcome = asyncio.run(unless_ended(shared.ask()))
    hurry.leave_note(settings, folder, asked.options)
    if isinstance(outcome, signal.Signals):
        return 128 + outcome
    if isinstance(outcome, Failure):
        return _failed(outcome.error, asked)
    return _judged(outcome, asked, minimum, clock.now())


def _judged(snapshot: Snapshot, asked: Asked, minimum: Minimum, now: datetime) -> int:
    pot = decisive(figures_of(snapshot), asked.window, minimum, now.timestamp())
    if pot is None:
        return _failed(NoNumbers(*said.UNDECIDED), asked)
    if asked.json:
        write(render(said.document(pot, asked.window, minimum, snapshot, now), pretty=False) + "\n")
    elif pot.has(minimum):
        write(said.enough(pot, now.timestamp()))
    else:
        remark(said.too_little(pot, minimum, now.timestamp()))
    return 0 if pot.has(minimum) else said.TOO_LITTLE


def _failed(error: ProbeError, asked: Asked) -> int:
    """Say why there is no verdict; let through only where that was asked for."""
    if asked.json:
        write(render(said.failure(error, asked.window), pretty=False) + "\n")
    elif asked.fail_open:
        remark(f"{error.message} Let through all the same, as --fail-open says.")
    else:
        complain(error)
    return 0 if asked.fail_open else error.exit_status
