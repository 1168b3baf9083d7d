"""What the tests of the channels share: hostile alerts, and a real tmux with somebody attached to it."""

import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pane import Pane
from waiting import PATIENCE

from kiro_tui.alerts.programs import Programs
from kiro_tui.domain.alerts import Alert, AlertKind, Severity
from kiro_tui.probe.process.child import launch

NOW = datetime(2026, 6, 11, 12, 0, tzinfo=UTC)
USED = Alert(AlertKind.USED, Severity.CRITICAL, NOW, "90% used", "1800 of 2000 credits.", "Credits", "90")


def hostile_names(touched: Path) -> dict[str, str]:
    """What a plan may be called by somebody who wants `touched` to come into being, or worse."""
    return {
        "escape sequences": "\x1b]0;HACKED\x07\x1b[2J\x9b31ma\x1b\\b\x9cc\x07d",
        "tmux formats": f"#(touch {touched})#{{pane_id}}##(touch {touched})###(touch {touched})",
        "tmux styles": "#[fg=red]##[fg=red]#",
        "tmux commands": f"; run-shell 'touch {touched}' ;",
        "the end of a tmux command": "plan;",
        "formats": "%H%M %% %n%s{0}{kind.__class__}",
        "shell": f"$(touch {touched})`touch {touched}`; touch {touched} | touch {touched}",
        "an option": "--help",
        "markup": '<b>bold</b><a href="x">&amp;&lt;</a>&[red]red[/red][@click=app.quit]x',
        "progress": "4;3;50;;notify;;",
        "lines": "one\ntwo\r\nthree\x0b\u2028four\x85five",
        "what is not seen": "\u202egnp.\u2066exe\u200f\0\ud800e" + "\u0301" * 300,
        "length": "x" * 10_000,
    }


HOSTILE = tuple(hostile_names(Path()))
"""Their names."""


def called(name: str) -> Alert:
    """An alert about a plan of this name, as if nobody had cleaned it."""
    return Alert(AlertKind.USED, Severity.WARNING, NOW, f"{name} 90% used", f"{name}: 1800 of 2000.{name}", name, name)


def programs(environment: Mapping[str, str], folder: Path) -> Programs:
    return Programs(launch, {"PATH": os.environ["PATH"], "HOME": str(folder), **environment}, str(folder))


class AttachedTmux:
    """A tmux server with a session `ours` of one pane, and a person who looks at it."""

    def __init__(self, folder: Path, columns: int = 200) -> None:
        self._socket = str(folder / "tmux")
        self._env = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        size = ("-x", str(columns), "-y", "10")
        self("-f", "/dev/null", "new-session", "-d", "-s", "ours", *size, "cat > /dev/null")
        self.environment = {
            **self._env,
            "TMUX": self("display-message", "-p", "-t", "ours", "#{socket_path},#{pid},0"),
            "TMUX_PANE": self("display-message", "-p", "-t", "ours", "#{pane_id}"),
        }
        self.tty = Path(self("display-message", "-p", "-t", "ours", "#{pane_tty}"))
        self.person: Pane | None = None
        self._columns = columns

    def __call__(self, *argv: str) -> str:
        command = ["tmux", "-u", "-S", self._socket, *argv]
        done = subprocess.run(command, env=self._env, capture_output=True, text=True, timeout=PATIENCE, check=True)
        return done.stdout.rstrip("\n")

    def attach(self, session: str = "ours") -> Pane:
        argv = ("tmux", "-u", "-S", self._socket, "attach", "-t", session)
        self.person = Pane(argv, self._env, self._columns, 10)
        self.person.until(lambda: session in self("list-clients", "-F", "#{client_session}").split())
        return self.person

    def write(self, text: str) -> None:
        """Write to the pane, as a program in it does."""
        with self.tty.open("w") as tty:
            tty.write(text)

    def end(self) -> None:
        if self.person:
            self.person.__exit__(None, None, None)
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], env=self._env, capture_output=True, check=False)
