"""Which version kiro-cli is, and what that version accepts.

Knows the table of versions and nothing of the ways built on it. Where the table is silent, because a version is newer
or cannot be read, kiro-cli's own help is asked. Asking for a version or for help starts no chat and reaches no model.
"""

import os
import re
from dataclasses import dataclass

from kiro_tui.domain.text import clean, redact
from kiro_tui.errors import CliFailed, NotInstalled, ProbeError
from kiro_tui.probe.asking.conversation import Heard, Room, hear
from kiro_tui.probe.process.child import End, Ending

CLASSIC = "--legacy-ui"
ENGINE_V1 = "--agent-engine=v1"
ENGINE_V2 = "--v2"
NAMED_V2 = "--agent-engine=v2"
ENGINE_V3 = "--agent-engine=v3"
OWN_SIGN_IN = "--auth-method=cli"
LONGEST_QUOTE = 60
"""Characters of a foreign program's answer that an error repeats."""


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A released version, ordered as released."""

    major: int
    minor: int
    patch: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


_VERSION_LINE = re.compile(
    r"^\s*kiro-cli(?:-chat)?\s+v?([0-9]{1,4})\.([0-9]{1,4})(?:\.([0-9]{1,4}))?(?:[-+][\w.+-]*)?\s*$", re.MULTILINE
)


def read_version(text: str) -> Version | None:
    """Return the version that `kiro-cli --version` printed, None where no line of it is one."""
    found = _VERSION_LINE.search(text)
    return Version(*(int(part or 0) for part in found.groups())) if found else None


@dataclass(frozen=True, slots=True)
class Accepts:
    """Which of the flags that we could use a version's commands accept; None is not known."""

    chat: frozenset[str] | None
    acp: frozenset[str] | None
    """Empty where there is only engine v2, or no such command at all: asking does no harm."""


_TABLE: tuple[tuple[Version, Accepts], ...] = (
    (Version(0, 0), Accepts(chat=frozenset(), acp=None)),
    (Version(1, 27), Accepts(chat=frozenset({CLASSIC}), acp=None)),
    (Version(2, 4), Accepts(chat=frozenset({CLASSIC, ENGINE_V1, NAMED_V2}), acp=None)),
    (
        Version(2, 7),
        Accepts(chat=frozenset({CLASSIC, ENGINE_V1, NAMED_V2}), acp=frozenset({NAMED_V2, ENGINE_V3, OWN_SIGN_IN})),
    ),
    (
        Version(2, 20, 2),
        Accepts(
            chat=frozenset({CLASSIC, ENGINE_V1, NAMED_V2, ENGINE_V2}),
            acp=frozenset({NAMED_V2, ENGINE_V3, OWN_SIGN_IN}),
        ),
    ),
)
"""What is known to be accepted, from each version on."""
NEWEST_KNOWN = _TABLE[-1][1]
TABLE_ENDS = Version(2, 38)
"""From here on kiro-cli's own help is asked."""


def known_to_accept(version: Version | None) -> Accepts:
    """Return what the table says of that version; nothing is known of an unreadable one or one beyond the table."""
    if version is None or version >= TABLE_ENDS:
        return Accepts(chat=None, acp=None)
    return next(accepts for since, accepts in reversed(_TABLE) if since <= version)


@dataclass(frozen=True, slots=True)
class Installation:
    """A kiro-cli that is there."""

    path: str
    version: Version | None
    """None where it would not say."""
    fingerprint: tuple[int, ...]
    """Changes when the file does."""

    @property
    def newer_than_known(self) -> bool:
        """It is treated as the newest version that is known, where its help does not say otherwise."""
        return self.version is not None and self.version >= TABLE_ENDS

    @property
    def key(self) -> str:
        """Under which name lessons about it are kept: its version, or else this very file."""
        return str(self.version) if self.version else self.file_key

    @property
    def file_key(self) -> str:
        """The name of this very file, for as long as it does not change."""
        return "file " + "-".join(map(str, self.fingerprint))

    @property
    def spoken(self) -> str:
        """How an error calls it."""
        return f"kiro-cli {self.version}" if self.version else "this kiro-cli (of unknown version)"


def fingerprint(path: str) -> tuple[int, ...]:
    """Return what tells this file from another one in its place; raise NotInstalled when it is gone."""
    try:
        status = os.stat(path)  # noqa: PTH116 - follows the link: updates often replace what it points to
    except OSError as error:
        raise NotInstalled(f"{clean(path)} is gone: {error.strerror}.", "Ask again when it is back.") from None
    return (status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev)


