"""Finding out what `kiro-tui doctor` tells: where we are, which kiro-cli is there, and what comes of each way.

Each way is asked as `--source` would ask it, one after the other, under the same rules as ever: one that is not safe
for this version, or was switched off, is not asked, and while nobody is signed in none is.
"""

import os
import platform
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from kiro_tui import __version__
from kiro_tui.alerts.desktop import Desktop, DesktopFailed, NoDesktop
from kiro_tui.domain.checkup import Checkup, Finding, Found, Notifications, Surroundings
from kiro_tui.domain.state import Snapshot, Way
from kiro_tui.domain.text import clean
from kiro_tui.errors import NoNumbers, NotLoggedIn, ProbeError
from kiro_tui.probe.account import IDENTITY_CENTER
from kiro_tui.probe.asking.ways import WAYS
from kiro_tui.probe.probe import Probe
from kiro_tui.recording.making import Made, Question, record

ENGINES = {"chat", "acp"}
"""The commands of kiro-cli that start one."""


@dataclass(slots=True)
class Examination:
    """A checkup in the making; `tell` hears each part of it as soon as it is known."""

    question: Question
    surroundings: Surroundings
    tell: Callable[[Found | Finding], None]
    found: Found = field(default_factory=Found)
    findings: list[Finding] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    """What was recorded on the way, a recording for each way."""
    _obstacle: ProbeError | None = None

    async def run(self) -> Checkup:
        """Ask every way that may be asked."""
        for way in self.question.ways or WAYS:
            if self._obstacle is None:
                await self._ask(way)
            if self._obstacle is not None and self.found.path and all(each.way is not way for each in self.findings):
                self._note(Finding(way, asked=False, took=0.0, answer=self._obstacle))
        return Checkup(self.surroundings, self.found, tuple(self.findings), self._obstacle)

    async def _ask(self, way: Way) -> None:
        made = await record(replace(self.question, ways=(way,)))
        self.made.append(made)
        outcome = made.outcome
        answer = outcome.report if isinstance(outcome, Snapshot) else outcome.error
        came_first = not outcome.attempts  # of all ways: it stood in the way of asking at all
        self._meet(_found(made.probe, signed_out=came_first and isinstance(answer, NotLoggedIn)))
        if came_first and isinstance(answer, ProbeError):
            self._obstacle = answer
            return
        asked = any(_starts_engine(run.argv) for run in made.recording.runs)
        self._note(Finding(way, asked, outcome.attempts[-1].took, answer))
        if isinstance(answer, NotLoggedIn) and not self._known_elsewhere():
            self._obstacle = answer

    def _known_elsewhere(self) -> bool:
        """Whether it may be only this way that takes the person for signed out."""
        account = self.found.account
        answers = [finding.answer for finding in self.findings]
        known = any(not isinstance(answer, ProbeError) or type(answer) is NoNumbers for answer in answers)
        return account is not None and (account.login_method == IDENTITY_CENTER or known)

    def _meet(self, found: Found) -> None:
        if not self.findings:
            self.found = found
            self.tell(found)

    def _note(self, finding: Finding) -> None:
        self.findings.append(finding)
        self.tell(finding)


def _found(probe: Probe, *, signed_out: bool) -> Found:
    installation = probe.installation
    if installation is None:
        return Found()
    version = str(installation.version) if installation.version else None
    return Found(installation.path, version, installation.newer_than_known, probe.account, signed_out)


def _starts_engine(argv: tuple[str, ...]) -> bool:
    return len(argv) > 1 and argv[1] in ENGINES and "--help" not in argv


def look_around(environment: Mapping[str, str], state_folder: str | None) -> Surroundings:
    """Return where kiro-tui runs."""

    def said(*names: str) -> str | None:
        return next((clean(environment[name]) for name in names if environment.get(name)), None)

    in_tmux = said("TMUX") is not None
    version = said("TERM_PROGRAM_VERSION") if said("TERM_PROGRAM") == "tmux" else None
    return Surroundings(
        kiro_tui=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()}",
        state_folder=state_folder,
        term=said("TERM"),
        size=_terminal_size(),
        locale=said("LC_ALL", "LC_CTYPE", "LANG"),
        tmux=f"tmux {version}" if version else "tmux" if in_tmux else None,
    )


async def look_at_desktop(environment: Mapping[str, str]) -> Notifications:
    """Return whether alerts can be shown on the desktop."""
    try:
        return Notifications(server=str(await Desktop(environment).look()))
    except (NoDesktop, DesktopFailed) as error:
        return Notifications(why_not=str(error))


def _terminal_size() -> tuple[int, int] | None:
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        with suppress(OSError, ValueError):  # it is no terminal, or closed
            if stream is not None:
                size = os.get_terminal_size(stream.fileno())
                return size.columns, size.lines
    return None
