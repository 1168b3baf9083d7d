"""What is seen of Kiro's sessions from outside, on real folders."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest
from fakes import START, FakeClock, ScriptedSource

from kiro_tui import settings as kiro_settings
from kiro_tui.activity import LOOKS_UNTIL_ANEW, MOST_FILES, SessionsActivity
from kiro_tui.commands import dashboard
from kiro_tui.commands.source import open_activity
from kiro_tui.domain.state import Failure, Snapshot, Way
from kiro_tui.domain.usage import Report
from kiro_tui.poller import Poller

V2 = "cli/{}.json"
V3 = "0a1b2c/sess_{}/messages.jsonl"


class Sessions:
    """A folder of sessions whose files are dated in seconds from the start, and whoever watches it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = FakeClock()
        self.clock.advance(10_000)
        self.activity = SessionsActivity([root], self.clock)

    def write(self, name: str, at: float) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}\n")
        self.date(path, at)
        return path

    def date(self, path: Path, at: float) -> None:
        seconds = START.timestamp() + at
        os.utime(path, (seconds, seconds), follow_symlinks=False)

    def last(self) -> float | None:
        """Look, and return when the last write was, in seconds from the start."""
        last = self.activity.look()
        return None if last is None else (last - START).total_seconds()


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    return Sessions(tmp_path / "sessions")


@pytest.mark.parametrize("name", [V2, V3])
def test_the_last_write_to_any_session_is_seen(sessions: Sessions, name: str) -> None:
    first = sessions.write(name.format(1), 10)
    sessions.write(name.format(2), 20)
    assert sessions.last() == 20

    sessions.date(first, 30)  # as a file that is written to in place: its folder does not change
    assert sessions.last() == 30
    sessions.write(name.format(3), 40)
    assert sessions.last() == 40


async def test_the_time_is_aware_and_seen_beside_the_event_loop(sessions: Sessions) -> None:
    sessions.write(V2.format(1), 10)

    assert await sessions.activity.last_write() == START + timedelta(seconds=10)


def test_a_session_of_a_new_project_is_seen(sessions: Sessions) -> None:
    sessions.write(V2.format(1), 10)
    assert sessions.last() == 10

    sessions.write("another/sess_1/messages.jsonl", 20)

    assert sessions.last() == 20


def test_a_file_that_is_replaced_by_a_newer_one_is_seen(sessions: Sessions) -> None:
    for session in range(3 * MOST_FILES):
        sessions.write(V2.format(session), 100 + session)
    sessions.last()

    sessions.write("cli/new", 500).replace(sessions.root / V2.format(0))

    assert sessions.last() == 500


def test_no_folder_at_all_is_no_use_until_there_is_one(sessions: Sessions) -> None:
    assert sessions.last() is None

    sessions.write(V2.format(1), 10)

    assert sessions.last() == 10


def test_sessions_that_are_cleaned_up_are_no_use(sessions: Sessions) -> None:
    sessions.write(V2.format(1), 10)
    newer = sessions.write(V2.format(2), 20)
    assert sessions.last() == 20

    newer.unlink()
    assert sessions.last() == 10
    (sessions.root / V2.format(1)).unlink()
    (sessions.root / "cli").rmdir()
    assert sessions.last() is None


def test_an_old_session_that_is_taken_up_again_is_seen_after_a_while(sessions: Sessions) -> None:
    oldest = sessions.write(V2.format("oldest"), 1)
    for session in range(MOST_FILES):
        sessions.write(V2.format(session), 100 + session)
    sessions.last()
    sessions.date(oldest, 500)

    seen = [sessions.last() for _ in range(LOOKS_UNTIL_ANEW)]

    assert seen[-1] == 500


@pytest.mark.parametrize("at", [10_061, 1e9, 1e11, -1e10, -1e11])
def test_a_time_that_cannot_be_is_not_believed(sessions: Sessions, at: float) -> None:
    sessions.write(V2.format(1), at)
    assert sessions.last() is None

    sessions.write(V2.format(2), 10)
    assert sessions.last() == 10


def test_a_time_in_the_future_is_believed_when_it_has_come(sessions: Sessions) -> None:
    sessions.write(V2.format(1), 10_600)
    assert sessions.last() is None

    sessions.clock.advance(3600)

    assert [sessions.last() for _ in range(LOOKS_UNTIL_ANEW)][-1] == 10_600


def test_a_file_server_may_be_a_little_ahead(sessions: Sessions) -> None:
    sessions.write(V2.format(1), 10_059)

    assert sessions.last() == 10_059


def test_links_and_what_is_no_file_are_not_looked_at(sessions: Sessions, tmp_path: Path) -> None:
    sessions.write(V2.format(1), 10)
    elsewhere = tmp_path / "elsewhere"
    target = Sessions(elsewhere).write("sess_1/messages.jsonl", 900)
    (sessions.root / "linked").symlink_to(elsewhere)
    (sessions.root / "round").symlink_to(sessions.root)
    (sessions.root / "project").mkdir()
    (sessions.root / "project/sess_2").symlink_to(target.parent)
    (sessions.root / "project/sess_3").mkdir()
    (sessions.root / "project/sess_3/messages.jsonl").symlink_to(target)
    (sessions.root / "cli/linked.json").symlink_to(target)
    os.mkfifo(sessions.root / "cli/pipe.json")
    (sessions.root / "cli/folder.json").mkdir()
    (sessions.root / "file").write_text("")
    for path in sessions.root.rglob("*"):
        if path.is_symlink() or not path.is_file():
            sessions.date(path, 900)

    assert sessions.last() == 10


def test_the_folder_itself_may_be_a_link(sessions: Sessions, tmp_path: Path) -> None:
    sessions.root.symlink_to(tmp_path / "roomy")
    assert sessions.last() is None

    (tmp_path / "roomy").mkdir()
    sessions.write(V3.format(1), 10)

    assert sessions.last() == 10


