"""Where Kiro's session files are, and whether one has changed since it was last seen.

Only looks at folders and sizes; opens no file. It goes a few folders deep and follows no symbolic link below the roots
(but one of the older IDE, by name), so that it ends in whatever tree it is given, and reads nothing outside of it.
"""

import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from kiro_tui.spend.executions import CATALOGUE, CHAT_LIST, CHATS, EXECUTION_NAME, EXECUTIONS
from kiro_tui.spend.reasons import Reason
from kiro_tui.spend.root import Sources

OF_V2 = "cli"
MESSAGES = "messages.jsonl"
DESCRIPTION = "session.json"
WORKSPACE = re.compile("[0-9a-f]{32}")
ACTIVE_PROFILE = "default"
DEEPEST = 2
"""So many folders may a workspace's logs lie in, below the older IDE's storage."""


class Kind(Enum):
    """What a file holds."""

    DOCUMENT = auto()
    """A session of engine v2."""
    LINES = auto()
    """A session of engine v3 or of the IDE."""
    EXECUTION = auto()
    """One turn of the older IDE."""
    CHAT = auto()
    """What a chat of the older IDE is about; no turns."""
    CHAT_LIST = auto()
    """What several of them are about."""


class Stamp(NamedTuple):
    """What a file looked like from outside; equal stamps mean that nothing has changed."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Place:
    """One session's files."""

    name: str
    """The path of the document or of the folder."""
    path: str
    """The file with the turns."""
    stamp: Stamp
    kind: Kind
    description: str | None = None
    """The file that says what the session is about, where that is another one."""
    description_stamp: Stamp | None = None

    @property
    def id(self) -> str:
        """The session's id, as Kiro names the file."""
        return self.name.rpartition("/")[2].removesuffix(".json")

    @property
    def folder(self) -> str:
        """The name of the folder that the document is in."""
        return self.name.rpartition("/")[0].rpartition("/")[2]


@dataclass(slots=True)
class Tree:
    """What was found."""

    places: list[Place] = field(default_factory=list)
    skipped: Counter[Reason] = field(default_factory=Counter)


def find(sources: Sources) -> Tree:
    """Return all sessions, by root and name; none where there is no root."""
    tree = Tree()
    for root in sources.roots:
        for name, bucket in sorted(_entries(str(root), tree.skipped, os.DirEntry.is_dir)):
            if name == OF_V2:
                tree.places += _documents(bucket.path, tree.skipped)
            elif not _is_hidden(name):
                tree.places += _folders(bucket.path, tree.skipped)
    seen = set[str]()
    for storage in sources.ide:
        tree.places += _logs(str(storage), tree.skipped, seen)
    return tree


def place_of(name: str) -> Place:
    """Return the place of that name as far as the name tells it."""
    folder, _, last = name.rpartition("/")
    nothing = Stamp(0, 0, 0)
    if folder.endswith(f"/{EXECUTIONS}"):
        return Place(name, name, nothing, Kind.EXECUTION)
    if folder.endswith(f"/{OF_V2}") and last.endswith(".json"):
        return Place(name, name, nothing, Kind.DOCUMENT)
    return Place(name, f"{name}/{MESSAGES}", nothing, Kind.LINES)


