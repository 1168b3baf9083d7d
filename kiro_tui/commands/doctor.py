"""`kiro-tui doctor`: what works here and what does not, each way of asking tried and timed, and what to do next.

The form of its JSON is told in output/checkup.py.
"""

import asyncio
import os
import shutil
import signal
from contextlib import ExitStack
from dataclasses import replace

from kiro_tui.clock import SystemClock
from kiro_tui.commands.bundle import bundle
from kiro_tui.commands.examination import Examination, look_around, look_at_desktop
from kiro_tui.commands.identity import telling_names
from kiro_tui.commands.new_file import new_file
from kiro_tui.commands.signals import unless_ended
from kiro_tui.domain.checkup import Checkup, Finding, Found
from kiro_tui.domain.text import clean
from kiro_tui.output.as_json import render
from kiro_tui.output.checkup import advice_text, document, finding_text, found_text, rules_text, surroundings_text
from kiro_tui.probe.process.child import launch
from kiro_tui.recording.making import Question, masked
from kiro_tui.settings import Settings, open_state_folder
from kiro_tui.streams import write

WIDTH = 100
"""Columns of the text where there is no terminal."""


def run(settings: Settings, *, as_json: bool, bundle_path: str | None) -> int:
    """Examine, tell, and return the exit status: 0 where one way gave figures."""
    clock, folder = SystemClock(), open_state_folder()
    question = Question(launch, clock, os.environ, folder, settings.kiro_cli, settings.timeout, settings.source)
    table = _Table(shutil.get_terminal_size((WIDTH, 0)).columns, show_email=settings.show_email, silent=as_json)
    with ExitStack() as open_files:
        write_file = open_files.enter_context(new_file(bundle_path)) if bundle_path is not None else None
        around = look_around(os.environ, str(folder) if folder else None)
        around = replace(around, desktop=asyncio.run(look_at_desktop(os.environ)))
        examination = Examination(question, around, table.tell)
        table.begin(examination)
        checkup = asyncio.run(unless_ended(examination.run()))
        if isinstance(checkup, signal.Signals):
            return 128 + checkup
        table.end(checkup)
        if write_file:
            names = telling_names(os.environ, checkup.found.account)
            recordings = [masked(made, names) for made in examination.made]
            write_file(bundle(table.text, recordings, names, clock.now()))
    if as_json:
        write(render(document(checkup, show_email=settings.show_email), pretty=False) + "\n")
    elif bundle_path is not None:
        write(f"\nAll of it, masked, is in {clean(bundle_path)}. Look it through before you send it.\n")
    return checkup.error.exit_status if checkup.error else 0


class _Table:
    """The text, written as it comes about."""

    def __init__(self, columns: int, *, show_email: bool, silent: bool) -> None:
        self._columns = columns
        self._show_email = show_email
        self._silent = silent
        self.text = ""

    def begin(self, examination: Examination) -> None:
        self._write(surroundings_text(examination.surroundings, self._columns) + rules_text(self._columns))

    def tell(self, part: Found | Finding) -> None:
        if isinstance(part, Found):
            self._write(found_text(part, self._columns, show_email=self._show_email) + "\n")
        else:
            self._write(finding_text(part, self._columns))

    def end(self, checkup: Checkup) -> None:
        self._write(("\n" if checkup.findings else "") + advice_text(checkup, self._columns))

    def _write(self, text: str) -> None:
        self.text += text
        if not self._silent:
            write(text)
