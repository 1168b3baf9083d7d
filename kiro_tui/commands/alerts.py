"""`kiro-tui alerts test`: one alert by every channel, quiet or not, and what became of it on each."""

import asyncio
import os
import signal

from kiro_tui.clock import Clock, SystemClock
from kiro_tui.commands.crier import open_crier, open_terminal
from kiro_tui.commands.signals import unless_ended
from kiro_tui.domain.alerts import Alert, AlertKind, Severity
from kiro_tui.domain.told import Fate, Told
from kiro_tui.errors import SettingsError
from kiro_tui.settings import Settings
from kiro_tui.streams import write

WIDTH = 10
"""Columns of the names on the left."""
FATE = 12


def run(settings: Settings) -> int:
    """Send it, say what happened, and return the exit status; raises SettingsError where a wanted channel failed."""
    clock = SystemClock()
    with open_terminal() as on_terminal:
        crier = open_crier(settings.alerts, clock, os.environ, on_terminal)
        told = asyncio.run(unless_ended(crier.send(example(clock))))
    if isinstance(told, signal.Signals):
        return 128 + told
    write("".join(f"{each.channel:{WIDTH}}{each.fate:{FATE}}{each.text}\n" for each in told))
    if crier.quiet_until:
        write(f"\nReal alerts are held back now: it is quiet until {crier.quiet_until.astimezone():%H:%M}.\n")
    raise_failure(told)
    return 0


def example(clock: Clock) -> Alert:
    """Return an alert that says that it is none."""
    text = "This is how an alert reaches you. Nothing has happened."
    return Alert(AlertKind.TEST, Severity.INFO, clock.now(), "test alert", text)


def raise_failure(told: tuple[Told, ...]) -> None:
    """Raise SettingsError with all that failed, as it is the settings that ask for it."""
    failed = [each for each in told if each.fate is Fate.FAILED]
    if failed:
        message = " ".join(f"alerts.{each.channel} failed: {each.text}." for each in failed)
        names = " or ".join(f"alerts.{each.channel}" for each in failed)
        raise SettingsError(message, f"Correct it, or switch {names} off in the settings.")
