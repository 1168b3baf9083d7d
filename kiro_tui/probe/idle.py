"""Whether Kiro is idle on this machine, so that its engine v3 may be started without harm.

Starting engine v3 takes the status away from the user's running and queued tasks, in the real home, whatever
`KIRO_HOME` says (docs/kiro-cli.md, section 4). What cannot be read or known counts as not idle. The check blocks for
some milliseconds, so that it is called from a thread.
"""

import json
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from kiro_tui.errors import KiroIsWorking
from kiro_tui.probe.process.running import running_names

PROGRAMS = frozenset({"kiro-cli", "kiro-cli-chat", "Kiro"})
"""Kiro's programs that may be working; `kiro_cli_desktop` always runs and does not count."""
UNFINISHED = frozenset({"running", "queued"})
TASK_FILE = ".meta.json"
MOST_TASKS = 10_000
MOST_BYTES = 1 << 20
"""Of one task file."""


class _Unreadable(Exception):
    """Something about a task cannot be read."""


def is_idle(running: Collection[str] | None, tasks: Collection[str] | None) -> bool:
    """Whether neither a program nor a task of Kiro's is at work; None stands for what is not known. Pure.

    `running` holds the names of the user's processes besides our own children, `tasks` the status of each task.
    """
    if running is None or tasks is None:
        return False
    return PROGRAMS.isdisjoint(running) and UNFINISHED.isdisjoint(status.casefold() for status in tasks)


def kiro_is_idle(environment: Mapping[str, str]) -> bool:
    """Look at this user's processes and task files, and return whether Kiro is idle."""
    return is_idle(running_names(), task_states(environment))


def task_states(environment: Mapping[str, str]) -> list[str] | None:
    """Return the status of each task in the real home and in `KIRO_HOME`; None where one of them is not known."""
    home = environment.get("HOME")
    if not home:
        return None
    roots = {Path(home, ".kiro"), Path(environment.get("KIRO_HOME") or Path(home, ".kiro"))}
    try:
        return [_status(file) for root in roots for file in _task_files(root / "tasks")]
    except _Unreadable:
        return None


def _task_files(folder: Path) -> Iterator[Path]:
    seen = 0
    for project in _entries(folder):
        if not _is_folder(project):
            continue
        for entry in _entries(Path(project.path)):
            seen += 1
            if seen > MOST_TASKS:
                raise _Unreadable
            if entry.name.endswith(TASK_FILE):
                if not _is_file(entry):
                    raise _Unreadable
                yield Path(entry.path)


def _entries(folder: Path) -> "list[os.DirEntry[str]]":
    """Return what is in the folder: nothing where it does not exist."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []
    except OSError:
        raise _Unreadable from None


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        raise _Unreadable from None


def _is_file(entry: "os.DirEntry[str]") -> bool:
    """Whether it can be opened without waiting, as a pipe cannot."""
    try:
        return entry.is_file()
    except OSError:
        raise _Unreadable from None


def _status(file: Path) -> str:
    """Return the status; "" where the file states none, which is what engine v3 leaves behind."""
    try:
        with file.open("rb") as stream:
            text = stream.read(MOST_BYTES + 1)
        status = json.loads(text).get("status") if len(text) <= MOST_BYTES else False
    except (OSError, ValueError, AttributeError, RecursionError):
        raise _Unreadable from None
    if status is not None and not isinstance(status, str):
        raise _Unreadable
    return status or ""


def kiro_is_working() -> KiroIsWorking:
    """Return the error for a poll that only engine v3 could have answered."""
    return KiroIsWorking(
        "Kiro is working on a task; its v3 engine is not started meanwhile.",
        "Wait until Kiro has finished and close its windows, then refresh. The account page has the figures.",
    )
