"""A home with a simulated kiro-cli in it, a past of any length, and the variables that lead there.

The past is what a dashboard that was always open would have kept: a reading for each change, thinned out as it grows
old. Must never touch the person's own home.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from kiro_tui.domain.history import Reading
from kiro_tui.journal import queries
from kiro_tui.journal.database import Database
from kiro_tui.journal.schema import transaction
from kiro_tui.journal.store import FILE
from kiro_tui.simulator.sessions import Past, write_sessions

USED = Decimal("640.25")
"""What the simulated account says, and what stands on the screen."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OFTEN, OFTEN_FOR = timedelta(minutes=10), timedelta(days=60)
"""Between two readings, as far back as all of them are kept; before that one of each hour is."""

OTHER_VERSION = os.environ.get("PYTHONPATH", "")
"""Where another kiro-tui than the installed one is, if that one is to be measured."""


@dataclass(frozen=True, slots=True)
class Life:
    """How much has happened in a home."""

    days: int
    """So many days of readings."""
    sessions: int
    turns: int
    """So many turns of the person's own sessions."""


MONTH = Life(days=35, sessions=40, turns=1000)
SOME_MONTHS = Life(days=100, sessions=100, turns=10_000)
YEARS = Life(days=25 * 31, sessions=2000, turns=200_000)


class Home:
    """A folder that is somebody's home while we measure."""

    def __init__(self, folder: Path, life: Life) -> None:
        folder.mkdir()
        self.folder = folder
        self.life = life
        self.sessions = folder / ".kiro" / "sessions"
        self.state = folder / "state" / "kiro-tui"
        self.log = folder / "kiro-cli.log"
        self.environment = {
            "PATH": f"{self._kiro_cli().parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "KIRO_SIM_PACE": "0",
            "KIRO_SIM_USED": str(USED),
            "KIRO_SIM_LOG": str(self.log),
        }
        if OTHER_VERSION:
            self.environment["PYTHONPATH"] = OTHER_VERSION

    def _kiro_cli(self) -> Path:
        """Write the program that stands in for kiro-cli, where PATH finds it."""
        path = self.folder / "bin" / "kiro-cli"
        path.parent.mkdir()
        path.write_text(f'#!/bin/sh\nPYTHONPATH="{OTHER_VERSION}" exec "{sys.executable}" -m kiro_tui.simulator "$@"\n')
        path.chmod(0o755)
        return path

    def live(self) -> None:
        """Let everything have happened."""
        write_sessions(self.sessions, Past(datetime.now(UTC), self.life.sessions, self.life.turns, talk=5000))
        self._ask()
        self._keep_past()
        self._ask()  # so that the last reading is the last row

    def _ask(self) -> None:
        subprocess.run([*KIRO_TUI, "status"], env=self.environment, stdout=subprocess.DEVNULL, check=True)

    def _keep_past(self) -> None:
        with closing(Database(self.state / FILE)) as file:
            now = queries.latest(file.connection, None)
            assert now is not None  # noqa: S101 - one was just asked for
            with transaction(file.connection):
                for reading in _past(now, self.life.days):
                    queries.add(file.connection, reading)


KIRO_TUI = (str(Path(sys.executable).with_name("kiro-tui")),)
"""As a person starts it, from where this Python has it installed."""


def _past(now: Reading, days: int) -> Iterator[Reading]:
    """Yield readings of the same account up to now, oldest first: an even use that comes to its figure of today."""
    at = now.first_at - days * DAY
    while at < now.first_at:
        (plan, *others) = now.report.windows
        begins = _month(at)
        so_far, whole = at - begins, max(now.first_at - _month(now.first_at), DAY)
        used = min(USED * Decimal(so_far / whole), Decimal(1900)).quantize(Decimal("0.01"))
        window = replace(plan, used=used, ends_at=_month(begins + 32 * DAY), reported_percent=None)
        yield replace(now, first_at=at, last_at=at, report=replace(now.report, windows=(window, *others)))
        at += HOUR if now.first_at - at > OFTEN_FOR else OFTEN


def _month(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
