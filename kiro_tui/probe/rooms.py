"""The rooms in which kiro-cli runs: an empty folder to be in, and an empty home that is not the person's.

A room is made for one question and removed after it, as soon as whoever ran in it has left. So nothing of the person's
takes part (their MCP servers, hooks, agents and settings live in their own home) and nothing that kiro-cli writes there
outlives the question. Rooms stand in our own state folder, not in one that everybody may write to: kiro-cli may look
for settings in the folders above its own.
"""

import contextlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from kiro_tui.clock import Clock
from kiro_tui.errors import CliFailed
from kiro_tui.probe.asking.conversation import Room
from kiro_tui.probe.environment import child_environment
from kiro_tui.probe.process.child import Launch
from kiro_tui.probe.process.folder import hold
from kiro_tui.probe.process.leaving import leaving

PREFIX = "asking-"
LEFT_BEHIND = 24 * 60 * 60.0
"""Seconds after which a room is one that a kiro-tui which was killed left behind."""

_log = logging.getLogger(__name__)


class Rooms(NamedTuple):
    """The two rooms of one question; both are in the same empty folder."""

    private: Room
    """With an empty KIRO_HOME of ours: for everything that starts an engine."""
    own: Room
    """With the person's own: for what starts none (`--version`, `--help`, `whoami`), and where it cannot be avoided."""


@contextmanager
def rooms(folder: Path | None, launch: Launch, clock: Clock, environment: Mapping[str, str]) -> Iterator[Rooms]:
    """Lend two rooms inside `folder`, or inside the system's temporary folder where there is none of ours.

    Raises CliFailed where no folder can be made at all.
    """
    place = _new_place(folder)
    held = hold(place)
    discard = None if held is None else place  # without the lock it could be removed under whoever comes next
    try:
        directory, home = Path(place, "empty"), Path(place, "home")
        directory.mkdir()
        home.mkdir()
        yield Rooms(
            private=Room(launch, clock, child_environment(environment, str(home)), str(directory), discard),
            own=Room(launch, clock, child_environment(environment), str(directory), discard),
        )
    finally:
        if held is not None:
            os.close(held)
        if not leaving.uses(place):  # else it is removed when the last one has left
            shutil.rmtree(place, ignore_errors=True)  # what cannot be removed now is removed as left behind


def _new_place(folder: Path | None) -> str:
    try:
        return tempfile.mkdtemp(prefix=PREFIX, dir=folder if folder and folder.is_dir() else None)
    except OSError as error:
        raise CliFailed(
            f"No folder can be made for kiro-cli to run in: {error.strerror}.",
            "Free some space on the disk, then ask again.",
        ) from None


def usable(folder: Path | None) -> Path | None:
    """Return the folder once it is there and ours alone, None where that cannot be had."""
    if folder is None:
        return None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=folder):
            return folder
    except OSError as error:
        _log.info("%s cannot be written to, so nothing is remembered: %s", folder, error.strerror)
        return None


def remove_left_behind(folder: Path | None, clock: Clock) -> None:
    """Remove the rooms of earlier runs that were killed before they could do it themselves."""
    if folder is None:
        return
    before = clock.now().timestamp() - LEFT_BEHIND
    for place in folder.glob(PREFIX + "*"):
        with contextlib.suppress(FileNotFoundError):  # another kiro-tui may have been faster
            if place.lstat().st_mtime < before:
                shutil.rmtree(place, ignore_errors=True)
