"""The short way to a status line: it says what the long way says, costs next to nothing, and is asked behind once."""

import asyncio
import fcntl
import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import hostile
import pytest
from bar import Bar
from cards import NOW, failures, reading, snapshots
from fakes import START, FakeClock, ScriptedSource
from hypothesis import given, settings
from hypothesis import strategies as st
from waiting import eventually, wait_until
from world import DASHBOARD, on_linux

from kiro_tui.cached import quick
from kiro_tui.cached.behind import REST, WHILE_SIGNED_OUT, ask_behind, is_due
from kiro_tui.cached.cards import KINDS, LEVELS, card_in, card_path, read_card, text_of
from kiro_tui.cached.keeping import SETTLED, keep_card, keep_note
from kiro_tui.cached.note import Note, note_path, read_note
from kiro_tui.clock import SystemClock
from kiro_tui.commands import status
from kiro_tui.domain.card import Card
from kiro_tui.domain.carding import card_of
from kiro_tui.domain.level import Level
from kiro_tui.domain.state import Failure, Outcome
from kiro_tui.domain.usage import Account, Overage, WindowKind
from kiro_tui.errors import CliFailed, NotLoggedIn, UsageError
from kiro_tui.journal.worker import JournalWorker
from kiro_tui.output.lines import NAMES, line
from kiro_tui.output.template import FIELDS
from kiro_tui.scope import key_of, scope
from kiro_tui.settings import Settings
from kiro_tui.sharing.source import SharedSource, Terms

HEAVY = {"textual", "pyte", "pexpect", "sqlite3", "asyncio", "argparse", "json", "re", "typing", "dataclasses"}
"""What a status line never waits for."""
TEMPLATE = "{percent:.0f}% {remaining} left, {resets_in}{stale}{error}"
outcomes = st.one_of(snapshots(taken_at=START), failures().map(lambda failure: replace(failure, at=START)))


@pytest.fixture
def bar(tmp_path: Path) -> Bar:
    return Bar(tmp_path)


@pytest.fixture
def known(bar: Bar) -> Bar:
    """A machine on which a reading was kept and a line was drawn a moment ago."""
    bar.know(reading(taken_at=SystemClock().now()))
    return bar


# Cards ----------------------------------------------------------------------------------------------------------------

cards = st.builds(card_of, st.one_of(st.none(), snapshots()), st.one_of(st.none(), failures()))


@settings(max_examples=50)
@given(cards)
def test_a_card_is_read_as_it_was_written(card: Card) -> None:
    assert card_in(text_of(card)) == card


def test_a_card_of_the_version_before_is_read() -> None:
    card = card_of(reading(overage=Overage(enabled=True, credits=Decimal(3))), None)
    text = text_of(card)

    assert [len(line.split("\t")) for line in text.splitlines()] == [1, 6, 12, 6, 1]
    assert card_in(text) == card


@pytest.mark.parametrize("line", ["pool", "overage"])
@pytest.mark.parametrize("more", ["", "soon", "nan", "1\t2"])
def test_a_card_with_an_age_that_is_none_is_no_card(line: str, more: str) -> None:
    text = text_of(card_of(reading(overage=Overage(enabled=True)), None))

    assert (
        card_in(
            "".join(f"{each}\t{more}\n" if each.startswith(line) else f"{each}\n" for each in text.split("\n")[:-1])
        )
        is None
    )


@settings(max_examples=50)
@given(cards, st.data())
def test_a_card_that_was_cut_off_is_none(card: Card, data: st.DataObject) -> None:
    text = text_of(card)
    assert card_in(text[: data.draw(st.integers(0, len(text) - 1))]) is None


@settings(max_examples=50)
@given(cards, st.data())
def test_a_card_that_was_damaged_is_read_or_is_none(card: Card, data: st.DataObject) -> None:
    text = text_of(card)
    at = data.draw(st.integers(0, len(text) - 1))
    damaged = card_in(text[:at] + data.draw(st.text("\t\n0.9x-e", max_size=5)) + text[at + 1 :])

    for wanted in (*NAMES, "".join(f"{{{name}}}" for name in FIELDS)):
        assert damaged is None or isinstance(line(damaged, wanted, NOW, 300.0), str)


