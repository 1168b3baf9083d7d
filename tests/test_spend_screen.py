"""The Spend screen: keys, search, a slow or endless reading, and titles that would like to be more than text."""

import asyncio
import json
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spending import FakeBook, book, session, settled, spend_screen, text_of, turns

from kiro_tui.commands.sessions import SessionFiles
from kiro_tui.domain.spend import By, Skipped, spend_by
from kiro_tui.spend.ledger import Ledger, Progress
from kiro_tui.spend.root import Sources
from kiro_tui.ui.app import Dashboard
from kiro_tui.ui.line import width
from kiro_tui.ui.rows import Rows
from kiro_tui.ui.spend import SpendScreen
from kiro_tui.ui.spend_list import Sight, bar, cut_beginning, listing, rows_of
from kiro_tui.ui.spend_search import Scope, narrowed


def rows_below(screen: SpendScreen, heading: str) -> list[str]:
    lines = screen.query_one("#spend-list", Rows).text.splitlines()
    assert lines[0].split()[0] == heading
    return [line.strip(" ▎") for line in lines[1:]]


async def test_it_says_what_it_is_and_which_share_of_the_account_it_explains() -> None:
    async with spend_screen(book(), (120, 40)) as (_app, screen, _pilot):
        said = text_of(screen)

    assert "a lower bound: this machine only" in said
    assert "325.96 of the account's 1026.59 this month" in said
    assert "31.8 %" in said
    assert "at least 325.96 credits in 18 sessions" in said


async def test_without_the_accounts_figure_no_share_is_made_up() -> None:
    async with spend_screen(book(), (80, 24), None) as (_app, screen, _pilot):
        assert "the account's own figure is not known" in text_of(screen)
        assert "account's 0" not in text_of(screen)


@pytest.mark.parametrize(
    ("keys", "heading", "first"),
    [
        ((), "Project", "/home/person/work/billing"),
        (("s",), "Session", "Migrate the invoice export"),
        (("m",), "Model", "claude-opus-4.5"),
        (("d",), "Day", "Mon 2026-11-02"),
        (("tab", "tab"), "Model", "claude-opus-4.5"),
        (("shift+tab",), "Day", "Mon 2026-11-02"),
        (("d", "p"), "Project", "/home/person/work/billing"),
    ],
)
async def test_each_view_has_its_key_and_most_comes_first(keys: tuple[str, ...], heading: str, first: str) -> None:
    async with spend_screen(book(), (120, 40)) as (_app, screen, pilot):
        await pilot.press(*keys)
        assert rows_below(screen, heading)[0].startswith(first)


async def test_enter_goes_into_a_project_and_on_to_a_sessions_turns_and_esc_comes_back_to_the_same_row() -> None:
    async with spend_screen(book()) as (app, screen, pilot):
        await pilot.press("down", "enter")
        assert len(rows_below(screen, "Session")) == 4
        assert "/home/person/work/storefront" in text_of(screen)

        await pilot.press("down", "enter")
        await settled(pilot)
        assert "Fix the login page" in text_of(screen)
        assert "15.25 credits in 31 turns" in text_of(screen)
        assert "1 of 31" in text_of(screen)

        await pilot.press("escape")
        assert "2 of 4" in text_of(screen)
        await pilot.press("escape")
        assert "2 of 8" in text_of(screen)
        await pilot.press("escape")
        assert app.screen is not screen


async def test_a_turn_without_a_cost_shows_a_dash_and_the_sum_says_at_least() -> None:
    async with spend_screen(book(), (120, 40)) as (_app, screen, pilot):
        await pilot.press("s", "enter")
        await settled(pilot)
        assert "at least 120.30 credits in 64 turns" in text_of(screen)
        await pilot.press("end")
        assert "–" in rows_below(screen, "Turn")[-6]


async def test_a_file_that_is_gone_is_said() -> None:
    gone = book()
    gone.told.clear()
    async with spend_screen(gone) as (_app, screen, pilot):
        await pilot.press("s", "enter")
        await settled(pilot)
        assert "its file is gone, or cannot be read" in text_of(screen)


