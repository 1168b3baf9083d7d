"""Making a recording: asking once, as `kiro-tui status` does, with a tape running."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kiro_tui import __version__
from kiro_tui.clock import Clock
from kiro_tui.domain.state import Outcome, SourceName, Way
from kiro_tui.domain.text import disguise
from kiro_tui.domain.usage import Account
from kiro_tui.probe.asking.sources import sources_of
from kiro_tui.probe.memory import NOTHING_LEARNED, Lessons, Memory, settle, settled_key
from kiro_tui.probe.probe import Probe
from kiro_tui.probe.process.child import Launch
from kiro_tui.recording.player import outcome_document
from kiro_tui.recording.tape import Tape
from kiro_tui.recording.values import Recording, disguised_document, disguised_run


@dataclass(frozen=True, slots=True)
class Question:
    """One question to kiro-cli that is to be recorded."""

    launch: Launch
    clock: Clock
    environment: Mapping[str, str]
    """The person's own."""
    state_folder: Path | None
    path: str | None
    """Where kiro-cli is; None looks for it."""
    timeout: float
    ways: tuple[Way, ...] = ()
    """() allows all."""
    sources: tuple[SourceName, ...] = ()
    """Only these sources; () allows all of those kinds."""
    is_idle: Callable[[], bool] | None = None
    """Whether engine v3 may be started; None looks at this machine."""


@dataclass(frozen=True, slots=True)
class Made:
    """A recording, and what was behind it."""

    recording: Recording
    outcome: Outcome
    probe: Probe
    """Which knows now what kiro-cli is there, and who is signed in."""


async def record(question: Question) -> Made:
    """Ask, and return everything that passed, with nothing masked; nothing did where there is no kiro-cli."""
    tape = Tape(question.launch, question.clock)
    memory = Memory(question.state_folder)  # as it was before
    began = question.clock.now()
    ways = question.ways or tuple(dict.fromkeys(source.way for source in question.sources)) or tuple(Way)
    probe = Probe(
        launch=tape.launch,
        clock=question.clock,
        environment=question.environment,
        state_folder=question.state_folder,
        path=question.path,
        timeout=question.timeout,
        ways=ways,
        sources=question.sources,
        is_idle=question.is_idle,
    )
    outcome = await probe.ask()
    recording = Recording(
        kiro_tui=__version__,
        kiro_cli=outcome.version,
        recorded_at=began,
        masked=False,
        ways=ways,
        timeout=question.timeout,
        learned=_known_before(memory, probe, question.sources or sources_of(ways)),
        runs=tuple(tape.runs),
        outcome=outcome_document(outcome),
    )
    return Made(recording, outcome, probe)


def masked(made: Made, names: Iterable[str]) -> Recording:
    """Return the recording with secrets, and those names, disguised."""
    names, recording, account = frozenset(names), made.recording, made.probe.account
    sources = sources_of(recording.ways)
    known = recording.learned.settled.get(settled_key(account, sources))
    disguised = account and Account(
        disguise(account.login_method, names),
        account.email and disguise(account.email, names),
        account.organization and disguise(account.organization, names),
    )
    return replace(
        recording,
        masked=True,
        learned=settle(replace(recording.learned, settled={}), settled_key(disguised, sources), known),
        runs=tuple(disguised_run(run, names) for run in recording.runs),
        outcome=disguised_document(recording.outcome, names),
    )


def _known_before(memory: Memory, probe: Probe, sources: tuple[SourceName, ...]) -> Lessons:
    """Return what was known of this kiro-cli, of all accounts only for the one that is signed in."""
    if probe.installation is None:
        return NOTHING_LEARNED
    lessons = memory.about(probe.installation.key)
    key = settled_key(probe.account, sources)
    return settle(replace(lessons, settled={}), key, lessons.settled.get(key))
