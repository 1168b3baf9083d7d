"""The dashboard as a Textual app: keys, the mouse, events, and text that would like to be more than text."""

import gc
import re
from dataclasses import replace

import months
import pytest
from scenes import ACCOUNT, NOW, SCENES, USUAL, live, plan, reading, report
from spending import FakeBook
from stage import BERLIN, KeptReadings, SilentQuestions, StandingClock, foretold, on_stage
from textual.geometry import Region

from kiro_tui.choices import THEME_NAMES
from kiro_tui.domain.frame import Frame, Run, Style
from kiro_tui.domain.state import Asking, Attempt, Failure, State, Way
from kiro_tui.errors import NotRecognised, ServiceFailed
from kiro_tui.ui.app import Dashboard
from kiro_tui.ui.history import HistorySheet
from kiro_tui.ui.lent import Lent, Options
from kiro_tui.ui.rows import Rows
from kiro_tui.ui.sheets import HelpSheet, TerminalSheet
from kiro_tui.ui.spend import SpendScreen

SIZE = (80, 24)


def text_of(app: Dashboard) -> str:
    return "\n".join(rows.text for rows in app.screen_stack[0].query(Rows))


def questions_of(app: Dashboard) -> SilentQuestions:
    assert isinstance(app._questions, SilentQuestions)
    return app._questions


async def test_events_of_the_poller_reach_the_page() -> None:
    async with on_stage(State(300.0), SIZE) as (app, pilot):
        questions_of(app).given.put_nowait(Asking(NOW))
        await pilot.pause()
        assert "Asking kiro-cli for the first time" in text_of(app)

        questions_of(app).given.put_nowait(SCENES["usual"]().latest)  # type: ignore[arg-type]  # the scene has one
        await pilot.pause()
        assert "640.25 of 2000" in text_of(app)

        questions_of(app).given.put_nowait(Failure(ServiceFailed("Kiro's service did not answer.", "wait"), NOW))
        await pilot.pause()
        assert "640.25 of 2000" in text_of(app)
        assert "Kiro's service did not answer: wait" in text_of(app)


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_these_keys_quit(key: str) -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert not app.is_running or app._exit
        assert app.return_code == 0


async def test_a_q_that_is_typed_into_the_palette_is_a_letter() -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        await pilot.press("ctrl+p")
        await pilot.press("q")
        await pilot.pause()
        assert app.is_running
        assert not app._exit


async def test_r_asks_now() -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        await pilot.press("r")
        assert questions_of(app).refreshed == 1


async def test_p_pauses_and_goes_on() -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        await pilot.press("p")
        assert questions_of(app).paused
        await pilot.press("p")
        assert not questions_of(app).paused


async def test_plus_and_minus_step_through_the_intervals_and_stop_at_their_ends() -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        await pilot.press("plus")
        assert questions_of(app).interval == 600
        assert app.state.interval == 600
        for _ in range(9):
            await pilot.press("minus")
        assert questions_of(app).interval == 30
        for _ in range(9):
            await pilot.press("plus")
        assert questions_of(app).interval == 3600


async def test_t_goes_through_all_themes_and_comes_back_to_the_first() -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        seen = [app.theme]
        for _ in THEME_NAMES:
            await pilot.press("t")
            seen.append(app.theme)

    assert tuple(seen) == (*THEME_NAMES, THEME_NAMES[0])


@pytest.mark.parametrize(("key", "sheet"), [("question_mark", HelpSheet), ("d", TerminalSheet)])
@pytest.mark.parametrize("closing", ["escape", "q", None])
async def test_a_sheet_opens_with_its_key_and_closes_with_esc_q_or_its_key(
    key: str, sheet: type, closing: str | None
) -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        await pilot.press(key)
        assert isinstance(app.screen, sheet)
        await pilot.press(closing or key)
        await pilot.pause()
        assert app.screen is app.screen_stack[0]
        assert app.is_running


async def test_d_shows_every_way_that_was_tried_with_its_screen_and_its_reason() -> None:
    error = NotRecognised("That is no usage report.", "")
    screen = Frame(120, ((Run("Loading", Style(foreground="#ff00ff")), Run(" …")),))
    attempts = (Attempt(Way.REPORT, 3.0, error, screen), Attempt(Way.ACP, 1.5))
    async with on_stage(replace(live(USUAL, attempts=attempts)), SIZE) as (app, pilot):
        await pilot.press("d")
        await pilot.pause()
        shown = re.sub(r"&#160;", " ", app.export_screenshot())

    assert "That is no usage report." in shown
    assert "Loading" in shown
    assert "#ff00ff" in shown
    assert "answered without a screen" in shown


