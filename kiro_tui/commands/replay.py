"""`kiro-tui replay FILE`: show a recording as it came, and read it again.

What kiro-cli said never reaches our terminal as it is: it is drawn on a terminal of ours, and the text of that is
shown. Nothing is asked, and nothing is started.
"""

import asyncio
import json
import os
import shlex
import signal
import sys

from kiro_tui.clock import Clock, SystemClock
from kiro_tui.commands.signals import unless_ended
from kiro_tui.domain.text import clean
from kiro_tui.output.as_text import outcome_text
from kiro_tui.probe.process.child import End, Size
from kiro_tui.probe.terminal.terminal import Terminal
from kiro_tui.recording.file import load
from kiro_tui.recording.player import play
from kiro_tui.recording.values import Chunk, Recording, Run
from kiro_tui.settings import Settings
from kiro_tui.streams import write

WIDEST_LINE = 4000
"""Characters of one line on pipes; a longer one is cut."""
RULE = "─" * 8
NO_WRAP, WRAP = "\x1b[?7l", "\x1b[?7h"


def run(settings: Settings, path: str, *, fast: bool) -> int:
    """Show the recording and what is read from it, and return the exit status."""
    recording = load(path)
    live = not fast and sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    ended = asyncio.run(unless_ended(_show(recording, SystemClock() if live else None)))
    if isinstance(ended, signal.Signals):
        return 128 + ended
    played = asyncio.run(play(recording))
    outcome, then = played.outcome, played.moment
    write(f"{RULE} What is read from it\n\n{outcome_text(outcome, then, show_email=settings.show_email)}")
    if played.document != recording.outcome:
        noted = json.dumps(recording.outcome, indent=2)  # in ASCII, so that whatever it holds is only text
        write(f"\nWhen it was recorded something else was read:\n{noted}\n")
    return 0


async def _show(recording: Recording, live: Clock | None) -> None:
    """Show all runs; at their own pace where there is a clock for it."""
    version = clean(recording.kiro_cli or "of unknown version")
    hidden = "masked" if recording.masked else "nothing masked"
    when = f"{recording.recorded_at:%Y-%m-%d %H:%M} UTC"
    write(f"kiro-cli {version}, recorded {when} by kiro-tui {clean(recording.kiro_tui)}, {hidden}\n\n")
    for each in recording.runs:
        write(f"{RULE} {_heading(each)}\n\n")
        if live and each.terminal:
            await _draw(each, live)
        if each.terminal:
            write(f"{each.frame().text}\n\n")
        else:
            await _tell(each, live)


def _heading(run: Run) -> str:
    where = f"terminal of {run.terminal.columns}×{run.terminal.rows}" if run.terminal else "pipes"
    return f"{clean(shlex.join(run.argv))}  ({where}, {_ending(run)})"


def _ending(run: Run) -> str:
    took = f"{run.chunks[-1].at:.2f} s" if run.chunks else "nothing was said"
    ending = run.ending
    if ending.end is not End.EXITED:
        return f"{took}, {ending.end.replace('_', ' ')}"
    return f"{took}, ended by signal {ending.signal}" if ending.signal else f"{took}, exit status {ending.status}"


async def _draw(run: Run, clock: Clock) -> None:
    """Let the screen come about as it did then, in place, and leave the cursor where it began."""
    terminal = Terminal(run.terminal or Size())
    rows = max(os.get_terminal_size(sys.stdout.fileno()).lines - 2, 1)
    shown, passed = 0, 0.0
    for chunk in run.chunks:
        await clock.sleep(max(chunk.at - passed, 0))
        passed = chunk.at
        if not chunk.told:
            terminal.feed(chunk.data)
            lines = terminal.frame().lines[-rows:]
            write(_back(shown) + NO_WRAP + "".join(f"{line}\n" for line in lines) + WRAP)
            shown = len(lines)
    write(_back(shown))


def _back(lines: int) -> str:
    """Return what takes the cursor so many lines up and clears all below."""
    return f"\x1b[{lines}F\x1b[J" if lines else ""


async def _tell(run: Run, live: Clock | None) -> None:
    passed = 0.0
    for chunk in run.chunks:
        if live:
            await live.sleep(max(chunk.at - passed, 0))
        passed = chunk.at
        write("".join(f"{line}\n" for line in _lines(chunk)))
    write("\n")


def _lines(chunk: Chunk) -> list[str]:
    mark = ">" if chunk.told else "<"
    said = chunk.data.decode(errors="replace").splitlines()
    return [f"{mark} {clean(line, WIDEST_LINE)}" for line in said if line.strip()]
