"""A machine on which status lines are drawn: kiro-cli lies in PATH, and no variable of kiro-tui's is set."""

import asyncio
import subprocess
import sys
from pathlib import Path

from fakes import ScriptedSource
from world import DASHBOARD, ROOT, World

from kiro_tui.cached.cards import card_path, read_card
from kiro_tui.cached.keeping import keep_note
from kiro_tui.cached.note import Note
from kiro_tui.clock import SystemClock
from kiro_tui.commands.shared import share
from kiro_tui.domain.card import Card
from kiro_tui.domain.state import Snapshot
from kiro_tui.scope import key_of, scope
from kiro_tui.sharing.source import Terms


class Bar(World):
    """Its kiro-cli may be told to behave otherwise and is still the same one, so that answers are shared."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        del self.env["KIRO_TUI_KIRO_CLI"]
        self.env["PATH"] = f"{folder}:{self.env['PATH']}"
        self.folder = folder
        self.state = folder / "state" / "kiro-tui"
        self.config = folder / "config" / "kiro-tui" / "config.toml"

    def behave(self, **how: str) -> None:
        """Have kiro-cli behave like this from now on: `failure="service"`."""
        said = "".join(f"export KIRO_SIM_{name.upper()}='{value}'\n" for name, value in how.items())
        run = f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m kiro_tui.simulator "$@"\n'
        self.kiro_cli.write_text(f"#!/bin/sh\n{said}{run}")

    def know(self, snapshot: Snapshot) -> None:
        """Have a reading kept, as if a kiro-tui had asked, and the settings noted, as if a line had been drawn."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        on = Terms(scope(None, (), self.env), max_age=300.0)
        with share(ScriptedSource([snapshot]), SystemClock(), self.state, on) as shared:
            asyncio.run(shared.ask(by_person=True))
        keep_note(self.state, self.config, Note(300.0, None, ()), SystemClock().now())

    def run(self, *argv: str, short: bool | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a command; `short` says that it must, or must not, be answered on the short way."""
        command = list(DASHBOARD) if short is None else [sys.executable, "-c", WATCHED]
        done = subprocess.run(
            [*command, *argv], env={**self.env, **env}, capture_output=True, text=True, timeout=60, check=False
        )
        if short is not None:
            *lines, modules = done.stderr.splitlines(keepends=True)
            done.stderr = "".join(lines)
            assert ("kiro_tui.cli" not in modules.split()) is short
        return done

    def imported(self, *argv: str) -> set[str]:
        """The modules that are there when the command ends, and were not when it began."""
        done = subprocess.run(
            [sys.executable, "-S", "-c", f"import sys\nsys.path.append({str(ROOT)!r})\n{WATCHED}", *argv],
            env=self.env, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        return set(done.stderr.splitlines()[-1].split())

    @property
    def key(self) -> str:
        return key_of(scope(None, (), self.env))

    @property
    def card_path(self) -> Path:
        return Path(card_path(str(self.state), self.key))

    @property
    def card(self) -> Card | None:
        return read_card(str(self.card_path))


WATCHED = """\
import sys
before = set(sys.modules)
from kiro_tui.__main__ import run
try:
    run()
finally:
    sys.stderr.write(" ".join(sorted(set(sys.modules) - before)) + "\\n")
"""
