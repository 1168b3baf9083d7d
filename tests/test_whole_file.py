"""Replacing a small file: what is on the disk at each moment, seen through the calls that reach the system."""

import errno
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from kiro_tui.probe.memory import NOTHING_LEARNED, Memory
from kiro_tui.settings.saving import save
from kiro_tui.whole_file import replace_file

OLD, NEW = b"old", b"new content"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    return path


@pytest.fixture
def calls(file: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is synced and renamed, in that order; the real calls are made too."""
    seen: list[str] = []
    sync, rename = os.fsync, os.replace

    def record_sync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            assert status.st_ino == file.parent.stat().st_ino
            seen.append("sync folder")
        else:
            seen.append(f"sync {status.st_size} bytes")
        sync(descriptor)

    def record_replace(source: Path, target: Path) -> None:
        seen.append(f"rename to {Path(target).name}")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", record_sync)
    monkeypatch.setattr(os, "replace", record_replace)
    return seen


def fail(*_: object, **__: object) -> None:
    raise OSError(errno.EIO, "broken disk")


def test_a_lasting_file_is_on_the_disk_before_it_has_its_name_and_its_name_is_too_when_the_call_returns(
    file: Path, calls: list[str]
) -> None:
    replace_file(file, NEW, lasting=True)

    assert calls == [f"sync {len(NEW)} bytes", "rename to file", "sync folder"]
    assert file.read_bytes() == NEW


def test_any_other_file_does_not_wait_for_the_disk(file: Path, calls: list[str]) -> None:
    replace_file(file, NEW, lasting=False)

    assert calls == ["rename to file"]
    assert file.read_bytes() == NEW


def test_what_a_person_chose_and_what_was_learned_of_kiro_cli_lasts(file: Path, calls: list[str]) -> None:
    save(file.parent / "config.toml", {"theme": "light"})
    assert [call.split()[0] for call in calls] == ["sync", "rename", "sync"]

    calls.clear()
    Memory(file.parent).learn("2.21.1", replace(NOTHING_LEARNED, own_home=True))
    assert [call.split()[0] for call in calls] == ["sync", "rename", "sync"]


@pytest.mark.parametrize("lasting", [True, False])
def test_only_its_owner_may_read_it(file: Path, lasting: bool) -> None:  # noqa: FBT001  # a column of the table
    file.chmod(0o644)
    replace_file(file, NEW, lasting=lasting)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_when_the_disk_fails_the_old_content_stands_and_nothing_is_left_beside_it(
    file: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, broken, fail)

    with pytest.raises(OSError, match="broken disk"):
        replace_file(file, NEW, lasting=True)

    assert file.read_bytes() == OLD
    assert list(file.parent.iterdir()) == [file]


def test_a_file_system_that_cannot_sync_folders_has_the_new_content_all_the_same(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: fail() if stat.S_ISDIR(os.fstat(number).st_mode) else sync(number))

    replace_file(file, NEW, lasting=True)

    assert file.read_bytes() == NEW
