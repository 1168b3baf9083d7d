"""Running kiro-cli and reading along: as plain text (`hear`), or as a person before a terminal (`Conversation`).

Knows no wording: what an answer means is for its callers. Never blocks the event loop for longer than one small slice
of output takes to draw, and never leaves a child running: leaving the launch context lets it go, and it has a few
seconds to leave.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from kiro_tui.clock import Clock
from kiro_tui.domain.frame import Frame
from kiro_tui.domain.usage import Report
from kiro_tui.errors import NotLoggedIn, ProbeError, PromptExecuted
from kiro_tui.probe.process.child import Child, Command, End, Ending, Launch, Size
from kiro_tui.probe.terminal.terminal import Terminal

SLICE = 2048
"""Bytes drawn at a time; between two slices everything else gets its turn."""
TEXT_BYTES = 64 * 1024
"""More than this is no answer to a question that is answered in a line."""
LEAVE_WITHIN = 2.0
"""Seconds that kiro-cli gets to leave by itself, and after SIGTERM as many again.

It may be storing a refreshed sign-in when it has answered, and `whoami` does so too: to kill it then can sign the
person out (docs/kiro-cli.md, sections 4 and 5).
"""
GRACE = 1.0
"""Seconds by which the warden, which holds the real deadline, may be late before we stop waiting for it."""

_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")


@dataclass(frozen=True, slots=True)
class Answer:
    """What asking came to: a report or the reason why there is none, and the last screen where there was one."""

    result: Report | ProbeError
    frame: Frame | None = None
    asked_as_a_new_home: bool = False
    """kiro-cli asked something, as it may in a home without settings, and got no further."""


@dataclass(frozen=True, slots=True)
class Room:
    """Where children run: a starter, a clock, an environment and an empty directory."""

    launch: Launch
    clock: Clock
    environment: Mapping[str, str]
    directory: str
    discard: str | None = None
    """The folder that is removed when who runs in it has left, because the app may be gone then."""

    def command(self, argv: tuple[str, ...], seconds: float) -> Command:
        """Return the command as it is run on a terminal."""
        return Command(
            argv,
            self.environment,
            self.directory,
            seconds,
            leave_within=LEAVE_WITHIN,
            kill_after=LEAVE_WITHIN,
            discard=self.discard,
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """What a program that only prints something printed, as text without escape sequences."""

    text: str
    ending: Ending

    @property
    def in_time(self) -> bool:
        """It ended by itself, or had said enough."""
        return self.ending.end in {End.EXITED, End.RELEASED}


async def hear(
    room: Room, argv: tuple[str, ...], seconds: float, *, enough: Callable[[str], bool] = lambda _: False
) -> Heard:
    """Run a command on pipes and return what it said; `enough` ends it early."""
    command = replace(room.command(argv, seconds), terminal=None, max_bytes=TEXT_BYTES)
    said = bytearray()
    late = False
    async with room.launch(command) as child:
        deadline = room.clock.monotonic() + seconds + GRACE
        while not enough(_text(said)):
            left = deadline - room.clock.monotonic()
            if left <= 0:
                late = True
                break
            data = await child.read(left)
            if data == b"":
                break
            said += data or b""
        ending = await child.close()
    return Heard(_text(said), replace(ending, end=End.DEADLINE) if late else ending)


def without_escapes(said: bytes) -> bytes:
    """Return what was said without colours and other sequences for a terminal."""
    return _ESCAPES.sub(b"", said)


def _text(said: bytearray) -> str:
    return without_escapes(bytes(said)).replace(b"\r\n", b"\n").decode(errors="replace")


def must_end_at_once(error: ProbeError) -> bool:
    """Whether a kiro-cli that gave this error gets no time to leave.

    Signed out, it opens browser windows and has no sign-in to store; a model that answers costs credits.
    """
    return isinstance(error, NotLoggedIn | PromptExecuted)


class Turn(Enum):
    """What became of listening for a while."""

    HEARD = auto()
    SILENCE = auto()
    OVER = auto()


class Conversation:
    """A child and the terminal that it believes to sit before."""

    def __init__(self, child: Child, clock: Clock, command: Command) -> None:
        self._child = child
        self._clock = clock
        self._terminal = Terminal(command.terminal or Size())
        self._on_pipes = command.terminal is None
        self._deadline = clock.monotonic() + command.seconds + GRACE
        self.late = False
        """The child let its deadline pass, and its warden did not end it either."""

    async def listen(self, within: float) -> Turn:
        """Draw what comes next, and answer what the terminal is asked; SILENCE after so many seconds of nothing."""
        left = self._deadline - self._clock.monotonic()
        if left <= 0:
            self.late = True
            return Turn.OVER
        data = await self._child.read(min(within, left))
        if data is None:
            return Turn.SILENCE
        if data == b"" or self._terminal.exhausted:
            return Turn.OVER
        if self._on_pipes:  # no terminal driver turns the line feeds into new lines there
            data = data.replace(b"\n", b"\r\n")
        for start in range(0, len(data), SLICE):
            reply = self._terminal.feed(data[start : start + SLICE])
            if reply and not self._on_pipes:
                self._child.write(reply)
            await self._clock.sleep(0)
        return Turn.HEARD

    def say(self, keys: bytes) -> None:
        """Type."""
        self._child.write(keys)

    @property
    def exhausted(self) -> bool:
        """More came than a screen could need; the rest was not drawn."""
        return self._terminal.exhausted

    def frame(self) -> Frame:
        """Return the screen as it is now."""
        return self._terminal.frame()
