"""What was learned about the kiro-cli of this machine, kept between runs in one small file of the state folder.

It holds no figure, no address and no token: only which version accepts what, and which source worked. A damaged file
is as good as none, and one that cannot be written costs a few questions more, never a reading. A file of the versions
that knew only kinds of sources is still read: what was switched off there stays off.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kiro_tui.domain.state import SourceName
from kiro_tui.domain.usage import Account
from kiro_tui.whole_file import replace_file

SCHEMA = 1
MAX_BYTES = 256 * 1024
MAX_VERSIONS = 40
MAX_ACCOUNTS = 8

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """The source that the usual question asks."""

    source: SourceName
    clamped: bool = False
    """Nothing better was found although its figure may be clamped, so that is no reason to look again."""
    failures: int = 0
    """In a row; after two of them everything is tried again from the start."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """What was learned about one version of kiro-cli."""

    chat: frozenset[str] | None = None
    """The flags that `chat --help` told of; None where it was not asked or said nothing."""
    acp: frozenset[str] | None = None
    """The same for `acp --help`; empty where there is no such command."""
    off: frozenset[SourceName] = frozenset()
    """Sources whose command line once reached the model; it is never run again."""
    own_home: bool = False
    """It only works with the person's own KIRO_HOME."""
    pipes: bool = False
    """It stays silent on a terminal, and talks on pipes."""
    whoami_as_text: bool = False
    """Its `whoami` does not know `--format`."""
    settled: Mapping[str, Settled] = field(default_factory=dict)
    """By the account and the sources that were allowed."""


NOTHING_LEARNED = Lessons()


class Memory:
    """All lessons, by version. Several kiro-tui may share the file: each change is made to what the file says then."""

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / "learned.json" if folder else None
        self._lessons: dict[str, Lessons] = {}
        self.refresh()

    def refresh(self) -> None:
        """Take in what another kiro-tui has learned meanwhile; a source that either switched off is off."""
        for version, lessons in self._read().items():
            self._lessons[version] = replace(lessons, off=lessons.off | self.about(version).off)

    def about(self, version: str) -> Lessons:
        """Return what is known of that version."""
        return self._lessons.get(version, NOTHING_LEARNED)

    def learn(self, version: str, lessons: Lessons) -> None:
        """Remember it; a source that was switched off stays off."""
        if lessons == self.about(version):
            return
        self.refresh()
        off = lessons.off | self.about(version).off
        others = {name: known for name, known in self._lessons.items() if name != version}
        latest = list(others.items())[-(MAX_VERSIONS - 1) :]
        self._lessons = dict(latest) | {version: replace(lessons, off=off)}
        self._write()

    def _read(self) -> dict[str, Lessons]:
        if self._file is None:
            return {}
        try:
            with self._file.open("rb") as stream:
                content = json.loads(stream.read(MAX_BYTES))
            return {str(name): from_plain(value) for name, value in content["versions"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            _log.info("What was learned about kiro-cli cannot be read, so it is learned anew: %s", error)
            return {}

    def _write(self) -> None:
        if self._file is None:
            return
        content = {"schema": SCHEMA, "versions": {name: to_plain(value) for name, value in self._lessons.items()}}
        try:
            replace_file(self._file, json.dumps(content, indent=1, sort_keys=False).encode(), lasting=True)
        except OSError as error:
            _log.info("What was learned about kiro-cli cannot be kept: %s", error)


def settled_key(account: Account | None, sources: tuple[SourceName, ...]) -> str:
    """Return the name under which a settled source is kept; the account itself is not written down."""
    who = hashlib.sha256(repr(account).encode()).hexdigest()[:16] if account else "unknown"
    return f"{who} {'+'.join(sources)}"


def settle(lessons: Lessons, key: str, settled: Settled | None) -> Lessons:
    """Return the lessons with that source settled, or with none where it is None."""
    others = {name: value for name, value in lessons.settled.items() if name != key}
    if settled is None:
        return replace(lessons, settled=others)
    latest = list(others.items())[-(MAX_ACCOUNTS - 1) :]
    return replace(lessons, settled=dict(latest) | {key: settled})


def to_plain(lessons: Lessons) -> dict[str, Any]:
    """Return the lessons as JSON holds them."""
    return {
        "chat": None if lessons.chat is None else sorted(lessons.chat),
        "acp": None if lessons.acp is None else sorted(lessons.acp),
        "off": sorted(lessons.off),
        "own_home": lessons.own_home,
        "pipes": lessons.pipes,
        "whoami_as_text": lessons.whoami_as_text,
        "settled": {
            key: {"source": settled.source, "clamped": settled.clamped, "failures": settled.failures}
            for key, settled in lessons.settled.items()
        },
    }


def from_plain(plain: dict[str, Any]) -> Lessons:
    """Return what `to_plain` was given; ValueError, TypeError, KeyError or AttributeError for anything else."""
    by_kind = _OLD_KEY in plain
    return Lessons(
        chat=None if by_kind else _flags(plain.get("chat")),
        acp=None if by_kind else _flags(plain.get("acp")),
        off=frozenset(source for name in plain.get("off", ()) for source in _switched_off(name)),
        own_home=plain.get("own_home") is True,
        pipes=plain.get("pipes") is True,
        whoami_as_text=plain.get("whoami_as_text") is True,
        settled={}
        if by_kind
        else {
            str(key): Settled(SourceName(value["source"]), value.get("clamped") is True, int(value.get("failures", 0)))
            for key, value in plain.get("settled", {}).items()
        },
    )


_OLD_KEY = "session_first"
"""In a file that knew only kinds of sources. Its settled kinds and its flags are learned anew: they were found out in
another order, and without the flags that name engine v2."""
_OLD_OFF = {
    "report": frozenset({SourceName.REPORT_V1}),  # engine v2 was never asked headless then
    "acp": frozenset({SourceName.ACP_V2, SourceName.ACP_V3}),
}


def _switched_off(name: str) -> frozenset[SourceName]:
    return _OLD_OFF.get(name) or frozenset({SourceName(name)})


def _flags(plain: list[str] | None) -> frozenset[str] | None:
    return None if plain is None else frozenset(map(str, plain))