@pytest.mark.parametrize(
    ("found", "instead"),
    [(repr(NOW), "nan"), (repr(NOW), "inf"), (repr(NOW), "1e300"), ("640.25", "9" * 400), ("calm", "mauve"),
     ("plan\t", "magic\t"), ("640.25", "-1"), ("640.25", ".5"), ("figures", "figure"), ("\t0\t", "\t2\t")],
)  # fmt: skip
def test_a_card_that_says_what_cannot_be_is_none(found: str, instead: str) -> None:
    text = text_of(card_of(reading(), None))

    assert found in text
    assert card_in(text.replace(found, instead)) is None


def test_every_kind_and_level_there_is_may_stand_on_a_card() -> None:
    assert list(KINDS) == [kind.value for kind in WindowKind]
    assert list(LEVELS) == [level.value for level in Level]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"kiro-tui card 2\nend\n", b"x" * 100_000, b"{}"])
def test_what_is_no_card_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "card").write_bytes(content)

    assert read_card(str(tmp_path / "card")) is None
    assert read_card(str(tmp_path)) is None
    assert read_card(str(tmp_path / "nowhere")) is None


@settings(max_examples=15)
@given(st.lists(outcomes, min_size=1, max_size=3))
def test_after_any_questions_the_card_says_what_the_long_way_knows(script: list[Outcome]) -> None:
    async def ask(shared: SharedSource) -> Card:
        for _ in script:
            await shared.ask(by_person=True)
        state = await status._known(shared, Settings())
        return card_of(state.latest, state.failure)

    with TemporaryDirectory() as folder:
        clock = FakeClock()
        worker = JournalWorker(Path(folder), clock)
        source = ScriptedSource(script, clock)
        with (
            closing(worker),
            closing(SharedSource(source, worker, clock, Path(folder), Terms("mine", 300.0))) as shared,
        ):
            on_the_long_way = asyncio.run(ask(shared))

        assert read_card(card_path(folder, key_of("mine"))) == on_the_long_way


def test_a_card_is_for_its_owner_alone_and_holds_no_address(known: Bar) -> None:
    known.know(replace(reading(), account=Account("Builder ID", "person@example.com", "Example Ltd")))
    text = known.card_path.read_text()

    assert stat.S_IMODE(known.card_path.stat().st_mode) == 0o600
    assert not any(told in text for told in ("@", "person", "Example", "Builder"))
    assert "640.25" in text


def test_where_the_disk_takes_no_card_nothing_fails(tmp_path: Path) -> None:
    keep_card(tmp_path / "nowhere", "key", Card(None, None))
    keep_card(None, "key", Card(None, None))


# The note of the settings ---------------------------------------------------------------------------------------------


def test_a_note_is_good_for_the_settings_file_as_it_was(tmp_path: Path) -> None:
    config, said = tmp_path / "config.toml", Note(60.0, "/bin/kiro", ("acp", "report"))
    folder, later = str(tmp_path), START + timedelta(days=9999)
    keep_note(tmp_path, config, said, later)
    assert read_note(folder, str(config)) == said

    config.write_text("interval = 60")
    assert read_note(folder, str(config)) is None
    keep_note(tmp_path, config, said, later)
    assert read_note(folder, str(config)) == said
    assert read_note(folder, str(tmp_path / "other.toml")) is None

    os.utime(config, ns=(0, 1))
    assert read_note(folder, str(config)) is None


