import logging
import os
import stat
from pathlib import Path

import pytest
from fakes import FakeClock, scripted_launch

from kiro_tui.errors import CliFailed
from kiro_tui.probe.rooms import PREFIX, remove_left_behind, rooms, usable

LAUNCH = scripted_launch([])


def test_a_room_is_empty_private_and_gone_afterwards(tmp_path: Path) -> None:
    with rooms(tmp_path, LAUNCH, FakeClock(), {"HOME": "/home/a"}) as lent:
        directory, home = Path(lent.private.directory), Path(lent.private.environment["KIRO_HOME"])
        assert list(directory.iterdir()) == list(home.iterdir()) == []
        assert directory != home
        assert stat.S_IMODE(directory.parent.stat().st_mode) == 0o700
        assert tmp_path in directory.parents
        (home / "sessions").mkdir()

    assert list(tmp_path.iterdir()) == []


def test_the_other_room_has_the_persons_own_home(tmp_path: Path) -> None:
    with rooms(tmp_path, LAUNCH, FakeClock(), {"HOME": "/home/a", "KIRO_HOME": "/k"}) as lent:
        assert lent.own.environment["KIRO_HOME"] == "/k"
        assert lent.own.directory == lent.private.directory

    with rooms(tmp_path, LAUNCH, FakeClock(), {"HOME": "/home/a"}) as lent:
        assert "KIRO_HOME" not in lent.own.environment


def test_a_room_is_gone_after_a_failure_too(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), rooms(tmp_path, LAUNCH, FakeClock(), {}):
        raise ZeroDivisionError

    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_of_ours_the_systems_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    for folder in (None, tmp_path / "gone"):
        with rooms(folder, LAUNCH, FakeClock(), {}) as lent:
            assert tmp_path in Path(lent.private.directory).parents


def test_a_full_disk_is_no_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))

    with pytest.raises(CliFailed), rooms(None, LAUNCH, FakeClock(), {}):
        pass


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = usable(tmp_path / "state" / "kiro-tui")

    assert folder is not None
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    caplog.set_level(logging.INFO)

    assert usable(tmp_path / "file" / "state") is None
    assert "nothing is remembered" in caplog.text
    assert usable(None) is None


def test_only_rooms_that_a_killed_program_left_long_ago_are_removed(tmp_path: Path) -> None:
    clock = FakeClock()
    now = clock.now().timestamp()
    for name, age in ((PREFIX + "old", 90_000), (PREFIX + "new", 3600), ("old", 90_000)):
        (tmp_path / name / "home").mkdir(parents=True)
        os.utime(tmp_path / name, (now - age, now - age))

    remove_left_behind(tmp_path, clock)

    assert {place.name for place in tmp_path.iterdir()} == {PREFIX + "new", "old"}
