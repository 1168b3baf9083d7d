"""The usage sources: one for each command line of kiro-cli that gives the usage, and the versions it is safe for.

A source that is not safe for a version is not asked: no text may ever reach a model. The order in which they are tried
is that of `SourceName`: engine v3 comes last, because its start can do harm (see `may_start_v3`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from kiro_tui.domain.state import SourceName, Way
from kiro_tui.domain.usage import NoteCode, Report
from kiro_tui.errors import FlagsRefused, TimedOut
from kiro_tui.probe.asking.acp import ask_agent
from kiro_tui.probe.asking.conversation import Answer, Room
from kiro_tui.probe.asking.panel import read_panel
from kiro_tui.probe.asking.session import is_blank, listen_for_report, timed_out
from kiro_tui.probe.installation import (
    CLASSIC,
    ENGINE_V1,
    ENGINE_V2,
    ENGINE_V3,
    NAMED_V2,
    OWN_SIGN_IN,
    Installation,
    Version,
)
from kiro_tui.probe.memory import Lessons

QUESTION = "/usage"
BARE_UNTIL = Version(1, 27)
"""Below, there is one engine, and it knows the command."""
CLASSIC_UNTIL = Version(2, 8)
"""Below, the classic interface always runs the engine that knows the command; from here on the engine is named."""
UNCLAMPED_FROM = Version(2, 19, 2)
"""From here on the classic report shows more than the limit where more was used (docs/kiro-cli.md, section 2.2)."""
INLINE_FROM = Version(2, 21, 4)
"""From here on engine v2 prints figures headless; below, a line without any (docs/kiro-cli.md, section 2.7)."""
SILENCE = 2 / 3
"""The share of its time that a blank terminal is given: a cold start takes long, and pipes need their time too."""
ACP_PATIENCE = 3
"""Times the time limit: the agent's first answer took 15 to 23 s on some versions."""


@dataclass(frozen=True, slots=True)
class Kiro:
    """A kiro-cli and what it accepts, as far as that could be found out."""

    installation: Installation
    chat: frozenset[str]
    acp: frozenset[str] | None
    """None where it has no agent protocol."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, and what is known of this version from now on."""

    answer: Answer
    lessons: Lessons


class UsageSource(Protocol):
    """One command line that gives the usage."""

    name: SourceName
    subcommand: str
    """Whose flags must be known before it can be said whether it is safe."""
    lacks: str
    """What a kiro-cli without a safe command line is missing, in words that follow its name."""

    def command(self, kiro: Kiro) -> tuple[str, ...] | None:
        """Return the safe command line; None where this source is not safe, or not there."""
        ...

    def clamps(self, kiro: Kiro) -> bool:
        """Whether a figure at its limit may stand for a higher one."""
        ...

    async def ask(self, kiro: Kiro, room: Room, seconds: float, lessons: Lessons) -> Asked:
        """Ask, within so many seconds times the patience that it needs; only where `command` returns one."""
        ...


class ClassicReport:
    """`/usage` headless on engine v1, or on an engine older than the choice: lists grants, packs and overage."""

    name = SourceName.REPORT_V1
    subcommand = "chat"
    lacks = "does not take the flags without which /usage could go to the model, where it would cost credits"

    def command(self, kiro: Kiro) -> tuple[str, ...] | None:
        """Return the safe command line: engine v1 by name, or below its time the classic interface, or bare."""
        version = kiro.installation.version
        if {CLASSIC, ENGINE_V1} <= kiro.chat:
            return headless(kiro, ENGINE_V1, CLASSIC)
        if version is not None and version < BARE_UNTIL:
            return headless(kiro)
        if version is not None and version < CLASSIC_UNTIL and CLASSIC in kiro.chat:
            return headless(kiro, CLASSIC)
        return None

    def clamps(self, kiro: Kiro) -> bool:
        """Return whether the version is older than the report that does not clamp, or unknown."""
        version = kiro.installation.version
        return version is None or version < UNCLAMPED_FROM

    async def ask(self, kiro: Kiro, room: Room, seconds: float, lessons: Lessons) -> Asked:
        """Run it and read what it prints."""
        return await ask_headless(self.command(kiro), room, seconds, lessons)


