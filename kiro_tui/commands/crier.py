"""The channels that the settings ask for, opened for whoever has alerts to tell: the dashboard, `watch`, a test."""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kiro_tui.alerts.command import OwnCommand
from kiro_tui.alerts.crier import Crier, Sender
from kiro_tui.alerts.desktop import Desktop
from kiro_tui.alerts.programs import Programs
from kiro_tui.alerts.terminal import Bell, Notification, Write
from kiro_tui.alerts.tmux import Tmux, TmuxMessage
from kiro_tui.clock import Clock
from kiro_tui.domain.alerts import Rules
from kiro_tui.settings import Alerts

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from kiro_tui.probe.process.child import Child, Command

TERMINAL = "/dev/tty"


def rules_of(alerts: Alerts) -> Rules:
    """Return when a person wants to be told."""
    return Rules(alerts.used, alerts.ends_within, alerts.costs, alerts.silent_after * 60)


def open_crier(alerts: Alerts, clock: Clock, environment: Mapping[str, str], write: Write | None) -> Crier:
    """Return a crier for these settings; `write` writes to the terminal, and is None where there is none.

    It holds nothing open between two alerts, so there is nothing to close; cancelling what it is asked ends what that
    has started.
    """
    programs = Programs(_launch, environment, _home(environment))
    tmux = Tmux(programs, clock) if environment.get("TMUX") else None
    senders: list[Sender] = []
    if alerts.bell != "off":
        senders.append(Bell(write))
    if alerts.terminal:
        senders.append(Notification(write, environment, tmux))
    if alerts.tmux:
        senders.append(TmuxMessage(tmux))
    if alerts.desktop:
        senders.append(Desktop(environment))
    if alerts.command:
        senders.append(OwnCommand(programs, alerts.command, alerts.command_timeout))
    return Crier(senders, clock, alerts.quiet)


def _launch(command: "Command") -> "AbstractAsyncContextManager[Child]":
    from kiro_tui.probe.process.child import launch  # noqa: PLC0415 - only for an alert, and no first paint waits for it

    return launch(command)


def _home(environment: Mapping[str, str]) -> str:
    """Return where the person's command runs: always in the same place, wherever kiro-tui was started."""
    home = environment.get("HOME", "")
    return home if Path(home).is_absolute() and Path(home).is_dir() else "/"


@contextmanager
def open_terminal() -> Iterator[Write | None]:
    """Lend a way to write to our terminal, whatever stdout is; None where there is no terminal."""
    try:
        # One that takes nothing now (ctrl+s) must not hold us up.
        descriptor = os.open(TERMINAL, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        yield None
        return

    def write(text: str) -> None:
        data = text.encode()
        if os.write(descriptor, data) < len(data):
            raise OSError(errno.EAGAIN, "it is stopped")

    try:
        yield write
    finally:
        os.close(descriptor)
