"""A refresh of the sign-in that is still running when the answer has been given.

The real one stores a new token when it is done; a process that is ended before that leaves a sign-in that no longer
works. So does this one: the file KIRO_SIM_SIGN_IN gets a row for each refresh that begins, ends or is cut off, and once
one was cut off, every later start is signed out until `login`.
"""

import os
import signal
from pathlib import Path
from types import FrameType

from kiro_tui.simulator.machine import Machine
from kiro_tui.simulator.scenario import Scenario

BEGUN, ENDED, BROKEN, RENEWED = "refreshing", "refreshed", "broken", "signed-in"
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def refresh_sign_in(machine: Machine, scenario: Scenario, place: str) -> None:
    """Refresh the sign-in, where the scenario has it for this place: `chat`, `acp` or `whoami`."""
    seconds = scenario.refresh.get(place)
    if seconds is None or scenario.login in {"signed_out", "api_key"}:
        return
    _note(machine, scenario, BEGUN)

    def cut_off(number: int, _frame: FrameType | None) -> None:
        _note(machine, scenario, BROKEN, signal=number)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    deaf = {number for number in SIGNALS if signal.getsignal(number) is signal.SIG_IGN}
    before = {number: signal.signal(number, cut_off) for number in SIGNALS if number not in deaf}
    machine.wait(seconds)
    _note(machine, scenario, ENDED)
    for number, handler in before.items():
        signal.signal(number, handler)


def renew(path: str) -> None:
    """Note a fresh sign-in, which mends a broken one."""
    _append(path, f"{RENEWED}\n")


def is_broken(path: str) -> bool:
    """Whether a refresh was cut off since the last sign-in; one whose process was killed counts as well."""
    try:
        rows = Path(path).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    broken, running = False, set[int]()
    for state, _, pid in (row.partition(" ") for row in rows):
        if state == RENEWED:
            broken, running = False, set()
        elif state == BEGUN:
            running.add(int(pid))
        elif state == ENDED:
            running.discard(int(pid))
        else:
            broken = True
    return broken or not all(map(_is_alive, running))


def _note(machine: Machine, scenario: Scenario, state: str, **facts: object) -> None:
    machine.log("refresh", state=state, **facts)
    if scenario.sign_in:
        _append(scenario.sign_in, f"{state} {os.getpid()}\n")


def _append(path: str, text: str) -> None:
    # One write, so that rows of several processes never mix.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
