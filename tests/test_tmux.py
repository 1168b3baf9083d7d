"""The dashboard in tmux, where it lives: its title, a suspend, a killed pane."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from world import World, on_linux

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed; CI installs it")

DASHBOARD = f'"{sys.executable}" -m kiro_tui'


class Tmux:
    """A tmux server of our own with one pane and a shell in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._socket = f"kiro-{world.mark}"
        self("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "32", "bash --norc")

    def __call__(self, *argv: str) -> str:
        command = ["tmux", "-L", self._socket, *argv]
        return subprocess.run(
            command, env=self.world.env, capture_output=True, text=True, timeout=20, check=True
        ).stdout

    def type(self, line: str) -> None:
        self("send-keys", line, "Enter")

    def screen(self) -> str:
        return self("capture-pane", "-p")

    def told(self, what: str) -> str:
        return self("display", "-p", what).strip()

    def suspend(self, program: str) -> None:
        """Stop the program from outside, wait for the shell's prompt, clear the screen and go on with it."""
        subprocess.run(["pkill", "-TSTP", "-f", program], check=True)
        wait_for("Stopped", self.screen)
        self.type("clear; fg")

    def end(self) -> None:
        subprocess.run(
            ["tmux", "-L", self._socket, "kill-server"], env=self.world.env, capture_output=True, check=False
        )


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    server = Tmux(World(tmp_path))
    yield server
    server.end()


def wait_for(text: str, look: Callable[[], str], within: float = 20) -> None:
    deadline = time.monotonic() + within
    while text not in look():
        assert time.monotonic() < deadline, look()


def test_the_title_of_the_pane_is_put_back(tmux: Tmux) -> None:
    tmux("select-pane", "-T", "mine")
    tmux.type(DASHBOARD)
    wait_for("640.25 of 2000", tmux.screen)
    wait_for("Kiro 32%", lambda: tmux.told("#{pane_title}"))
    tmux("send-keys", "q")
    wait_for("mine", lambda: tmux.told("#{pane_title}"))
    wait_for("0 0 1", lambda: tmux.told("#{alternate_on} #{mouse_any_flag} #{cursor_flag}"))


@on_linux
@pytest.mark.parametrize("killing", ["kill-pane", "kill-server"])
@pytest.mark.parametrize("moment", ["at rest", "while kiro-cli hangs"])
def test_a_killed_pane_leaves_nothing(tmux: Tmux, killing: str, moment: str) -> None:
    hanging = moment != "at rest"
    tmux.type(f"KIRO_SIM_FAILURE=report:hangs {DASHBOARD}" if hanging else DASHBOARD)
    wait_for("Asking kiro-cli" if hanging else "Left this month", tmux.screen)
    tmux(killing)

    assert tmux.world.gone_within(2)


def test_after_a_suspend_and_fg_the_page_is_there_again(tmux: Tmux, tmp_path: Path) -> None:
    log = tmp_path / tmux.world.mark
    tmux.type(f"{DASHBOARD} --log {log}")
    wait_for("640.25 of 2000", tmux.screen)
    tmux.suspend(f"kiro_tui --log {log}")

    wait_for("640.25 of 2000", tmux.screen)