class InlineReport:
    """`/usage` headless on engine v2, which prints the inline report from 2.21.4 on and costs nothing.

    The same answer exists as JSON lines (`chat --output-format stream-json`), whose first line names the engine. That
    form is not used. Only few versions are known to take its flag, and its one known capture named no engine. The first
    line would show engine v3 only after the prompt was handed over, whereas a named engine keeps it from v3: naming it
    prevents what the first line reports. The plain report is complete on stdout, and its parser serves every engine.
    """

    name = SourceName.REPORT_V2
    subcommand = "chat"
    lacks = "is not known to print figures headless on its engine v2"

    def command(self, kiro: Kiro) -> tuple[str, ...] | None:
        """Return the command line with engine v2 by name, for versions that print figures with it."""
        version = kiro.installation.version
        if version is None or version < INLINE_FROM:
            return None
        return next((headless(kiro, flag) for flag in (NAMED_V2, ENGINE_V2) if flag in kiro.chat), None)

    def clamps(self, kiro: Kiro) -> bool:  # noqa: ARG002 - the same for every version
        """Return True: whether it clamps is not known (docs/kiro-cli.md, section 2.7)."""
        return True

    async def ask(self, kiro: Kiro, room: Room, seconds: float, lessons: Lessons) -> Asked:
        """Run it and read what it prints."""
        return await ask_headless(self.command(kiro), room, seconds, lessons)


def headless(kiro: Kiro, *flags: str) -> tuple[str, ...]:
    """Return the headless command line with these flags."""
    return (kiro.installation.path, "chat", "--no-interactive", *flags, QUESTION)


async def ask_headless(argv: tuple[str, ...] | None, room: Room, seconds: float, lessons: Lessons) -> Asked:
    """Ask on a terminal, and where that stays blank the same over pipes; whichever worked comes first next time."""
    assert argv is not None  # noqa: S101 - a source without a command line is not asked
    command = room.command(argv, seconds)
    on_pipes = replace(command, terminal=None)
    first, second = (on_pipes, command) if lessons.pipes else (command, on_pipes)
    began = room.clock.monotonic()
    answer = await listen_for_report(room.launch, room.clock, first, patience=seconds * SILENCE)
    left = seconds - (room.clock.monotonic() - began)
    if not is_blank(answer.frame) or left <= 0:
        return Asked(answer, lessons)
    answer = await listen_for_report(room.launch, room.clock, replace(second, seconds=left), patience=left)
    if isinstance(answer.result, TimedOut):
        answer = replace(answer, result=timed_out(seconds))
    if isinstance(answer.result, Report):
        lessons = replace(lessons, pipes=second is on_pipes)
    return Asked(answer, lessons)


class SessionAgent:
    """The agent protocol of engine v2, asked in a session: exact figures, no terminal."""

    name = SourceName.ACP_V2
    subcommand = "acp"
    lacks = "has no agent protocol that could be asked"

    def command(self, kiro: Kiro) -> tuple[str, ...] | None:
        """Return the command line, with the engine by name where the version has a choice."""
        if kiro.acp is None:
            return None
        bare = (kiro.installation.path, "acp")
        return (*bare, NAMED_V2) if NAMED_V2 in kiro.acp else bare

    def clamps(self, kiro: Kiro) -> bool:  # noqa: ARG002 - the same for every version
        """Return False."""
        return False

    async def ask(self, kiro: Kiro, room: Room, seconds: float, lessons: Lessons) -> Asked:
        """Ask; a version that refuses to have engine v2 named is asked without, where that is safe at the moment."""
        argv = self.command(kiro)
        assert argv is not None  # noqa: S101 - a source without a command line is not asked
        command = room.command(argv, ACP_PATIENCE * seconds)
        answer = await ask_agent(room.launch, room.clock, command, in_session=True)
        if isinstance(answer.result, FlagsRefused) and NAMED_V2 in argv:
            bare = replace(command, argv=tuple(word for word in argv if word != NAMED_V2))
            answer = await ask_agent(room.launch, room.clock, bare, in_session=True)
        return Asked(answer, lessons)


