"""Every state of the dashboard at every size looks as it did when somebody looked at it and blessed it.

A picture that differs is written to build/pictures/ beside a message; `make bless` accepts what is drawn now.
"""

from pathlib import Path

import pytest
from scenes import SCENES
from stage import BERLIN, on_stage

from kiro_tui.ui.app import Options

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"
DRAWN = Path(__file__).parent.parent / "build" / "pictures"
SIZES = ((120, 40), (80, 24), (50, 15), (30, 6), (24, 1))


def compare(name: str, svg: str, *, bless: bool) -> str | None:
    """Return what is wrong with the picture, if anything; blessing writes it instead."""
    blessed = SNAPSHOTS / f"{name}.svg"
    if bless:
        blessed.write_text(svg, encoding="utf-8")
        return None
    if blessed.exists() and blessed.read_text(encoding="utf-8") == svg:
        return None
    DRAWN.mkdir(parents=True, exist_ok=True)
    (DRAWN / f"{name}.svg").write_text(svg, encoding="utf-8")
    return f"{name}.svg {'differs from' if blessed.exists() else 'is missing in'} snapshots/ (drawn: build/pictures/{name}.svg)"


@pytest.mark.parametrize("scene", SCENES)
async def test_every_state_looks_as_blessed_at_every_size(scene: str, request: pytest.FixtureRequest) -> None:
    bless = request.config.getoption("--bless")
    wrong = []
    async with on_stage(SCENES[scene](), SIZES[0]) as (app, pilot):
        for columns, rows in SIZES:
            await pilot.resize_terminal(columns, rows)
            await pilot.pause()
            wrong.append(compare(f"{scene}-{columns}x{rows}", app.export_screenshot(), bless=bless))
    assert not any(wrong), "\n".join(filter(None, wrong))


@pytest.mark.parametrize(
    ("name", "keys"), [("help", ("question_mark",)), ("terminal", ("d",)), ("palette", ("ctrl+p",))]
)
async def test_every_sheet_looks_as_blessed(name: str, keys: tuple[str, ...], request: pytest.FixtureRequest) -> None:
    async with on_stage(SCENES["usual"](), (80, 24)) as (app, pilot):
        await pilot.press(*keys)
        await pilot.pause()
        assert compare(f"{name}-80x24", app.export_screenshot(), bless=request.config.getoption("--bless")) is None


@pytest.mark.parametrize("theme", ["light"])
async def test_every_theme_looks_as_blessed(theme: str, request: pytest.FixtureRequest) -> None:
    async with on_stage(SCENES["levels"](), (80, 24), Options(theme=theme, zone=BERLIN)) as (app, _pilot):
        assert compare(f"theme-{theme}-80x24", app.export_screenshot(), bless=request.config.getoption("--bless")) is None


async def test_the_demo_is_labelled_as_one(request: pytest.FixtureRequest) -> None:
    async with on_stage(SCENES["usual"](), (100, 32), Options(demo=True, zone=BERLIN)) as (app, _pilot):
        assert compare("demo-100x32", app.export_screenshot(), bless=request.config.getoption("--bless")) is None


def test_no_picture_is_left_over() -> None:
    expected = {f"{scene}-{columns}x{rows}" for scene in SCENES for columns, rows in SIZES}
    expected |= {"help-80x24", "terminal-80x24", "palette-80x24", "theme-light-80x24", "demo-100x32"}

    assert {path.stem for path in SNAPSHOTS.glob("*.svg")} == expected
