"""A home, a simulated kiro-cli in it, the variables that lead there, and the processes that were started from it."""

import json
import os
import sys
import uuid
from pathlib import Path

import pytest
from pane import Pane
from waiting import PATIENCE, eventually

from kiro_tui.probe.asking.conversation import LEAVE_WITHIN

ROOT = Path(__file__).parent.parent
DASHBOARD = (sys.executable, "-m", "kiro_tui")
GONE = 1.0
"""Seconds in which everything must be gone that has nothing more to do."""
HANGING_GONE = GONE + LEAVE_WITHIN
"""The same for a kiro-cli that hangs until it gets SIGTERM: before that it has time to leave by itself."""

on_linux = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="looks for processes in /proc, which only Linux has"
)


class World:
    """Where a dashboard runs in a test; every process carries its mark."""

    def __init__(self, folder: Path) -> None:
        self.mark = uuid.uuid4().hex
        self.log = folder / "log"
        self.kiro_cli = folder / "kiro-cli"
        self.kiro_cli.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m kiro_tui.simulator "$@"\n')
        self.kiro_cli.chmod(0o755)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "KIRO_TUI_KIRO_CLI": str(self.kiro_cli),
            "KIRO_SIM_PACE": "0",
            "KIRO_SIM_LOG": str(self.log),
            "KIRO_MARK": self.mark,  # passes to every child, as all KIRO_ names do
        }
        if "TZ" in os.environ:  # the test and the dashboard must agree on the local time
            self.env["TZ"] = os.environ["TZ"]

    def pane(self, *argv: str, columns: int = 100, rows: int = 32, **env: str) -> Pane:
        return Pane((*DASHBOARD, *argv), {**self.env, **env}, columns, rows)

    def questions(self) -> int:
        """How often the usage was asked for."""
        if not self.log.exists():
            return 0
        events = [json.loads(line) for line in self.log.read_text().splitlines()]
        return sum(event["event"] == "started" and "/usage" in event["argv"] for event in events)

    def alive(self) -> list[int]:
        """The processes that carry our mark."""
        marked = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    environ = (entry / "environ").read_bytes()
                except OSError:
                    continue  # it has ended, or is not ours
                if self.mark.encode() in environ:
                    marked.append(int(entry.name))
        return marked

    def all_ended(self) -> bool:
        """Wait until no process carries our mark; return whether it came to that."""
        return self.gone_within(0)

    def gone_within(self, seconds: float) -> bool:
        """The same where processes are given so many seconds to leave; a busy machine has its own on top."""
        return eventually(lambda: not self.alive(), seconds + PATIENCE)
