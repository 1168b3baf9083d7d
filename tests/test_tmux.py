"""The dashboard in tmux, where it lives: its title, a suspend, a killed pane."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from installed import needs
from multiplexer import DASHBOARD, Tmux, wait_for
from world import World, on_linux

pytestmark = needs("tmux", "pkill")


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    server = Tmux(World(tmp_path))
    yield server
    server.end()


def test_the_title_of_the_pane_is_put_back(tmux: Tmux) -> None:
    tmux("select-pane", "-T", "mine")
    tmux.type(DASHBOARD)
    wait_for("640.25 of 2000", tmux.screen)
    wait_for("Kiro 32%", lambda: tmux.told("#{pane_title}"))
    tmux("send-keys", "q")
    wait_for("mine", lambda: tmux.told("#{pane_title}"))
    wait_for("0 0 1", lambda: tmux.told("#{alternate_on} #{mouse_any_flag} #{cursor_flag}"))


@on_linux
@pytest.mark.parametrize("killing", ["kill-pane", "kill-server"])
@pytest.mark.parametrize("moment", ["at rest", "while kiro-cli hangs"])
def test_a_killed_pane_leaves_nothing(tmux: Tmux, killing: str, moment: str) -> None:
    hanging = moment != "at rest"
    tmux.type(f"KIRO_SIM_FAILURE=report:hangs {DASHBOARD}" if hanging else DASHBOARD)
    wait_for("Asking kiro-cli" if hanging else "Left this month", tmux.screen)
    tmux(killing)

    assert tmux.world.all_ended()


def test_after_a_suspend_and_fg_the_page_is_there_again(tmux: Tmux, tmp_path: Path) -> None:
    log = tmp_path / tmux.world.mark
    tmux.type(f"{DASHBOARD} --log {log}")
    wait_for("640.25 of 2000", tmux.screen)
    tmux.suspend(f"kiro_tui --log {log}")

    wait_for("640.25 of 2000", tmux.screen)