@pytest.mark.parametrize(("key", "page"), [("o", "app.kiro.dev/account/usage"), ("s", "health.aws.amazon.com")])
async def test_o_and_s_open_their_pages_and_say_which(key: str, page: str) -> None:
    opened: list[str] = []

    def open_page(address: str) -> bool:
        opened.append(address)
        return False

    app = Dashboard(Lent(SilentQuestions(), StandingClock(), Options(zone=BERLIN), open_page))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press(key)
        for worker in [worker for worker in app.workers if worker.group == "browser"]:
            await worker.wait()
        await pilot.pause()
        said = [notification.message for notification in app._notifications]

    assert page in opened[0]
    assert page in said[0]


async def test_a_click_on_a_key_does_what_the_key_does() -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        row = app.query_one("#bottom", Rows).text.splitlines()[-1]
        await pilot.click("#bottom", offset=(row.index("r refresh"), 0))
        await pilot.pause()
        assert questions_of(app).refreshed == 1


async def test_the_mouse_selects_text() -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        await pilot.mouse_down("#top", offset=(0, 4))
        await pilot.hover("#top", offset=(14, 4))
        await pilot.mouse_up("#top", offset=(14, 4))
        await pilot.pause()
        assert (app.screen.get_selected_text() or "").startswith("640.25 of 2000")


class Drawn(list[int]):
    """Notes which rows of a widget are drawn again, instead of drawing them; -1 stands for all."""

    def __call__(self, *regions: Region, **_all: bool) -> None:
        self.extend(region.y for region in regions or (Region(0, -1),))


MORE = live(report(plan("640.26"), *USUAL.windows[1:]))
"""A hundredth of a credit later than in the usual scene: one row says something else."""


def watched(app: Dashboard) -> tuple[Drawn, list[str]]:
    """Return which rows Textual is asked to draw from here on, and what is written past it."""
    drawn, written = Drawn(), list[str]()
    for rows in app.screen_stack[0].query(Rows):
        vars(rows)["refresh"] = drawn
    vars(app)["send_to_terminal"] = written.append
    return drawn, written


async def test_a_tick_that_changes_nothing_draws_nothing() -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        drawn, written = watched(app)
        app._draw()
        await pilot.pause()

    assert (drawn, written) == ([], [])


async def test_only_the_row_that_changed_is_written_and_where_it_stands() -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        drawn, written = watched(app)
        app.state = MORE
        await pilot.pause()

    assert drawn == []
    assert [re.sub(r"\x1b\[[0-9;]*m", "", text)[:20] for text in written] == ["\x1b[6;3H640.26 of 2000"]


@pytest.mark.parametrize("key", ["?", "ctrl+p", "t"], ids=["a sheet", "the palette", "a message"])
async def test_nothing_is_written_past_what_lies_over_the_page(key: str) -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        drawn, written = watched(app)
        app.state = MORE
        await pilot.pause()

    assert written == []
    assert drawn == [4]


async def test_what_was_written_past_textual_is_what_textual_draws_from_then_on() -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        app.state = MORE
        await pilot.pause()

        assert "640.26" in app.export_screenshot()
        await pilot.press("?", "escape")
        await pilot.pause()
        assert "640.26" in app.export_screenshot()


async def test_a_page_of_another_size_is_left_to_textual() -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        _drawn, written = watched(app)
        app.set_reactive(Dashboard.state, MORE)
        await pilot.resize_terminal(100, 30)
        await pilot.pause()

    assert written == []


async def test_what_the_first_question_has_read_is_taken_as_here_for_good_once() -> None:
    async with on_stage(live(USUAL), SIZE, past=KeptReadings()) as (app, _pilot):
        kept = [gc.get_freeze_count()]
        for _ in range(2):
            app._settle()
            kept.append(gc.get_freeze_count())

    before, once, twice = kept
    assert before < once
    assert twice <= once


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (20, 1), (30, 2), (500, 200), (80, 24)])
async def test_it_lives_through_any_size(size: tuple[int, int]) -> None:
    async with on_stage(SCENES["failed-later"](), SIZE) as (app, pilot):
        await pilot.resize_terminal(*size)
        await pilot.pause()
        await pilot.resize_terminal(*SIZE)
        await pilot.pause()
        assert "640.25 of 2000" in text_of(app)


