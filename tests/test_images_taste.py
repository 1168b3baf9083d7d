"""Every theme, layout and choice of panels looks as it did when somebody looked at it and blessed it.

Themes and panels are changed while the dashboard runs, as a person does it.
"""

from dataclasses import replace
from datetime import timedelta

import months
import pytest
from pictures import Judge
from scenes import SCENES, live
from stage import BERLIN, KeptReadings, StandingClock, on_stage

from kiro_tui.choices import THEME_NAMES
from kiro_tui.domain.state import Resting
from kiro_tui.ui.lent import Options
from kiro_tui.ui.taste import Taste

SIZES = ((80, 24), (50, 15))
THEMES = THEME_NAMES[1:]
"""The first is that of all other pictures."""
READINGS = months.MONTHS["bonus first"]
TASTES = {
    "wide-160x30": Taste(),
    "wide-chosen-120x24": Taste("wide"),
    "compact-80x24": Taste("compact"),
    "panels-80x34": Taste(panels=("forecast", "bonuses", "plan")),
    "line-100x1": Taste(line=True),
    "line-60x6": Taste(line=True),
}
IN_ASCII = ("ascii-120x40", "ascii-80x24", "ascii-30x6")
PICTURES = {*TASTES, *IN_ASCII, "theme-terminal-palette-80x24", "ascii-help-80x24"} | {
    f"theme-{name}-{columns}x{rows}" for name in THEMES for columns, rows in SIZES
}


def size_of(name: str) -> tuple[int, int]:
    columns, _, rows = name.rpartition("-")[2].partition("x")
    return int(columns), int(rows)


async def test_every_theme_looks_as_blessed_when_it_is_chosen(judge: Judge) -> None:
    wrong = []
    async with on_stage(SCENES["levels"](), SIZES[0]) as (app, pilot):
        for name in THEMES:
            app.theme = name
            for columns, rows in SIZES:
                await pilot.resize_terminal(columns, rows)
                await pilot.pause()
                wrong.append(judge(f"theme-{name}-{columns}x{rows}", app))
    assert not any(wrong), "\n".join(filter(None, wrong))


async def test_what_lies_over_the_page_looks_as_blessed_in_the_terminals_own_colours(judge: Judge) -> None:
    async with on_stage(SCENES["levels"](), SIZES[0], Options(theme="terminal", zone=BERLIN)) as (app, pilot):
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert judge("theme-terminal-palette-80x24", app) == ""


@pytest.mark.parametrize("names", [tuple(TASTES), IN_ASCII], ids=["tastes", "ascii"])
async def test_every_taste_looks_as_blessed(names: tuple[str, ...], judge: Judge) -> None:
    state = live(READINGS[-1].report, taken_at=months.NOW - timedelta(seconds=12))
    state = replace(state, activity=Resting(months.NOW + timedelta(seconds=288)))
    options = Options(zone=BERLIN, ascii_only=names == IN_ASCII)
    clock, past = StandingClock(months.NOW), KeptReadings(*READINGS)
    wrong = []
    async with on_stage(state, size_of(names[0]), options, clock, past) as (app, pilot):
        for name in names:
            app.like(TASTES.get(name, Taste()))
            await pilot.resize_terminal(*size_of(name))
            await pilot.pause()
            wrong.append(judge(name, app))
    assert not any(wrong), "\n".join(filter(None, wrong))


async def test_the_help_looks_as_blessed_in_ascii(judge: Judge) -> None:
    async with on_stage(SCENES["usual"](), SIZES[0], Options(zone=BERLIN, ascii_only=True)) as (app, pilot):
        await pilot.press("question_mark")
        await pilot.pause()
        assert judge("ascii-help-80x24", app) == ""
