"""The thread that reads keys: it sleeps until there is one, and still knows a lone escape from the start of a key."""

import signal
import sys
from pathlib import Path

import pytest
from pane import Pane


def environment(home: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8"}


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
def test_every_key_arrives_as_what_it_is(typed: str, said: str, tmp_path: Path) -> None:
    with Pane([sys.executable, "-c", KEYS], environment(tmp_path)) as pane:
        pane.until(lambda: b"\x1b[?2004h" in pane.raw)
        for key in (typed, "q"):
            pane.press(key)
            pane.read(0.5)  # a lone escape is one once nothing has followed it
            while pane.read(0.3):
                pass
        assert pane.ended() == 0
        assert said in pane.raw.decode()


SIGNALLED_WHILE_IT_WRITES = """
import os, signal, sys
from textual.app import App
from kiro_tui.ui.driver import PaneDriver

class Writing(App):
    BINDINGS = [("q", "quit", "")]
    def on_mount(self):
        self.set_timer(0.1, self.write)
    def write(self):
        with self._driver._writer_thread._queue.mutex:
            os.kill(os.getpid(), int(sys.argv[1]))

Writing(driver_class=PaneDriver).run()
"""


@pytest.mark.parametrize("number", [signal.SIGTSTP, signal.SIGCONT])
def test_a_suspend_that_comes_while_it_writes_does_not_hold_it_up_for_ever(
    number: signal.Signals, tmp_path: Path
) -> None:
    with Pane([sys.executable, "-c", SIGNALLED_WHILE_IT_WRITES, str(int(number))], environment(tmp_path)) as pane:
        if number == signal.SIGTSTP:
            assert pane.stopped()
            pane.signal(signal.SIGCONT)
        # It is taken over for the second time.
        pane.until(lambda: pane.raw.count(b"\x1b[?1049h") == 2)
        pane.press("q")
        assert pane.ended() == 0