HOSTILE = (
    "[red]x[/red]",
    "[@click=app.quit]KIRO PRO[/]",
    "[/]",
    "[/red]",
    "[link=https://x]y",
    "[..[0]..]",
    "[$primary]z",
    "{x} %s \\n",
)


@pytest.mark.parametrize("text", HOSTILE)
async def test_text_that_looks_like_markup_is_shown_as_it_is_and_does_nothing(text: str) -> None:
    windows = (plan("640.25", label=text), *USUAL.windows[1:])
    account = replace(ACCOUNT, login_method=text)
    failing = Failure(
        NotRecognised(text, text), NOW, attempts=(Attempt(Way.REPORT, 1.0, None, Frame(80, ((Run(text),),))),)
    )
    state = replace(live(report(*windows, plan=text), account=account), failure=failing)
    async with on_stage(state, (120, 40)) as (app, pilot):
        shown = text_of(app)
        assert shown.count(text) >= 3
        for y in range(6):
            await pilot.click("#top", offset=(2, y))
        await pilot.press("d")
        await pilot.pause()
        assert app.is_running
        assert not app._exit


async def test_a_message_that_looks_like_markup_is_said_as_it_is() -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):
        app._say("[@click=app.quit]x[/]")
        await pilot.pause()
        assert app.is_running


async def test_the_palette_does_what_the_keys_do() -> None:
    async with on_stage(live(USUAL), SIZE) as (app, _pilot):
        commands = {command.title: command.callback for command in app.get_system_commands(app.screen)}
        await commands["Ask kiro-cli now"]()  # type: ignore[misc]  # an action is awaited
        commands["Theme: light"]()

        assert questions_of(app).refreshed == 1
        assert app.theme == "light"


async def test_a_thousand_readings_leave_no_memory_behind() -> None:
    async with on_stage(live(USUAL), SIZE) as (app, pilot):

        async def show(times: int) -> None:
            for step in range(times):
                app.state = live(report(plan(f"{640 + step}.25"), *USUAL.windows[1:]))
                if step % 25 == 0:
                    await pilot.pause()
            await pilot.pause()

        await show(200)
        gc.collect()
        before = len(gc.get_objects())
        await show(1000)
        gc.collect()

        assert len(gc.get_objects()) - before < 500


async def test_the_last_reading_of_all_panes_is_shown_before_anything_is_asked() -> None:
    past = KeptReadings(last=replace(reading(USUAL, age=4000), account=None))
    app = Dashboard(Lent(SilentQuestions(), StandingClock(), Options(zone=BERLIN), past=past))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert "640.25 of 2000" in text_of(app)
        assert "1 h ago" in text_of(app)
        assert "● stale" in text_of(app)


async def test_what_another_pane_has_got_is_shown_at_once() -> None:
    past = KeptReadings()
    app = Dashboard(Lent(SilentQuestions(), StandingClock(), Options(zone=BERLIN), past=past))
    async with app.run_test(size=SIZE) as pilot:
        past.given.put_nowait(reading(USUAL))
        await pilot.pause()
        assert "640.25 of 2000" in text_of(app)


async def test_another_account_is_told_and_forgets_the_outlook_of_the_first() -> None:
    readings = months.MONTHS["even use"]
    clock = StandingClock(months.NOW)
    past = KeptReadings(*readings)
    async with on_stage(live(readings[-1].report), SIZE, clock=clock, past=past) as (app, pilot):
        assert "Left this month" in text_of(app)
        past._readings = ()
        questions_of(app).given.put_nowait(reading(USUAL, account=replace(ACCOUNT, email="other@example.com")))
        await pilot.pause()
        await foretold(app)
        assert "a day to use" not in text_of(app)
        assert any("Another account" in notification.message for notification in app._notifications)


async def test_a_journal_that_cannot_keep_anything_is_told_once() -> None:
    past = KeptReadings()
    past.notice = "Readings are kept only until kiro-tui ends: [red]disk[/]"
    async with on_stage(live(USUAL), SIZE, past=past) as (app, _pilot):
        await foretold(app)
        said = [notification.message for notification in app._notifications]

    assert said == [past.notice]


async def test_h_shows_the_history_and_w_where_it_went() -> None:
    book = FakeBook()
    app = Dashboard(Lent(SilentQuestions(), StandingClock(), Options(zone=BERLIN), past=KeptReadings(), book=book))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("h")
        assert isinstance(app.screen, HistorySheet)
        await pilot.press("h")
        await pilot.press("w")
        assert isinstance(app.screen, SpendScreen)
        await pilot.press("w")
        await pilot.pause()
        assert app.screen is app.screen_stack[0]
