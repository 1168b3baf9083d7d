"""What `kiro-tui --demo` asks: the bundled simulator, in a home of its own, on a calendar that runs fast.

The whole way is the real one, from the child process to the page; only the program at its end is make-believe.
Nothing is read from or written to the person's own folders: everything lives in one temporary folder.
"""

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import kiro_tui
from kiro_tui.clock import CalendarOnly, Clock, SystemClock, TimeLapse
from kiro_tui.commands.demo_past import DemoSessions, WithPast
from kiro_tui.commands.sessions import SessionFiles
from kiro_tui.journal.worker import JournalWorker
from kiro_tui.probe.probe import Probe
from kiro_tui.probe.process.child import launch
from kiro_tui.sharing.source import SharedSource, Terms
from kiro_tui.simulator.month import SPEED, simulated_now
from kiro_tui.spend.root import Sources, root_of

SHORTEST_WAIT = 0.2
"""Real seconds: the demo draws at most five times a second, however fast its calendar runs."""
REAL_SECONDS_BETWEEN_QUESTIONS = 5
INTERVALS = tuple(float(SPEED * seconds) for seconds in (2, 5, 10, 30))
"""The demo's own steps for + and -, in seconds of its calendar."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A source, the clock that belongs to it, and the sessions of the one who uses the account."""

    source: SharedSource
    clock: Clock
    sessions: DemoSessions
    interval: float = float(SPEED * REAL_SECONDS_BETWEEN_QUESTIONS)
    intervals: tuple[float, ...] = INTERVALS


@contextmanager
def open_demo() -> Iterator[Demo]:
    """Lend a demo; its folder is gone afterwards."""
    began = SystemClock().now()
    clock = TimeLapse(simulated_now, SPEED, SHORTEST_WAIT)
    with TemporaryDirectory(prefix="kiro-tui-demo-") as folder:
        path, environment = _kiro_cli(Path(folder)), _environment(Path(folder), began)
        state = Path(folder) / "state"
        state.mkdir(mode=0o700)
        probe = Probe(
            launch=launch,
            clock=CalendarOnly(clock),
            environment=environment,
            state_folder=state,
            path=str(path),
        )
        journals = JournalWorker(state, clock)
        shared = SharedSource(probe, WithPast(journals), clock, state, Terms("demo", max_age=0))
        try:
            yield Demo(shared, clock, DemoSessions(SessionFiles(Sources((root_of(environment),)), state), clock))
        finally:
            shared.close()
            journals.close()


def _kiro_cli(folder: Path) -> Path:
    """Write the program that stands in for kiro-cli."""
    path = folder / "kiro-cli"
    package = Path(kiro_tui.__file__).parent.parent
    where, python = shlex.quote(str(package)), shlex.quote(sys.executable)
    path.write_text(f'#!/bin/sh\nPYTHONPATH={where} exec {python} -m kiro_tui.simulator "$@"\n', encoding="utf-8")
    path.chmod(0o700)
    return path


def _environment(folder: Path, began: datetime) -> dict[str, str]:
    home = folder / "home"
    home.mkdir()
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "KIRO_SIM_DEMO_SINCE": began.astimezone(UTC).isoformat(),
        "KIRO_SIM_PACE": "0.3",
        # The last version whose classic report clamps: what is beyond the plan is then asked for, and shown as overage.
        "KIRO_SIM_VERSION": "2.19.1",
    }