class Panel:
    """The interactive chat's usage panel: exact figures, most side effects of those that do no harm."""

    name = SourceName.PANEL
    subcommand = "chat"
    lacks = "cannot be told to open the chat of engine v2, and another one could change files of yours"

    def command(self, kiro: Kiro) -> tuple[str, ...] | None:
        """Return the chat on engine v2; below the time of engine v3 the chat that there is."""
        path, version = kiro.installation.path, kiro.installation.version
        if ENGINE_V2 in kiro.chat:
            return (path, "chat", ENGINE_V2)
        if version is not None and version < CLASSIC_UNTIL:
            return (path, "chat")
        return (path, "chat", NAMED_V2) if NAMED_V2 in kiro.chat else None

    def clamps(self, kiro: Kiro) -> bool:
        """Return whether another engine than v2 may draw it."""
        return self.command(kiro) == (kiro.installation.path, "chat")

    async def ask(self, kiro: Kiro, room: Room, seconds: float, lessons: Lessons) -> Asked:
        """Open the chat, type the question, read and leave."""
        argv = self.command(kiro)
        assert argv is not None  # noqa: S101 - a source without a command line is not asked
        return Asked(await read_panel(room.launch, room.clock, room.command(argv, seconds)), lessons)


class AccountAgent:
    """The agent protocol of engine v3: exact figures by a call of its own, and harm to a Kiro that is not idle."""

    name = SourceName.ACP_V3
    subcommand = "acp"
    lacks = "has no agent protocol on an engine v3 that signs in by itself"

    def command(self, kiro: Kiro) -> tuple[str, ...] | None:
        """Return engine v3 with its own sign-in, where both are known."""
        if kiro.acp is None or not {ENGINE_V3, OWN_SIGN_IN} <= kiro.acp:
            return None
        return (kiro.installation.path, "acp", ENGINE_V3, OWN_SIGN_IN)

    def clamps(self, kiro: Kiro) -> bool:  # noqa: ARG002 - the same for every version
        """Return False."""
        return False

    async def ask(self, kiro: Kiro, room: Room, seconds: float, lessons: Lessons) -> Asked:
        """Ask without a session."""
        argv = self.command(kiro)
        assert argv is not None  # noqa: S101 - a source without a command line is not asked
        command = room.command(argv, ACP_PATIENCE * seconds)
        return Asked(await ask_agent(room.launch, room.clock, command, in_session=False), lessons)


SOURCES: dict[SourceName, UsageSource] = {
    source.name: source for source in (ClassicReport(), InlineReport(), SessionAgent(), Panel(), AccountAgent())
}
LAST = SourceName.ACP_V3
"""Asked after every other source that is allowed, whatever order the kinds are given in."""


def sources_of(ways: Iterable[Way]) -> tuple[SourceName, ...]:
    """Return the sources of these kinds in the order in which they are tried."""
    named = [name for way in ways for name in SourceName if name.way is way]
    return tuple(sorted(dict.fromkeys(named), key=lambda name: name is LAST))


def may_start_v3(argv: Sequence[str], kiro: Kiro) -> bool:
    """Whether this command line may start engine v3's server, which changes tasks of the user's.

    See docs/kiro-cli.md, section 4. An agent whose engine is not named may be v3 wherever the version has the choice.
    """
    if "acp" not in argv[1:2] or NAMED_V2 in argv:
        return False
    return ENGINE_V3 in argv or (kiro.acp is not None and ENGINE_V3 in kiro.acp)


def is_doubtful(report: Report) -> bool:
    """Whether a figure may be cut off at its limit, so that a source that does not clamp is worth asking."""
    return any(note.code is NoteCode.MAYBE_CLAMPED for note in report.notes)


def without_doubt(report: Report) -> Report:
    """Return the report of a source that does not clamp: a figure at its limit is exact."""
    notes = tuple(note for note in report.notes if note.code is not NoteCode.MAYBE_CLAMPED)
    return report if notes == report.notes else replace(report, notes=notes)
