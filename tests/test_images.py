"""Every state of the dashboard at every size looks as it did when somebody looked at it and blessed it.

A picture that differs is written to build/pictures/ beside a message; `make bless` accepts what is drawn now.
"""

from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import months
import pytest
from pictures import SNAPSHOTS, Judge
from scenes import SCENES, live
from stage import BERLIN, KeptReadings, StandingClock, on_stage

from kiro_tui.domain.state import Resting
from kiro_tui.ui.lent import Options

SIZES = ((120, 40), (80, 24), (50, 15), (30, 6), (24, 1))
SHEETS = {"help": "question_mark", "terminal": "d", "palette": "ctrl+p"}
OPTIONS = {
    "demo": ("usual", Options(demo=True, zone=BERLIN)),
}
MONTH_SIZES = ((120, 40), (80, 24), (50, 15))


def slug(month: str) -> str:
    return "month-" + month.replace(",", "").replace(" ", "-")


PICTURES = (
    {f"{scene}-{columns}x{rows}" for scene in SCENES for columns, rows in SIZES}
    | {f"{name}-80x24" for name in (*SHEETS, *OPTIONS)}
    | {f"{slug(month)}-{columns}x{rows}" for month in months.MONTHS for columns, rows in MONTH_SIZES}
)


@pytest.mark.parametrize("scene", SCENES)
async def test_every_state_looks_as_blessed_at_every_size(scene: str, judge: Judge) -> None:
    wrong = []
    async with on_stage(SCENES[scene](), SIZES[0]) as (app, pilot):
        for columns, rows in SIZES:
            await pilot.resize_terminal(columns, rows)
            await pilot.pause()
            wrong.append(judge(f"{scene}-{columns}x{rows}", app))
    assert not any(wrong), "\n".join(filter(None, wrong))


@pytest.mark.parametrize("name", SHEETS)
async def test_every_sheet_looks_as_blessed(name: str, judge: Judge) -> None:
    async with on_stage(SCENES["usual"](), (80, 24)) as (app, pilot):
        await pilot.press(SHEETS[name])
        await pilot.pause()
        assert judge(f"{name}-80x24", app) == ""


@pytest.mark.parametrize("name", OPTIONS)
async def test_every_option_looks_as_blessed(name: str, judge: Judge) -> None:
    scene, options = OPTIONS[name]
    async with on_stage(SCENES[scene](), (80, 24), options) as (app, _pilot):
        assert judge(f"{name}-80x24", app) == ""


@pytest.mark.parametrize("month", months.MONTHS)
async def test_every_month_looks_as_blessed(month: str, judge: Judge) -> None:
    readings = months.MONTHS[month]
    taken_at = months.NOW - timedelta(seconds=12)
    state = live(readings[-1].report, taken_at=taken_at)
    state = replace(state, activity=Resting(months.NOW + timedelta(seconds=288)))
    clock = StandingClock(months.NOW)
    wrong = []
    async with on_stage(state, MONTH_SIZES[0], clock=clock, past=KeptReadings(*readings)) as (app, pilot):
        for columns, rows in MONTH_SIZES:
            await pilot.resize_terminal(columns, rows)
            await pilot.pause()
            wrong.append(judge(f"{slug(month)}-{columns}x{rows}", app))
    assert not any(wrong), "\n".join(filter(None, wrong))


def test_no_picture_is_left_over() -> None:
    drawn = set[str]()
    for path in Path(__file__).parent.glob("test_images*.py"):
        drawn |= import_module(path.stem).PICTURES

    assert {path.stem for path in SNAPSHOTS.glob("*.svg")} == drawn
