"""What a plain Textual app does where ours does better: proof that the tests of the dashboard can fail."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pane import Pane
from textual.app import App, ComposeResult
from textual.markup import MarkupError
from textual.widgets import Static

PLAIN = """
from textual.app import App
from textual.widgets import Static

class Plain(App):
    BINDINGS = [("q", "quit", "Quit")]
    def compose(self):
        yield Static({text!r})

Plain().run()
"""


class Labelled(App[None]):
    """Shows one text as any Static would."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        yield Static(self._text)


def plain(tmp_path: Path, text: str = "plain figures") -> Pane:
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    return Pane([sys.executable, "-c", PLAIN.format(text=text)], env)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_plain_app_leaves_the_terminal_broken_when_it_is_told_to_end(number: signal.Signals, tmp_path: Path) -> None:
    with plain(tmp_path) as pane:
        pane.shows("plain figures")
        pane.signal(number)
        assert pane.ended() == -number
        assert pane.modes() >= {"alternate screen", "mouse", "hidden cursor"}


def test_a_plain_app_does_not_end_on_ctrl_c(tmp_path: Path) -> None:
    with plain(tmp_path) as pane:
        pane.shows("plain figures")
        pane.press("\x03")
        while pane.read(1):
            pass
        assert pane.process.poll() is None


def test_a_plain_app_draws_where_nobody_can_press_a_key() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PLAIN.format(text="plain figures")],
        env={"PATH": "/usr/bin:/bin", "TERM": "xterm", "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        drawn = process.stderr.read(8)
        process.kill()

    assert drawn == b"\x1b[?1049h"


async def test_a_plain_label_takes_brackets_for_colours() -> None:
    async with Labelled("[red]x[/red]").run_test() as pilot:
        assert "[red]" not in pilot.app.query_one(Static).render().plain  # type: ignore[union-attr]  # it is a Content


async def test_a_click_on_a_plain_label_runs_what_the_text_says() -> None:
    async with Labelled("[@click=app.quit]KIRO PRO[/]").run_test() as pilot:
        await pilot.click(Static, offset=(2, 0))
        await pilot.pause()
        assert pilot.app._exit


@pytest.mark.parametrize("text", ["[/]", "[/red]"])
async def test_a_plain_label_dies_of_brackets(text: str) -> None:
    with pytest.raises(MarkupError):
        async with Labelled(text).run_test():
            pass


def test_a_plain_label_hands_escape_sequences_to_the_terminal(tmp_path: Path) -> None:
    with plain(tmp_path, "KIRO \x1b]2;HACKED\x07 PRO") as pane:
        pane.until(lambda: b"\x1b]2;HACKED" in pane.raw)
