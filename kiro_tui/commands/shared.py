"""What the commands share with other kiro-tui of the same person: the journal, and the right to ask.

Both are lent, and closed again also where the command that they were lent to fails.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from kiro_tui.clock import Clock
from kiro_tui.commands.source import OpenSource, open_probe
from kiro_tui.journal.worker import JournalWorker
from kiro_tui.poller import Source
from kiro_tui.scope import scope
from kiro_tui.settings import Settings, open_state_folder
from kiro_tui.sharing.source import SharedSource, Terms


@contextmanager
def open_shared(settings: Settings, clock: Clock, open_source: OpenSource = open_probe) -> Iterator[SharedSource]:
    """Lend a source that asks only where no other kiro-tui has just done so, and that keeps what it learns."""
    source = open_source(settings, clock)
    with share(source, clock, open_state_folder(), terms(settings, os.environ)) as shared:
        yield shared


@contextmanager
def share(source: Source, clock: Clock, folder: Path | None, on: Terms) -> Iterator[SharedSource]:
    """Share the source on these terms, with all who have the folder."""
    with (
        closing(JournalWorker(folder, clock)) as journal,
        closing(SharedSource(source, journal, clock, folder, on)) as shared,
    ):
        yield shared


def terms(settings: Settings, environment: Mapping[str, str]) -> Terms:
    """Return with whom to share: those who ask the same kiro-cli, in the same ways, as the same person."""
    return Terms(scope(settings.kiro_cli, [way.value for way in settings.source], environment), settings.interval)
