"""Which programs of this user are running, as the system's process table shows them.

Only reads. Linux has the table in /proc; elsewhere `ps` prints it. Blocks for some milliseconds, so that it is called
from a thread. What cannot be read makes the whole answer unknown: a caller must not take a missing process for none.
"""

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_PROC = Path("/proc")
_PS = ("/bin/ps", "-axwwo", "pid=,ppid=,ruid=,stat=,comm=")
_PS_SECONDS = 5.0
_DEAD = ("Z", "X")
_SUPERVISOR = b"kiro_tui.probe.process.warden"
"""In the command line of the process that holds a kiro-cli for a kiro-tui (child.py), also when that has ended."""
_KIRO_APP = "/Kiro.app/"
"""In the path of the IDE's processes on macOS, whose own names are those of its framework."""


@dataclass(frozen=True, slots=True)
class Process:
    """One living process."""

    pid: int
    parent: int
    users: frozenset[int]
    """Its real and effective user."""
    names: frozenset[str]
    """What the system calls it (on Linux at most 15 characters) and the file name of the program as it was started."""
    supervises: bool = False
    """Whether it holds a child of a kiro-tui, which need not be this one. Only known on Linux."""


def names_of_others(processes: Iterable[Process], *, user: int, root: int) -> frozenset[str]:
    """Return the names of that user's processes that are neither the process `root` nor descend from it. Pure.

    What descends from another kiro-tui's supervisor is left out too: it does no work of the user's, and a kiro-cli may
    still be storing its sign-in when the kiro-tui that started it has ended.
    """
    table = {process.pid: process for process in processes}
    ours = {root} | {pid for pid, process in table.items() if process.supervises}
    while fresh := {pid for pid, process in table.items() if process.parent in ours} - ours:
        ours |= fresh
    return frozenset(
        name for pid, process in table.items() if pid not in ours and user in process.users for name in process.names
    )


def running_names() -> frozenset[str] | None:
    """Return the names of this user's processes without ourselves and our descendants; None where it is unknown."""
    processes = _from_proc() if (_PROC / "self" / "status").exists() else _from_ps()
    if processes is None or all(process.pid != os.getpid() for process in processes):
        return None
    return names_of_others(processes, user=os.getuid(), root=os.getpid())


def _from_proc() -> list[Process] | None:
    """Read Linux's table; None where a process of this user cannot be read."""
    found: list[Process] = []
    try:
        for folder in _PROC.iterdir():
            if folder.name.isdigit():
                found += _process(folder)
    except (OSError, KeyError, ValueError):
        return None
    return found


def _process(folder: Path) -> Iterator[Process]:
    """Yield the process, unless it ended meanwhile or belongs to another user who hides it."""
    try:
        status = (folder / "status").read_text(errors="replace")
        command_line = (folder / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return
    except PermissionError:
        if folder.stat().st_uid == os.getuid():
            raise
        return
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    if fields["State"].strip().startswith(_DEAD):
        return
    started_as = command_line.partition(b"\0")[0].decode(errors="replace")
    real, effective = fields["Uid"].split()[:2]
    yield Process(
        pid=int(folder.name),
        parent=int(fields["PPid"]),
        users=frozenset({int(real), int(effective)}),
        names=frozenset({fields["Name"].strip(), PurePosixPath(started_as).name} - {""}),
        supervises=_SUPERVISOR in command_line,
    )


def _from_ps() -> list[Process] | None:
    """Read the table that `ps` prints; None where it prints none that can be understood."""
    try:
        printed = subprocess.run(  # noqa: S603 - the system's own program, with fixed arguments
            _PS, stdin=subprocess.DEVNULL, capture_output=True, env={"LC_ALL": "C"}, timeout=_PS_SECONDS, check=True
        ).stdout
        return [row for line in printed.decode(errors="replace").splitlines() if (row := parse_ps_row(line))]
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def parse_ps_row(line: str) -> Process | None:
    """Return the process of a row of `ps`, None for a dead one; ValueError for what is no such row."""
    pid, parent, user, state, program = line.split(maxsplit=4)
    if state.startswith(_DEAD):
        return None
    names = {PurePosixPath(program.strip()).name} | ({"Kiro"} if _KIRO_APP in program else set())
    return Process(int(pid), int(parent), frozenset({int(user)}), frozenset(names))
