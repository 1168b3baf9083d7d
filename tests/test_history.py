"""Past readings: what `kiro-tui history` prints, and what the history sheet does with keys."""

import asyncio
import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from months import DAY, HOUR, MONTHS, NOW, on
from pasts import HALF_A_YEAR
from stage import BERLIN, StandingClock
from test_images_history import history
from textual.geometry import Size
from textual.pilot import Pilot

from kiro_tui.cli import main
from kiro_tui.commands.history import MOST_DAYS, Asked, prune, run
from kiro_tui.domain.history import Reading
from kiro_tui.domain.past import past_of
from kiro_tui.domain.state import Snapshot
from kiro_tui.domain.usage import Account, Note, NoteCode, Overage, Report, Window, WindowKind
from kiro_tui.domain.usage_by import Period
from kiro_tui.errors import UsageError
from kiro_tui.journal.store import FILE, Journal
from kiro_tui.output.as_json import render
from kiro_tui.output.history import COLUMNS, Told, as_csv, document, text
from kiro_tui.ui.history import HistorySheet, history_of
from kiro_tui.ui.history_page import page
from kiro_tui.ui.history_view import HistoryView, Look
from kiro_tui.ui.line import Line, span_width
from kiro_tui.ui.rows import Rows

GOLDEN = Path(__file__).parent / "golden"
SIZE = (120, 40)
D = Decimal
EVERY_KIND = (
    MONTHS["bonus first"][-2],
    MONTHS["over the limit, overage on"][-1],
    replace(MONTHS["pooled account"][-1], version=None),
    replace(MONTHS["even use"][-1], report=Report("Q Developer Pro", managed=True), first_at=NOW - HOUR / 2),
)
ODD = 'A "grand", old\r\nbonus; =1+1'


def told(*readings: Reading, others: int = 0) -> Told:
    return Told(readings, past_of(readings, NOW), others=others)


def keep(folder: Path, readings: tuple[Reading, ...], account: Account | None = None) -> None:
    journal = Journal(folder, StandingClock(NOW))
    for reading in readings:
        for at in sorted({reading.first_at, reading.last_at}):
            journal.keep(Snapshot(reading.report, reading.way, at, 1.0, reading.version, account=account))
    journal.close()


def printed(folder: Path, asked: Asked, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(asked, folder=folder, clock=StandingClock(NOW), zone=BERLIN) == 0
    return capsys.readouterr().out


# What is printed ------------------------------------------------------------------------------------------------------


def test_the_json_is_as_it_was_promised() -> None:
    content = render(document(told(*EVERY_KIND, others=2), BERLIN), pretty=True) + "\n"

    assert content == (GOLDEN / "history.json").read_text(encoding="utf-8")


def test_the_csv_is_as_it_was_promised() -> None:
    assert as_csv(told(*EVERY_KIND)).encode() == (GOLDEN / "history.csv").read_bytes()


def test_the_table_is_as_it_was_blessed() -> None:
    readings = (*MONTHS["bonus first"][-3:], EVERY_KIND[-1])

    assert text(told(*readings, others=1), NOW, BERLIN) == (GOLDEN / "history.txt").read_text(encoding="utf-8")


def test_a_reading_with_older_figures_says_so_in_every_form() -> None:
    as_of = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    overage = Overage(enabled=True, credits=Decimal("40.29"), as_of=as_of)
    window = replace(NEWEST.report.windows[0], as_of=as_of)
    note = Note(NoteCode.KEPT_FROM_BEFORE, "Overage: kept.", as_of)
    kept = replace(NEWEST, report=replace(NEWEST.report, windows=(window,), overage=overage, notes=(note,)))

    (read,) = document(told(kept), BERLIN)["readings"]
    (row,) = csv.DictReader(io.StringIO(as_csv(told(kept)), newline=""))

    assert {read["windows"][0]["as_of"], read["overage"]["as_of"], read["notes"][0]["as_of"]} == {
        "2026-11-20T08:30:00Z"
    }
    assert {row["as_of"], row["overage_as_of"]} == {"2026-11-20T08:30:00Z"}
    assert "overage 40.29, partly as of 2026-11-20 09:30" in text(told(kept), NOW, BERLIN)


def test_csv_brings_quotes_commas_and_line_breaks_back() -> None:
    reading = replace(NEWEST, report=replace(NEWEST.report, windows=(replace(NEWEST.report.windows[0], label=ODD),)))

    header, row = csv.reader(io.StringIO(as_csv(told(reading)), newline=""))

    assert header == list(COLUMNS)
    assert dict(zip(header, row, strict=True))["label"] == ODD


NEWEST = MONTHS["even use"][-1]


def test_every_window_has_a_row_and_a_reading_without_windows_has_one() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(told(*EVERY_KIND)), newline="")))

    assert [row["kind"] for row in rows] == ["plan", "bonus", "plan", "plan", ""]


