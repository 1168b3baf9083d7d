"""A month in tmux: somebody looks at another window, two dashboards are open, and each alert of the table comes once.

Time is driven by questions: before each one the simulated kiro-cli is told what to say from then on.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alerting import plan, reading
from fakes import FakeClock
from installed import needs
from pane import Pane
from waiting import PATIENCE, wait_until
from world import World

from kiro_tui.domain.usage import Account
from kiro_tui.journal.store import Journal

pytestmark = needs("tmux")

TODAY = datetime.now(UTC)
RESET = TODAY.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=20)
NEXT_RESET = RESET + timedelta(days=30)
PERSON = Account("Builder ID", "person@example.com")
PLENTY = "Grant:0/100000:300"


@dataclass(frozen=True)
class Step:
    """What kiro-cli says from now on, what a dashboard shows then, and the titles of the alerts that come of it."""

    says: str
    shows: str
    alerts: tuple[str, ...] = ()
    restart: bool = False
    """The second dashboard is ended before, and started again."""
    failure: bool = False
    """Each dashboard hears of it only when it asks for itself."""


MONTH = (
    Step("USED=902", "902.00 of 2000", ("Credits run out before the reset",)),
    Step("USED=1050", "1050.00 of 2000", ("Monthly credits: 52.5 % used",)),
    Step("USED=1910", "1910.00 of 2000", ("Monthly credits: 95.5 % used",)),
    Step("USED=1400", "1400.00 of 2000"),
    Step("USED=1911", "1911.00 of 2000"),
    Step("USED=1912", "1912.00 of 2000", restart=True),
    Step(f"USED=1912 BONUSES={PLENTY}", "100000.00 left", ("Credits last until the reset after all",)),
    Step(f"USED=1912 BONUSES=Welcome:386.34/500:3,{PLENTY}", "386.34 of 500", ("Welcome ends in 3 days",)),
    Step(f"USED=1912 BONUSES=Welcome:390/500:1,{PLENTY}", "390.00 of 500", ("Welcome ends in 1 day",)),
    Step("LOGIN=signed_out", "Nobody is signed in", ("Signed out of Kiro",), failure=True),
    Step("USED=2025.25 OVERAGE=on", "2000.00 of 2000", ("Monthly credits: 100.0 % used", "Overage began")),
    Step("USED=2140 OVERAGE=on", "$5.60", ("Overage passed $5.00",)),
    Step(f"USED=3 RESET={NEXT_RESET:%Y-%m-%d}", "3.00 of 2000", ("The month was reset",)),
    Step(f"USED=1010 RESET={NEXT_RESET:%Y-%m-%d}", "1010.00 of 2000", ("Monthly credits: 50.5 % used",)),
)


class Tmux:
    """A server of our own: the window that is looked at, and one with the dashboards in it."""

    def __init__(self, world: World) -> None:
        self.env = world.env
        self._command = ["tmux", "-L", f"kiro-{world.mark}"]
        self("-f", "/dev/null", "new-session", "-d", "-x", "200", "-y", "40", "-s", "work", "cat")
        self("set", "-s", "message-limit", "100000")  # it keeps our own commands among the messages

    def __call__(self, *argv: str) -> str:
        done = subprocess.run(
            [*self._command, *argv], env=self.env, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        return done.stdout

    @contextmanager
    def looked_at(self) -> Iterator[Pane]:
        """Attach a terminal, as without one there is nobody to tell."""
        with Pane([*self._command, "attach"], self.env, columns=200, rows=40) as terminal:
            terminal.shows("[work]")
            yield terminal

    def run(self, program: str) -> str:
        """Start a program in a pane of the window that nobody looks at, and return the pane's name."""
        if "kiro" not in self("list-windows", "-F", "#{window_name}"):
            return self("new-window", "-d", "-P", "-F", "#{pane_id}", "-n", "kiro", program).strip()
        return self("split-window", "-d", "-h", "-P", "-F", "#{pane_id}", "-t", "kiro", program).strip()

    def messages(self) -> list[str]:
        """Return what was shown in the status line, the oldest first."""
        found = (re.search(r" message: (.*)", line) for line in self("show-messages").splitlines())
        return [match[1] for match in found if match][::-1]

    def bell_rang(self) -> bool:
        """Whether the status line marks the window of the dashboards."""
        return "1" in self("display", "-p", "-t", "kiro", "#{window_bell_flag}")

    def end(self) -> None:
        subprocess.run([*self._command, "kill-server"], env=self.env, capture_output=True, check=False)


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.env["KIRO_SIM_FILE"] = str(tmp_path / "says")
    # The last version whose classic report clamps: overage is then asked for elsewhere, which the alerts are about.
    world.env["KIRO_SIM_VERSION"] = "2.19.1"
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
            window = plan(100 + 50 * number, resets=RESET)
            at = TODAY - timedelta(hours=6 * (16 - number) + 1)
            journal.keep(reading(window, at=at, account=PERSON))


class Dashboards:
    """Two dashboards; one of them is made to ask, and both show what is learned."""

    program = f'exec "{sys.executable}" -m kiro_tui'

    def __init__(self, tmux: Tmux) -> None:
        self._tmux = tmux
        self._panes = [tmux.run(self.program), tmux.run(self.program)]
        self.toasts: list[str] = []

    def restart(self) -> None:
        self._tmux("send-keys", "-t", self._panes[1], "q")
        wait_until(
            lambda: self._panes[1] not in self._tmux("list-panes", "-s", "-F", "#{pane_id}"), self._tmux.messages
        )
        self._panes[1] = self._tmux.run(self.program)

    def ask(self, number: int, step: Step) -> None:
        asked = self._panes if step.failure else [self._panes[0 if step.restart else number % 2]]
        for pane in asked if number else ():  # they ask by themselves when they are started
            self._tmux("send-keys", "-t", pane, "r")
            if pane is asked[0]:
                self._see_toasts(step)
        if not number:
            self._see_toasts(step)
        wait_until(lambda: all(step.shows in screen for screen in self._screens()), lambda: "\n".join(self._screens()))

    def _see_toasts(self, step: Step) -> None:
        for title in step.alerts:
            wait_until(lambda: any(title in screen for screen in self._screens()), self._tmux.messages)  # noqa: B023 - called at once
            self.toasts.append(title)

    def _screens(self) -> list[str]:
        return [self._tmux("capture-pane", "-p", "-t", pane) for pane in self._panes]


def test_each_alert_of_a_month_is_told_once_and_in_order(world: World, tmux: Tmux) -> None:
    four_days_are_known(world)
    told: list[str] = []
    with tmux.looked_at() as terminal:
        kiro_cli_says(world, MONTH[0].says)
        dashboards = Dashboards(tmux)
        for number, step in enumerate(MONTH):
            kiro_cli_says(world, step.says)
            if step.restart:
                dashboards.restart()
            dashboards.ask(number, step)
            told += step.alerts
            wait_until(lambda: len(tmux.messages()) >= len(told), tmux.messages)  # noqa: B023 - called at once
            # Somebody saw it, however soon it was gone again.
            terminal.until(lambda: all(f"Kiro: {title}.".encode() in terminal.raw for title in told))  # noqa: B023 - called at once
        assert tmux.bell_rang()

        assert [message.removeprefix("Kiro: ").split(". ")[0] for message in tmux.messages()] == told
        assert dashboards.toasts == told
