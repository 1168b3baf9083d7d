"""A tmux of our own, as a person has it: one server, one pane, a shell in it."""

import subprocess
import sys
import uuid
from collections.abc import Callable

from waiting import PATIENCE, wait_until
from world import World

DASHBOARD = f'"{sys.executable}" -m kiro_tui'


class Tmux:
    """A tmux server of our own with one pane and a shell in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._socket = f"kiro-{uuid.uuid4().hex}"
        self("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "32", "bash --norc")

    def __call__(self, *argv: str) -> str:
        command = ["tmux", "-L", self._socket, *argv]
        return subprocess.run(
            command, env=self.world.env, capture_output=True, text=True, timeout=PATIENCE, check=True
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


def wait_for(text: str, look: Callable[[], str]) -> None:
    wait_until(lambda: text in look(), look)