async def test_the_search_narrows_every_view_and_esc_clears_it_before_it_goes_back() -> None:
    async with spend_screen(book(), (120, 40)) as (app, screen, pilot):
        await pilot.press("slash", *"BILL invoice")
        assert rows_below(screen, "Project")[0].startswith("/home/person/work/billing")
        assert "in 2 sessions" in text_of(screen)

        await pilot.press("enter", "s")  # the keys are keys again
        assert len(rows_below(screen, "Session")) == 2

        await pilot.press("escape")
        assert len(rows_below(screen, "Session")) == 18
        assert app.screen is screen


async def test_a_search_without_a_find_says_so_and_how_to_go_on() -> None:
    async with spend_screen(book()) as (_app, screen, pilot):
        await pilot.press("slash", *"xyzzy")
        assert "No session has 'xyzzy'" in text_of(screen)
        assert "nothing found" in text_of(screen)
        assert "esc clears" in text_of(screen)


async def test_moving_stays_in_the_list_and_the_chosen_row_in_sight() -> None:
    async with spend_screen(book(), (50, 15)) as (_app, screen, pilot):
        await pilot.press("s", "end", "down")
        assert "18 of 18" in text_of(screen)
        assert "Try a kata" in text_of(screen) or "untitled" in text_of(screen)
        await pilot.press("home", "up", "pagedown")
        assert "▎" in text_of(screen)


async def test_a_click_chooses_a_row_and_another_opens_it() -> None:
    async with spend_screen(book()) as (_app, screen, pilot):
        await pilot.click("#spend-list", offset=(4, 3))
        assert "3 of 8" in text_of(screen)
        await pilot.click("#spend-list", offset=(4, 3))
        await pilot.pause()
        assert rows_below(screen, "Session")


async def test_what_looks_like_a_key_can_be_clicked() -> None:
    async with spend_screen(book()) as (app, screen, pilot):
        await pilot.click("#spend-top", offset=(76, 1))
        assert rows_below(screen, "Day")

        await pilot.click("#spend-bottom", offset=(76, 2))
        await pilot.pause()
        assert app.screen is not screen


async def test_nothing_at_all_says_where_it_looked_and_what_to_do_and_r_looks_again() -> None:
    none_yet = FakeBook(steps=[Ledger((), ())])
    async with spend_screen(none_yet) as (_app, screen, pilot):
        assert "/home/person/.kiro/sessions" in text_of(screen)
        assert "press r" in text_of(screen)

        none_yet.steps = book().steps
        await pilot.press("r")
        await settled(pilot)
        assert rows_below(screen, "Project")


async def test_what_was_passed_over_is_one_line() -> None:
    async with spend_screen(book((Skipped("damaged lines", 3), Skipped("links", 2)))) as (_app, screen, _pilot):
        said = [line for line in text_of(screen).splitlines() if "damaged" in line]
        assert said == [f"{'  '}Not counted: 16 turns without a cost, 3 × damaged lines, 2 × links"]


async def test_a_slow_reading_shows_how_far_it_is_and_stops_no_key() -> None:
    slow = FakeBook(steps=[Progress(5, 40), *book().steps], gates={1: threading.Event()})
    async with spend_screen(slow) as (_app, screen, pilot):
        await slow.has_given(1, pilot)
        assert "5 of 40" in text_of(screen)
        await pilot.press("d", "down", "enter", "slash")
        assert "5 of 40" in text_of(screen)

        slow.gates[1].set()
        await settled(pilot)
        assert rows_below(screen, "Day")


async def test_esc_leaves_a_reading_at_once_and_stops_it() -> None:
    steps = [Progress(n, 1000) for n in range(1000)]
    slow = FakeBook(steps=[*steps, Ledger((), ())], gates={10: threading.Event()})
    async with spend_screen(slow) as (app, screen, pilot):
        await slow.has_given(10, pilot)
        reading = next(worker for worker in app.workers if worker.group == "reading")
        await pilot.press("escape")
        assert app.screen is not screen

        slow.gates[10].set()
        async with asyncio.timeout(30):
            while not slow.closed:
                await pilot.pause()
        assert reading.is_cancelled
        assert slow.given < 20