def test_of_a_settings_file_that_has_just_changed_no_note_is_made(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.touch()
    os.utime(config, (NOW, NOW))
    keep_note(tmp_path, config, Note(60.0, None, ()), START + timedelta(seconds=SETTLED / 2))

    assert not Path(note_path(str(tmp_path))).exists()


# Whose answer it is ---------------------------------------------------------------------------------------------------


def test_the_scope_is_the_same_whatever_stands_before_kiro_cli_in_path(tmp_path: Path) -> None:
    program = tmp_path / "kiro-cli"
    program.touch(0o755)
    usual = {"HOME": "/home/me", "PATH": f"/usr/bin:{tmp_path}"}
    in_a_hook = usual | {"PATH": f"/usr/lib/git-core:/usr/bin:{tmp_path}", "GIT_DIR": ".git", "KIRO_TUI_THEME": "light"}

    assert scope(None, (), usual) == scope(None, (), in_a_hook)
    others = [usual | {"HOME": "/home/you"}, usual | {"KIRO_API_KEY": "secret"}, usual | {"PATH": "/usr/bin"}]
    assert len({scope(None, (), each) for each in (usual, *others)}) == 4
    assert len({scope(None, (), usual), scope("/x/kiro", (), usual), scope(None, ("acp",), usual)}) == 3


def test_no_secret_can_be_read_out_of_a_files_name() -> None:
    key = key_of(scope(None, (), {"KIRO_API_KEY": "secret"}))

    assert len(key) == 16
    assert "secret" not in key


# Short and long -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["plain", "tmux", "waybar", "prometheus", TEMPLATE])
def test_the_short_way_says_what_the_long_way_says(known: Bar, wanted: str) -> None:
    asked = ("status", "--cached", "--format", wanted)
    short, long = known.run(*asked, short=True), known.run(*asked, short=False, KIRO_TUI_SECONDS="true")

    assert (short.returncode, short.stdout, short.stderr) == (0, long.stdout, long.stderr) == (0, short.stdout, "")
    assert "32" in short.stdout


def test_after_a_failure_both_say_the_last_figures_and_what_is_wrong(known: Bar) -> None:
    known.behave(failure="service")
    assert known.run("status").returncode == 5
    asked = ("status", "--cached", "--format", "tmux")
    short, long = known.run(*asked, short=True), known.run(*asked, short=False, KIRO_TUI_SECONDS="true")

    assert (
        short.stdout
        == long.stdout
        == "#[fg=green,dim]~Kiro 32% 7d#[default]\n".replace("7d", short.stdout.split()[-1][: -len("#[default]")])
    )
    assert (short.returncode, short.stderr) == (long.returncode, long.stderr)
    assert (short.returncode, "kiro-tui: " in short.stderr) == (5, True)


def test_where_nothing_is_known_a_line_says_so_and_nobody_is_asked(bar: Bar) -> None:
    long = bar.run("status", "--cached", "--format", "tmux", short=False)
    short = bar.run("status", "--cached", "--format", "tmux", short=True)
    document = bar.run("status", "--cached", "--json")
    text = bar.run("status", "--cached")

    assert (long.returncode, long.stdout, long.stderr) == (short.returncode, short.stdout, short.stderr)
    assert long.stdout == "#[fg=red]!no_numbers#[default]\n"
    assert [each.returncode for each in (long, document, text)] == [7, 7, 7]
    assert json.loads(document.stdout)["reading"] is None
    assert json.loads(document.stdout)["error"]["code"] == "no_numbers"
    assert (text.stdout, "kiro-tui: Nothing is known yet" in text.stderr) == ("", True)
    assert bar.questions() == 0
    assert not bar.log.exists()


def test_cached_never_starts_kiro_cli_however_old_the_reading_is(known: Bar) -> None:
    known.know(reading())

    assert known.run("status", "--cached", "--format", "{stale}{percent:.0f}", short=True).stdout == "~32\n"
    assert known.run("status", "--cached", "--json").returncode == 0
    assert "Credits" in known.run("status", "--cached").stdout
    assert not known.log.exists()


@pytest.mark.parametrize(
    "asked",
    [
        ("status",),
        ("status", "--cached", "--json"),
        ("status", "--cached", "--format", "tmux", "--interval", "60"),
        ("--interval=60", "status", "--cached", "--format", "tmux"),
        ("status", "--max-age", "1e3", "--format", "tmux"),
        ("guard", "--min-remaining", "10%", "--json"),
    ],
)
def test_what_the_short_way_does_not_know_goes_the_long_way(
    known: Bar, capfd: pytest.CaptureFixture[str], asked: tuple[str, ...]
) -> None:
    assert quick.answered(asked, known.env) is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "asked", [("status", "--max-age", "300", "--format", "tmux"), ("guard", "--min-remaining", "1%")]
)
def test_a_young_reading_with_a_failure_after_it_goes_the_long_way(known: Bar, asked: tuple[str, ...]) -> None:
    now = SystemClock().now()
    failure = Failure(CliFailed("x"), now)
    known.card_path.write_text(text_of(card_of(reading(taken_at=now), failure)))

    assert quick.answered(asked, known.env) is None


def test_any_variable_of_ours_goes_the_long_way(known: Bar, capfd: pytest.CaptureFixture[str]) -> None:
    asked = ("status", "--cached", "--format", "{percent:.0f}")

    assert quick.answered(asked, known.env | {"KIRO_TUI_INTERVAL": "60"}) is None
    assert quick.answered(asked, {name: value for name, value in known.env.items() if name != "HOME"}) is None
    assert quick.answered(asked, known.env | {"XDG_STATE_HOME": "relative"}) is None
    assert quick.answered(asked, known.env) == 0
    assert capfd.readouterr() == ("32\n", "")


