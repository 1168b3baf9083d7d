"""The ways of asking kiro-cli for the usage: for which versions each is safe, how it asks, what a good answer is.

A way that is not safe for a version is not tried: no text may ever reach a model. Each way tries what little
variation it has (a terminal or pipes, engine v3 or v2) within one time limit, and says what it learned of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from kiro_tui.domain.state import Way
from kiro_tui.domain.usage import NoteCode, Report
from kiro_tui.errors import FlagsRefused, NotLoggedIn, PromptExecuted, ServiceFailed, TimedOut
from kiro_tui.probe.asking.acp import ask_agent
from kiro_tui.probe.asking.conversation import Answer, Room
from kiro_tui.probe.asking.panel import read_panel
from kiro_tui.probe.asking.session import is_blank, listen_for_report, timed_out
from kiro_tui.probe.installation import (
    CLASSIC,
    ENGINE_V1,
    ENGINE_V2,
    ENGINE_V3,
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
V2_KNOWN_FROM = Version(2, 20, 2)
"""Below, an interactive start touches no file of the person's; from here on engine v2 is asked for."""
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


class WayOfAsking(Protocol):
    """One way of asking."""

    name: Way
    subcommand: str
    """Whose flags must be known before it can be said whether it is safe."""
    lacks: str
    """What a kiro-cli without a safe command line is missing, in words that follow its name."""

    def commands(self, kiro: Kiro) -> tuple[tuple[str, ...], ...]:
        """Return the safe command lines, best first; none where this way is not safe, or not there."""
        ...

    async def ask(self, kiro: Kiro, room: Room, seconds: float, lessons: Lessons) -> Asked:
        """Ask, within so many seconds times the patience that the way needs; only for a kiro with safe commands."""
        ...


class ReportWay:
    """`/usage` headless: complete wherever engine v1, or an engine older than the choice, runs it."""

    name = Way.REPORT
    subcommand = "chat"
    lacks = "does not take the flags without which /usage could go to the model, where it would cost credits"

    def commands(self, kiro: Kiro) -> tuple[tuple[str, ...], ...]:
        """Return the one safe command line: engine v1 by name, or below its time the classic interface, or bare."""
        path, version = kiro.installation.path, kiro.installation.version
        headless = (path, "chat", "--no-interactive")
        if {CLASSIC, ENGINE_V1} <= kiro.chat:
            return ((*headless, ENGINE_V1, CLASSIC, QUESTION),)
        if version is not None and version < BARE_UNTIL:
            return ((*headless, QUESTION),)
        if version is not None and version < CLASSIC_UNTIL and CLASSIC in kiro.chat:
            return ((*headless, CLASSIC, QUESTION),)
        return ()

    async def ask(self, kiro: Kiro, room: Room, seconds: float, lessons: Lessons) -> Asked:
        """Ask on a terminal, and where that stays blank the same over pipes; whichever worked comes first next time."""
        (argv,) = self.commands(kiro)
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


class AcpWay:
    """The agent protocol: exact figures, no terminal; complete for every account."""

    name = Way.ACP
    subcommand = "acp"
    lacks = "has no agent protocol that could be asked"

    def commands(self, kiro: Kiro) -> tuple[tuple[str, ...], ...]:
        """Return engine v3 with its own sign-in, where it is known, then engine v2."""
        path = kiro.installation.path
        if kiro.acp is None:
            return ()
        if {ENGINE_V3, OWN_SIGN_IN} <= kiro.acp:
            return ((path, "acp", ENGINE_V3, OWN_SIGN_IN), (path, "acp"))
        return ((path, "acp"),)

    async def ask(self, kiro: Kiro, room: Room, seconds: float, lessons: Lessons) -> Asked:
        """Ask the engine that answered last time, or else the best one, then the other."""
        commands = self.commands(kiro)
        deadline = room.clock.monotonic() + ACP_PATIENCE * seconds
        answer = None
        for argv in reversed(commands) if lessons.session_first else commands:
            left = deadline - room.clock.monotonic()
            if answer is not None and left <= 0:
                break
            in_session = ENGINE_V3 not in argv
            answer = await ask_agent(room.launch, room.clock, room.command(argv, left), in_session=in_session)
            if isinstance(answer.result, Report):
                return Asked(answer, replace(lessons, session_first=in_session and len(commands) > 1))
            if isinstance(answer.result, NotLoggedIn | PromptExecuted | ServiceFailed):
                break
        assert answer is not None  # noqa: S101 - a way without commands is not asked
        return Asked(answer, lessons)


class PanelWay:
    """The interactive chat's usage panel: exact figures, most side effects."""

    name = Way.PANEL
    subcommand = "chat"
    lacks = "cannot be told to open the chat of engine v2, and another one could change files of yours"

    def commands(self, kiro: Kiro) -> tuple[tuple[str, ...], ...]:
        """Return the chat on engine v2; where v2 cannot be named, only versions without anything newer are safe."""
        path, version = kiro.installation.path, kiro.installation.version
        if ENGINE_V2 in kiro.chat:
            return ((path, "chat", ENGINE_V2),)
        return ((path, "chat"),) if version is not None and version < V2_KNOWN_FROM else ()

    async def ask(self, kiro: Kiro, room: Room, seconds: float, lessons: Lessons) -> Asked:
        """Open the chat, type the question, read and leave."""
        (argv,) = self.commands(kiro)
        return Asked(await read_panel(room.launch, room.clock, room.command(argv, seconds)), lessons)


WAYS: dict[Way, WayOfAsking] = {way.name: way for way in (ReportWay(), AcpWay(), PanelWay())}
"""In the order in which `auto` tries them."""


def is_doubtful(report: Report) -> bool:
    """Whether a figure may be cut off at its limit, so that a way that does not cut is worth asking."""
    return any(note.code is NoteCode.MAYBE_CLAMPED for note in report.notes)


def not_safe(way: WayOfAsking, installation: Installation) -> FlagsRefused:
    """Return why a way is not tried."""
    return FlagsRefused(
        f"{installation.spoken} {way.lacks}, so it is not asked by {way.name}.",
        "Update kiro-cli, or let kiro-tui choose another way with --source auto.",
    )


def switched_off(ways: Sequence[Way], installation: Installation) -> PromptExecuted:
    """Return the warning about ways that once reached the model."""
    return PromptExecuted(
        f"Asked by {' and by '.join(ways)}, {installation.spoken} let the model answer, which costs credits."
        " It is not asked that way again.",
        "Nothing to do. Another version of kiro-cli is tried afresh; the account page shows what was charged.",
    )
