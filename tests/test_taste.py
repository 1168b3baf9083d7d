"""How a person likes the dashboard: layouts, panels, the single line, calm, keys, and what is kept of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import months
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import Color
from scenes import NOW, SCENES, USUAL, WELCOME, bonus, live, plan, report
from stage import BERLIN, KeptReadings, SilentQuestions, StandingClock, on_stage
from textual.pilot import Pilot
from textual.widgets import Input

from kiro_tui.choices import LAYOUTS, PANELS, THEME_NAMES
from kiro_tui.commands.dashboard import is_light, short_path
from kiro_tui.domain.past import past_of
from kiro_tui.domain.state import Asking, Resting
from kiro_tui.errors import SettingsError
from kiro_tui.keys import COMMANDS, Keys
from kiro_tui.ui.app import Dashboard
from kiro_tui.ui.lent import ALL_DAYS, Lent, Options, Save
from kiro_tui.ui.line import span_width
from kiro_tui.ui.outlook import Outlook, outlook_of
from kiro_tui.ui.page import Page, compose
from kiro_tui.ui.rows import Rows
from kiro_tui.ui.spend import SpendScreen
from kiro_tui.ui.taste import Taste
from kiro_tui.ui.view import View

READINGS = months.MONTHS["bonus that lapses"]
SCENE = st.sampled_from(sorted(SCENES))
ORDERS = st.lists(st.sampled_from(PANELS), unique=True, min_size=1).map(tuple)
TITLES = {
    "plan": "Monthly credits",
    "bonuses": "113.66 left",
    "overage": "Overage",
    "forecast": "Left this month",
}


@cache
def outlook() -> Outlook:
    return outlook_of(past_of(READINGS, months.NOW), months.NOW, ALL_DAYS)


def month_view(taste: Taste, *windows: Any) -> View:
    """Return the view of an account whose past is known, with all four panels."""
    windows = windows or (plan("640.25"), WELCOME)
    state = live(report(*windows), taken_at=months.NOW - timedelta(seconds=12))
    state = replace(state, activity=Resting(months.NOW + timedelta(seconds=288)))
    return View(state, months.NOW, BERLIN, outlook=outlook(), taste=taste)


def rows_of(page: Page, columns: int) -> list[str]:
    room = columns - 2 * page.margin[1]
    return ["".join(span.text for span in line.laid_out(room)) for line in (*page.top, *page.bottom)]


def text_of(view: View, columns: int, rows: int) -> str:
    return "\n".join(rows_of(compose(view, columns, rows), columns))


# Panels ---------------------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(ORDERS)
def test_panels_stand_in_their_order_and_those_that_are_not_named_are_hidden(panels: tuple[str, ...]) -> None:
    text = text_of(month_view(Taste("normal", panels)), 100, 50)
    places = [text.index(TITLES[panel]) for panel in panels]

    assert places == sorted(places)
    assert not any(TITLES[panel] in text for panel in PANELS if panel not in panels)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("size", [(160, 40), (120, 40), (80, 24), (50, 15), (30, 6)])
def test_what_is_hidden_takes_no_room(layout: str, size: tuple[int, int]) -> None:
    taste = Taste(layout, ("plan", "overage", "forecast"))
    grants = [bonus(f"Grant {number}", "123456.78", "999999999", 9) for number in range(5)]

    assert text_of(month_view(taste, plan("640.25"), *grants), *size) == text_of(
        month_view(taste, plan("640.25")), *size
    )


@pytest.mark.parametrize("panels", [("plan",), ("forecast",), ("bonuses", "forecast")])
@pytest.mark.parametrize("scene", ["clamped", "conflict"])
def test_what_has_to_be_said_about_the_figures_is_never_hidden(scene: str, panels: tuple[str, ...]) -> None:
    state = SCENES[scene]()
    assert state.latest is not None
    note = state.latest.report.notes[0].text

    assert note in text_of(View(state, NOW, BERLIN, taste=Taste(panels=panels)), 120, 40)


@settings(max_examples=100)
@given(SCENE, st.sampled_from(LAYOUTS), ORDERS, st.booleans(), st.integers(1, 260), st.integers(1, 70))
def test_no_taste_breaks_the_page_at_any_size(  # noqa: PLR0917 - one value for each strategy
    scene: str,
    layout: str,
    panels: tuple[str, ...],
    line: bool,  # noqa: FBT001 - a drawn value
    columns: int,
    rows: int,
) -> None:
    view = View(SCENES[scene](), NOW, BERLIN, taste=Taste(layout, panels, line))
    page = compose(view, columns, rows)
    room = columns - 2 * page.margin[1]

    assert len(page.top) + len(page.bottom) + 2 * page.margin[0] <= rows
    assert all(span_width(each.laid_out(room)) <= room for each in (*page.top, *page.bottom))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("columns", range(40, 200, 7))
def test_no_figure_is_cut_whatever_the_layout_and_the_width(layout: str, columns: int) -> None:
    text = text_of(month_view(Taste(layout)), columns, 40)

    assert "1359.75 left" in text
    assert "32.0 %" in text
    assert "113.66 left" in text
    assert "77.3 %" in text
    assert "…" not in text


@pytest.mark.parametrize("columns", range(58, 160, 3))
def test_large_figures_are_whole_or_not_there_and_a_long_name_costs_neither_sign_nor_countdown(columns: int) -> None:
    grant = bonus("A grant whose name is as long as marketing likes to make such names for campaigns", "0", "1", 2)
    grant = replace(grant, used=Decimal("1234567.89"), limit=Decimal("1999999999.50"))
    spent = replace(grant, used=Decimal(1900000000))
    text = text_of(View(live(report(plan("1853456.10", "2000000"), grant, spent)), NOW, BERLIN), columns, 40)
    words = text.replace(" left", "").split()

    assert {word for word in words if "…" in word and any(sign.isdigit() for sign in word)} == set()
    assert "1853456.10 of 2000000" in text
    assert text.count("1234567.89 of 1999999999.50") == 1
    assert text.count("ends in 2 days") == 2
    assert text.count("!!") == 2


def test_hiding_showing_and_moving_panels_gives_what_one_expects() -> None:
    taste = Taste()

    assert taste.with_panel_shown_or_hidden("overage").panels == ("plan", "bonuses", "forecast")
    assert taste.with_panel_shown_or_hidden("overage").hidden == ("overage",)
    assert Taste(panels=("forecast",)).with_panel_shown_or_hidden("plan").panels == ("forecast", "plan")
    assert Taste(panels=("plan",)).with_panel_shown_or_hidden("plan").panels == ("plan",)
    assert taste.with_panel_further_up("forecast").panels == ("plan", "bonuses", "forecast", "overage")
    assert taste.with_panel_further_up("plan").panels == PANELS


# Layouts --------------------------------------------------------------------------------------------------------------


def beside_each_other(text: str, one: str, other: str) -> bool:
    return any(one in row and other in row and row.index(one) < row.index(other) for row in text.splitlines())


def test_a_wide_pane_has_two_columns_and_a_chosen_width_needs_less() -> None:
    def two(layout: str, columns: int) -> bool:
        return beside_each_other(text_of(month_view(Taste(layout)), columns, 40), "Monthly credits", "Welcome bonus")

    assert [two("auto", 149), two("auto", 150)] == [False, True]
    assert [two("wide", 119), two("wide", 120)] == [False, True]
    assert not two("normal", 200)
    assert not two("compact", 200)


def test_the_forecast_stands_beside_a_plan_that_is_all_there_is() -> None:
    text = text_of(month_view(Taste("wide"), plan("640.25")), 120, 24)

    assert beside_each_other(text, "Monthly credits", "Left this month")


def test_the_column_of_the_panel_that_comes_first_is_the_left_one() -> None:
    panels = ("bonuses", "overage", "plan", "forecast")
    text = text_of(month_view(Taste("wide", panels)), 160, 40)

    assert beside_each_other(text, "Welcome bonus", "Monthly credits")


def test_both_edges_of_two_columns_are_those_of_the_page() -> None:
    for columns in (150, 151, 233, 260):
        rows = rows_of(compose(month_view(Taste()), columns, 40), columns)
        width = max(map(len, rows))
        assert rows[0].endswith("live")
        assert len(rows[0]) == width == max(len(row) for row in rows if "ends in" in row)


def test_compact_takes_few_rows_however_many_there_are() -> None:
    compact = [row for row in rows_of(compose(month_view(Taste("compact")), 100, 50), 100) if row.strip()]
    normal = [row for row in rows_of(compose(month_view(Taste("normal")), 100, 50), 100) if row.strip()]

    assert len(compact) <= 9
    assert len(normal) >= 18


# The single line ------------------------------------------------------------------------------------------------------


def test_the_line_is_one_row_in_a_pane_of_any_height_and_says_more_where_there_is_room() -> None:
    for rows in (1, 5, 60):
        page = compose(View(live(USUAL), NOW, BERLIN, taste=Taste(line=True)), 120, rows)
        said = rows_of(page, 120)
        assert len(said) == 1
        assert said[0].startswith(
            "Kiro 32% 1360 left 7d   Welcome bonus 114 left 15d !   Community grant 249 left 3d !"
        )
        assert said[0].endswith("● now")


def test_the_line_says_what_went_wrong_beside_the_figures() -> None:
    view = View(SCENES["failed-later"](), NOW, BERLIN, taste=Taste(line=True))

    assert text_of(view, 80, 1).endswith("● Kiro's service failed")
    assert text_of(view, 80, 1).startswith("~Kiro 32%")


async def test_a_pane_that_begins_with_one_row_shows_the_line() -> None:
    async with on_stage(live(USUAL), (80, 1)) as (app, _pilot):
        assert app.screen._compositor.render_strips()[0].text.startswith("Kiro 32% 1360 left 7d")


# Calm -----------------------------------------------------------------------------------------------------------------


class CountingClock(StandingClock):
    """A clock that stands still and notes how long somebody wanted to sleep."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.Event().wait()


