"""What is known now, and how each event changes it: the one value that the dashboard draws.

Pure: `advance(state, event)` is a fold, `freshness(state, now)` is arithmetic. Age is never stored.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from kiro_tui.domain.frame import Frame
from kiro_tui.domain.usage import Account, Report
from kiro_tui.errors import ProbeError

SHORTEST_INTERVAL = 30.0
"""Seconds between two questions; no setting and no key asks more often."""


class Way(StrEnum):
    """The ways of asking kiro-cli; the names are part of the JSON and of `--source`."""

    REPORT = "report"
    ACP = "acp"
    PANEL = "panel"


class SourceName(StrEnum):
    """The command lines of kiro-cli that give the usage, in the order in which they are tried.

    `--source` names their kinds: one kind may have a command line for each engine (docs/kiro-cli.md, section 4).
    """

    REPORT_V1 = "report-v1"
    REPORT_V2 = "report-v2"
    ACP_V2 = "acp-v2"
    PANEL = "panel"
    ACP_V3 = "acp-v3"

    @property
    def way(self) -> Way:
        """The kind, as `--source` names it."""
        return Way(self.partition("-")[0])

    @property
    def label(self) -> str:
        """The name in a sentence or a table: `acp v3`."""
        return self.replace("-", " ")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way that was tried while a question was answered, successful or not."""

    way: Way
    took: float
    """Seconds."""
    error: ProbeError | None = None
    """None where this way gave the answer."""
    frame: Frame | None = None
    """The last screen that kiro-cli drew; None where there is no screen to show."""
    source: SourceName | None = None
    """The command line that was tried; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A report with its circumstances; people call it a reading."""

    report: Report
    way: Way
    taken_at: datetime
    took: float
    """Seconds from asking to knowing."""
    version: str | None = None
    """kiro-cli's version, None where it would not say."""
    path: str | None = None
    """Where that kiro-cli is."""
    account: Account | None = None
    attempts: tuple[Attempt, ...] = ()
    """Every way that was tried for it, in order."""
    newer_than_known: bool = False
    """That kiro-cli is newer than any that is known here, and was asked as the newest of them would be."""
    warning: ProbeError | None = None
    """Something that went wrong on the way here and that the person must know although there is a reading."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that was not answered."""

    error: ProbeError
    at: datetime
    version: str | None = None
    path: str | None = None
    attempts: tuple[Attempt, ...] = ()


Outcome = Snapshot | Failure


@dataclass(frozen=True, slots=True)
class Asking:
    """kiro-cli is being asked."""

    since: datetime


class Why(StrEnum):
    """What the next question waits for."""

    INTERVAL = "interval"
    RESET = "reset"
    BACKOFF = "backoff"
    PAUSED = "paused"
    SIGNED_OUT = "signed_out"
    ACTIVITY = "activity"
    """Kiro is being used on this machine, so that the question comes sooner."""
    QUIET = "quiet"
    """Nothing is being used, so that it comes later."""


@dataclass(frozen=True, slots=True)
class Resting:
    """Nothing is being asked."""

    until: datetime | None
    """When the next question comes by itself; None where it waits for the person."""
    why: Why = Why.INTERVAL
    interval: float | None = None
    """Seconds between two questions while this goes on, which may be few or many on purpose; None: as before."""


Event = Asking | Resting | Snapshot | Failure


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the dashboard knows."""

    interval: float
    """Seconds between two questions, as the person set it or as they come at present."""
    latest: Snapshot | None = None
    """The last good reading; a failure leaves it in place."""
    failure: Failure | None = None
    """Why the last question failed; None when it did not."""
    activity: Asking | Resting | None = None
    """None before anything was asked."""


def advance(state: State, event: Event) -> State:
    """Return the state after the event."""
    match event:
        case Resting() if event.interval is not None:
            return replace(state, activity=event, interval=event.interval)
        case Asking() | Resting():
            return replace(state, activity=event)
        case Snapshot():
            return replace(state, latest=event, failure=None)
        case Failure():
            return replace(state, failure=event)


STALE_AFTER_INTERVALS = 2


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the shown figures are."""

    age: timedelta
    """Never negative, also when the wall clock was set back."""
    stale: bool
    lasts: float
    """Seconds until a fresh reading turns stale by age alone; infinite where it is stale already."""


def freshness(state: State, now: datetime) -> Freshness | None:
    """Return the age of the latest reading; stale when older than two intervals or when the last question failed."""
    if state.latest is None:
        return None
    passed = now - state.latest.taken_at
    left = STALE_AFTER_INTERVALS * state.interval - passed.total_seconds()
    stale = left < 0 or state.failure is not None
    return Freshness(max(passed, timedelta(0)), stale, lasts=float("inf") if stale else left)
