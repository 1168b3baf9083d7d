"""A program on a terminal of its own, with the moment at which each of its bytes came.

Nothing is drawn or understood while the program runs, so that it has the machine to itself; only the questions that
every terminal answers are answered. What was on the screen, and when, is worked out afterwards (screens.py).
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import NamedTuple, Self

ROWS, COLUMNS = 32, 100
CHUNK = 1 << 16
PATIENCE = 20.0
"""Seconds after which a program that does not end is killed, and the benchmark fails."""

_QUESTION = re.compile(rb"\x1b\[0?c|\x1b\[6n|\x1b\[5n|\x1b\[\?(\d+)\$p")
_ANSWERS = {b"c": b"\x1b[?62;22c", b"6n": b"\x1b[1;1R", b"5n": b"\x1b[0n"}
_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_RESTORED = {25: b"h", 1049: b"l", 1000: b"l", 1002: b"l", 1003: b"l", 1006: b"l", 2004: b"l", 2026: b"l"}
"""How the modes stand on a terminal that nobody uses."""


class Chunk(NamedTuple):
    """Bytes that came together, so many seconds after the launch."""

    at: float
    data: bytes


class Pane:
    """Runs a program on a terminal of its own; leaving the context kills what is left of it."""

    def __init__(
        self, argv: Sequence[str], environment: Mapping[str, str], directory: str, marker: bytes = b""
    ) -> None:
        """Start it; by the marker it tells that it has begun, and anything before is not taken for rest."""
        self._master, self._slave = pty.openpty()
        os.set_blocking(self._master, False)
        self.resize(COLUMNS, ROWS)
        self._attributes = termios.tcgetattr(self._slave)
        self.chunks: list[Chunk] = []
        self.bytes = 0
        self._marker, self._has_begun = marker, not marker
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            argv,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env=dict(environment),
            cwd=directory,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - nothing here has threads
        )
        self._end = os.pidfd_open(self.process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for descriptor in (self._end, self._master, self._slave):
            os.close(descriptor)

    def fileno(self) -> int:
        """Return what can be waited for."""
        return self._master

    def now(self) -> float:
        """Return the seconds since the launch."""
        return time.monotonic() - self.began

    def press(self, keys: str) -> None:
        """Type something."""
        os.write(self._master, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal, as a window's owner does."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def take(self) -> None:
        """Take in what was written, and answer what was asked."""
        try:
            data = os.read(self._master, CHUNK)
        except OSError:  # nobody holds the other end any more, or there is nothing after all
            return
        self.chunks.append(Chunk(self.now(), data))
        self.bytes += len(data)
        self._has_begun = self._has_begun or self._marker in data
        for question in _QUESTION.finditer(data):
            mode = question[1]
            answer = b"\x1b[?%b;0$y" % mode if mode else _ANSWERS[question[0].lstrip(b"\x1b[0")]
            os.write(self._master, answer)

    def settle(self, quiet: float, most: float = PATIENCE) -> None:
        """Return when the program has begun, and then has written nothing for so many seconds from now on."""
        began = self.now()
        watch([self], most, lambda: self._has_begun and self.now() - max(began, self._last_at()) >= quiet)

    def _last_at(self) -> float:
        return self.chunks[-1].at if self.chunks else self.now()

    def quit(self, how: str | signal.Signals) -> float:
        """Ask the program to go by a key or a signal; return the seconds until it had ended."""
        asked = time.monotonic()
        if isinstance(how, signal.Signals):
            self.process.send_signal(how)
        else:
            self.press(how)
        while time.monotonic() - asked < PATIENCE:
            ready, _, _ = select.select([self._master, self._end], [], [], 1)
            if self._master in ready:
                self.take()
            if self._end in ready:
                took = time.monotonic() - asked
                self.process.wait()
                watch([self], 0.05)
                return took
        raise TimeoutError(f"{self.process.args!r} did not end")

    def is_restored(self) -> bool:
        """Whether the terminal is again as it was before the program came."""
        last = dict.fromkeys(_RESTORED, b"")
        for change in _MODE.finditer(b"".join(chunk.data for chunk in self.chunks)):
            last.update(dict.fromkeys(map(int, change[1].split(b";")), change[2]))
        as_before = termios.tcgetattr(self._slave)[:4] == self._attributes[:4]
        return as_before and all(last[mode] in {b"", state} for mode, state in _RESTORED.items())


def watch(panes: Iterable[Pane], seconds: float, until: Callable[[], bool] | None = None) -> None:
    """Take in what the programs write, for so long or until it holds."""
    panes, deadline = list(panes), time.monotonic() + seconds
    while not (until and until()) and (left := deadline - time.monotonic()) > 0:
        for pane in select.select(panes, [], [], min(left, 0.02) if until else left)[0]:
            pane.take()
