"""A second implementation as witness: what our terminal makes of a program's bytes, and what tmux makes of them.

A tmux server of our own opens a new session of exactly our size for each look: a pane that is used again, resized and
cleared in between, was seen to lose a screen now and then on a busy machine. A program in it writes the bytes as they
are, and tmux is asked what is on its screen. Compared is the text; what tmux does otherwise on purpose is for the
caller to allow.
"""

import subprocess
import tempfile
import unicodedata
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from waiting import wait_until

from kiro_tui.probe.process.child import Size
from kiro_tui.probe.terminal.terminal import Terminal

SETTINGS = "set -g status off\nset -g history-limit 3000\nset -g allow-rename off\nset -g remain-on-exit on\n"
UNSEEN = {"Cf", "Mn", "Me", "Cc"}


class Witness:
    """A tmux that looks at bytes."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name)
        self._name = f"witness-{uuid.uuid4().hex}"
        self._count = 0

    def __enter__(self) -> Self:
        (self._path / "settings").write_text(SETTINGS)
        self._tmux("-f", str(self._path / "settings"), "new-session", "-d", "-x", "80", "-y", "24", "sleep 1000")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tmux("kill-server")
        self._folder.cleanup()

    def sees(self, output: bytes, size: Size) -> list[str]:
        """Return the rows of the screen, with those that have left it at the top."""
        self._count += 1
        # CAN ends whatever is open, and a title says that all before it was taken in.
        (self._path / "output").write_bytes(output + f"\x18\x1b]2;seen {self._count}\x07".encode())
        session = f"look-{self._count}"
        program = f"stty raw -echo; cat {self._path}/output; sleep 1000"
        self._tmux("new-session", "-d", "-s", session, "-x", str(size.columns), "-y", str(size.rows), program)
        text = ""

        def is_seen() -> bool:
            nonlocal text
            shown = self._tmux(
                *("display", "-t", session, "-p", "#{pane_title}", ";"),
                *("capture-pane", "-t", session, "-p", "-S", "-"),
            )
            title, _, text = shown.partition("\n")
            return title == f"seen {self._count}"

        wait_until(is_seen, seen=lambda: f"tmux did not come to the end of {output!r}")
        self._tmux("kill-session", "-t", session)
        return rows(text.split("\n"))

    def _tmux(self, *argv: str) -> str:
        command = ["tmux", "-u", "-L", self._name, *argv]
        env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        return subprocess.run(command, env=env, capture_output=True, check=True, timeout=30).stdout.decode()


def we_see(output: bytes, size: Size) -> list[str]:
    """Return the same as our terminal has it."""
    terminal = Terminal(size)
    terminal.feed(output + b"\x18")
    return rows(terminal.frame().lines)


def rows(lines: "list[str] | tuple[str, ...]") -> list[str]:
    """Return the rows as they are compared: without blanks at the ends, and without what has no place of its own.

    Marks, joiners and selectors stand upon the character before them or nowhere; how many of them are kept there is
    each terminal's own affair.
    """
    shown = [
        "".join(
            char for char in unicodedata.normalize("NFD", line) if unicodedata.category(char) not in UNSEEN
        ).rstrip()
        for line in lines
    ]
    while shown and not shown[-1]:
        shown.pop()
    return shown
