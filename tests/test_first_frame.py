import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from world import World

from kiro_tui.first_frame import FILE, GIVE_BACK, OPENING, TAKE, FirstFrame
from kiro_tui.probe.process.child import Size
from kiro_tui.probe.terminal.terminal import Terminal

SIZE = os.terminal_size((80, 24))
FRAME = b"\x1b[1;1HKiro 32 %\n\nrest"
LATER = time.time() + 86400


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    (tmp_path / ".local/state/kiro-tui").mkdir(parents=True)
    (tmp_path / ".config/kiro-tui").mkdir(parents=True)
    (tmp_path / ".config/kiro-tui/config.toml").write_text('theme = "dark"\n')
    return {"HOME": str(tmp_path), "TERM": "xterm", "LANG": "C.UTF-8", "KIRO_API_KEY": "ksk_secret"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def kept(home: Mapping[str, str], until: float = LATER, argv: tuple[str, ...] = ()) -> None:
    FirstFrame(argv, home).keep(FRAME, SIZE, until)


def test_what_was_kept_is_there_for_the_next_launch_and_for_its_owner_alone(home: dict[str, str]) -> None:
    kept(home, argv=("--interval", "60"))

    assert FirstFrame(("--interval", "60"), home).left_behind(SIZE) == FRAME
    file = Path(home["HOME"], ".local/state/kiro-tui", FILE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"ksk_secret" not in file.read_bytes()


@pytest.mark.parametrize(
    "changed",
    [
        {"argv": ("--demo",)},
        {"size": os.terminal_size((81, 24))},
        {"size": os.terminal_size((80, 25))},
        {"variables": {"NO_COLOR": "1"}},
        {"variables": {"KIRO_TUI_THEME": "light"}},
        {"variables": {"TERM": "linux"}},
        {"variables": {"TZ": "Asia/Tokyo"}},
        {"settings": 'theme = "light"\n'},
        {"settings": None},
    ],
    ids=str,
)
def test_under_other_circumstances_it_is_not_shown(home: dict[str, str], changed: Mapping[str, object]) -> None:
    kept(home)
    file = Path(home["HOME"], ".config/kiro-tui/config.toml")
    match changed:
        case {"variables": dict(variables)}:
            home |= variables
        case {"settings": str(content)}:
            file.write_text(content)
        case {"settings": None}:
            file.unlink()

    argv, size = changed.get("argv", ()), changed.get("size", SIZE)
    assert FirstFrame(argv, home).left_behind(size) is None  # type: ignore[arg-type]  # of the table above


def test_what_has_stopped_being_true_is_not_shown(home: dict[str, str]) -> None:
    kept(home, until=time.time() - 1)

    assert FirstFrame((), home).left_behind(SIZE) is None


@pytest.mark.parametrize("content", [b"", b"nonsense", b"1\n2\n3", b"nan\n\n\n", b"\xff" * 5000, b"1e400\n()\n"])
def test_a_file_that_is_none_of_ours_is_not_shown(home: dict[str, str], content: bytes) -> None:
    Path(home["HOME"], ".local/state/kiro-tui", FILE).write_bytes(content)

    assert FirstFrame((), home).left_behind(SIZE) is None


def test_nothing_is_left_behind_with_a_settings_file_named_on_the_command_line(home: dict[str, str]) -> None:
    kept(home, argv=("--config", "other.toml"))

    assert not Path(home["HOME"], ".local/state/kiro-tui", FILE).exists()


@pytest.mark.parametrize("variables", [{}, {"HOME": ""}, {"HOME": "relative"}, {"XDG_STATE_HOME": "relative"}])
def test_without_a_home_there_is_none(variables: dict[str, str]) -> None:
    frame = FirstFrame((), variables)
    frame.keep(FRAME, SIZE, LATER)

    assert frame.left_behind(SIZE) is None


def test_it_waits_for_no_import_that_takes_time() -> None:
    program = "import sys; from kiro_tui.first_frame import FirstFrame; print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True)

    slow = {"typing", "pathlib", "re", "dataclasses", "inspect", "argparse", "asyncio", "json", "textual"}
    assert not slow & set(run.stdout.split())


def test_the_pane_says_at_once_that_a_dashboard_opens(world: World) -> None:
    with world.pane() as pane:
        pane.until(lambda: bool(pane.raw))
        assert bytes(pane.raw).startswith(TAKE + OPENING)
        pane.shows("640.25 of 2000")
        pane.press("q")
        assert pane.ended() == 0
        assert pane.modes() == set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_launch_that_is_ended_gives_the_terminal_back(world: World, number: signal.Signals) -> None:
    with world.pane() as pane:
        pane.until(lambda: bool(pane.raw))
        pane.signal(number)
        assert pane.ended() in (-number, 128 + number)
        assert pane.modes() == set()
        assert pane.attributes == pane.attributes_before


def test_a_launch_that_fails_says_why_on_the_screen_that_was_there_before(world: World) -> None:
    with world.pane(KIRO_TUI_INTERVAL="often") as pane:
        assert pane.ended() == 2

    assert GIVE_BACK in pane.raw
    assert b"KIRO_TUI_INTERVAL" in pane.raw.split(GIVE_BACK)[1]


@pytest.mark.parametrize("argv", [("status", "--cached"), ("--help",), ("--version",), ("--nonsense",)])
def test_what_opens_no_dashboard_paints_nothing(world: World, argv: tuple[str, ...]) -> None:
    with world.pane(*argv) as pane:
        pane.ended()

    assert TAKE not in pane.raw
    assert GIVE_BACK not in pane.raw


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}])
def test_a_terminal_that_cannot_show_a_frame_gets_none(world: World, variables: dict[str, str]) -> None:
    with world.pane(**variables) as pane:
        assert pane.ended() == 2

    assert b"\x1b" not in pane.raw


