"""An alert on the page, and the page while alerts are held back, look as they did when somebody blessed them."""

from datetime import timedelta

import pytest
from pictures import Judge
from scenes import NOW, SCENES
from stage import on_stage

from kiro_tui.domain.alerts import Alert, AlertKind, Severity
from kiro_tui.ui.rows import Rows

SIZES = ((80, 24), (50, 15))
PICTURES = {f"{name}-{columns}x{rows}" for name in ("alert", "snoozed") for columns, rows in SIZES}
MOST_IS_USED = Alert(
    AlertKind.USED,
    Severity.WARNING,
    NOW,
    "Monthly credits: 92.7 % used",
    "1853.10 of 2000 used, 146.90 left; resets Tue Dec 1, 01:00.",
    "Monthly credits",
    "90",
)


@pytest.mark.parametrize("size", SIZES)
async def test_an_alert_looks_as_blessed(size: tuple[int, int], judge: Judge) -> None:
    async with on_stage(SCENES["levels"](), size, toasts=True) as (app, pilot):
        app._show_alert(MOST_IS_USED)
        await pilot.pause()
        assert judge("alert-{}x{}".format(*size), app) == ""


async def test_in_a_pane_of_one_row_an_alert_does_not_hide_the_figures() -> None:
    async with on_stage(SCENES["levels"](), (24, 1), toasts=True) as (app, pilot):
        app._show_alert(MOST_IS_USED)
        await pilot.pause()
        assert not app.query("Toast")
        assert "93%" in app.query_one("#top", Rows).text


@pytest.mark.parametrize("size", SIZES)
async def test_a_snooze_looks_as_blessed(size: tuple[int, int], judge: Judge) -> None:
    async with on_stage(SCENES["usual"](), size) as (app, pilot):
        app._snoozed_until = NOW + timedelta(hours=1)
        app._draw()
        await pilot.pause()
        assert judge("snoozed-{}x{}".format(*size), app) == ""