@pytest.mark.parametrize("month", MONTHS)
def test_the_days_of_the_json_sum_up_to_what_is_known(month: str) -> None:
    readings = MONTHS[month]
    content = document(told(*readings), BERLIN)

    days = [day["credits"] for day in content["days"] if day["credits"] is not None]

    known = [use.credits for use in past_of(readings, NOW).uses]
    assert sum(days) == pytest.approx(float(sum(known, D(0))))


def test_days_are_counted_where_the_person_is() -> None:
    content = document(told(replace(NEWEST, first_at=on(19, 22), last_at=on(19, 23))), BERLIN)

    assert [day["day"] for day in content["days"]] == ["2026-11-19", "2026-11-20"]


# The command ----------------------------------------------------------------------------------------------------------


def test_an_empty_history_says_so_and_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "There is no history yet" in printed(tmp_path, Asked(), capsys)
    assert json.loads(printed(tmp_path, Asked(json=True), capsys))["readings"] == []
    assert printed(tmp_path, Asked(csv=True), capsys) == ",".join(COLUMNS) + "\r\n"


def test_all_that_was_kept_is_printed_oldest_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = MONTHS["even use"][-30:]
    keep(tmp_path, kept)

    content = json.loads(printed(tmp_path, Asked(json=True), capsys))

    assert [reading["first_at"] for reading in content["readings"]] == [
        f"{reading.first_at:%Y-%m-%dT%H:%M:%SZ}" for reading in kept
    ]
    assert content["readings"][-1]["windows"][0]["used"] == 1170


def test_days_count_from_midnight_and_today_is_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(tmp_path, MONTHS["even use"][-60:])

    content = json.loads(printed(tmp_path, Asked(days="2", json=True), capsys))

    assert content["readings"][0]["first_at"] == "2026-11-18T23:00:00Z"
    assert [day["day"] for day in content["days"]] == ["2026-11-19", "2026-11-20"]
    assert content["days"][0]["credits"] == pytest.approx(60)


def test_the_account_seen_last_is_shown_and_that_there_are_others_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tmp_path, MONTHS["even use"][-9:-6], Account("Google", "one@example.com"))
    keep(tmp_path, MONTHS["weekend-free"][-2:], Account("GitHub", "two@example.com"))

    assert json.loads(printed(tmp_path, Asked(json=True), capsys))["other_accounts"] == 1
    shown = printed(tmp_path, Asked(), capsys)
    assert "readings of 1 other account too" in shown
    assert shown.count("of 2000") == 2