@pytest.mark.parametrize("still", [False, True])
async def test_with_reduced_motion_nothing_turns_and_the_word_says_it(still: bool) -> None:  # noqa: FBT001 - a parametrized value
    clock = CountingClock()
    state = replace(live(USUAL), activity=Asking(NOW))
    app = Dashboard(Lent(SilentQuestions(), clock, Options(zone=BERLIN, taste=Taste(still=still))))
    async with app.run_test(size=(80, 24)) as pilot:
        app.state = state
        await pilot.pause()
        head = app.query_one("#top", Rows).text.splitlines()[0]
        level = app.animation_level

    assert head.rstrip().endswith("asking")
    assert ("●" in head) is still
    assert any(seconds < 1 for seconds in clock.slept) is not still
    assert (level == "none") is still


@pytest.mark.parametrize("theme", THEME_NAMES)
async def test_no_color_leaves_the_terminal_its_own_colours_whatever_the_theme(
    theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with on_stage(SCENES["levels"](), (80, 24), Options(theme=theme, zone=BERLIN)) as (app, pilot):
        await pilot.press("question_mark")
        await pilot.pause()
        styles = {segment.style for strip in app.screen._compositor.render_strips() for segment in strip}
        shown = "".join(strip.text for strip in app.screen._compositor.render_strips())

    assert {(style.color, style.bgcolor) for style in styles if style} == {(Color.parse("default"),) * 2}
    assert "ask kiro-cli now" in shown
    assert "Monthly" not in shown


async def test_nothing_blinks_in_the_palette() -> None:
    async with on_stage(live(USUAL), (80, 24)) as (app, pilot):
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert [typed.cursor_blink for typed in app.screen.query(Input)] == [False]


# Keys -----------------------------------------------------------------------------------------------------------------


def lent(options: Options, save: Save | None = None, **more: Any) -> Lent:
    return replace(Lent(SilentQuestions(), StandingClock(), options, save=save), **more)


@asynccontextmanager
async def running(lent: Lent) -> AsyncIterator[tuple[Dashboard, Pilot[Any]]]:
    app = Dashboard(lent)
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        app.state = live(USUAL)
        await pilot.pause()
        yield app, pilot


def told(app: Dashboard) -> list[str]:
    return [notification.message for notification in app._notifications]


async def test_a_rebound_key_does_it_and_the_usual_one_no_more() -> None:
    keys = Keys({"refresh": ("f5", ","), "pause": ("r",), "quit": ("Q",)})
    async with running(lent(Options(zone=BERLIN, keys=keys))) as (app, pilot):
        questions = app._questions
        assert isinstance(questions, SilentQuestions)
        await pilot.press("f5", "comma")
        assert questions.refreshed == 2
        await pilot.press("r")
        assert questions.refreshed == 2
        assert questions.paused
        await pilot.press("p", "q")
        assert questions.paused
        assert not app._exit
        await pilot.press("Q")
        assert app._exit


async def test_foot_help_and_palette_name_the_rebound_keys() -> None:
    keys = Keys({"refresh": ("f5",), "help": ("x", "f1")})
    async with running(lent(Options(zone=BERLIN, keys=keys))) as (app, pilot):
        assert "f5 refresh" in app.query_one("#bottom", Rows).text
        palette = {command.title: command.help for command in app.get_system_commands(app.screen)}
        assert palette["Ask kiro-cli now"] == "Key: f5"
        await pilot.press("x")
        shown = app.screen.query_one("#help", Rows).text
        assert "f5      " in shown
        assert "x  f1" in shown
        assert all(command.does in shown for command in COMMANDS)


def test_hints_name_the_rebound_keys() -> None:
    keys = Keys({"refresh": ("f5",), "account_page": ("A",), "terminal": ("D",), "pause": ("P",)})

    def said(scene: str) -> str:
        return " ".join(text_of(replace(View(SCENES[scene](), NOW, BERLIN), keys=keys), 120, 40).split())

    assert "then press f5" in said("signed-out-later")
    assert "account page (A)" in said("no-numbers")
    assert "account page (A)" in said("managed")
    assert "all of it: D" in said("not-recognised")
    assert "paused: P goes on" in said("paused")


async def test_the_key_that_opens_a_sheet_closes_it_also_when_it_is_rebound() -> None:
    from spending import FakeBook  # noqa: PLC0415 - only here

    options = Options(zone=BERLIN, keys=Keys({"spend": ("m",), "terminal": ("f2",)}))
    async with running(lent(options, book=FakeBook(), past=KeptReadings())) as (app, pilot):
        for key, sheet in (("m", SpendScreen), ("f2", object)):
            await pilot.press(key)
            assert app.screen is not app.screen_stack[0]
            assert isinstance(app.screen, sheet)
            await pilot.press(key)
            await pilot.pause()
            assert app.screen is app.screen_stack[0]


# What is kept ---------------------------------------------------------------------------------------------------------


async def saved(app: Dashboard) -> None:
    for worker in [worker for worker in app.workers if worker.group == "save"]:
        await worker.wait()


async def test_what_was_changed_here_is_kept_when_asked_and_nothing_else() -> None:
    kept: list[Mapping[str, object]] = []

    def save(values: Mapping[str, object]) -> str:
        kept.append(values)
        return "~/config.toml"

    async with running(lent(Options(zone=BERLIN), save)) as (app, pilot):
        await pilot.press("ctrl+s")
        await pilot.press("t", "l", "plus")
        app.like(app._taste.with_panel_shown_or_hidden("overage"))
        await pilot.press("ctrl+s")
        await saved(app)
        await pilot.press("t", "ctrl+s")
        await saved(app)
        await pilot.pause()
        said = told(app)

    assert kept == [
        {"theme": "light", "interval": 600.0, "layout": "compact", "panels": ("plan", "bonuses", "forecast")},
        {"theme": "terminal"},
    ]
    assert "Nothing was changed here that is not kept already" in said
    assert "Saved theme, interval, layout, panels in ~/config.toml" in said


async def test_settings_that_cannot_be_kept_are_said_to_be_lost_and_why() -> None:
    def save(_values: Mapping[str, object]) -> str:
        raise SettingsError("config.toml cannot be written: [red]read-only[/]", "Make room there.")

    async with running(lent(Options(zone=BERLIN), save)) as (app, pilot):
        await pilot.press("t", "ctrl+s")
        await saved(app)
        await pilot.pause()
        assert "config.toml cannot be written: [red]read-only[/] Make room there." in told(app)
        assert app.is_running


async def test_panels_layouts_and_themes_change_from_the_palette_while_one_looks() -> None:
    async with running(lent(Options(zone=BERLIN))) as (app, pilot):

        async def choose(title: str) -> str:
            commands = {command.title: command.callback for command in app.get_system_commands(app.screen)}
            commands[title]()
            await pilot.pause()
            return app.query_one("#top", Rows).text

        assert "Overage" not in await choose("Panel: hide overage")
        moved = await choose("Panel: move bonuses up")
        assert moved.index("Welcome bonus") < moved.index("Monthly credits")
        assert "Overage" in await choose("Panel: show overage")
        assert "640.25 of 2000" not in await choose("Layout: compact")
        for panel in ("plan", "bonuses", "forecast"):
            await choose(f"Panel: hide {panel}")
        assert not any("Panel: hide" in command.title for command in app.get_system_commands(app.screen))
        await choose("Theme: high-contrast")
        assert app.theme == "high-contrast"


def test_a_file_in_the_home_is_named_as_one_types_it() -> None:
    assert short_path(Path("/home/a/.config/x.toml"), "/home/a") == "~/.config/x.toml"
    assert short_path(Path("/etc/x.toml"), "/home/a") == "/etc/x.toml"
    assert short_path(Path("/etc/x.toml"), "") == "/etc/x.toml"


@pytest.mark.parametrize(
    ("colours", "light"), [("0;15", True), ("0;default;15", True), ("0;7", True), ("15;0", False), ("", False)]
)
def test_a_terminal_that_tells_that_it_is_light_is_believed(colours: str, light: bool) -> None:  # noqa: FBT001 - a parametrized value
    assert is_light({"COLORFGBG": colours}) is light
