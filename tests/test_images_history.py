"""The history at every size and for every length of time looks as it did when somebody looked at it and blessed it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from months import MONTHS
from months import NOW as FRIDAY
from pasts import HALF_A_YEAR
from pictures import Judge
from scenes import SCENES
from stage import BERLIN, KeptReadings, StandingClock, on_stage
from textual.pilot import Pilot

from kiro_tui.domain.history import Reading
from kiro_tui.ui.app import Dashboard
from kiro_tui.ui.history import HistorySheet
from kiro_tui.ui.lent import Options

SIZES = ((120, 40), (80, 24), (50, 15))
PAGES: dict[str, tuple[Sequence[Reading], Sequence[str]]] = {
    "day": (HALF_A_YEAR, ["d"]),
    "week": (HALF_A_YEAR, ["w", "left", "down", "down"]),
    "month": (HALF_A_YEAR, ["down", "down"]),
    "billing": (HALF_A_YEAR, ["b"]),
    "year": (HALF_A_YEAR, ["y"]),
    "sparse": (MONTHS["sparse readings"], []),
    "asleep": (MONTHS["reset while asleep"], []),
    "first-hours": (MONTHS["first hours"], []),
    "empty": ((), []),
}
PICTURES = {f"history-{name}-{columns}x{rows}" for name in PAGES for columns, rows in SIZES} | {"history-light-80x24"}


@asynccontextmanager
async def history(
    readings: Sequence[Reading], size: tuple[int, int], theme: str = "dark"
) -> AsyncIterator[tuple[Dashboard, HistorySheet, Pilot[Any]]]:
    """Open the history over the dashboard."""
    clock = StandingClock(FRIDAY)
    sheet = HistorySheet(KeptReadings(*readings), clock, BERLIN)
    async with on_stage(SCENES["usual"](), size, Options(theme=theme, zone=BERLIN), clock) as (app, pilot):
        await app.push_screen(sheet)
        await sheet.loaded.wait()
        await pilot.pause()
        yield app, sheet, pilot


@pytest.mark.parametrize("name", PAGES)
async def test_every_page_looks_as_blessed_at_every_size(name: str, judge: Judge) -> None:
    readings, keys = PAGES[name]
    wrong = []
    async with history(readings, SIZES[0]) as (app, _sheet, pilot):
        await pilot.press(*keys)
        for columns, rows in SIZES:
            await pilot.resize_terminal(columns, rows)
            await pilot.pause()
            wrong.append(judge(f"history-{name}-{columns}x{rows}", app))
    assert not any(wrong), "\n".join(filter(None, wrong))


async def test_it_looks_as_blessed_in_light_colours(judge: Judge) -> None:
    async with history(HALF_A_YEAR, (80, 24), theme="light") as (app, _sheet, _pilot):
        assert judge("history-light-80x24", app) == ""
