"""What `kiro-tui doctor` finds out, as values, and what follows from it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from kiro_tui.domain.state import SourceName, Way
from kiro_tui.domain.usage import Account, NoteCode, Report
from kiro_tui.errors import (
    FlagsRefused,
    KiroIsWorking,
    NotInstalled,
    NotLoggedIn,
    ProbeError,
    PromptExecuted,
    ServiceFailed,
)

MOST_TELLING = (NotInstalled, PromptExecuted, NotLoggedIn, ServiceFailed, KiroIsWorking)
"""Where no source gave figures, the first of these is the reason to name; else it is what the first one asked said."""


@dataclass(frozen=True, slots=True)
class Notifications:
    """Whether alerts can be shown on the desktop."""

    server: str | None = None
    """What shows them, with its version."""
    why_not: str | None = None
    """Why nothing does, and what to do, where there is no server."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where kiro-tui runs."""

    kiro_tui: str
    python: str
    system: str
    state_folder: str | None
    """None where nothing can be kept."""
    term: str | None
    size: tuple[int, int] | None
    """Columns and rows; None where there is no terminal."""
    locale: str | None
    tmux: str | None
    """`tmux` with its version, where it says one; None outside of it."""
    desktop: Notifications = Notifications()


@dataclass(frozen=True, slots=True)
class Found:
    """The kiro-cli that is there; None is unknown."""

    path: str | None = None
    version: str | None = None
    newer_than_known: bool = False
    account: Account | None = None
    signed_out: bool = False
    """Whether `whoami` says that nobody is signed in."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one source."""

    source: SourceName
    asked: bool
    """Whether kiro-cli was asked by this source at all; it is not where that could do harm."""
    took: float
    """Seconds."""
    answer: Report | ProbeError

    @property
    def way(self) -> Way:
        """The kind of the source."""
        return self.source.way

    @property
    def report(self) -> Report | None:
        """The figures; None where there are none."""
        return None if isinstance(self.answer, ProbeError) else self.answer


@dataclass(frozen=True, slots=True)
class Checkup:
    """All of it."""

    surroundings: Surroundings
    found: Found
    findings: tuple[Finding, ...] = ()
    obstacle: ProbeError | None = None
    """Why no source was asked, or not the rest of them."""

    @property
    def error(self) -> ProbeError | None:
        """The most telling reason why there are no figures; None where one source gave some."""
        if any(finding.report for finding in self.findings):
            return None
        asked = [finding for finding in self.findings if finding.asked] + list(self.findings)
        errors = [finding.answer for finding in asked if isinstance(finding.answer, ProbeError)]
        errors = [self.obstacle, *errors] if self.obstacle else errors
        telling = (error for kind in MOST_TELLING for error in errors if isinstance(error, kind))
        return next(telling, next((error for error in errors if type(error) is not FlagsRefused), errors[0]))

    @property
    def signed_in(self) -> bool | None:
        """Whether somebody is; None where that is not known."""
        if self.found.signed_out or isinstance(self.error, NotLoggedIn):
            return False
        return True if self.found.account or self.error is None else None


def advice(checkup: Checkup) -> Iterator[str]:
    """Yield what to do next, a sentence or two each."""
    error, working = checkup.error, [finding for finding in checkup.findings if finding.report]
    if error is None:
        best = next((finding for finding in working if not _is_cut_off(finding)), working[0])
        yield f"Nothing: kiro-tui can read your credits, by {best.source.label}."
        if _is_cut_off(best):
            yield "The figure may be cut off at the limit, and no other source works here: update kiro-cli."
        yield "To see them: kiro-tui"
    else:
        yield error.hint or error.message
    if any(isinstance(finding.answer, PromptExecuted) for finding in checkup.findings):
        yield "One source let the model answer. It costs credits and is not asked again for this version."
    if error is not None and checkup.found.newer_than_known:
        yield "This kiro-cli is newer than kiro-tui knows: look for a newer kiro-tui."
    if error is not None and not isinstance(error, NotInstalled | NotLoggedIn | ServiceFailed | KiroIsWorking):
        yield "To report it: kiro-tui doctor --bundle FILE writes what was seen into one file, with names masked."


def _is_cut_off(finding: Finding) -> bool:
    return finding.report is not None and any(note.code is NoteCode.MAYBE_CLAMPED for note in finding.report.notes)