def left_behind_by(world: World, *argv: str, **env: str) -> bytes:
    """Run a dashboard until it has left a frame behind, and return that."""
    file = Path(world.env["XDG_STATE_HOME"], "kiro-tui", FILE)
    with world.pane(*argv, **env) as pane:
        pane.shows("640.25 of 2000", "Left this month")
        pane.until(lambda: file.exists() and b"Left this month" in file.read_bytes())
        pane.press("q")
        assert pane.ended() == 0
    return file.read_bytes()


def test_the_next_launch_begins_with_the_last_page_and_says_of_when_it_is(world: World) -> None:
    left_behind_by(world)
    with world.pane() as pane:
        pane.shows("640.25 of 2000", "● live", "just now")
        assert "as of" not in pane.text

    _, first, _ = bytes(pane.raw).split(b"\x1b[?1049h", 2)
    before = Terminal(Size(32, 100))
    before.feed(first)
    assert all(text in before.frame().text for text in ("as of", "640.25 of 2000", "Left this month", "? help"))
    assert "live" not in before.frame().text


def test_a_pane_of_another_size_begins_empty(world: World) -> None:
    left_behind_by(world)
    with world.pane(columns=101) as pane:
        pane.until(lambda: bool(pane.raw))
        assert bytes(pane.raw).startswith(TAKE + OPENING)


def test_no_address_is_left_behind_although_the_dashboard_shows_it(world: World) -> None:
    frame = left_behind_by(world, KIRO_TUI_SHOW_EMAIL="1").decode()

    assert "p•••@example.com" in frame
    assert "person@example.com" not in frame


def test_a_theme_that_was_only_tried_is_not_left_behind(world: World) -> None:
    left_behind_by(world)
    file = Path(world.env["XDG_STATE_HOME"], "kiro-tui", FILE)
    with world.pane() as pane:
        pane.shows("● live", "Left this month")
        pane.press("t")
        pane.shows("Theme: light")
        before, asked = file.read_bytes(), world.questions()
        pane.press("r")
        pane.until(lambda: world.questions() == asked + 1)
        pane.shows("● live")
        pane.press("q")
        assert pane.ended() == 0

    assert file.read_bytes() == before
