"""Finding and ending everything that a process has started, however it tried to get away.

Two ways, because systems differ. On Linux a *subreaper* inherits every orphan below it, so the tree under the
warden is complete by construction, and the kernel says when it is empty. Elsewhere the process table has to be
searched for the group, the session and the parents; that can miss a program that leaves all three between two looks.

Must never end a process that it has not traced to its own family.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_STEP = 0.002
_ENOUGH = 3.0
"""Seconds after which what cannot be killed is given up, and reported: the system itself holds it."""
_LOOKS = 20
"""So often the process table is read for those who were born while it was read."""
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def inherit_orphans(wanted: bool = True) -> bool:  # noqa: FBT001, FBT002 - a switch, and there is only one
    """Become (or stop being) the one who inherits the orphans below us; False where the system has no such thing."""
    return _prctl is not None and _prctl(_PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0) == 0


def die_with(parent: int) -> None:
    """Between fork and exec: have the system kill this process as soon as its parent is gone."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it was gone before the system knew
            os._exit(1)


def reap() -> dict[int, int]:
    """Collect every child that has ended, without waiting, as pid and wait status."""
    statuses: dict[int, int] = {}
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            statuses[ended[0]] = ended[1]
    return statuses


def childless() -> bool:
    """Return whether the system says that this process has no child at all, living or dead."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


class Family(Protocol):
    """All that a warden has to answer for."""

    look_every: float
    """Seconds after which it should be looked at again while the program runs."""

    def members(self) -> set[int]:
        """Return the pids of all who are there now, without ourselves."""
        ...

    def held(self) -> set[int]:
        """Return the same, after seeing to it that none of them can have a child that we do not find."""
        ...


class Subreaper:
    """Linux: whoever loses its parent becomes our child, so nobody can leave."""

    look_every = float("inf")

    @staticmethod
    def available() -> bool:
        """Return whether the system hands us orphans and lists children (some kernels are built without the list)."""
        return Path(f"/proc/self/task/{os.getpid()}/children").exists() and inherit_orphans()

    def members(self) -> set[int]:
        """Return the pids of all descendants."""
        return _tree(os.getpid())

    def held(self) -> set[int]:
        """Return the same: here every child will be found, whatever becomes of its parent."""
        return self.members()


def _children(pid: int) -> list[int]:
    """Return a process's children, none when it is gone. Linux only."""
    with suppress(OSError):  # it ended while we were reading
        lists = [Path(task, "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
        return [int(child) for line in lists for child in line.split()]
    return []


def _tree(top: int) -> set[int]:
    """Return all descendants of a process. Linux only."""
    found: set[int] = set()
    unseen = [top]
    while unseen:
        fresh = [child for child in _children(unseen.pop()) if child not in found]
        found.update(fresh)
        unseen += fresh
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    parent: int
    group: int
    started: str


class ProcessTable:
    """Everywhere else: the root's group and session, everybody's children, and all who ever were among them."""

    look_every = 0.25

    def __init__(self, root: int | None) -> None:
        self._root = root
        self._known: dict[int, str] = {}

    def members(self) -> set[int]:
        """Return the pids of all who can be traced to us, now or when we last looked."""
        rows = _process_table()
        # The start time tells an old acquaintance from a stranger who was given the same number.
        family = {pid for pid, started in self._known.items() if pid in rows and rows[pid].started == started}
        if self._root is not None:
            family |= {pid for pid, row in rows.items() if self._root in (row.group, _session(pid))}
        family.add(os.getpid())
        while fresh := {pid for pid, row in rows.items() if row.parent in family} - family:
            family |= fresh
        family.discard(os.getpid())
        self._known = {pid: rows[pid].started for pid in family}
        return family

    def held(self) -> set[int]:
        """Return the same, all of them stopped: a child that is born while its parent is killed could not be traced."""
        family = self.members()
        stopped: set[int] = set()
        for _ in range(_LOOKS):
            if not (fresh := family - stopped):
                break
            _send(signal.SIGSTOP, fresh)
            stopped |= fresh
            family = self.members()
        return family


def _process_table() -> dict[int, _Row]:
    """Return all living processes as the system's own `ps` shows them."""
    rows: dict[int, _Row] = {}
    with subprocess.Popen(
        ["/bin/ps", "-axo", "pid=,ppid=,pgid=,stat=,lstart="],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LC_ALL": "C"},
    ) as ps:
        for line in ps.communicate()[0].splitlines():
            pid, parent, group, state, started = line.decode("ascii", "replace").split(maxsplit=4)
            if not state.startswith("Z") and int(pid) != ps.pid:
                rows[int(pid)] = _Row(int(parent), int(group), started)
    return rows


def _session(pid: int) -> int | None:
    """Return the session of a process, None when it is gone or the system will not say."""
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _send(number: signal.Signals, pids: Iterable[int]) -> None:
    """Send a signal to each that is still there and may be signalled by us."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


@dataclass(slots=True)
class Toll:
    """What it took to end a family."""

    killed: set[int]
    left: set[int]
    statuses: dict[int, int]
    """The wait status of each that was collected meanwhile."""


def end_all(family: Family) -> Toll:
    """Kill until nobody is left: whoever forks and leaves faster than one look takes meets the next."""
    until = time.monotonic() + _ENOUGH
    statuses = reap()
    toll = Toll(set(), family.held(), statuses)
    while (toll.left or not childless()) and time.monotonic() < until:
        _send(signal.SIGKILL, toll.left)
        toll.killed |= toll.left
        if not (ended := reap()):
            time.sleep(_STEP)
        statuses.update(ended)
        toll.left = family.held()
    return toll


class Adoption:
    """What becomes of a warden's family when the warden itself is killed: on Linux the app inherits and ends it.

    Those are taken for the lost warden's who became our children after it started and live in a session that is not
    ours: whatever else the app has started is an older child, or stays in the app's own session.
    """

    def __init__(self) -> None:
        self._wardens: dict[int, set[int]] = {}

    def prepare(self) -> None:
        """Be ready to inherit, from before a warden starts."""
        inherit_orphans()

    def expect(self, warden: int) -> None:
        """Note a warden that has just started, and who our children are who cannot be its."""
        self._wardens[warden] = set(_children(os.getpid()))

    def dismiss(self, warden: int | None = None) -> None:
        """Forget a warden that is gone, and inherit no more when there is no other."""
        if warden is not None:
            del self._wardens[warden]
        if not self._wardens:
            inherit_orphans(wanted=False)

    def end_orphans(self, warden: int, root: int | None) -> int:
        """Kill and collect all that the lost warden left to us; return how many there were, 0 when it is done.

        Where orphans are not inherited, the root's group is what can be found of them.
        """
        if not Subreaper.available():
            if root is not None and _session(root) == root:
                os.killpg(root, signal.SIGKILL)
            return 0
        own_session = os.getsid(0)
        not_its = self._wardens.keys() | self._wardens[warden]
        orphans = [child for child in _children(os.getpid()) if child not in not_its and _session(child) != own_session]
        for orphan in orphans:
            _send(signal.SIGKILL, {orphan, *_tree(orphan)})
            with suppress(ChildProcessError):
                os.waitpid(orphan, os.WNOHANG)
        return len(orphans)
