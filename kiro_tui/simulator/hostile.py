"""Children that nobody wants: they hold the terminal open, flee, multiply, or do not stop talking.

What has been seen of kiro-cli and its helpers, and a little more. Every process started here is noted in the log
(`hostile`), and none outlives KIRO_SIM_HOSTILE_SECONDS, so that a test that fails does not litter the machine.
"""

import os
import signal
import sys
from collections.abc import Callable

from kiro_tui.simulator.machine import Machine, monotonic

TREE_SIZE = 30
FORKS_ON_SIGTERM = 5
HOP_SECONDS = 0.0005
FLOOD_CHUNK = b"kiro " * 2000


def before_the_answer(machine: Machine, kinds: tuple[str, ...], seconds: float) -> None:
    """Do what is done before anything is printed."""
    for kind in kinds:
        if action := BEFORE.get(kind):
            action(machine, seconds)


def after_the_answer(machine: Machine, kinds: tuple[str, ...], seconds: float) -> None:
    """Do what is done after everything is printed."""
    for kind in kinds:
        if action := AFTER.get(kind):
            action(machine, seconds)


def _child(machine: Machine, kind: str, life: Callable[[], None]) -> None:
    """Start a process that lives its life and ends, whatever happens in it."""
    if os.fork() == 0:
        try:
            machine.log("hostile", kind=kind)
            life()
        finally:
            os._exit(0)


def _deaf() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def _setsid_holder(machine: Machine, seconds: float) -> None:
    """Leave a helper in a session of its own that keeps the terminal open."""

    def life() -> None:
        os.setsid()
        machine.wait(seconds)

    _child(machine, "setsid_holder", life)


def _double_fork(machine: Machine, seconds: float) -> None:
    """Leave a helper whose parent is gone."""

    def life() -> None:
        os.setsid()
        _child(machine, "double_fork", lambda: machine.wait(seconds))

    _child(machine, "double_fork", life)


def _background(machine: Machine, seconds: float) -> None:
    """Leave a helper in our own process group that ignores being told to go."""

    def life() -> None:
        _deaf()
        machine.wait(seconds)

    _child(machine, "background", life)


def _envless(machine: Machine, seconds: float) -> None:
    """Leave a helper without any environment, so that no marker in it gives it away."""

    def life() -> None:
        os.setsid()
        command = [sys.executable, "-I", "-S", "-c", f"import time; time.sleep({seconds!r})"]
        os.execve(command[0], command, {})  # noqa: S606 - no shell is wanted

    _child(machine, "envless", life)


def _term_forker(machine: Machine, seconds: float) -> None:
    """Leave a helper that answers SIGTERM with more helpers."""

    def life() -> None:
        def fork_more(*_: object) -> None:
            for _each in range(FORKS_ON_SIGTERM):
                _background(machine, seconds)

        signal.signal(signal.SIGTERM, fork_more)
        machine.wait(seconds)

    _child(machine, "term_forker", life)


def _tree(machine: Machine, seconds: float) -> None:
    """Leave a tree of processes, every third of which has a session of its own."""

    def branch(left: int) -> None:
        if left % 3 == 0:
            os.setsid()
        if left > 1:
            _child(machine, "tree", lambda: branch(left - 2))
            _child(machine, "tree", lambda: machine.wait(seconds))
        machine.wait(seconds)

    _child(machine, "tree", lambda: branch(TREE_SIZE - 1))


def _hopper(machine: Machine, seconds: float) -> None:
    """Leave a process that is never the same for longer than half a millisecond."""
    ends = monotonic() + seconds

    def life() -> None:
        os.setsid()
        while monotonic() < ends:
            if os.fork() != 0:
                os._exit(0)
            machine.wait(HOP_SECONDS)

    _child(machine, "hopper", life)


def _ignores_signals(machine: Machine, seconds: float) -> None:
    """Do not hear SIGTERM, SIGHUP and SIGINT; the run is long enough already, so nothing is waited for."""
    _deaf()
    machine.log("hostile", kind="ignores_signals", seconds=seconds)


def _waits_for_cursor(machine: Machine, seconds: float) -> None:
    """Go no further until the terminal has said where its cursor is."""
    machine.ask_cursor(within=seconds)


def _closes_everything(machine: Machine, seconds: float) -> None:
    """Close the terminal and live on."""
    machine.log("hostile", kind="closes_everything")
    for descriptor in (0, 1, 2):
        os.close(descriptor)
    machine.wait(seconds)


def _flood(machine: Machine, seconds: float) -> None:
    """Print without end."""
    machine.log("hostile", kind="flood")
    ends = monotonic() + seconds
    while monotonic() < ends:
        os.write(1, FLOOD_CHUNK)


def _garbage(machine: Machine, seconds: float) -> None:
    """Print what no terminal should ever be sent: broken UTF-8, odd sequences, strings without an end."""
    machine.log("hostile", kind="garbage", seconds=seconds)
    os.write(
        1,
        b"\xff\xfe\xc3\x28\033[?1;2r\033[4J\033[\xc2\xb2m\033[999999999C\033P+q544e\033\\\033[38:2::1:2:3mx"
        b"\033[>4;1m\033[<u\033#8\033[2J\033[H\033]0;title",
    )


BEFORE: dict[str, Callable[[Machine, float], None]] = {
    "ignores_signals": _ignores_signals,
    "waits_for_cursor": _waits_for_cursor,
    "garbage": _garbage,
    "setsid_holder": _setsid_holder,
    "double_fork": _double_fork,
    "background": _background,
    "envless": _envless,
    "term_forker": _term_forker,
    "tree": _tree,
    "hopper": _hopper,
}
AFTER: dict[str, Callable[[Machine, float], None]] = {
    "flood": _flood,
    "closes_everything": _closes_everything,
}
