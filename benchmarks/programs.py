"""The programs that are measured: kiro-tui as people have it, and what it is compared with."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.homes import KIRO_TUI, USED, Home
from benchmarks.pane import Pane
from benchmarks.screens import INPUT_ON

ANCHORS = Path(__file__).parent / "anchors"


@dataclass(frozen=True, slots=True)
class Program:
    """A program with a full screen."""

    name: str
    argv: tuple[str, ...]
    home: Home
    shows: str
    """What stands on its screen once it has started."""
    script: str = ""
    """What Python runs, as a module or a file, where it is one."""
    variables: Mapping[str, str] = field(default_factory=dict)
    is_ours: bool = False
    is_textual: bool = True

    def opened(self) -> Pane:
        """Start it on a terminal of its own."""
        last_of_start = INPUT_ON if self.is_textual else b""
        environment = {**self.home.environment, **self.variables}
        return Pane(self.argv, environment, str(self.home.folder), last_of_start)

    def watched(self, notes: Path) -> Pane:
        """Start it with a look at its event loop (see watched.py)."""
        argv = (*own_program("watched"), str(notes), self.script)
        return replace(self, argv=argv, variables={**self.variables, **own_path(self.home)}).opened()


def own_program(module: str) -> tuple[str, ...]:
    """Return how a program of the benchmark's own is started; it needs `own_path`."""
    return sys.executable, "-m", f"benchmarks.{module}"


def own_path(home: Home) -> dict[str, str]:
    """Return the variable by which such programs find each other, and kiro-tui."""
    return {"PYTHONPATH": ":".join(filter(None, (home.environment.get("PYTHONPATH"), str(ANCHORS.parents[1]))))}


MINUTES, SECONDS, EMPTY, TEXTBOOK, HTOP = "kiro-tui", "kiro-tui with seconds", "empty app", "textbook app", "htop"
GROWN = ", 25 months"
"""What the name of ours ends in where the past is long."""
CACHED, PASS = "kiro-tui status --cached", "python3 -c pass"
SPEND_FIRST, SPEND_AGAIN, CAT = "spend, first time", "spend, second time", "cat"
"""Commands, which end by themselves."""


def programs(month: Home, years: Home | None = None) -> Iterator[Program]:
    """Yield all that is there to be measured; htop may not be."""
    homes = {"": month} | ({GROWN: years} if years else {})
    for suffix, home in homes.items():
        minutes = Program(MINUTES + suffix, KIRO_TUI, home, f"{USED} of 2000", "kiro_tui", is_ours=True)
        yield minutes
        yield replace(minutes, name=SECONDS + suffix, variables={"KIRO_TUI_SECONDS": "true"})
    for name, file in ((EMPTY, "empty.py"), (TEXTBOOK, "textbook.py")):
        script = str(ANCHORS / file)
        yield Program(name, (sys.executable, script), month, "READY", script)
    if htop := shutil.which("htop"):
        yield Program(HTOP, (htop,), month, "PID", is_textual=False)
