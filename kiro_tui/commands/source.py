"""What the commands ask: the kiro-cli of this machine, opened with the person's settings."""

import os
from collections.abc import Callable

from kiro_tui.clock import Clock
from kiro_tui.poller import Source
from kiro_tui.probe.child import launch
from kiro_tui.probe.probe import Probe
from kiro_tui.settings import Settings, open_state_folder

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
