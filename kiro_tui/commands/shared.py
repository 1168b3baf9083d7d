"""What the commands share with other kiro-tui of the same person: the journal, and the right to ask.

Both are lent and closed again. Must never be used for the demo, whose account is make-believe.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from kiro_tui.clock import Clock
from kiro_tui.journal.worker import JournalWorker
from kiro_tui.poller import Source
from kiro_tui.settings import PREFIX, Settings
from kiro_tui.sharing.source import SharedSource, Terms


@contextmanager
def open_journal(folder: Path | None, clock: Clock) -> Iterator[JournalWorker]:
    """Lend the journal of the state folder; nothing is opened before it is used."""
    with closing(JournalWorker(folder, clock)) as journal:
        yield journal


@contextmanager
def open_shared(
    source: Source, journal: JournalWorker, clock: Clock, folder: Path | None, terms: Terms
) -> Iterator[SharedSource]:
    """Lend a source that asks the given one only where no other kiro-tui has just done so."""
    with closing(SharedSource(source, journal, clock, folder, terms)) as shared:
        yield shared


def terms(settings: Settings, environment: Mapping[str, str], max_failure_age: float = 0.0) -> Terms:
    """Return with whom to share: those who ask the same kiro-cli, in the same ways, as the same person."""
    decides = {name: value for name, value in environment.items() if _decides_who_answers(name)}
    scope = repr((settings.kiro_cli, [way.value for way in settings.source], sorted(decides.items())))
    return Terms(scope, max_age=settings.interval, max_failure_age=max_failure_age)


def _decides_who_answers(name: str) -> bool:
    return name == "HOME" or (name.startswith(("KIRO_", "XDG_DATA_")) and not name.startswith(PREFIX))
