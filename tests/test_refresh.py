"""A kiro-cli that stores a refreshed sign-in behind its answer: no way of ending kiro-tui may cut that off.

A sign-in that is cut off in the middle of its refresh is lost, and the person has to sign in again.
"""

import json
import signal
import subprocess
from pathlib import Path

import pytest
from campaigns.stand_in import REPORT, install, simulated
from waiting import eventually
from world import DASHBOARD, GONE, World, on_linux

from kiro_tui.probe.asking.conversation import LEAVE_WITHIN

SHOWN = "640.25 of 2000"
REFRESH = 1.2
"""Seconds that it takes."""
LONG_REFRESH = 2.2
"""The same behind an answer: that is read 0.75 s after it has come, and only then is kiro-cli let go."""
ENDINGS = ["q", "\x03", signal.SIGTERM, signal.SIGHUP, signal.SIGKILL]


class Refreshing:
    """A world whose kiro-cli refreshes its sign-in, before or behind its answer; it notes when it begins and ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.world = World(folder)
        self.log = folder / "refreshes"
        (folder / "report").write_bytes(simulated(self.world, *REPORT))

    def chat(self, script: str) -> None:
        """Let it do this when it is asked for the usage."""
        install(self.world, self.folder, script)

    def behind_the_answer(self, also: str = "") -> None:
        self.chat(f"{also}\ncat {self.folder}/report\n{self._refresh(LONG_REFRESH)}")

    def before_the_answer(self) -> None:
        self.chat(f"{self._refresh(REFRESH)}\nsleep 300")

    def _refresh(self, seconds: float) -> str:
        return f"echo began >> {self.log}\nsleep {seconds}\necho stored >> {self.log}"

    @property
    def said(self) -> list[str]:
        return self.log.read_text().split() if self.log.exists() else []

    @property
    def rooms(self) -> list[Path]:
        return list(self.folder.glob("state/kiro-tui/asking-*"))


@pytest.fixture
def kiro(tmp_path: Path) -> Refreshing:
    return Refreshing(tmp_path)


def status(kiro: Refreshing, *argv: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # returns when nobody holds its output any more
        (*DASHBOARD, "status", "--json", *argv), env=kiro.world.env, capture_output=True, text=True, check=False
    )


@on_linux
def test_status_ends_with_the_reading_and_the_refresh_goes_on_behind_it(kiro: Refreshing) -> None:
    kiro.behind_the_answer(also=f"setsid sh -c 'trap \"\" 1 15; sleep 300' {kiro.world.mark} >/dev/null 2>&1 &")
    done = status(kiro)
    then = kiro.said

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["reading"]["windows"][0]["used"] == 640.25
    assert then == ["began"]
    assert eventually(lambda: kiro.said == ["began", "stored"])
    assert kiro.world.gone_within(GONE)
    assert eventually(lambda: not kiro.rooms)


@on_linux
@pytest.mark.parametrize("ending", ENDINGS)
def test_quitting_when_the_reading_is_there_does_not_cut_it_off(kiro: Refreshing, ending: str | signal.Signals) -> None:
    kiro.behind_the_answer()
    with kiro.world.pane() as pane:
        pane.shows(SHOWN)
        pane.press(ending) if isinstance(ending, str) else pane.signal(ending)
        pane.ended(within=5)
    assert eventually(lambda: kiro.said == ["began", "stored"])
    assert kiro.world.gone_within(GONE)
    assert eventually(lambda: not kiro.rooms)


@on_linux
@pytest.mark.parametrize("ending", ENDINGS)
def test_quitting_before_it_has_answered_does_not_cut_it_off(kiro: Refreshing, ending: str | signal.Signals) -> None:
    kiro.before_the_answer()
    with kiro.world.pane() as pane:
        pane.until(lambda: kiro.said == ["began"])
        pane.press(ending) if isinstance(ending, str) else pane.signal(ending)
        pane.ended(within=5)
    assert eventually(lambda: kiro.said == ["began", "stored"])
    assert kiro.world.gone_within(LEAVE_WITHIN + GONE)
    assert eventually(lambda: not kiro.rooms)


@on_linux
def test_a_terminal_that_is_closed_does_not_cut_it_off(kiro: Refreshing) -> None:
    kiro.behind_the_answer()
    with kiro.world.pane() as pane:
        pane.shows(SHOWN)
        pane.hang_up()
        pane.process.wait(timeout=10)
    assert eventually(lambda: kiro.said == ["began", "stored"])
    assert kiro.world.gone_within(GONE)


@on_linux
def test_the_next_question_waits_until_kiro_cli_has_stored_it(kiro: Refreshing) -> None:
    kiro.behind_the_answer()
    with kiro.world.pane() as pane:
        pane.shows(SHOWN)
        pane.press("r")
        pane.until(lambda: len(kiro.said) == 4)
        assert kiro.said == ["began", "stored"] * 2
        pane.until(lambda: not kiro.rooms)
        pane.press("q")
        assert pane.ended() == 0
    assert kiro.world.gone_within(GONE)


@on_linux
def test_whoami_that_is_still_storing_it_when_the_person_quits_is_not_cut_off(kiro: Refreshing) -> None:
    kiro.behind_the_answer()
    script = kiro.world.kiro_cli.read_text()
    slow = f"*whoami*) echo began >> {kiro.log}; sleep {REFRESH}; echo stored >> {kiro.log};"
    kiro.world.kiro_cli.write_text(script.replace("*whoami*)", slow))
    with kiro.world.pane() as pane:
        pane.until(lambda: kiro.said == ["began"])
        pane.press("q")
        assert pane.ended(within=5) == 0
    assert eventually(lambda: kiro.said == ["began", "stored"])
    assert kiro.world.gone_within(GONE)