@pytest.mark.parametrize("days", ["0", "-1", "x", "", "1.5", "²", "999999999", str(MOST_DAYS + 1)])
def test_a_number_of_days_that_is_none_is_an_error_that_says_what_was_expected(days: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a number of days"):
        run(Asked(days=days), folder=tmp_path, clock=StandingClock(NOW))


@pytest.mark.parametrize("asked", [Asked(json=True, csv=True), Asked(pretty=True)])
def test_forms_that_exclude_each_other_are_an_error(asked: Asked, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        run(asked, folder=tmp_path, clock=StandingClock(NOW))


def test_a_history_of_many_days_is_all_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(tmp_path, MONTHS["even use"][-3:])

    assert printed(tmp_path, Asked(days=str(MOST_DAYS)), capsys) == printed(tmp_path, Asked(), capsys)


def test_prune_thins_out_what_is_old_and_says_how_much(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = [replace(NEWEST, first_at=NOW - n * timedelta(minutes=5), last_at=NOW) for n in range(12, 0, -1)]
    keep(
        tmp_path,
        tuple(
            replace(reading, last_at=reading.first_at, report=replace(reading.report, plan=f"plan {n}"))
            for n, reading in enumerate(old)
        ),
    )

    assert prune(folder=tmp_path, clock=StandingClock(NOW + 90 * DAY)) == 0
    said = capsys.readouterr().out
    assert "60 days: 11" in said
    assert "25 months: 0" in said
    prune(folder=tmp_path, clock=StandingClock(NOW + 900 * DAY))
    assert "25 months: 1" in capsys.readouterr().out


def test_a_damaged_history_is_told_beside_the_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / FILE).write_bytes(b"this is no database" * 400)

    run(Asked(csv=True), folder=tmp_path, clock=StandingClock(NOW))

    said = capsys.readouterr()
    assert said.out == ",".join(COLUMNS) + "\r\n"
    assert "damaged" in said.err


@pytest.mark.parametrize(
    ("argv", "status"),
    [
        (["history"], 0),
        (["history", "prune"], 0),
        (["history", "--json", "--days", "3"], 0),
        (["history", "prune", "--csv"], 2),
        (["history", "--days", "none"], 2),
        (["history", "forget"], 2),
    ],
)
def test_the_command_line_knows_it(
    argv: list[str], status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))

    assert main(argv) == status


# The sheet ------------------------------------------------------------------------------------------------------------


def shown(sheet: HistorySheet) -> str:
    return sheet.query_one(Rows).text


async def after(sheet: HistorySheet, pilot: Pilot[None], *keys: str) -> str:
    await pilot.press(*keys)
    await pilot.pause()
    return shown(sheet).splitlines()[0]


async def test_keys_and_tab_choose_the_length_of_time() -> None:
    async with history(HALF_A_YEAR, SIZE) as (_app, sheet, pilot):
        assert "November 2026" in await after(sheet, pilot)
        for period, title in (
            (Period.DAY, "Fri Nov 20, 2026"),
            (Period.WEEK, "Nov 16–22, 2026"),
            (Period.MONTH, "November 2026"),
            (Period.BILLING, "Nov 1 – Dec 1, 2026"),
            (Period.YEAR, "History   2026"),
        ):
            assert title in await after(sheet, pilot, period[0])
        assert "Fri Nov 20, 2026" in await after(sheet, pilot, "d")
        assert "Nov 16–22, 2026" in await after(sheet, pilot, "tab")
        assert "Fri Nov 20, 2026" in await after(sheet, pilot, "shift+tab")


async def test_left_and_right_move_in_time_but_not_out_of_what_was_read() -> None:
    async with history(HALF_A_YEAR, SIZE) as (_app, sheet, pilot):
        assert "October 2026" in await after(sheet, pilot, "left")
        assert "June 2026" in await after(sheet, pilot, *["left"] * 9)
        assert "July 2026" in await after(sheet, pilot, "right")
        assert "November 2026" in await after(sheet, pilot, *["right"] * 9)
        assert "November 2026" in await after(sheet, pilot, "left", "left", "home")


async def test_up_and_down_choose_a_row_and_stay_in_the_table() -> None:
    def chosen() -> str:
        return next(line for line in shown(sheet).splitlines() if line.startswith("▸"))

    async with history(HALF_A_YEAR, SIZE) as (_app, sheet, pilot):
        assert "Nov 20" in chosen()
        await after(sheet, pilot, "down", "down", "up")
        assert "Nov 19" in chosen()
        await after(sheet, pilot, *["pagedown"] * 5)
        assert "Nov  1" in chosen()
        await after(sheet, pilot, *["pageup"] * 5)
        assert "Nov 20" in chosen()


async def test_enter_opens_a_month_then_a_day_and_esc_goes_back_the_same_way() -> None:
    async with history(HALF_A_YEAR, SIZE) as (app, sheet, pilot):
        await after(sheet, pilot, "y", "down")
        assert "October 2026" in await after(sheet, pilot, "enter")
        assert "Tue Oct 27, 2026" in await after(sheet, pilot, *["down"] * 4, "enter")
        assert "+8.80" in shown(sheet)
        assert "Tue Oct 27, 2026" in await after(sheet, pilot, "enter")
        assert "October 2026" in await after(sheet, pilot, "escape")
        assert "History   2026" in await after(sheet, pilot, "escape")
        await pilot.press("escape")
        assert app.screen is not sheet


@pytest.mark.parametrize("key", ["h", "q", "escape"])
async def test_these_keys_close_it(key: str) -> None:
    async with history(HALF_A_YEAR, SIZE) as (app, sheet, pilot):
        await pilot.press(key)
        assert app.screen is not sheet
        assert app.is_running


async def test_a_click_on_a_length_of_time_looks_at_it() -> None:
    async with history(HALF_A_YEAR, SIZE) as (_app, sheet, pilot):
        x = shown(sheet).splitlines()[0].index("week")
        await pilot.click(Rows, offset=(x + 1, 0))
        assert "Nov 16–22, 2026" in await after(sheet, pilot)


async def test_an_empty_history_answers_every_key_and_says_what_to_do() -> None:
    async with history((), SIZE) as (_app, sheet, pilot):
        await after(sheet, pilot, "left", "right", "up", "down", "enter", "tab", "b", "y", "home", "pagedown")
        assert "There is no history yet" in shown(sheet)


async def test_keys_before_the_readings_have_come_do_no_harm() -> None:
    class Late:
        async def readings(self, since: datetime) -> tuple[Reading, ...]:
            raise AssertionError(since)

    sheet = HistorySheet(Late(), StandingClock(NOW), BERLIN)
    for action in (sheet.action_open_chosen, sheet.action_now):
        await action()
    await sheet.action_move(1)
    await sheet.action_choose(1)
    await sheet.action_next_period(1)
    await sheet.action_look("year")


async def test_of_several_drawings_at_once_only_the_one_asked_for_last_is_shown() -> None:
    async with history(HALF_A_YEAR, SIZE) as (_app, sheet, _pilot):
        drawn: list[tuple[Line, ...]] = []
        vars(sheet.query_one(Rows))["show"] = drawn.append
        await asyncio.gather(*(sheet._draw(Size(cells, 12)) for cells in (100, 60, 40)))

        assert len(drawn) == 1
        assert all(line.needs <= 40 for line in drawn[0])


async def test_a_label_that_would_like_to_be_markup_is_text() -> None:
    odd = Window(WindowKind.BONUS, "[red]x[/] $name", D(1), D(5))
    reading = replace(NEWEST, report=replace(NEWEST.report, windows=(*NEWEST.report.windows, odd)))
    async with history((reading,), SIZE) as (_app, sheet, _pilot):
        assert "[red]x[/] $name 1.00 of 5" in shown(sheet)


@pytest.mark.parametrize("month", MONTHS)
def test_every_scripted_month_is_drawn_at_every_size_within_its_pane(month: str) -> None:
    past = history_of(MONTHS[month], NOW, BERLIN)
    for period in past.calendar.periods:
        view = HistoryView(past, Look(past.calendar.holding(period, NOW)), NOW)
        for cells, rows in ((116, 38), (76, 22), (48, 15), (40, 10), (24, 3), (20, 1)):
            drawn = page(view, cells, rows)
            assert len(drawn) == rows
            assert all(span_width(line.laid_out(cells)) <= cells for line in drawn)