async def examine(room: Room, path: str, seconds: float) -> tuple[Installation, Ending]:
    """Ask the program at that path for its version, and say how it took the question.

    Raises NotInstalled where the answer shows that the program is not Kiro's: nothing else may be run then.
    """
    before = fingerprint(path)
    heard = await hear(
        room, (path, "--version"), seconds, enough=lambda text: text.endswith("\n") and read_version(text) is not None
    )
    if heard.ending.end is End.NOT_STARTED:
        raise cannot_start(path, heard.ending)
    if is_foreign(heard):
        raise not_kiros(path, heard)
    return Installation(path, read_version(heard.text), before), heard.ending


OLDEST = Version(1, 0)
"""Kiro CLI has had no version below; an unrelated program may."""
_KIROS_WORDS = re.compile(
    r"Estimated Usage|covered in plan|Monthly credits:|usage breakdowns|usage information|context window"
    r"|Your plan is managed|not logged in|Opening browser|▸ ?Credits:",
    re.IGNORECASE,
)
"""Parts of Kiro's own screens: a wrapper that prints one whatever it is asked still belongs to Kiro."""


def is_foreign(heard: Heard) -> bool:
    """Whether `--version` was answered by a program that is not Kiro's (docs/kiro-cli.md, section 6).

    Only an answer can show it. A program that prints nothing, times out, crashes by a signal or is not started stays
    one of unknown version.
    """
    answered = heard.ending.end in {End.EXITED, End.RELEASED, End.FLOOD} and heard.ending.signal is None
    if not answered or not heard.text.strip():
        return False
    version = read_version(heard.text)
    if version is not None:
        return version < OLDEST
    return _KIROS_WORDS.search(heard.text) is None


def not_kiros(path: str, heard: Heard) -> NotInstalled:
    """Return the error for a program that has the name of Kiro's and is another one."""
    words = clean(redact(next(line for line in heard.text.splitlines() if line.strip())), LONGEST_QUOTE)
    return NotInstalled(
        f"{clean(path)} is not Kiro's kiro-cli: it answers --version with “{words}”.",
        "Install Kiro's own from https://kiro.dev/cli/ (the package of that name on PyPI is an unrelated project), "
        "or say where it is with --kiro-cli PATH.",
    )


def cannot_start(path: str, ending: Ending) -> ProbeError:
    """Return the error for a program that is there and was not started."""
    why = clean(ending.detail) or "no reason was given"
    if ending.errno is None:
        return CliFailed(f"kiro-cli could not be started: {why}.", "Close some programs, then ask again.")
    return NotInstalled(
        f"{clean(path)} cannot be started: {why}.",
        "Install kiro-cli again from https://kiro.dev/cli/, or say where a working one is with --kiro-cli PATH.",
    )


_FLAG = re.compile(r"^[ \t]*(?:-\w,[ \t]*)?(--[a-z][a-z0-9-]{1,40})", re.MULTILINE)
"""Where a flag is explained; elsewhere its name is only mentioned."""


def read_help(text: str) -> frozenset[str] | None:
    """Return the flags of ours that a command's help names; None where the text is no help at all.

    A flag that takes a value counts with the values that the help lists for it, and with ours where it lists none:
    an unknown value is refused before anything runs.
    """
    flags = list(_FLAG.finditer(text))
    if not flags or "usage" not in text.lower():
        return None
    ends = [flag.start() for flag in flags[1:]] + [len(text)]
    named: set[str] = set()
    for flag, end in zip(flags, ends, strict=True):
        named |= _accepted(flag[1], text[flag.end() : end])
    return frozenset(named)


def _accepted(flag: str, explained: str) -> set[str]:
    if flag in {CLASSIC, "--classic"}:
        return {CLASSIC}
    if flag == ENGINE_V2:
        return {ENGINE_V2}
    ours = [option for option in (ENGINE_V1, NAMED_V2, ENGINE_V3, OWN_SIGN_IN) if option.startswith(flag + "=")]
    listed = explained.lower().partition("possible values")[2]
    return {option for option in ours if not listed or re.search(rf"\b{option.partition('=')[2]}\b", listed)}


async def ask_help(room: Room, path: str, command: str, seconds: float) -> frozenset[str] | None:
    """Return what the help of `chat` or `acp` says is accepted; None where there is no such help."""
    heard = await hear(room, (path, command, "--help"), seconds)
    return read_help(heard.text) if heard.in_time and not heard.ending.status else None
