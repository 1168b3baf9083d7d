"""The thread that reads keys: it sleeps until there is one, and still knows a lone escape from the start of a key."""

import sys

import pytest
from pane import Pane

KEYS = """
import sys
from textual.app import App
from textual.events import Key
from kiro_tui.ui.driver import PaneDriver

class Keys(App):
    def on_mount(self):
        self.screen.styles.background = "black"
        self._said = []
    def on_key(self, event: Key):
        self._said.append(event.key)
        self.exit() if event.key == "q" else None
    def on_unmount(self):
        print(*self._said, file=sys.__stdout__)

Keys(driver_class=PaneDriver).run()
"""


@pytest.mark.parametrize(
    ("typed", "said"), [("\x1b", "escape q"), ("\x1b[A", "up q"), ("\x1bOP", "f1 q"), ("é", "é q"), ("ab", "a b q")]
)
def test_every_key_arrives_as_what_it_is(typed: str, said: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path_factory.mktemp("home")),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
    }
    with Pane([sys.executable, "-c", KEYS], env) as pane:
        pane.until(lambda: b"\x1b[?2004h" in pane.raw)
        for key in (typed, "q"):
            pane.press(key)
            pane.read(0.5)  # a lone escape is one once nothing has followed it
            while pane.read(0.3):
                pass
        assert pane.ended() == 0
        assert said in pane.raw.decode()
