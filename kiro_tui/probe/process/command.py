"""What is to be run, and how it ended: the plain values that the app and its warden hand each other.

Both sides import this file and nothing else of each other's, so the warden starts without asyncio and the app
without pexpect. It holds no behaviour, and must stay quick to import.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum


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
    text: str | None = None
    """On pipes: all that it has to read, and then the end of it; None leaves its input open for what we write."""
    leave_within: float = 0.0
    """Seconds that the program gets to exit by itself once it is let go or its deadline has passed, before SIGTERM.

    Above 0, this and `kill_after` pass in the background: whoever let go is told at once and does not wait. With 0,
    SIGTERM is sent at once (on pipes 0.3 s after the end of its input), and letting go waits until nothing is left.
    A program that floods us, or that is to be ended at once, gets neither of the two periods.
    """
    kill_after: float = 0.3
    """Seconds between SIGTERM and SIGKILL."""
    discard: str | None = None
    """A folder that is removed when the program has left and nobody holds it any more (folder.py)."""


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
    """For NOT_STARTED: the system's own words; for LOST: the warden's last ones."""
    errno: int | None = None
    """For NOT_STARTED: the system's number for the reason, such as ENOENT or EACCES, where it is the program's own."""
    killed: int = 0
    """How many processes had to be killed."""
    left: int = 0
    """How many could not even be killed (the system holds them); anything but 0 is worth a warning."""

    def encode(self) -> bytes:
        """Return the ending as one line of JSON."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> "Ending":
        """Return what `encode` was given; ValueError for anything that is not such a line."""
        fields = json.loads(line)
        if not isinstance(fields, dict) or fields.keys() != cls.__dataclass_fields__.keys():
            raise ValueError("not the report of a warden")
        return cls(**{**fields, "end": End(fields["end"])})


@dataclass(frozen=True, slots=True)
class Orders:
    """What the app tells a warden, in one line on its standard input.

    Not in its arguments, which everybody on the machine can read: the environment may hold a key.
    """

    command: Command
    process_table: bool = False
    """Find descendants as on a system without subreapers, even where there is the better way."""

    def encode(self) -> bytes:
        """Return the orders as one line of JSON."""
        command = self.command
        fields = {name: getattr(command, name) for name in Command.__dataclass_fields__}
        fields["environment"] = dict(command.environment)
        fields["terminal"] = command.terminal and (command.terminal.rows, command.terminal.columns)
        return json.dumps([fields, self.process_table]).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> "Orders":
        """Return what `encode` was given."""
        fields, process_table = json.loads(line)
        fields["argv"] = tuple(fields["argv"])
        fields["terminal"] = fields["terminal"] and Size(*fields["terminal"])
        return cls(Command(**fields), process_table)
