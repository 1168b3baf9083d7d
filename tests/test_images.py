"""Every state of the dashboard at every size looks as it did when somebody looked at it and blessed it.

A picture that differs is written to build/pictures/ beside a message; `make bless` accepts what is drawn now.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from scenes import SCENES
from stage import BERLIN, on_stage

from kiro_tui.ui.app import Dashboard
from kiro_tui.ui.lent import Options

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"
DRAWN = Path(__file__).parent.parent / "build" / "pictures"
SIZES = ((120, 40), (80, 24), (50, 15), (30, 6), (24, 1))


Judge = Callable[[str, Dashboard], str]


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Judge:
    """Say what is wrong with a picture, or nothing; blessing writes it instead."""

    def compare(name: str, app: Dashboard) -> str:
        svg = re.sub(r"terminal-\d+", "terminal", app.export_screenshot())  # a checksum of more than what is seen
        blessed = SNAPSHOTS / f"{name}.svg"
        if request.config.getoption("--bless"):
            blessed.write_text(svg, encoding="utf-8")
        if blessed.exists() and blessed.read_text(encoding="utf-8") == svg:
            return ""
        DRAWN.mkdir(parents=True, exist_ok=True)
        (DRAWN / f"{name}.svg").write_text(svg, encoding="utf-8")
        wrong = "differs from" if blessed.exists() else "is missing in"
        return f"{name}.svg {wrong} snapshots/ (drawn: build/pictures/{name}.svg)"

    return compare


@pytest.mark.parametrize("scene", SCENES)
async def test_every_state_looks_as_blessed_at_every_size(scene: str, judge: Judge) -> None:
    wrong = []
    async with on_stage(SCENES[scene](), SIZES[0]) as (app, pilot):
        for columns, rows in SIZES:
            await pilot.resize_terminal(columns, rows)
            await pilot.pause()
            wrong.append(judge(f"{scene}-{columns}x{rows}", app))
    assert not any(wrong), "\n".join(filter(None, wrong))


@pytest.mark.parametrize(("name", "key"), [("help", "question_mark"), ("terminal", "d"), ("palette", "ctrl+p")])
async def test_every_sheet_looks_as_blessed(name: str, key: str, judge: Judge) -> None:
    async with on_stage(SCENES["usual"](), (80, 24)) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert judge(f"{name}-80x24", app) == ""


@pytest.mark.parametrize(
    ("name", "scene", "options"),
    [
        ("theme-light-80x24", "levels", Options(theme="light", zone=BERLIN)),
        ("demo-80x24", "usual", Options(demo=True, zone=BERLIN)),
    ],
)
async def test_every_option_looks_as_blessed(name: str, scene: str, options: Options, judge: Judge) -> None:
    async with on_stage(SCENES[scene](), (80, 24), options) as (app, _pilot):
        assert judge(name, app) == ""


def test_no_picture_is_left_over() -> None:
    expected = {f"{scene}-{columns}x{rows}" for scene in SCENES for columns, rows in SIZES}
    expected |= {"help-80x24", "terminal-80x24", "palette-80x24", "theme-light-80x24", "demo-80x24"}

    assert {path.stem for path in SNAPSHOTS.glob("*.svg")} == expected