def open_file(path: str) -> int:
    """Open a file of Kiro's for reading only; raises OSError, also for what is no regular file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe must not hold us
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a regular file")
    return descriptor


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the stamp of a file."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ino)


def _documents(folder: str, skipped: Counter[Reason]) -> Iterator[Place]:
    for name, entry in sorted(_entries(folder, skipped, os.DirEntry.is_file)):
        if name.endswith(".json") and not _is_hidden(name) and (stamp := _stamp(entry, skipped)):
            yield Place(entry.path, entry.path, stamp, Kind.DOCUMENT)


def _folders(bucket: str, skipped: Counter[Reason]) -> Iterator[Place]:
    """Yield whatever holds messages: `sess_…`, `cli_…`, or what comes next."""
    for name, session in sorted(_entries(bucket, skipped, os.DirEntry.is_dir)):
        if _is_hidden(name):  # such as .import-staging, whose content is moved to its place when it is whole
            continue
        files = dict(_entries(session.path, skipped, os.DirEntry.is_file))
        if MESSAGES not in files or not (stamp := _stamp(files[MESSAGES], skipped)):
            continue
        description = files.get(DESCRIPTION)
        yield Place(
            session.path,
            files[MESSAGES].path,
            stamp,
            Kind.LINES,
            description.path if description else None,
            _stamp(description, skipped) if description else None,
        )


def _logs(storage: str, skipped: Counter[Reason], seen: set[str], depth: int = DEEPEST) -> Iterator[Place]:
    """Yield what the older IDE kept, each folder once.

    A profile has a folder of its own, and `default` is a link to the active one, wherever that is.
    """
    unheeded = Counter[Reason]()
    for name, folder in sorted(_entries(storage, unheeded, os.DirEntry.is_dir)):
        if name == CHATS:
            yield from _chats(folder.path, skipped, seen)
        elif WORKSPACE.fullmatch(name):
            yield from _executions(folder.path, skipped, seen)
            for within, inner in sorted(_entries(folder.path, unheeded, os.DirEntry.is_dir)):
                if WORKSPACE.fullmatch(within) and within != EXECUTIONS:
                    yield from _executions(inner.path, skipped, seen)
        elif depth and not _is_hidden(name):
            yield from _logs(folder.path, skipped, seen, depth - 1)
    active = f"{storage}/{ACTIVE_PROFILE}"
    if depth and os.path.islink(active):  # noqa: PTH114 - like all of this module, on plain paths
        yield from _logs(os.path.realpath(active), skipped, seen, 0)


def _executions(workspace: str, skipped: Counter[Reason], seen: set[str]) -> Iterator[Place]:
    folder = f"{workspace}/{EXECUTIONS}"
    if os.path.islink(folder) or not _is_first(folder, seen):  # noqa: PTH114 - like all of this module, on plain paths
        return
    for name, entry in sorted(_entries(folder, skipped, os.DirEntry.is_file)):
        if EXECUTION_NAME.fullmatch(name) and name != CATALOGUE and (stamp := _stamp(entry, skipped)):
            yield Place(entry.path, entry.path, stamp, Kind.EXECUTION)


def _is_first(folder: str, seen: set[str]) -> bool:
    """Whether the folder was not met before, by whatever way."""
    target = os.path.realpath(folder)
    is_first = target not in seen
    seen.add(target)
    return is_first


def _chats(folder: str, skipped: Counter[Reason], seen: set[str]) -> Iterator[Place]:
    if not _is_first(folder, seen):
        return
    for name, workspace in sorted(_entries(folder, skipped, os.DirEntry.is_dir)):
        if _is_hidden(name):
            continue
        for file, entry in sorted(_entries(workspace.path, skipped, os.DirEntry.is_file)):
            if file.endswith(".json") and (stamp := _stamp(entry, skipped)):
                yield Place(entry.path, entry.path, stamp, Kind.CHAT_LIST if file == CHAT_LIST else Kind.CHAT)


def _is_hidden(name: str) -> bool:
    return name.startswith(".")


def _entries(
    folder: str, skipped: Counter[Reason], wanted: Callable[..., bool]
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield the entries of the wanted kind; links are counted, other kinds are nobody's business."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if wanted(entry, follow_symlinks=False):
                    yield entry.name, entry
                elif entry.is_symlink() and not _is_hidden(entry.name):
                    skipped[Reason.LINK] += 1
    except FileNotFoundError:
        pass  # there is none (yet, or any more)
    except OSError:
        skipped[Reason.FOLDER] += 1


def _stamp(entry: os.DirEntry[str], skipped: Counter[Reason]) -> Stamp | None:
    try:
        return stamp_of(entry.stat(follow_symlinks=False))
    except OSError:
        skipped[Reason.FILE] += 1
        return None
