"""What the benchmark measures at length, in small: at rest nothing is done. And that the benchmark tells the truth."""

import signal
import sys
import time
from pathlib import Path

import pytest
from pane import Pane
from waiting import wait_until
from world import World, on_linux

from benchmarks import screens
from benchmarks.page import page
from benchmarks.pane import Chunk
from benchmarks.pane import Pane as TimedPane
from benchmarks.processes import use_of
from benchmarks.programs import EMPTY, GROWN, HTOP, MINUTES
from benchmarks.results import Results
from benchmarks.rows import REASONS, ROWS, Bound, Measure, Row, Verdict, judge
from benchmarks.samples import Samples, add
from benchmarks.table import Growth, figures, grown, growth

WATCHED = 3.0
"""Seconds at rest."""
TIME = Measure("launch", "took", "time")
TWICE = Row("row", "a row", MINUTES, TIME, must=(Bound(2, EMPTY),), aim=(Bound(1, EMPTY), Bound(0.5, HTOP)))


class Rest(Pane):
    """A pane that is left alone for a while: what it wrote, and how often it woke up."""

    written: int
    woken: int

    def leave_alone(self) -> None:
        self.shows("640.25 of 2000", "report")
        while self.read(0.8):
            pass
        # The countdown counts minutes: a window that holds the turn of one sees a row being written, as it must be.
        wait_until(lambda: time.time() % 60 < 60 - WATCHED - 1)
        while self.read(0.8):
            pass
        before, began, deadline = use_of(self.process.pid), len(self.raw), time.monotonic() + WATCHED
        while (left := deadline - time.monotonic()) > 0:
            self.read(left)
        self.written = len(self.raw) - began
        self.woken = use_of(self.process.pid).wake_ups - before.wake_ups


def rest_of(world: World, **env: str) -> Rest:
    return Rest((sys.executable, "-m", "kiro_tui"), {**world.env, **env})


@on_linux
def test_at_rest_nothing_is_written_and_nothing_wakes_up(tmp_path: Path) -> None:
    with rest_of(World(tmp_path)) as pane:
        pane.leave_alone()

        assert pane.written == 0
        assert pane.woken <= 5  # an empty Textual app: 30


@on_linux
def test_with_seconds_only_what_changes_is_written(tmp_path: Path) -> None:
    with rest_of(World(tmp_path), KIRO_TUI_SECONDS="true") as pane:
        whole_page = 100 * 32
        pane.leave_alone()

        assert 0 < pane.written < whole_page / 3  # three seconds; the page once would be more
        assert pane.woken <= 30


# The benchmark itself -------------------------------------------------------------------------------------------------


def samples(ours: float, empty: float | None = None, htop: float | None = None) -> Samples:
    measured: Samples = {}
    for program, figure in ((MINUTES, ours), (EMPTY, empty), (HTOP, htop)):
        if figure is not None:
            add(measured, program, took=figure)
    return measured


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        (samples(1.0, empty=1.0, htop=2.0), Verdict.AIM),
        (samples(1.0, empty=1.0, htop=1.9), Verdict.MUST),
        (samples(2.0, empty=1.0, htop=4.0), Verdict.MUST),
        (samples(2.1, empty=1.0, htop=9.0), Verdict.MISSED),
        (samples(1.0, empty=1.0), Verdict.AIM),
        ({}, Verdict.UNKNOWN),
    ],
)
def test_a_verdict_compares_the_medians_of_the_same_run_and_leaves_out_who_is_not_here(
    measured: Samples, verdict: Verdict
) -> None:
    assert judge(TWICE, measured) is verdict


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ([10, 11, 12], [10, 11, 12], Growth.UNSURE),
        ([100, 101, 102], [100, 101, 102], Growth.HELD),
        ([100, 101, 102], [120, 121, 122], Growth.GREW),
        ([100, 101, 102], [90, 115, 130], Growth.UNSURE),
        ([0, 0, 0], [0, 0, 0], Growth.HELD),
        ([0, 0, 0], [1, 1, 1], Growth.GREW),
    ],
)
def test_a_long_past_costs_more_only_where_that_is_sure(
    before: list[float], after: list[float], verdict: Growth
) -> None:
    measured: Samples = {MINUTES: {"took": before}, MINUTES + GROWN: {"took": after}}

    assert grown(TWICE, measured) is verdict
    assert growth([TWICE], measured)[1][-1] == verdict


def test_every_row_has_a_key_of_its_own_and_every_reason_a_row() -> None:
    keys = [row.key for row in ROWS]

    assert len(set(keys)) == len(keys)
    assert set(REASONS) <= set(keys)


def test_the_page_says_what_is_missed_and_why_or_that_nobody_has_looked() -> None:
    measured: Samples = {}
    for row in ROWS:
        for program in (row.program, *row.anchors):
            add(measured, program, **{row.measure.name: 1.0})
    text = page(Results("2026-11-23", "a machine", {"Python": "3.11"}, 60, 20, 1, [0.1], measured))

    assert "2026-11-23; a machine; Python 3.11." in text
    for cells in figures(ROWS, measured)[1:]:
        assert f"| {' | '.join(cells)} |" in text
        if cells[-1] == Verdict.MISSED:
            assert f"- **{cells[0]}**: " in text
    assert "MISSED" in text


def test_moments_are_those_at_which_the_bytes_came_that_were_needed() -> None:
    chunks = [
        Chunk(0.1, b"\x1b[?1049h\x1b[2J"),
        Chunk(0.2, b"Kiro   is open"),
        Chunk(0.3, b"ing\x1b[?1000h\x1b[H"),
        Chunk(0.4, b"\x1b[2J\x1b[H640.25 of"),
        Chunk(0.5, b" 2000"),
    ]

    assert screens.first_frame(chunks) == 0.2
    assert screens.listening(chunks) == 0.4
    assert screens.shown(chunks, "640.25 of 2000") == 0.5
    assert screens.shown(chunks, "nothing of the kind") is None


LEAVES = "import os, termios, time; os.write(1, b'\\x1b[?1049h\\x1b[?25l here \\x1b[?1049l'); {}; time.sleep(60)"
RAW = "t = termios.tcgetattr(0); t[3] &= ~termios.ECHO; termios.tcsetattr(0, termios.TCSANOW, t)"


@on_linux
@pytest.mark.parametrize(
    ("last", "restored"),
    [("os.write(1, b'\\x1b[?25h')", True), ("pass", False), (f"os.write(1, b'\\x1b[?25h'); {RAW}", False)],
)
def test_a_terminal_is_restored_only_with_all_its_modes_and_attributes(
    last: str, tmp_path: Path, *, restored: bool
) -> None:
    argv = (sys.executable, "-S", "-c", LEAVES.format(last))
    with TimedPane(argv, {"PATH": "/usr/bin:/bin"}, str(tmp_path), b"here") as pane:
        pane.settle(0.2)
        pane.quit(signal.SIGTERM)

        assert pane.is_restored() is restored
