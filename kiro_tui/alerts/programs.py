"""Programs that an alert is handed to: tmux, and the person's own command.

Each is run under a warden, so that its time limit holds, its output is bounded, and nothing of it is left: not when it
leaves something in the background, and not when kiro-tui itself is killed meanwhile. Must never hand anything to a
shell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiro_tui.domain.text import clean
from kiro_tui.probe.process.command import Command, End, Ending

if TYPE_CHECKING:
    from kiro_tui.probe.process.child import Launch

MOST_OUTPUT = 64 << 10
_GRACE = 1.0
"""Seconds by which the warden, which holds the limit, may be late before it is no longer waited for."""

_ENDINGS = {
    End.DEADLINE: "was not done in time and was ended",
    End.RELEASED: "was not done in time and was ended",
    End.FLOOD: f"wrote more than {MOST_OUTPUT >> 10} KiB and was ended",
    End.LOST: "was ended from outside",
}


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program wrote, and how it ended."""

    output: str
    ending: Ending

    @property
    def trouble(self) -> str | None:
        """What went wrong, as the end of a sentence; None where nothing did."""
        ending = self.ending
        if ending.end is not End.EXITED:
            return _ENDINGS.get(ending.end) or f"cannot be started: {clean(ending.detail)}"
        if ending.status is None:
            return f"was ended by signal {ending.signal}{self._last_words}"
        return f"ended with exit status {ending.status}{self._last_words}" if ending.status else None

    @property
    def _last_words(self) -> str:
        lines = [line for line in map(clean, self.output.splitlines()) if line]
        return f": {clean(lines[-1], 120)}" if lines else ""


@dataclass(frozen=True, slots=True)
class Programs:
    """Where programs are run: how they are started, with which variables, in which folder."""

    launch: "Launch"
    environment: Mapping[str, str] = field(repr=False)
    """The person's own, whole: these are the person's programs."""
    directory: str = "/"

    async def run(
        self, argv: tuple[str, ...], seconds: float, text: str | None = None, also: Mapping[str, str] | None = None
    ) -> Ran:
        """Run one to its end; `text` is what it reads, and `also` joins the variables."""
        environment = {**self.environment, **(also or {})}
        command = Command(argv, environment, self.directory, seconds, terminal=None, max_bytes=MOST_OUTPUT, text=text)
        output = bytearray()
        async with self.launch(command) as child:
            while data := await child.read(seconds + _GRACE):
                output += data
            ending = await child.close()
        return Ran(output.decode(errors="replace"), ending)