def test_a_changed_settings_file_goes_the_long_way_and_then_the_short_one(known: Bar) -> None:
    asked = ("status", "--cached", "--format", "{stale}{percent:.0f}")
    known.config.parent.mkdir(parents=True)
    known.config.write_text("interval = 30")
    assert known.run(*asked, short=False).returncode == 0
    assert quick.answered(asked, known.env) is None, "it has just changed"
    os.utime(known.config, (NOW, NOW))
    assert known.run(*asked, short=False).returncode == 0
    assert known.run(*asked, short=True).returncode == 0

    known.config.write_text("intervall = 30")
    wrong = known.run(*asked, short=False)
    assert (wrong.returncode, "did you mean interval?" in wrong.stderr) == (2, True)


def test_a_card_that_cannot_be_read_is_written_anew_by_the_long_way(known: Bar) -> None:
    before = known.card
    known.card_path.write_text("kiro-tui card 2\nfrom the future\nend\n")

    assert known.run("status", "--cached", "--format", "{percent:.0f}", short=False).stdout == "32\n"
    assert known.run("status", "--cached", "--format", "{percent:.0f}", short=True).stdout == "32\n"
    assert known.card == before


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (status.Asked(format="{percnt}"), "unknown field 'percnt'; the fields are percent, percent_left"),
        (status.Asked(format="tmux", json=True), "JSON or a format"),
        (status.Asked(cached=True, max_age="60"), "--cached never asks"),
        (status.Asked(pretty=True), "--pretty is for JSON"),
        (status.Asked(max_age="soon"), "--max-age: expected seconds"),
        (status.Asked(max_age="-1"), "--max-age"),
        (status.Asked(max_age="nan"), "--max-age: expected seconds"),
        (status.Asked(max_age="1_0"), "--max-age: expected seconds"),
    ],
)
def test_a_mistake_is_told_before_anything_is_asked(asked: status.Asked, told: str) -> None:
    source = ScriptedSource([reading()])
    with pytest.raises(UsageError, match=re.escape(told)):
        status.run(Settings(), asked, open_source=lambda *_: source)

    assert source.by_person == []


@on_linux
def test_a_full_disk_and_a_closed_pipe_are_told_as_on_the_long_way(known: Bar) -> None:
    line = f"'{sys.executable}' -m kiro_tui status --cached --format tmux"

    def shell(command: str) -> tuple[str, str]:
        done = subprocess.run(["bash", "-c", command], env=known.env, capture_output=True, text=True, check=False)
        return done.stdout, done.stderr

    full = "kiro-tui: The output cannot be written: No space left on device.\n"
    assert shell(f"{line} >/dev/full; echo $?") == ("2\n", full)
    assert shell(f"{line} | true; echo ${{PIPESTATUS[0]}}") == ("0\n", "")


@pytest.mark.parametrize(
    "asked", [("status", "--cached"), *(("status", "--cached", "--format", name) for name in ("tmux", TEMPLATE))]
)
def test_a_line_imports_nothing_that_takes_time(known: Bar, asked: tuple[str, ...]) -> None:
    imported = known.imported(*asked)

    assert "kiro_tui.cached.quick" in imported
    assert not HEAVY & {name.split(".")[0] for name in imported}


def test_without_cached_a_format_asks_and_ends_as_the_question_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    script: list[Outcome] = [
        Failure(NotLoggedIn("Signed out.", "Sign in."), START),
        reading(),
        Failure(CliFailed("x"), START),
    ]
    source = ScriptedSource(script)
    asked = status.Asked(format="{percent:.0f}{stale}{error}")

    ended = [status.run(Settings(), asked, open_source=lambda *_: source) for _ in script]

    assert (ended, source.by_person) == ([4, 0, 5], [True] * 3)
    assert capsys.readouterr() == (
        "–not_logged_in\n32~\n32~cli_failed\n",
        "kiro-tui: Signed out.\nSign in.\nkiro-tui: x\n",
    )


# By age ---------------------------------------------------------------------------------------------------------------


