"""What the commands ask, and when: the kiro-cli of this machine, and its use, opened with the person's settings."""

import os
from collections.abc import Callable

from kiro_tui.activity import SessionsActivity
from kiro_tui.clock import Clock
from kiro_tui.poller import Source
from kiro_tui.probe.probe import Probe
from kiro_tui.probe.process.child import launch
from kiro_tui.settings import Level, Settings, open_state_folder
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


def open_activity(settings: Settings, clock: Clock) -> SessionsActivity | None:
    """Return whoever sees when Kiro is used; None where the person has set an interval, which is kept."""
    is_set = settings.origin("interval").level is not Level.DEFAULT
    return None if is_set else SessionsActivity(root_of(os.environ), clock)
