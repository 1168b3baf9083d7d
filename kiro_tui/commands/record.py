"""`kiro-tui record FILE`: ask once and keep every byte of it, masked unless the person wants it otherwise."""

import asyncio
import os
import signal

from kiro_tui.clock import SystemClock
from kiro_tui.commands.identity import telling_names
from kiro_tui.commands.new_file import new_file
from kiro_tui.commands.signals import unless_ended
from kiro_tui.domain.state import Failure
from kiro_tui.domain.text import clean
from kiro_tui.output.as_text import outcome_text
from kiro_tui.probe.process.child import launch
from kiro_tui.recording.file import encode
from kiro_tui.recording.making import Made, Question, masked, record
from kiro_tui.recording.player import play
from kiro_tui.settings import Settings, open_state_folder
from kiro_tui.streams import complain, write

UNFAITHFUL = """\
Masked, this recording is not read as the original was: a name of yours is also a word that kiro-cli uses.
If nobody else gets to see it: kiro-tui record --unmasked
"""


def run(settings: Settings, path: str, *, unmasked: bool) -> int:
    """Write the recording, say what was read, and return the exit status: 0 as soon as there is a recording."""
    clock = SystemClock()
    question = Question(
        launch, clock, os.environ, open_state_folder(), settings.kiro_cli, settings.timeout, settings.source
    )
    with new_file(path) as write_file:
        made = asyncio.run(unless_ended(record(question)))
        if isinstance(made, signal.Signals):
            return 128 + made
        recording = made.recording
        if isinstance(made.outcome, Failure) and not recording.runs:
            return complain(made.outcome.error)
        if not unmasked:
            recording = masked(made, telling_names(os.environ, made.probe.account))
        write_file(encode(recording))
    write(f"{_summary(made)}, into {clean(path)}{' (nothing is masked in it)' if unmasked else ''}.\n\n")
    if not unmasked and asyncio.run(play(recording)).document != recording.outcome:
        write(UNFAITHFUL + "\n")
    write(outcome_text(made.outcome, clock.now(), show_email=settings.show_email))
    return 0


def _summary(made: Made) -> str:
    runs = made.recording.runs
    sizes = sum(len(run.said) for run in runs)
    programs = "1 program" if len(runs) == 1 else f"{len(runs)} programs"
    return f"Recorded {programs} and {sizes} bytes of kiro-cli {made.recording.kiro_cli or '(of unknown version)'}"