def test_what_may_not_be_read_does_not_hide_the_rest(sessions: Sessions) -> None:
    sessions.write(V2.format(1), 10)
    locked = sessions.write(V3.format(1), 20).parent.parent
    locked.chmod(0)
    try:
        assert sessions.last() == (20 if os.geteuid() == 0 else 10)
    finally:
        locked.chmod(0o700)


def test_a_file_in_the_place_of_the_folder_is_no_use(sessions: Sessions) -> None:
    sessions.root.write_text("")

    assert sessions.last() is None


def test_every_home_of_kiro_is_watched_and_the_latest_write_to_any_counts(sessions: Sessions, tmp_path: Path) -> None:
    other = Sessions(tmp_path / "home" / ".kiro" / "sessions")
    activity = SessionsActivity([sessions.root, other.root, tmp_path / "nowhere"], sessions.clock)
    assert activity.look() is None

    sessions.write(V2.format(1), 20)
    other.write(V3.format(1), 10)
    assert activity.look() == START + timedelta(seconds=20)

    other.write(V3.format(2), 30)
    assert activity.look() == START + timedelta(seconds=30)


@pytest.mark.parametrize("name", ["0a1b2c/cli_1_aB3dE5gH/messages.jsonl", "_global/sess_1/messages.jsonl"])
def test_a_session_of_any_name_is_seen(sessions: Sessions, name: str) -> None:
    sessions.write(name, 10)

    assert sessions.last() == 10


def test_what_is_being_imported_is_no_use(sessions: Sessions) -> None:
    sessions.write(V2.format(1), 10)
    sessions.write(".import-staging/sess_1/messages.jsonl", 20)
    sessions.write("0a1b2c/.tmp/messages.jsonl", 30)

    assert sessions.last() == 10


def test_the_dashboard_watches_every_home(tmp_path: Path) -> None:
    homes = [tmp_path / name for name in ("a", "b", "c")]
    for second, home in enumerate(homes):
        sessions = Sessions(home / "sessions")
        sessions.write(V2.format(1), second)
    settings = kiro_settings.load({"config": "/dev/null"}, {"KIRO_TUI_KIRO_HOMES": str(homes[2])})

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KIRO_HOME", str(homes[0]))
        patch.setenv("HOME", str(tmp_path))
        homes[1].rename(tmp_path / ".kiro")
        clock = FakeClock()
        activity = open_activity(settings, clock)

    assert activity is not None
    assert activity.look() == START + timedelta(seconds=2)
    (homes[2] / "sessions" / V2.format(1)).unlink()
    assert activity.look() == START + timedelta(seconds=1)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the disk is asked: the name of each call."""
    made: list[str] = []

    def counted(name: str) -> None:
        original = getattr(os, name)

        def call(*args: object, **keywords: object) -> object:
            made.append(name)
            return original(*args, **keywords)

        monkeypatch.setattr(os, name, call)

    for name in ("stat", "lstat", "scandir", "open", "listdir"):
        counted(name)
    return made


def test_a_quiet_tree_of_any_size_costs_a_few_looks_and_no_listing(sessions: Sessions, calls: list[str]) -> None:
    for session in range(300):
        sessions.write(V2.format(session), 100 + session)
        sessions.write(V3.format(session), 100 + session)
    calls.clear()
    sessions.last()
    assert 600 <= len(calls) <= 700, "the first time everything is looked at once"
    calls.clear()

    sessions.last()

    assert calls == ["stat"] * (MOST_FILES + 3)  # and the root, and its two folders


def test_no_file_is_ever_opened(sessions: Sessions, calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    sessions.write(V2.format(1), 10)
    sessions.write(V3.format(1), 20)
    calls.clear()
    monkeypatch.setattr("io.open", None)
    monkeypatch.setattr("builtins.open", None)

    for _ in range(2 * LOOKS_UNTIL_ANEW):
        sessions.last()

    assert set(calls) == {"stat", "scandir"}


def test_a_folder_without_end_is_listed_up_to_an_end(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiro_tui.activity.MOST_ENTRIES", 5)
    for session in range(10):
        sessions.write(V2.format(session), 10)
    for place, path in enumerate(list((sessions.root / "cli").iterdir())):
        sessions.date(path, 100 + place)

    assert sessions.last() == 104


@pytest.mark.parametrize(
    ("options", "variables", "asked_at"),
    [
        ({}, {}, [0, 300, 900, 2100]),
        ({"interval": "300"}, {}, [0, 300, 600, 900]),
        ({}, {"KIRO_TUI_INTERVAL": "300"}, [0, 300, 600, 900]),
    ],
)
def test_the_dashboard_follows_the_use_of_kiro_unless_the_person_set_an_interval(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, str],
    variables: dict[str, str],
    asked_at: list[float],
) -> None:
    clock = FakeClock()
    source = ScriptedSource([Snapshot(Report("KIRO FREE"), Way.REPORT, START, took=1.0)], clock)

    async def follow(poller: Poller) -> None:
        events = poller.events()
        while len(source.asked_at) < len(asked_at):
            assert not isinstance(await anext(events), Failure)

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KIRO_HOME", str(tmp_path))
    monkeypatch.setattr(dashboard, "SystemClock", lambda: clock)
    monkeypatch.setattr(dashboard, "check_terminal", lambda: None)
    monkeypatch.setattr(dashboard, "_show", lambda lent: asyncio.run(follow(lent.questions)))
    wanted = kiro_settings.load({"config": "/dev/null", **options}, variables)
    dashboard.run(wanted, demo=False, open_source=lambda *_: source)

    assert [at - 1000 for at in source.asked_at] == asked_at
