"""What is done with the programs, once a round: each trial adds its figures to the samples, all programs in turn."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import screens
from benchmarks.homes import KIRO_TUI, Home
from benchmarks.pane import COLUMNS, ROWS, Chunk, Pane, watch
from benchmarks.processes import memory_of, use_of
from benchmarks.programs import (
    CACHED,
    CAT,
    EMPTY,
    GROWN,
    HTOP,
    MINUTES,
    PASS,
    SPEND_AGAIN,
    SPEND_FIRST,
    TEXTBOOK,
    Program,
    own_path,
    own_program,
)
from benchmarks.samples import Samples, add

STARTED = 8.0
"""Seconds after which every program has started, asked, drawn and come to rest."""
QUIET = 0.4
"""Seconds without a byte after which a program has drawn what it had to; while it asks, it draws every quarter."""
LEAVE: Mapping[str, str | signal.Signals] = {"q": "q", "term": signal.SIGTERM, "hup": signal.SIGHUP}
PALETTE, CLOSE = "\x10", "\x1b"
"""Of every Textual app."""
KEYS = (PALETTE, CLOSE, "?", CLOSE, "h", CLOSE, "w", CLOSE, "d", CLOSE, "+", "-", "p", "p", "t", "t")
COMMANDS = {CACHED: (*KIRO_TUI, "status", "--cached"), PASS: (sys.executable, "-c", "pass")}
SIZES = ((60, 20), (40, 12), (24, 6), (20, 1), (120, 40), (80, 24), (200, 60), (COLUMNS, ROWS))


@dataclass(frozen=True, slots=True)
class Bench:
    """What the trials work with."""

    programs: Mapping[str, Program]
    month: Home
    window: float
    """Seconds for which programs at rest are watched."""
    polls: int
    samples: Samples = field(default_factory=dict)

    def some(self, *names: str) -> Iterator[Program]:
        """Yield the programs of these names and their grown forms, as far as they are there."""
        for name in names:
            yield from (self.programs[each] for each in (name, name + GROWN) if each in self.programs)

    def note(self, program: str, **measured: float) -> None:
        """Take down what one run of a program gave."""
        add(self.samples, program, **measured)


def rest(bench: Bench) -> None:
    """Let all programs stand side by side and do nothing, for the same seconds."""
    with ExitStack() as stack:
        panes = {name: stack.enter_context(each.opened()) for name, each in bench.programs.items()}
        watch(panes.values(), STARTED)
        before = {name: (time.monotonic(), use_of(pane.process.pid), pane.bytes) for name, pane in panes.items()}
        watch(panes.values(), bench.window)
        for name, pane in panes.items():
            began, used, written = before[name]
            now, seconds = use_of(pane.process.pid), time.monotonic() - began
            bench.note(
                name,
                processor=(now.processor - used.processor) / seconds * 60,
                wake_ups=(now.wake_ups - used.wake_ups) / seconds,
                bytes=(pane.bytes - written) / seconds,
            )
        for pane in panes.values():
            pane.quit("q")


def launch(bench: Bench) -> None:
    """Start and leave each program by turns, once for each way to leave it."""
    shown = list(bench.some(MINUTES, EMPTY, TEXTBOOK, HTOP))
    for each in shown:
        _visit(each, "q")  # once for nothing: so that its last use was one like these
    for way, how in LEAVE.items():
        for each in shown:
            visit = _visit(each, how if each.is_ours else "q")  # others leave a terminal broken that end by a signal
            measured = {
                "frame": screens.first_frame(visit.chunks),
                "reading": screens.shown(visit.chunks, each.shows),
                "keys": screens.listening(visit.chunks),
                f"quit_{way}": visit.left_in,
                "broken": float(not visit.restored),
            }
            bench.note(each.name, **{name: figure for name, figure in measured.items() if figure is not None})


class _Visit(NamedTuple):
    chunks: Sequence[Chunk]
    left_in: float
    restored: bool


def _visit(program: Program, how: str | signal.Signals) -> _Visit:
    with program.opened() as pane:
        pane.settle(QUIET)
        left_in = pane.quit(how)
        return _Visit(pane.chunks, left_in, pane.is_restored())


def memory(bench: Bench) -> None:
    """Look at what each holds in memory, ours after so many questions."""
    for each in bench.some(MINUTES, EMPTY, TEXTBOOK, HTOP):
        with each.opened() as pane:
            pane.settle(QUIET)
            if each.is_ours:
                _ask(pane, bench.polls)
            bench.note(each.name, memory=memory_of(pane.process.pid))
            pane.quit("q")


def _ask(pane: Pane, count: int) -> None:
    for _ in range(count):
        pane.press("r")
        pane.settle(QUIET)


def poll(bench: Bench) -> None:
    """Ask, and have kiro-cli answer alone, by turns."""
    for each in bench.some(MINUTES):
        took = _told("asked", str(bench.polls), home=each.home)
        for asked, alone in zip(took["asked"], took["alone"], strict=True):
            bench.note(each.name, on_top=asked - alone, alone=alone)


def loop(bench: Bench) -> None:
    """Watch the event loop while an app opens, asks, hears keys and is resized, each as far as it does that."""
    for each in bench.some(MINUTES, EMPTY):
        notes = each.home.folder / "turns"
        notes.unlink(missing_ok=True)
        began = time.monotonic()
        with each.watched(notes) as pane:
            pane.settle(QUIET)
            ends = {"launch": time.monotonic()}
            if each.is_ours:
                _ask(pane, bench.polls)
                ends["polls"] = time.monotonic()
            for key in KEYS if each.is_ours else (PALETTE, CLOSE):
                pane.press(key)
                pane.settle(QUIET)
            ends["keys"] = time.monotonic()
            for size in SIZES:
                pane.resize(*size)
                pane.settle(QUIET)
            ends["resizes"] = time.monotonic()
            pane.quit("q")
        bench.note(each.name, **{f"block_{name}": seconds for name, seconds in _longest(notes, began, ends).items()})


def _longest(notes: Path, began: float, ends: Mapping[str, float]) -> dict[str, float]:
    """Return the longest turn of each phase."""
    turns = [tuple(map(float, line.split())) for line in notes.read_text().splitlines()]
    longest = {}
    for name, end in ends.items():
        longest[name] = max((took for at, took in turns if began < at <= end), default=0.0)
        began = end
    return longest


def cached(bench: Bench) -> None:
    """Run the command that a status line runs all day, and Python for nothing, by turns."""
    for _ in range(bench.polls):
        for name, argv in COMMANDS.items():
            began = time.perf_counter()
            done = subprocess.run(argv, env=bench.month.environment, capture_output=True, check=False)
            if done.returncode == 0:
                bench.note(name, command=time.perf_counter() - began)


def spend(bench: Bench) -> None:
    """Read all sessions, anew and once more."""
    for each in bench.some(MINUTES):
        if each.name.endswith(GROWN):
            took = _told("spend", str(each.home.sessions), home=each.home)
            bench.note(SPEND_FIRST, spend=took["first"])
            bench.note(SPEND_AGAIN, spend=took["second"])
            bench.note(CAT, spend=took["cat"])


def _told(module: str, *argv: str, home: Home) -> Any:  # noqa: ANN401 - whatever the program tells
    """Return what a program of ours printed as JSON."""
    environment = {**home.environment, **own_path(home)}
    program = [*own_program(module), *argv]
    done = subprocess.run(program, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


TRIALS: Mapping[str, Callable[[Bench], None]] = {
    trial.__name__: trial for trial in (rest, launch, memory, poll, loop, cached, spend)
}
"""By name, in the order in which they are done."""
