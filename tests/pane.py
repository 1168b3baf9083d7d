"""A pane as a person has it: a real terminal with a real program on it, looked at through our own Terminal."""

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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from waiting import PATIENCE

from kiro_tui.probe.process.child import Size
from kiro_tui.probe.terminal.terminal import Terminal

MODES = {"alternate screen": (1049,), "mouse": (1000, 1003), "paste": (2004,), "hidden cursor": (25,)}


class Pane:
    """Runs a program on a terminal of its own; leaving the context kills what is left of it."""

    def __init__(self, argv: Sequence[str | Path], env: Mapping[str, str], columns: int = 100, rows: int = 32) -> None:
        self._master, slave = pty.openpty()
        self._columns, self._rows = columns, rows
        self._set_size()
        self.attributes_before = termios.tcgetattr(slave)
        self._slave = slave
        self.process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(env),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - nothing here has threads
        )
        self._terminal = Terminal(Size(rows, columns))
        self.raw = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._master >= 0:
            os.close(self._master)
            os.close(self._slave)

    @property
    def text(self) -> str:
        return self._terminal.frame().text

    @property
    def attributes(self) -> list[object]:
        return termios.tcgetattr(self._slave)

    def read(self, within: float) -> bool:
        """Take in what the program writes; False where it wrote nothing for so long."""
        if not select.select([self._master], [], [], within)[0]:
            return False
        data = os.read(self._master, 65536)
        self.raw += data
        replies = self._terminal.feed(data)
        if replies:
            os.write(self._master, replies)
        return True

    def until(self, holds: Callable[[], bool], within: float = PATIENCE) -> None:
        """Take in until it holds, and fail with the screen where it does not in time."""
        deadline = time.monotonic() + within
        while not holds():
            left = deadline - time.monotonic()
            assert left > 0, f"not seen within {within} s; the screen was:\n{self.text}"
            self.read(min(left, 0.05))

    def shows(self, *texts: str, within: float = PATIENCE) -> None:
        self.until(lambda: all(text in self.text for text in texts), within)

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def resize(self, columns: int, rows: int) -> None:
        self._columns, self._rows = columns, rows
        self._terminal = Terminal(Size(rows, columns))
        self._set_size()
        self.signal(signal.SIGWINCH)

    def forget(self) -> None:
        """Begin with an empty screen, as a terminal does that somebody else wrote on meanwhile."""
        self._terminal = Terminal(Size(self._rows, self._columns))

    def hang_up(self) -> None:
        """Take the terminal away, as a closed window does, and go on signalling as the system does then."""
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1

    def stopped(self, within: float = PATIENCE) -> bool:
        """Wait until the program has stopped itself, as a shell would."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            self.read(0.02)
            pid, status = os.waitpid(self.process.pid, os.WNOHANG | os.WUNTRACED)
            if pid:
                return os.WIFSTOPPED(status)
        return False

    def ended(self, within: float = PATIENCE) -> int:
        """Wait for the end and return the exit status (negative: the signal)."""
        self.until(lambda: self.process.poll() is not None, within)
        while self.read(0):
            pass
        assert self.process.returncode is not None
        return self.process.returncode

    def modes(self) -> set[str]:
        """The modes that were set and not reset again."""
        last = {int(m[1]): m[2] for m in re.finditer(rb"\x1b\[\?(\d+)([hl])", bytes(self.raw))}
        on = {name for name, numbers in MODES.items() for n in numbers if last.get(n, b"l") == b"h"}
        on -= {"hidden cursor"}
        return on | ({"hidden cursor"} if last.get(25) == b"l" else set())

    def _set_size(self) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", self._rows, self._columns, 0, 0))
