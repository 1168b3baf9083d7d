"""The first frame: what the pane shows while the rest of the program is still being read.

Reading Textual takes most of a launch. A dashboard therefore leaves behind what it showed last, as far as that stays
true by itself, and the next launch under the same circumstances paints it at once; where there is none, it says that
it opens. The terminal is then taken over as it stands, or given back where nothing comes of the launch.

Runs before everything else: it must import nothing that takes time, and must show nothing that may no longer be true.
"""

from __future__ import annotations

import os
import signal
import time

from kiro_tui import __version__
from kiro_tui.folders import config_folder, state_folder

TYPE_CHECKING = False  # `typing` itself would take a tenth of the time that there is
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FILE = "first-frame"
MOST_BYTES = 256 << 10
TAKE = b"\x1b[?1049h\x1b[?25l\x1b[2J"
GIVE_BACK = b"\x1b[0m\x1b[?25h\x1b[?1049l"
OPENING = b"\x1b[2;3H\x1b[1mKiro\x1b[0m   opening"
OPENS = ((), ("--demo",), ("--line",))
"""The command lines that are surely a dashboard's; of others this is known once one has left a frame behind."""
DECIDE = (
    "KIRO_TUI_",
    "KIRO_HOME",
    "KIRO_SIM_",
    "HOME",
    "XDG_",
    "LC_",
    "LANG",
    "TERM",
    "COLOR",
    "NO_COLOR",
    "TZ",
    "TEXTUAL",
)
"""How the names of the variables begin that decide what a dashboard shows, or how; none of them holds a secret."""


class FirstFrame:
    """The frame of one launch, from before it is painted until the dashboard has the terminal."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self._argv = tuple(argv)
        self._environment = environment
        self._stands = False

    def paint(self) -> None:
        """Show what the last dashboard left behind, or that one opens; nothing where there is no terminal for it."""
        if not (os.isatty(0) and os.isatty(2)) or self._environment.get("TERM", "dumb") == "dumb":
            return
        frame = self.left_behind()
        if frame is None and self._argv in OPENS:
            frame = OPENING
        if frame is not None:
            self._end_well()
            self._stands = True
            os.write(2, TAKE + frame)

    def _end_well(self) -> None:
        """Give the terminal back also where the launch is ended from outside; the dashboard has its own way later."""

        def end(number: int, _stack: object) -> None:
            self.__exit__()
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, end)

    def __enter__(self) -> FirstFrame:  # noqa: PYI034 - `Self` is in `typing`, which takes its time
        return self

    def __exit__(self, *_error: object) -> None:
        """Give the terminal back, unless the dashboard has it."""
        if self._stands:
            self._stands = False
            os.write(2, GIVE_BACK)

    def hand_over(self) -> None:
        """Leave the terminal to the dashboard, which gives it back itself."""
        self._stands = False

    def keep(self, frame: bytes, size: tuple[int, int], until: float) -> None:
        """Leave a frame behind for the next launch, true until then (seconds since 1970); raises OSError."""
        path, circumstances = self._path(), self._circumstances(size)
        if path is None or circumstances is None:
            return
        from pathlib import Path  # noqa: PLC0415 - a launch must not wait for it

        from kiro_tui.whole_file import replace_file  # noqa: PLC0415 - a launch must not wait for it

        replace_file(Path(path), b"%d\n%b\n%b" % (until, circumstances, frame), lasting=False)

    def left_behind(self, size: tuple[int, int] | None = None) -> bytes | None:
        """Return what the last dashboard left behind for a pane of this size (None: of ours), if that is still true."""
        path = self._path()
        if path is None:
            return None
        try:
            circumstances = self._circumstances(size or os.get_terminal_size(1))
            with open(path, "rb") as file:
                until, under, frame = file.read(MOST_BYTES).split(b"\n", 2)
            holds = under == circumstances and float(until) > time.time()
        except (OSError, ValueError):  # there is none, or it is none of ours
            return None
        return frame if holds else None

    def _path(self) -> str | None:
        folder = state_folder(self._environment)
        return folder and os.path.join(folder, FILE)

    def _circumstances(self, size: tuple[int, int]) -> bytes | None:
        """Return in one line everything that decides what is shown; None where that cannot be said cheaply."""
        if any(argument.startswith("--config") for argument in self._argv):
            return None
        decide = {name: value for name, value in self._environment.items() if name.startswith(DECIDE)}
        folder = config_folder(self._environment)
        settings = self._environment.get("KIRO_TUI_CONFIG") or (folder and os.path.join(folder, "config.toml"))
        try:
            stat = os.stat(settings or "")
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        except OSError:
            stamp = None
        return ascii((__version__, self._argv, tuple(size), sorted(decide.items()), settings, stamp)).encode()


NO_FRAME = FirstFrame((), {})
"""Of a launch that needs none."""
