"""A month in tmux: somebody looks at another window, two programs watch, and each alert of the table comes once.

Time is driven by questions: before each one the simulated kiro-cli is told what to say from then on.
"""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from alerting import plan, reading
from fakes import FakeClock
from pane import Pane
from world import DASHBOARD, World

from kiro_tui.domain.usage import Account
from kiro_tui.journal.store import Journal

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed; CI installs it")

TODAY = datetime.now(UTC)
RESET = TODAY.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=20)
NEXT_RESET = RESET + timedelta(days=30)
PERSON = Account("Builder ID", "person@example.com")
PLENTY = "Grant:0/100000:300"


@dataclass(frozen=True)
class Step:
    """What kiro-cli says from now on, and the titles of the alerts that come of it."""

    says: str
    alerts: tuple[str, ...] = ()
    restart: bool = False
    """The second program is ended before, and started again."""


MONTH = (
    Step("USED=902", ("Credits run out before the reset",)),
    Step("USED=1050", ("Monthly credits: 52.5 % used",)),
    Step("USED=1910", ("Monthly credits: 95.5 % used",)),
    Step("USED=1400"),
    Step("USED=1910"),
    Step("USED=1912", restart=True),
    Step(f"USED=1912 BONUSES={PLENTY}", ("Credits last until the reset after all",)),
    Step(f"USED=1912 BONUSES=Welcome:386.34/500:3,{PLENTY}", ("Welcome ends in 3 days",)),
    Step(f"USED=1912 BONUSES=Welcome:390/500:1,{PLENTY}", ("Welcome ends in 1 day",)),
    Step("USED=2025.25 OVERAGE=on", ("Monthly credits: 100.0 % used", "Overage began")),
    Step("USED=2140 OVERAGE=on", ("Overage passed $5.00",)),
    Step(f"USED=3 RESET={NEXT_RESET:%Y-%m-%d}", ("The month was reset",)),
    Step(f"USED=1010 RESET={NEXT_RESET:%Y-%m-%d}", ("Monthly credits: 50.5 % used",)),
)


class Tmux:
    """A server of our own: the window that is looked at, and one with two programs in it."""

    def __init__(self, world: World) -> None:
        self._env = world.env
        self._command = ["tmux", "-L", f"kiro-{world.mark}"]
        self("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "32", "-s", "work", "cat")

    def __call__(self, *argv: str) -> str:
        done = subprocess.run(
            [*self._command, *argv], env=self._env, capture_output=True, text=True, timeout=20, check=True
        )
        return done.stdout

    @contextmanager
    def looked_at(self) -> Iterator[Pane]:
        """Attach a terminal, as without one there is nobody to tell."""
        with Pane([*self._command, "attach"], self._env) as terminal:
            terminal.shows("[work]")
            yield terminal

    def run(self, program: str) -> str:
        """Start a program in a pane of the window that nobody looks at, and return the pane's name."""
        if "programs" not in self("list-windows", "-F", "#{window_name}"):
            return self("new-window", "-d", "-P", "-F", "#{pane_id}", "-n", "programs", program).strip()
        return self("split-window", "-d", "-h", "-P", "-F", "#{pane_id}", "-t", "programs", program).strip()

    def lines(self, pane: str) -> list[str]:
        """Return all that a pane has shown, with wrapped lines joined."""
        return self("capture-pane", "-p", "-J", "-S", "-", "-t", pane).splitlines()

    def messages(self) -> list[str]:
        """Return what was shown in the status line, the oldest first."""
        found = (re.search(r" message: (.*)", line) for line in self("show-messages").splitlines())
        return [match[1] for match in found if match][::-1]

    def bell_rang(self) -> bool:
        """Whether the status line marks the window of the programs."""
        return "1" in self("display", "-p", "-t", "programs", "#{window_bell_flag}")

    def end(self) -> None:
        subprocess.run([*self._command, "kill-server"], env=self._env, capture_output=True, check=False)


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.env["KIRO_SIM_FILE"] = str(tmp_path / "says")
    return world


@pytest.fixture
def tmux(world: World) -> Iterator[Tmux]:
    server = Tmux(world)
    yield server
    server.end()


def kiro_cli_says(world: World, text: str) -> None:
    said = {"RESET": f"{RESET:%Y-%m-%d}"} | dict(each.split("=", 1) for each in text.split(" "))
    Path(world.env["KIRO_SIM_FILE"]).write_text("".join(f"KIRO_SIM_{name}={value}\n" for name, value in said.items()))


def four_days_are_known(world: World) -> None:
    """Keep readings of 200 credits a day, by which the plan runs out long before its reset."""
    with closing(Journal(Path(world.env["XDG_STATE_HOME"], "kiro-tui"), FakeClock(TODAY))) as journal:
        for number in range(17):
            window = plan(Decimal(100 + 50 * number), resets=RESET)
            at = TODAY - timedelta(hours=6 * (16 - number) + 1)
            journal.keep(reading(window, at=at, account=PERSON))


def wait_for(holds: Callable[[], bool], what: Callable[[], object], within: float = 30) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)


def test_each_alert_of_a_month_is_told_once_and_in_order(world: World, tmux: Tmux) -> None:
    program = f'exec "{sys.executable}" -m kiro_tui watch'
    four_days_are_known(world)
    expected: list[str] = []
    shown: list[str] = []
    with tmux.looked_at() as terminal:
        kiro_cli_says(world, MONTH[0].says)
        panes = [tmux.run(program), tmux.run(program)]
        for number, step in enumerate(MONTH):
            kiro_cli_says(world, step.says)
            if step.restart:
                shown += tmux.lines(panes[1])
                tmux("kill-pane", "-t", panes[1])
                panes[1] = tmux.run(program)
            if number:
                subprocess.run((*DASHBOARD, "status"), env=world.env, stdout=subprocess.DEVNULL, check=True)
            expected += step.alerts
            wait_for(lambda: len(tmux.messages()) >= len(expected), tmux.messages)  # noqa: B023 - called at once
            if step.alerts:
                terminal.shows(f"Kiro: {step.alerts[-1]}.")
        assert tmux.bell_rang()

        told = [message.removeprefix("Kiro: ").split(". ")[0] for message in tmux.messages()]
        assert told == expected
        shown += [line for pane in panes for line in tmux.lines(pane)]
    printed = sorted((json.loads(line) for line in shown if line.startswith("{")), key=lambda alert: alert["at"])
    assert sorted(alert["title"] for alert in printed) == sorted(expected)