HOSTILE = ("[red]x[/red]", "[@click=app.quit]x[/]", "\x1b[31mred\x1b]0;owned\x07", "a\nb\tc", "\u202eevil", "x" * 5000)


async def test_hostile_titles_are_only_text(tmp_path: Path) -> None:
    for number, title in enumerate(HOSTILE):
        folder = tmp_path / "sessions" / "0123" / f"sess_{number}"
        folder.mkdir(parents=True)
        about = {"title": title, "workspacePaths": [f"/{title}"], "modelId": title}
        (folder / "session.json").write_text(json.dumps(about), encoding="utf-8")
        summary = {"type": "usage_summary", "promptTurnSummaries": [{"unit": "credit", "usage": 1 + number}]}
        at = "2026-11-20T02:17:07.966Z"
        line = {"id": f"id{number}", "timestamp": at, "payload": summary}
        (folder / "messages.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    files = SessionFiles(Sources((tmp_path / "sessions",)), None, UTC)
    async with spend_screen(files, (120, 40)) as (app, screen, pilot):
        for key in ("p", "s", "m"):
            await pilot.press(key)
            said = text_of(screen)
            assert "[red]x[/red]" in said
            assert "[@click=app.quit]x[/]" in said
            assert not any(ord(character) < 32 and character != "\n" for character in said)
            assert "\u202e" not in said
            assert all(width(line) <= 120 for line in said.splitlines())
        for _ in HOSTILE:
            await pilot.press("s", "enter")
            await settled(pilot)
            await pilot.press("escape", "down")
        assert isinstance(app, Dashboard)
        assert app.is_running


# The parts ------------------------------------------------------------------------------------------------------------

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
words = st.text("ab é界[]", max_size=40)


@given(
    names=st.lists(st.tuples(words, words), min_size=1, max_size=8),
    cells=st.integers(30, 200),
    chosen=st.integers(0, 7),
    by=st.sampled_from(By),
)
def test_a_list_keeps_to_its_width_whatever_the_names(
    names: list[tuple[str, str]], cells: int, chosen: int, by: By
) -> None:
    sessions = [session(a, b, b or None, turns(n + 1, "1234.5", NOON), n) for n, (a, b) in enumerate(names)]
    laid = listing(spend_by(by, sessions), UTC)

    lines = rows_of(laid, chosen, 0, Sight(cells, 1, 40))

    assert all(line.needs <= cells + 1 for line in lines)
    assert len({line.needs for line in lines}) == 1


@given(a=st.decimals(0, 1), b=st.decimals(0, 1), cells=st.integers(1, 100))
def test_a_bar_grows_with_what_it_stands_for_and_never_out_of_its_cells(a: Decimal, b: Decimal, cells: int) -> None:
    short, long = bar(min(a, b), cells), bar(max(a, b), cells)

    assert len(short) <= len(long) <= cells
    assert (bar(a, cells) == "") == (a == 0)


@given(text=words, cells=st.integers(0, 20))
def test_a_path_keeps_its_end(text: str, cells: int) -> None:
    cut = cut_beginning(text, cells)

    assert width(cut) <= cells
    assert text.endswith(cut.removeprefix("…"))


def test_words_may_stand_in_any_name_and_on_a_day_and_all_must_be_found() -> None:
    one = session("Fix the search", "billing", "auto", turns(3, "1", NOON) + turns(3, "1", NOON + timedelta(days=1)))

    assert list(narrowed([one], "SEARCH bill", None)) == [one]
    assert [day.day.day for (found,) in [narrowed([one], "fix 11-21", None)] for day in found.days] == [21]
    assert list(narrowed([one], "search storefront", None)) == []
    assert list(narrowed([one], "", Scope(By.PROJECT, "/other", "/other"))) == []
    assert [
        day.day.day for (found,) in [narrowed([one], "", Scope(By.DAY, "2026-11-20", ""))] for day in found.days
    ] == [20]
