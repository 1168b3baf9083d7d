"""Asking behind a status line: another kiro-tui asks, in a session of its own, while the line is already there.

However many lines are drawn, there is one at a time: it holds a lock for as long as it lives, and the next one starts
no sooner than REST seconds after it, whatever became of it. It has no terminal and none of the line's pipes, so that
no status bar waits for it. Must never be waited for.
"""

from __future__ import annotations

import fcntl
import os
import sys

TYPE_CHECKING = False  # typing's own takes longer to import than all of this
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kiro_tui.domain.card import Card

REST = 30.0
"""Seconds between two starts, which is as often as anything of ours asks."""
WHILE_SIGNED_OUT = 30 * 60.0
"""Seconds from the answer that nobody is signed in to the next question."""


def is_due(card: Card, now: float, max_age: float) -> bool:
    """Whether the figures are so old, in seconds, that somebody should ask; not soon after a failure either."""
    if card.is_younger(now, max_age):
        return False
    if card.trouble is None:
        return True
    wait = max(max_age, WHILE_SIGNED_OUT) if card.trouble.code == "not_logged_in" else max(max_age, REST)
    return abs(now - card.trouble.at) >= wait


def asking(max_age: float) -> list[str]:
    """Return the options of a `kiro-tui status` that asks where the last reading is so old, and says it to nobody."""
    return ["--json", f"--max-age={max_age!r}"]


def cannot(error: OSError) -> str:
    """Say that nobody could be started."""
    return f"Nothing can be asked behind this line: {error.strerror}."


def ask_behind(folder: str, key: str, options: Sequence[str], environment: Mapping[str, str], now: float) -> bool:
    """Start one that asks, unless one does or has just done so; return whether it was started.

    `options` are those of `kiro-tui status`. Raises OSError where no process or no file can be had.
    """
    path = os.path.join(folder, f"behind-{key}")
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        began = os.fstat(lock)
        if began.st_size and abs(now - began.st_mtime) < REST:
            return False
        os.pwrite(lock, b"asked\n", 0)
        os.utime(lock, (now, now))
        _start(lock, options, environment)
    finally:
        os.close(lock)  # the one that was started has it too, and holds it to its end
    return True


def _start(lock: int, options: Sequence[str], environment: Mapping[str, str]) -> None:
    nowhere = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_RDWR, 0) for stream in (0, 1, 2)]
    closed = [(os.POSIX_SPAWN_CLOSE, each) for each in _inherited() if each > 2]  # noqa: PLR2004 - the streams
    os.set_inheritable(lock, True)  # noqa: FBT003 - its only argument
    # -P: a module that happens to lie in the folder where the line is drawn is none of ours.
    command = [sys.executable, "-P", "-m", "kiro_tui", "status", *options]
    os.posix_spawn(sys.executable, command, environment, file_actions=[*nowhere, *closed], setsid=True)


def _inherited() -> list[int]:
    """Return the files that whoever draws the line has left open for us, perhaps a pipe that it reads to its end."""
    found = []
    for name in os.listdir("/dev/fd"):
        try:
            inherited = os.get_inheritable(int(name))
        except OSError:  # the list itself was open
            continue
        if inherited:
            found.append(int(name))
    return found