def test_max_age_asks_only_where_the_last_reading_is_older(known: Bar) -> None:
    assert known.run("status", "--max-age", "300", "--format", "{percent:.0f}", short=True).stdout == "32\n"
    assert known.run("status", "--max-age", "300", "--json", short=False).returncode == 0
    assert known.questions() == 0

    known.behave(used="1000")
    assert known.run("status", "--max-age", "0", "--format", "{percent:.0f}", short=False).stdout == "50\n"
    assert known.questions() == 1


@pytest.mark.parametrize(
    ("taken", "failed", "code", "due"),
    [
        (None, None, "", True),
        (299, None, "", False),
        (301, None, "", True),
        (-301, None, "", True),
        (301, 299, "cli_failed", False),
        (301, 301, "cli_failed", True),
        (301, WHILE_SIGNED_OUT - 1, "not_logged_in", False),
        (301, WHILE_SIGNED_OUT + 1, "not_logged_in", True),
        (None, REST - 1, "cli_failed", False),
    ],
)
def test_somebody_asks_behind_a_line_when_the_figures_are_old_but_not_soon_after_a_failure(
    taken: float | None, failed: float | None, code: str, *, due: bool
) -> None:
    snapshot = None if taken is None else reading(taken_at=START - timedelta(seconds=taken))
    error = NotLoggedIn("x") if code == "not_logged_in" else CliFailed("x")
    failure = None if failed is None else Failure(error, START - timedelta(seconds=failed))

    assert is_due(card_of(snapshot, failure), NOW, 300.0) is due


# Behind the line ------------------------------------------------------------------------------------------------------


@pytest.fixture
def old(known: Bar) -> Iterator[Bar]:
    """A machine whose last reading is old, and whose kiro-cli says that more was used since."""
    known.behave(used="1000")
    known.know(reading())
    yield known
    assert known.all_ended()


@on_linux
@pytest.mark.parametrize("more", [(), ("--timeout=30",)], ids=["the short way", "the long way"])
def test_a_line_is_there_at_once_and_the_next_one_says_what_was_asked_behind_it(
    old: Bar, more: tuple[str, ...]
) -> None:
    def used() -> str | None:
        return old.card.figures.pools[0].used if old.card and old.card.figures else None

    asked = ("status", "--refresh-in-background", "--max-age", "60", "--format", "{percent:.0f}{stale}", *more)
    assert old.run(*asked, short=not more).stdout == "32~\n"
    wait_until(lambda: used() == "1000.00", used)

    assert old.run(*asked, short=not more).stdout == "50\n"
    assert old.questions() == 1


@on_linux
def test_of_many_lines_at_once_one_asks(old: Bar) -> None:
    old.behave(used="1000", pace="0.3")
    asked = ("status", "--cached", "--refresh-in-background", "--format", "tmux")
    with ThreadPoolExecutor(4) as together:
        done = list(together.map(lambda _: old.run(*asked), range(8)))

    assert {each.returncode for each in done} == {0}
    assert old.all_ended()
    assert old.questions() == 1


@on_linux
def test_who_asks_behind_a_line_holds_none_of_its_pipes_and_has_a_session_of_its_own(old: Bar) -> None:
    old.behave(failure="hangs")
    reader, writer = os.pipe()
    with subprocess.Popen(
        [*DASHBOARD, "status", "--refresh-in-background", "--format", "tmux"],
        env=old.env, stdout=writer, stderr=writer, pass_fds=[writer],
    ) as line:  # fmt: skip
        os.close(writer)
        line.wait(30)
        with os.fdopen(reader, "rb") as end:
            assert b"Kiro 32%" in end.read()
        asking = old.alive()
        assert asking, "somebody asks, and the pipe is at its end all the same"
        assert {os.getsid(pid) for pid in asking}.isdisjoint({os.getsid(0)})
        for pid in asking:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


def test_one_is_started_at_a_time_and_the_next_one_not_soon_after(tmp_path: Path) -> None:
    def start(now: float) -> bool:
        return ask_behind(str(tmp_path), "key", ["--version"], os.environ, now)

    assert start(NOW)
    lock = os.open(tmp_path / "behind-key", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)  # which is when the first one has ended
    assert not start(NOW + REST + 1), "somebody asks"
    os.close(lock)
    assert not start(NOW + REST - 1)
    assert start(NOW + REST + 1)
    lock = os.open(tmp_path / "behind-key", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)  # and so has the second
    os.close(lock)
    assert eventually(lambda: len(hostile.zombies()) >= 2)
    hostile.collect_zombies()
