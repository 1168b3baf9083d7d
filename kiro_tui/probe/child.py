"""The app's side of a running program: start a warden, stream its bytes, let go.

The program itself hangs on the warden (`warden.py`), a small process of its own that holds the terminal, the
deadline and every descendant. This side never forks, never blocks the event loop, and leaves nothing behind
whatever happens to it: the warden ends everything when its standard input closes.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Size:
    """A terminal's size in cells."""

    rows: int = 50
    columns: int = 120


@dataclass(frozen=True, slots=True)
class Command:
    """One program to run, and within what."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    """The whole environment of the child: nothing is inherited."""
    directory: str
    """Where it runs; an empty folder, so that no project's settings take part."""
    seconds: float
    """The whole time that it may take, counted from its start; held by the warden even if we are stopped."""
    terminal: Size | None = field(default_factory=Size)
    """None runs it on plain pipes."""
    merge_stderr: bool = True
    """On pipes: whether its stderr is part of what we read; a terminal always merges the two."""
    max_bytes: int = 2 << 20
    """More output than this ends the run."""


class End(StrEnum):
    """Why a run ended."""

    EXITED = "exited"
    DEADLINE = "deadline"
    FLOOD = "flood"
    RELEASED = "released"
    """We had what we wanted, or were cancelled, and let go."""
    NOT_STARTED = "not_started"
    LOST = "lost"
    """The warden itself died; everything that it held was ended all the same."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended."""

    end: End
    status: int | None = None
    """The exit status, where it exited by itself."""
    signal: int | None = None
    detail: str = ""
    """For NOT_STARTED: the system's own words."""


class Child(Protocol):
    """A running program as its reader sees it."""

    async def read(self, within: float) -> bytes | None:
        """Return the next bytes, b"" at the end of the run, None when nothing came within so many seconds."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes to the program's input; what a program that never reads would leave waiting is dropped."""
        ...

    async def close(self) -> Ending:
        """End the program and all that it started, and say how the run ended; may be repeated."""
        ...


Launch = Callable[[Command], AbstractAsyncContextManager[Child]]
"""Start a program; leaving the context closes it, also when cancelled."""
