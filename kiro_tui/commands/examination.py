"""Finding out what `kiro-tui doctor` shows: where we are, which kiro-cli is there, and what comes of each source.

Each source is asked alone, in the order in which a poll tries them and under the same rules: one that is not safe for
this version, or was switched off, is not asked, and while nobody is signed in none is. Engine v3, whose start has side
effects, is only asked where no other source gave figures, and never while Kiro works.
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
from kiro_tui.domain.state import Snapshot, SourceName, Way
from kiro_tui.domain.text import clean
from kiro_tui.errors import NoNumbers, NotLoggedIn, ProbeError
from kiro_tui.probe.account import IDENTITY_CENTER
from kiro_tui.probe.asking.sources import LAST, sources_of
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
    """What was recorded meanwhile, a recording for each source."""
    _obstacle: ProbeError | None = None

    async def run(self) -> Checkup:
        """Ask every source that may be asked."""
        for source in sources_of(self.question.ways or tuple(Way)):
            if self._obstacle is None and not (source is LAST and self._has_figures):
                await self._ask(source)
            if self.found.path and all(each.source is not source for each in self.findings):
                self._note(Finding(source, asked=False, took=0.0, answer=self._obstacle or _not_needed()))
        return Checkup(self.surroundings, self.found, tuple(self.findings), self._obstacle)

    @property
    def _has_figures(self) -> bool:
        return any(finding.report for finding in self.findings)

    async def _ask(self, source: SourceName) -> None:
        made = await record(replace(self.question, ways=(source.way,), sources=(source,)))
        self.made.append(made)
        outcome = made.outcome
        answer = outcome.report if isinstance(outcome, Snapshot) else outcome.error
        came_first = not outcome.attempts  # of all ways: it stood in the way of asking at all
        self._meet(_found(made.probe, signed_out=came_first and isinstance(answer, NotLoggedIn)))
        if came_first and isinstance(answer, ProbeError):
            self._obstacle = answer
            return
        asked = any(_starts_engine(run.argv) for run in made.recording.runs)
        self._note(Finding(source, asked, outcome.attempts[-1].took, answer))
        if isinstance(answer, NotLoggedIn) and not self._known_elsewhere():
            self._obstacle = answer

    def _known_elsewhere(self) -> bool:
        """Whether only this source may say that nobody is signed in."""
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


def _not_needed() -> ProbeError:
    return NoNumbers(
        "Not started, because another source works: engine v3 is the last one, and only started while Kiro is idle.",
        "Nothing to do.",
    )


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
