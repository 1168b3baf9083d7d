"""What the commands ask, and when: the kiro-cli of this machine, and its use, opened with the person's settings.

What is opened here is closed here, also where the command that it was lent to fails.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kiro_tui.activity import SessionsActivity
from kiro_tui.clock import Clock
from kiro_tui.journal.worker import JournalWorker
from kiro_tui.poller import Source
from kiro_tui.probe.probe import Probe
from kiro_tui.probe.process.child import launch
from kiro_tui.settings import Level, Settings, open_state_folder
from kiro_tui.sharing.source import SharedSource, Terms
from kiro_tui.spend.tree import root_of

OpenSource = Callable[[Settings, Clock], Source]


def open_probe(settings: Settings, clock: Clock) -> Source:
    """Return a probe; it holds nothing that would have to be closed."""
    return Probe(
        launch=launch,
        clock=clock,
        environment=os.environ,
        state_folder=open_state_folder(),
        path=settings.kiro_cli,
        timeout=settings.timeout,
        ways=settings.source or None,
    )


@contextmanager
def open_shared(settings: Settings, clock: Clock, open_source: OpenSource = open_probe) -> Iterator[SharedSource]:
    """Lend a source that asks only when no other kiro-tui of this person has, and that keeps what it learns."""
    folder = open_state_folder()
    journals = JournalWorker(folder, clock)
    terms = Terms(_scope(settings), max_age=settings.interval)
    shared = SharedSource(open_source(settings, clock), journals, clock, folder, terms)
    try:
        yield shared
    finally:
        shared.close()
        journals.close()


def _scope(settings: Settings) -> str:
    """Return what decides which answer comes: who asks which kiro-cli, for whom and in which way."""
    person = [os.environ.get(name, "") for name in ("HOME", "KIRO_HOME", "KIRO_DATA_DIR", "PATH")]
    with_key = "KIRO_API_KEY" in os.environ
    return repr((settings.kiro_cli, settings.source, person, with_key))


def open_activity(settings: Settings, clock: Clock) -> SessionsActivity | None:
    """Return whoever sees when Kiro is used; None where the person has set an interval, which is kept."""
    is_set = settings.origin("interval").level is not Level.DEFAULT
    return None if is_set else SessionsActivity(root_of(os.environ), clock)
