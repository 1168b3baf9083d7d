"""The dashboard as a program on a terminal, a simulated kiro-cli under it: how it starts, is disturbed, and ends."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pane import Pane
from waiting import PATIENCE
from world import World, on_linux

from kiro_tui.domain.state import Way


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_figures_of_kiro_cli_stand_on_the_screen(world: World) -> None:
    with world.pane() as pane:
        pane.shows("Kiro Pro+", "640.25 of 2000", "1359.75 left", "32.0 %", "Builder ID", "● live", "report · just now")


def test_the_pane_title_says_what_the_gauge_says_and_is_put_back(world: World) -> None:
    with world.pane() as pane:
        pane.shows("640.25 of 2000")
        pane.until(lambda: b"\x1b]2;Kiro 32%" in pane.raw)
        pane.press("q")
        assert pane.ended() == 0

    assert pane.raw.index(b"\x1b[22;2t") < pane.raw.index(b"\x1b]2;")
    assert pane.raw.rindex(b"\x1b[23;2t") > pane.raw.rindex(b"\x1b]2;")


@on_linux
@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("q", 0),
        ("\x03", 0),
        (signal.SIGTERM, 128 + signal.SIGTERM),
        (signal.SIGHUP, 128 + signal.SIGHUP),
    ],
)
@pytest.mark.parametrize("moment", ["at rest", "while kiro-cli hangs"])
def test_whatever_ends_it_the_terminal_is_restored_and_nothing_is_left(
    world: World, ending: str | signal.Signals, status: int, moment: str
) -> None:
    hanging = moment != "at rest"
    with world.pane(**({"KIRO_SIM_FAILURE": "report:hangs"} if hanging else {})) as pane:
        if hanging:
            pane.shows("Asking kiro-cli")
            pane.until(lambda: world.questions() == 1)
        else:
            pane.shows("640.25 of 2000")
        assert pane.modes() == {"alternate screen", "mouse", "paste", "hidden cursor"}
        if isinstance(ending, str):
            pane.press(ending)
        else:
            pane.signal(ending)

        assert pane.ended() == status
        assert pane.modes() == set()
        assert pane.attributes == pane.attributes_before
    assert world.all_ended()


@on_linux
def test_when_it_is_killed_what_it_had_started_is_gone_when_it_had_its_time_to_leave(world: World) -> None:
    with world.pane(KIRO_SIM_FAILURE="report:hangs") as pane:
        pane.until(lambda: world.questions() == 1)
        assert len(world.alive()) > 1
        pane.signal(signal.SIGKILL)
        assert pane.ended() == -signal.SIGKILL
    assert world.all_ended()


@on_linux
@pytest.mark.parametrize("times", [1, 20])
def test_when_the_terminal_hangs_up_it_ends_however_often_it_is_told_to_go_on(world: World, times: int) -> None:
    with world.pane() as pane:
        pane.shows("640.25 of 2000")
        pane.hang_up()
        for _ in range(times):
            if pane.process.poll() is None:
                pane.signal(signal.SIGCONT)
        pane.process.wait(PATIENCE)
    assert world.all_ended()


def test_after_a_suspend_it_paints_the_whole_page_again(world: World) -> None:
    with world.pane() as pane:
        pane.shows("640.25 of 2000")
        pane.signal(signal.SIGTSTP)
        assert pane.stopped()
        pane.until(lambda: pane.modes() == set())
        pane.forget()
        pane.signal(signal.SIGCONT)
        pane.shows("640.25 of 2000", "● live")
        assert "alternate screen" in pane.modes()
        pane.press("q")
        assert pane.ended() == 0


def test_after_a_stop_that_came_unannounced_it_has_its_terminal_again(world: World) -> None:
    with world.pane() as pane:
        pane.shows("640.25 of 2000")
        for _ in range(3):
            pane.signal(signal.SIGSTOP)
            assert pane.stopped()
            pane.forget()
            pane.signal(signal.SIGCONT)
            pane.shows("640.25 of 2000", "● live")
        pane.press("q")
        assert pane.ended() == 0
        assert pane.modes() == set()
        assert pane.attributes == pane.attributes_before


@on_linux
def test_a_terminal_that_hangs_up_ends_it_also_where_only_a_script_around_it_is_told(world: World) -> None:
    script = f"trap : HUP; {sys.executable} -m kiro_tui; exit $?"
    with Pane(("/bin/sh", "-c", script), world.env) as pane:
        pane.shows("640.25 of 2000", "● live")
        pane.hang_up()

        assert world.all_ended()


def test_a_storm_of_resizes_ends_with_the_right_page(world: World) -> None:
    with world.pane() as pane:
        pane.shows("640.25 of 2000")
        for columns, rows in ((1, 1), (500, 200), (20, 1), (40, 10), (2, 50), (120, 40)) * 15:
            pane.resize(columns, rows)
            pane.read(0)
        pane.resize(24, 1)
        pane.shows("Kiro 32% 1360 left")
        pane.resize(80, 24)
        pane.shows("640.25 of 2000", "? help")


def test_nothing_is_written_while_nothing_that_is_shown_changes(world: World) -> None:
    with world.pane() as pane:
        pane.shows("640.25 of 2000", "● live")
        while pane.read(0.5):
            pass  # until it rests
        assert not pane.read(1.5)


def test_a_key_that_is_held_down_never_asks_twice_at_once(world: World) -> None:
    with world.pane(KIRO_SIM_PACE="0.2") as pane:
        pane.shows("640.25 of 2000")
        before = world.questions()
        for _ in range(20):
            pane.press("r")
            pane.read(0.02)
        pane.shows("● live")
        assert before + 1 <= world.questions() <= before + 3


def test_figures_stay_when_kiro_cli_fails_later(world: World, tmp_path: Path) -> None:
    settings = tmp_path / "scenario"
    settings.write_text("")
    with world.pane(KIRO_SIM_FILE=str(settings), KIRO_TUI_SOURCE="report") as pane:
        pane.shows("640.25 of 2000")
        settings.write_text("KIRO_SIM_FAILURE=service\n")
        pane.press("r")
        pane.shows("640.25 of 2000", "● failed", "again in")
        settings.write_text("")
        pane.press("r")
        pane.shows("640.25 of 2000", "● live")


def test_signed_out_asks_for_no_usage_until_the_person_has_signed_in(world: World, tmp_path: Path) -> None:
    settings = tmp_path / "scenario"
    settings.write_text("KIRO_SIM_LOGIN=signed_out\n")
    with world.pane(KIRO_SIM_FILE=str(settings)) as pane:
        pane.shows("kiro-cli login")
        assert world.questions() == 0
        settings.write_text("")
        pane.press("r")
        pane.shows("640.25 of 2000")


def test_without_kiro_cli_it_says_where_it_looked_and_what_to_do(world: World) -> None:
    with world.pane("--kiro-cli", "/nowhere/kiro-cli") as pane:
        pane.shows("/nowhere/kiro-cli", "--demo")


@pytest.mark.parametrize("way", list(Way))
def test_the_screen_of_the_last_answer_can_be_looked_at(world: World, way: Way) -> None:
    with world.pane("--source", way, KIRO_SIM_VERSION="2.28.0") as pane:
        pane.shows("640.25 of 2000", f"{way} ·")
        pane.press("d")
        pane.shows("esc back", f"{way} v" if way is not Way.PANEL else "panel  ")


@pytest.mark.parametrize("way", list(Way))
def test_a_plan_that_is_named_like_a_command_to_the_terminal_is_only_a_name(world: World, way: Way) -> None:
    hostile = "KIRO \x1b]2;HACKED\x07\x9b31m[@click=app.quit]X[/]"
    with world.pane("--source", way, KIRO_SIM_VERSION="2.28.0", KIRO_SIM_PLAN_NAME=hostile) as pane:
        pane.shows("640.25 of 2000", "[@click=app.quit]X[/]")
        assert b"\x1b]2;HACKED" not in pane.raw
        assert "Monthly credits" in pane.text


def test_no_color_leaves_every_word_and_the_bar_readable(world: World) -> None:
    with world.pane(NO_COLOR="1") as pane:
        pane.shows("640.25 of 2000", "32.0 %", "━", "─")
        assert b"38;2;167;139;250" not in pane.raw


def test_the_terminal_theme_uses_the_terminals_own_colours_alone(world: World) -> None:
    with world.pane(KIRO_TUI_THEME="terminal") as pane:
        pane.shows("640.25 of 2000", "● live")
        pane.press("?")
        pane.shows("ask kiro-cli now")
        assert b"38;2;" not in pane.raw
        assert b"48;2;" not in pane.raw
        assert b"\x1b[92;49m" in pane.raw


def test_a_terminal_that_lacks_the_signs_gets_ascii(world: World) -> None:
    with world.pane(LC_ALL="C", PYTHONUTF8="0") as pane:
        pane.shows("640.25 of 2000", "=====", "-----", "* live")
        pane.press("?")
        pane.shows("ask kiro-cli now")
        assert pane.raw.isascii()


def test_the_signs_are_drawn_where_the_locale_denies_them_and_the_person_asks_for_them(world: World) -> None:
    with world.pane(LC_ALL="C", PYTHONUTF8="0", KIRO_TUI_GLYPHS="unicode") as pane:
        pane.shows("640.25 of 2000", "━━━")
        assert "\\u" not in pane.text


def test_a_single_line_is_all_there_is_however_high_the_pane(world: World) -> None:
    with world.pane("--line", columns=60, rows=5) as pane:
        pane.shows("Kiro 32% 1360 left", "● now")
        assert [bool(row.strip()) for row in pane.text.splitlines()].count(True) == 1


def test_a_dumb_terminal_is_refused_with_another_way(world: World) -> None:
    with world.pane(TERM="dumb") as pane:
        assert pane.ended() == 2
        assert "kiro-tui status" in pane.text


def test_a_theme_that_there_is_not_is_an_error_that_names_the_place(world: World) -> None:
    with world.pane(KIRO_TUI_THEME="pink") as pane:
        assert pane.ended() == 2
        assert "KIRO_TUI_THEME: expected dark, light, terminal, high-contrast" in pane.text


@pytest.mark.parametrize("stdin", ["closed", "/dev/null"])
def test_without_a_terminal_to_read_keys_from_it_says_so_in_a_line(world: World, stdin: str) -> None:
    redirect = "<&-" if stdin == "closed" else f"<{stdin}"
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -m kiro_tui {redirect}'],
        env=world.env,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_moves_and_leaves_nothing_of_itself(world: World, tmp_path: Path) -> None:
    with world.pane("--demo", TMPDIR=str(tmp_path)) as pane:
        pane.shows("demo", "Community grant", "● live")
        first = pane.text
        pane.until(lambda: "Community grant" in pane.text and pane.text.count("of 250") and pane.text != first)
        pane.press("q")
        assert pane.ended() == 0
    assert not list(tmp_path.glob("kiro-tui-demo-*"))
    assert not (tmp_path / "state").exists()
    assert not world.log.exists()


def test_a_bug_ends_it_with_a_traceback_its_own_status_and_the_terminal_restored(world: World) -> None:
    script = """
import sys
from kiro_tui.cli import main
from kiro_tui.commands import dashboard
class Broken:
    async def ask(self, *, by_person=False):
        raise ZeroDivisionError("a bug of ours")
from functools import partial
dashboard.run = partial(dashboard.run, open_source=lambda settings, clock: Broken())
sys.exit(main([]))
"""
    with Pane([sys.executable, "-c", script], world.env) as pane:
        assert pane.ended() == 70
        assert "a bug of ours" in pane.text
        assert pane.modes() == set()
        assert pane.attributes == pane.attributes_before


@pytest.mark.parametrize("zone", ["Nowhere/Bogus", "Asia/Kathmandu", ""])
def test_any_time_zone_is_taken(world: World, zone: str) -> None:
    with world.pane(TZ=zone) as pane:
        pane.shows("640.25 of 2000", "resets in")
