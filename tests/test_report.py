"""Every screen that kiro-cli is known to draw is read as what it says, and no screen is read as more than it says."""

import json
import random
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiro_tui.domain.frame import Frame, Run
from kiro_tui.domain.usage import NoteCode, Overage, Report, Window, WindowKind
from kiro_tui.errors import FlagsRefused, NoNumbers, NotRecognised, ProbeError, PromptExecuted
from kiro_tui.probe.process.child import Size
from kiro_tui.probe.reading.dates import read_date, read_days
from kiro_tui.probe.reading.meters import Meter, total_overage
from kiro_tui.probe.reading.numbers import read_amount
from kiro_tui.probe.reading.refusals import opens_browser, signed_out
from kiro_tui.probe.reading.report import is_whole, parse
from kiro_tui.probe.reading.shapes import BAR_GLYPHS
from kiro_tui.probe.reading.wrapping import LONGEST_LINE, unwrap
from kiro_tui.probe.terminal.terminal import Terminal

RECORDINGS = Path(__file__).parent / "recordings"
NAMES = sorted(path.stem for path in RECORDINGS.glob("*.bytes"))
WIDTHS = (80, 120, 200)
NOW = datetime(2026, 6, 11, 12, tzinfo=UTC)
REPORTS = [name for name in NAMES if json.loads((RECORDINGS / f"{name}.json").read_text())["error"] is None]
UNIVERSAL = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def screen(pieces: Iterator[bytes] | list[bytes], columns: int = 120) -> Frame:
    terminal = Terminal(Size(50, columns))
    for piece in pieces:
        terminal.feed(piece)
    return terminal.frame()


def frame(text: str, columns: int = 120) -> Frame:
    return Frame(columns, tuple((Run(line),) if line else () for line in text.split("\n")))


def load(name: str) -> tuple[bytes, dict[str, Any], datetime]:
    expected = json.loads((RECORDINGS / f"{name}.json").read_text())
    return (RECORDINGS / f"{name}.bytes").read_bytes(), expected, datetime.fromisoformat(expected["now"])


def read(text: str) -> Report:
    return parse(frame(text), now=NOW)


def figure(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def moment(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_recorded(window: Window) -> dict[str, Any]:
    plan = window.kind is WindowKind.PLAN
    return {
        "kind": window.kind.value,
        "label": window.label,
        "used": figure(window.used),
        "limit": figure(window.limit),
        "used_percent": figure(window.used_percent),
        "reported_percent": figure(window.reported_percent),
        "resets_at": moment(window.ends_at) if plan else None,
        "expires_at": None if plan else moment(window.ends_at),
        "expires_in_days": window.ends_in_days,
    }


def check(name: str, seen: Frame, expected: dict[str, Any], now: datetime) -> None:
    if expected["error"] is not None:
        with pytest.raises(ProbeError) as caught:
            parse(seen, now=now)
        assert caught.value.code == expected["error"], name
        assert caught.value.message
        assert caught.value.hint
        return
    report = parse(seen, now=now)
    assert {"name": report.plan, "managed": report.managed} == expected["plan"]
    assert len(report.windows) == len(expected["windows"])
    for window, wanted in zip(report.windows, expected["windows"], strict=True):
        assert {key: value for key, value in as_recorded(window).items() if key in wanted} == wanted
    assert [note.code.value for note in report.notes] == expected["notes"]
    if expected["overage"] is None:
        assert report.overage is None
    else:
        assert report.overage is not None
        for key, value in expected["overage"].items():
            stated = getattr(report.overage, key)
            assert (figure(stated) if isinstance(stated, Decimal) else stated) == value, key
    assert report.organization == expected.get("organization", report.organization)


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_a_recording_is_read_as_its_json_says_at_every_width(name: str, columns: int) -> None:
    data, expected, now = load(name)
    check(name, screen([data], columns), expected, now)


@pytest.mark.parametrize("name", NAMES)
def test_only_a_finished_report_is_whole(name: str) -> None:
    data, expected, now = load(name)
    wanted = expected.get("whole", expected["error"] is None)
    assert [is_whole(screen([data], columns), now=now) for columns in WIDTHS] == [wanted] * 3


@pytest.mark.parametrize("name", NAMES)
def test_the_reading_does_not_depend_on_how_the_bytes_were_cut(name: str) -> None:
    data, expected, now = load(name)
    cuts = sorted(random.Random(name).choices(range(len(data) + 1), k=12))  # noqa: S311  # the same cuts every time
    pieces = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    check(name, screen(pieces), expected, now)
    check(name, screen([data[at : at + 1] for at in range(len(data))]), expected, now)


@pytest.mark.parametrize("columns", range(40, 130))
def test_a_headless_report_is_read_at_any_width(columns: int) -> None:
    names = ["classic-pro-overage", "classic-packs-in-plural", "box-free-as-specified", "classic-two-resources"]
    names += ["inline-org-197", "inline-paid-with-offer", "inline-with-grants-packs-and-overage"]
    for name in names:
        data, expected, now = load(name)
        check(name, screen([data], columns), expected, now)


@pytest.mark.parametrize(
    "name",
    [name for name in REPORTS if name.startswith(("classic", "box", "managed", "untitled"))],
)
def test_a_report_that_is_cut_off_is_never_whole_and_never_different(name: str) -> None:
    data, _, now = load(name)
    whole = parse(screen([data]), now=now)
    text = data.decode()
    for end in range(0, len(text), 7):
        seen = screen([text[:end].encode()])
        if is_whole(seen, now=now):
            assert parse(seen, now=now).windows == whole.windows
            assert parse(seen, now=now).overage == whole.overage
            continue
        try:
            report = parse(seen, now=now)
        except ProbeError:
            continue
        known = {(window.kind, window.label): window for window in whole.windows}
        for window in report.windows:
            full = known.get((window.kind, window.label))
            assert full is None or window.limit == full.limit
            assert full is None or window.kind is WindowKind.PLAN or window.used == full.used


@pytest.mark.parametrize("name", [name for name in REPORTS if name.startswith("inline")])
def test_an_inline_report_that_is_cut_off_shows_only_figures_that_the_whole_one_shows(name: str) -> None:
    data, _, now = load(name)
    full = parse(screen([data]), now=now)
    known = {(window.kind, window.label): window for window in full.windows}
    text = data.decode()
    for end in range(len(text)):
        try:
            report = parse(screen([text[:end].encode()]), now=now)
        except ProbeError:
            continue
        for window in report.windows:
            whole = known[window.kind, window.label]
            assert window.limit == whole.limit
            assert window.used == whole.used or (window.kind is WindowKind.PLAN and full.overage is not None)
            assert window.reported_percent in {None, whole.reported_percent}
            assert window.ends_at in {None, whole.ends_at}
        if report.overage is not None and full.overage is not None:
            assert report.overage.credits in {None, full.overage.credits}
            assert report.overage.cost in {None, full.overage.cost}


ODD_ROWS = [
    "A row that nobody has seen before",
    "Something new:",
    "Rollover: applied",
    "Launch offer ends soon, 3 of 5 places left",
    "nan of 100 used, expires Jun 18, 2027",
    "Credits (nan of 2000 covered in plan",
    "Credits used: lots",
    "Est. cost: unknown",
    "Overages: Paused",
    "🎁 Bonus credits: many/few credits used, expires in 3 days",
    "50 USD",
    "12:30",
    "░░░ soon ░░░",
    "┏━━━━━━┓",
    "└──────┘",
    "───────",
    "-------",
    "| New |",
    "| aside",
    "error: something went wrong",
    "⚠ slack requires OAuth authentication. Use /mcp to see the auth link",
    "Error: no agent with name x found. Falling back to user specified default",
    "Resets soon",
    "x",
]


def with_row(seen: Frame, row: str, place: int) -> Frame:
    """Return the screen with one more row, and the cursor below everything."""
    rows = [*seen.rows[:place], (Run(row),), *seen.rows[place:]]
    return replace(seen, rows=tuple(rows), cursor=(len(rows), 0))


COMPLETE = [name for name in REPORTS if not name.startswith("cut-")]


@pytest.mark.parametrize("name", COMPLETE)
def test_one_odd_row_anywhere_costs_no_window(name: str) -> None:
    data, _, now = load(name)
    screen_before = screen([data], 200)
    before, whole = parse(screen_before, now=now), is_whole(screen_before, now=now)
    written = [row for row, line in enumerate(screen_before.lines) if line.strip()]
    for row in ODD_ROWS:
        for place in [*written, written[-1] + 1]:
            seen = with_row(screen_before, row, place)
            report = parse(seen, now=now)
            if "Launch bonus: 8/25" in screen_before.text and row in {"───────", "-------"}:
                continue  # below a rule, such a bonus cannot be told from the interface
            assert _without_titles(report) == _without_titles(before), (row, place)
            assert report.managed == before.managed
            assert is_whole(seen, now=now) or not whole, (row, place)


def _without_titles(report: Report) -> list[tuple[object, ...]]:
    """Return the figures: what a window is called may be taken from an odd row above it."""
    return [
        (window.kind, window.used, window.limit, window.used_percent, window.ends_at, window.ends_in_days)
        for window in report.windows
    ]


@UNIVERSAL
@given(
    st.sampled_from(COMPLETE),
    st.text(st.characters(categories=("L", "M", "P", "S", "Zs")), min_size=1, max_size=60),
    st.integers(0, 60),
)
def test_any_words_anywhere_cost_no_window(name: str, row: str, place: int) -> None:
    data, _, now = load(name)
    screen_before = screen([data], 200)
    spoken = row.lstrip().startswith(">")  # where a model's answer begins, or an idle prompt
    if spoken or any(character in row for character in "█▓▒░"):
        return
    report = parse(with_row(screen_before, row, place), now=now)
    assert _without_titles(report) == _without_titles(parse(screen_before, now=now))


# What is printed comes back: reports are rendered from random figures and names.

BARS = "".join(character for character in map(chr, range(0x2500, 0x2C00)) if re.match(f"[{BAR_GLYPHS}]", character))
NAME_CHARACTERS = st.characters(categories=("L", "N", "P", "S"), exclude_characters=f"┃│║|▸•{BARS}")
NAMES_OF_THINGS = st.one_of(
    st.sampled_from(
        [
            "KIRO PRO+",
            "Q Developer Pro",
            "[@click=app.quit]PRO[/]",
            "Grant 3/4",
            "a: b - c",
            "(1 of 2)",
            "x -",
            "50%",
            "-:",
        ]
    ),
    st.lists(st.text(NAME_CHARACTERS, min_size=1, max_size=6), min_size=1, max_size=3).map(" ".join),
)
AMOUNTS = st.decimals(min_value=0, max_value=10**7, places=2)
DAYS = st.dates(min_value=NOW.date(), max_value=NOW.date() + timedelta(days=2000))


def plainly(value: Decimal) -> str:
    return f"{value}"


def with_separators(value: Decimal) -> str:
    return f"{value:,}"


@st.composite
def reports(draw: st.DrawFn) -> tuple[list[str], dict[str, Any]]:
    """Return the lines of a report and what must be read from them."""
    plan, resets = draw(NAMES_OF_THINGS), draw(DAYS)
    written = draw(st.sampled_from([plainly, with_separators]))
    date_written = draw(st.sampled_from(["%Y-%m-%d", "%B %d, %Y", "%b %d, %Y"]))
    lines = ["", f"Estimated Usage | resets on {resets.strftime(date_written)} | {plan}", ""]
    bonuses = draw(st.lists(st.tuples(NAMES_OF_THINGS, AMOUNTS, AMOUNTS, st.integers(0, 999)), max_size=3))
    dialect = draw(st.sampled_from(["{0} - {1}/{2} used ({3} days left)", "{0}: {1}/{2} (expires in {3} days)"]))
    if bonuses:
        entries = [f"   {dialect.format(name, written(u), written(of), days)}" for name, u, of, days in bonuses]
        lines += ["🎁 Bonus Credits:", *entries, ""]
    meters, credits_on_top = [], Decimal(0)
    for label in draw(st.lists(NAMES_OF_THINGS, min_size=1, max_size=3)):
        limit = draw(st.decimals(min_value=1, max_value=10**7, places=draw(st.sampled_from([0, 2]))))
        used = draw(st.decimals(min_value=0, max_value=limit - Decimal("0.01"), places=2))
        extra = draw(st.none() | st.decimals(min_value=0, max_value=1000, places=2))
        lines += [
            f"{label} ({written(used)} of {written(limit)} covered in plan)",
            "█" * 80 + f" {int(used * 100 / limit)}%",
            "",
        ]
        if extra is None:
            lines += ["Overages: Disabled", ""]
        else:
            lines += [
                "Overages: Enabled  billed at $0.04 per request",
                f"Credits used: {written(extra)}",
                "Est. cost: $1.00 USD",
                "",
            ]
            credits_on_top += extra
        meters.append((label, max(used - (extra or 0), Decimal(0)), limit, extra))
    lines += [
        "To manage your plan navigate to app.kiro.dev/account/usage",
        "",
        "Tip: to see context window usage, run /context",
    ]
    expected = {
        "plan": plan,
        "resets": datetime(resets.year, resets.month, resets.day, tzinfo=UTC),
        "meters": [meter[:3] for meter in meters],
        "bonuses": bonuses,
        "overage": credits_on_top if any(meter[3] is not None for meter in meters) else None,
    }
    return lines, expected


@UNIVERSAL
@given(reports(), st.sampled_from(WIDTHS))
def test_what_was_printed_is_what_is_read(printed: tuple[list[str], dict[str, Any]], columns: int) -> None:
    lines, expected = printed
    rows = [row for line in lines for row in ([line[at : at + columns] for at in range(0, len(line), columns)] or [""])]
    seen = frame("\n".join(row.rstrip(" ") for row in rows), columns)

    report = parse(seen, now=NOW)

    plans = [window for window in report.windows if window.kind is WindowKind.PLAN]
    bonuses = [window for window in report.windows if window.kind is WindowKind.BONUS]
    assert report.plan == expected["plan"]
    assert [(window.label, window.used, window.limit) for window in plans] == expected["meters"]
    assert {window.ends_at for window in plans} == {expected["resets"]}
    assert [(window.label, window.used, window.limit, window.ends_in_days) for window in bonuses] == expected["bonuses"]
    assert report.overage is not None
    assert report.overage.credits == expected["overage"]
    assert is_whole(seen, now=NOW)


@st.composite
def inline_reports(draw: st.DrawFn) -> tuple[list[str], dict[str, Any]]:
    """Return the lines of an inline report and what must be read from them."""
    plan, resets = draw(st.none() | NAMES_OF_THINGS), draw(DAYS)
    written = draw(st.sampled_from([plainly, with_separators]))
    title = f"Estimated Usage | resets on {resets}" + (f" | {plan}" if plan else "")
    meters, blocks = [], []
    for label in draw(st.lists(NAMES_OF_THINGS, min_size=1, max_size=3)):
        limit = draw(st.integers(1, 10**6))
        real = draw(st.decimals(min_value=0, max_value=30 * limit, places=4))
        used = real.quantize(Decimal("0.01"), ROUND_HALF_UP)
        percent = (real * 100 / limit).quantize(Decimal("0.1"), ROUND_HALF_UP)
        blocks.append([f"{label} ({written(used)} of {written(Decimal(limit))} covered in plan), {written(percent)}%"])
        meters.append((label, used, Decimal(limit), percent))
    bonuses = draw(st.lists(st.tuples(NAMES_OF_THINGS, AMOUNTS, AMOUNTS, st.integers(0, 999)), max_size=2))
    if bonuses:
        entries = [f"  {name}: {written(u)}/{written(of)} (expires in {days} days)" for name, u, of, days in bonuses]
        blocks.insert(draw(st.integers(0, len(blocks))), ["Bonus Credits:", *entries])
    packs = draw(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=1))
    if packs:
        entries = [f"  {written(u)} of {written(of)} used, expires Jun 18, 2027" for u, of in packs]
        blocks.insert(draw(st.integers(0, len(blocks))), ["Additional credits:", *entries])
    last = draw(
        st.sampled_from(
            [
                "",
                "Your plan is managed by your organization's administrator.",
                "Manage your plan at https://app.kiro.dev/account/usage",
                "Manage your plan or purchase add-on credits at https://app.kiro.dev/account/usage",
            ]
        )
    )
    lines = [title, *(line for block in blocks for line in block), *([last] if last else [])]
    return lines, {
        "plan": plan,
        "managed": "administrator" in last,
        "resets": datetime(resets.year, resets.month, resets.day, tzinfo=UTC),
        "meters": meters,
        "bonuses": bonuses,
        "packs": packs,
    }


@UNIVERSAL
@given(inline_reports(), st.integers(80, 200))
def test_an_inline_report_is_read_as_it_was_printed(printed: tuple[list[str], dict[str, Any]], columns: int) -> None:
    lines, expected = printed
    rows = [row for line in lines for row in (line[at : at + columns] for at in range(0, len(line), columns))]
    seen = replace(frame("\n".join(row.rstrip(" ") for row in rows), columns), cursor=(len(rows), 0))

    report = parse(seen, now=NOW)

    plans, bonuses, packs = (
        [window for window in report.windows if window.kind is kind]
        for kind in (WindowKind.PLAN, WindowKind.BONUS, WindowKind.ADD_ON)
    )
    assert (report.plan, report.managed) == (expected["plan"], expected["managed"])
    read_back = [(window.label, window.used, window.limit, window.reported_percent) for window in plans]
    assert read_back == expected["meters"]
    assert {window.ends_at for window in plans} == {expected["resets"]}
    assert [(window.label, window.used, window.limit, window.ends_in_days) for window in bonuses] == expected["bonuses"]
    assert [(window.used, window.limit) for window in packs] == expected["packs"]
    assert report.notes == ()
    assert is_whole(seen, now=NOW)


@given(st.integers(1, 10**6), st.decimals(min_value=0, max_value=10**6, places=5), st.integers(0, 3))
def test_a_percent_that_was_truncated_or_rounded_as_kiro_does_never_contradicts_its_pair(
    limit: int, real: Decimal, decimals: int
) -> None:
    used = real.quantize(Decimal("0.01"), ROUND_HALF_UP)
    rounding = ROUND_HALF_UP if decimals else ROUND_DOWN
    share = real * 100 / limit
    percent = share.quantize(Decimal(1).scaleb(-decimals), rounding)
    meter = Meter("Credits", used, Decimal(limit), percent)
    if decimals or used == real:
        assert not meter.contradicts_itself
    further = share + 1 + Decimal(1) / limit
    assert replace(meter, percent=further.quantize(Decimal("0.0001"))).contradicts_itself


SCRAPS = st.sampled_from(
    [
        *[
            "Estimated Usage",
            " | resets on ",
            "2026-07-01",
            "02/29",
            "99/99",
            " | ",
            "KIRO PRO",
            "\n",
            "\n\n",
            " ",
            ": ",
            " - ",
        ],
        *[
            "Credits (",
            "1.00 of 2 covered in plan)",
            "(0.00 of 0 covered in plan)",
            " used)",
            "█████",
            " 12%",
            "145.9%",
            "9" * 400,
        ],
        *[
            "Overages: ",
            "Enabled",
            "Disabled",
            " billed at $0.04 per request",
            "Credits used: ",
            "Est. cost: $",
            " USD",
        ],
        *["🎁 Bonus credits: ", "1/2", " used", " credits used, expires in 3 days", " (3 days left)", "/", "nan", "٣"],
        *["Additional credits", "1 of 2 used", ", expires Jun 18, 2027", "1 of 2 credits across 1 pack(s)", "0"],
        *[
            "┏━━┓",
            "┃ ",
            " ┃",
            "┗━━┛",
            "Monthly credits:",
            "Tip: to see context window usage",
            "> ",
            "Loading usage data...",
        ],
        *[
            "Plan: X",
            "Your plan is managed by admin",
            "error: ",
            "Warning: ",
            "Not logged in",
            "403",
            "▸ Credits: 1",
            "⚠️",
        ],
    ]
)


@UNIVERSAL
@given(st.lists(SCRAPS | st.text(max_size=5), max_size=60).map("".join), st.integers(min_value=1, max_value=200))
def test_any_screen_gives_a_report_or_a_known_error(text: str, columns: int) -> None:
    seen = frame(text, columns)
    whole = is_whole(seen, now=NOW)
    try:
        report = parse(seen, now=NOW)
    except ProbeError as error:
        explained = bool(error.message and error.hint)
        assert explained
        assert not whole
    else:
        assert report.windows or report.managed
        assert all(window.used >= 0 and window.used.is_finite() for window in report.windows)


@UNIVERSAL
@given(st.lists(SCRAPS | st.text(max_size=5), max_size=30).map("".join))
def test_the_marks_of_a_model_win_over_everything(text: str) -> None:
    with pytest.raises(PromptExecuted):
        read(f"{text}\n ▸ Credits: 0.04 • Time: 3s\n")


HOSTILE_ROWS = [
    "(" * 200,
    "(1 of 2 " * 25,
    "1/2 used (" * 20,
    "a: " * 66,
    "█ " * 100,
    "█" * 199 + "%",
    "[" * 200,
    "Plan: " * 33,
]
HOSTILE_ROWS += [
    "Estimated Usage | " * 11,
    "error: 403" * 20,
    "| " * 100,
    "\u0301a" * 100,
    "x" * 198,
    "Credits used: " * 14,
]


@pytest.mark.parametrize("row", HOSTILE_ROWS)
def test_reading_takes_linear_time(row: str) -> None:
    def cost(rows: int) -> float:
        seen = frame("\n".join(["Estimated Usage", *[row] * rows]), columns=len(row))
        started = time.process_time()
        is_whole(seen, now=NOW)
        return time.process_time() - started

    small, large = cost(500), cost(2000)
    assert large < max(16 * small, 2.0)


# Dates, numbers, meters.


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("01/01", "2026-12-31", "2027-01-01"),
        ("12/31", "2027-01-01", "2027-12-31"),
        ("06/11", "2026-06-11", "2026-06-11"),
        ("06/10", "2026-06-11", "2027-06-10"),
        ("7/1", "2026-06-11", "2026-07-01"),
        ("02/29", "2027-06-11", "2028-02-29"),
        ("02/29", "2028-02-29", "2028-02-29"),
        ("02/29", "2028-03-01", None),
        ("02/29", "2026-06-11", None),
        ("02/29", "2026-01-11", None),
        ("13/40", "2026-06-11", None),
        ("00/00", "2026-06-11", None),
        ("\u0660\u0661/\u0660\u0661", "2026-06-11", None),
        ("2026-02-30", "2026-06-11", None),
        ("0000-01-01", "2026-06-11", None),
        ("2023-12-31", "2026-06-11", None),
        ("2024-01-01", "2026-06-11", "2024-01-01"),
        ("2100-12-31", "2026-06-11", "2100-12-31"),
        ("2101-01-01", "2026-06-11", None),
        ("Jan 1, 2101", "2026-06-11", None),
        ("01/01", "2100-06-11", None),
        ("Sep 1, 2026", "2026-06-11", "2026-09-01"),
        ("2026-07-01", "2026-06-11", "2026-07-01"),
        ("June 1, 2026", "2026-06-11", "2026-06-01"),
        ("Jun 18, 2027", "2026-06-11", "2027-06-18"),
        ("Sept 18, 2027", "2026-06-11", "2027-09-18"),
        ("Foo 18, 2027", "2026-06-11", None),
        ("Unknown", "2026-06-11", None),
        ("", "2026-06-11", None),
    ],
)
def test_a_date_is_read_or_unknown(text: str, now: str, expected: str | None) -> None:
    found = read_date(text, now=datetime.fromisoformat(f"{now}T12:00:00+00:00"))
    assert (found and found.strftime("%Y-%m-%d")) == expected
    assert found is None or (found.tzinfo is UTC and found.hour == 0)


def test_today_is_the_day_in_utc() -> None:
    new_year_in_tokyo = datetime.fromisoformat("2027-01-01T05:00:00+09:00")
    assert read_date("12/31", now=new_year_in_tokyo) == datetime(2026, 12, 31, tzinfo=UTC)


@given(st.integers(0, 40_000), st.integers(1, 12), st.integers(1, 31))
def test_a_date_without_a_year_is_the_next_such_day(days: int, month: int, day: int) -> None:
    now = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=days, hours=13)
    found = read_date(f"{month:02}/{day:02}", now=now)
    if found is not None:
        assert (found.month, found.day) == (month, day)
        assert timedelta(0) <= found.date() - now.date() < timedelta(days=366)


@pytest.mark.parametrize("text", ["0", "0.00", "12.50", "1,234.5", "10,000", "999,999,999,999", "123456789012.123456"])
def test_a_plain_number_is_read_as_it_is_printed(text: str) -> None:
    assert str(read_amount(text)) == text.replace(",", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nan",
        "inf",
        "-1",
        "+1",
        "1e400",
        "1_000",
        "\uff11\uff12",
        "٣",
        "²",
        ".5",
        "1.",
        "1,23",
        "1,2345",
        "1.234,50",
        "9" * 13,
        " 1",
        "1\n",
        "0x1",
    ],
)
def test_anything_else_is_no_number(text: str) -> None:
    assert read_amount(text) is None


@pytest.mark.parametrize(
    ("text", "days"), [("19 days", 19), ("1 day", 1), ("0 days", 0), ("many days", None), ("9" * 400 + " days", None)]
)
def test_days_are_read_or_unknown(text: str, days: int | None) -> None:
    assert read_days(text) == days


@pytest.mark.parametrize(
    ("used", "limit", "percent", "contradicts"),
    [
        ("0.17", "50", "0", False),
        ("49.99", "50", "99", False),
        ("10.50", "50", "20", False),
        ("10.51", "50", "20", True),
        ("0.00", "50", "100", True),
        ("1458.82", "1000", "145.9", False),
        ("1458.82", "1000", "100", False),
        ("1458.82", "1000", "99", True),
        ("5.00", "0", "0", False),
        ("197.23", "1000", "19.7", False),
        ("197.23", "1000", "19.8", True),
        ("197.23", "1000", "19.6", True),
        ("0.23", "50", "0.5", False),
        ("0.23", "50", "0.3", True),
        ("321.78", "2000", "16.1", False),
        ("999.50", "1000", "100.0", False),
        ("1458.82", "1000", "145.88", False),
        ("1458.82", "1000", "145.90", True),
    ],
)
def test_pair_and_percent_agree_within_what_the_last_digit_allows(
    used: str,
    limit: str,
    percent: str,
    contradicts: bool,  # noqa: FBT001  # a column of the table
) -> None:
    assert Meter("Credits", Decimal(used), Decimal(limit), Decimal(percent)).contradicts_itself is contradicts


def test_where_they_disagree_the_bar_is_believed_and_a_note_says_so() -> None:
    report = read("Estimated Usage\nCredits (0.00 of 50 covered in plan)\n████ 100%\n")
    assert report.windows[0].used_percent == Decimal(100)
    assert report.windows[0].used == Decimal("0.00")
    assert "100 %" in report.notes[0].text
    assert "0.00 of 50" in report.notes[0].text


def test_a_figure_at_the_limit_is_noted_with_what_it_may_hide() -> None:
    (note,) = read("Estimated Usage\nCredits (50.00 of 50 covered in plan)\n████ 100%\n").notes

    assert (note.code, note.text) == (
        NoteCode.MAYBE_CLAMPED,
        "Credits: at least 50.00. This report never shows more than the limit.",
    )


def test_the_sum_of_overage_counts_what_is_on_and_what_is_told_although_off() -> None:
    on, off = Overage(enabled=True, credits=Decimal(3)), Overage(enabled=False)
    told, unknown = Overage(enabled=False, credits=Decimal(4)), Overage(enabled=True)
    sums = [total_overage([on, other]) for other in (off, told, unknown, None)]

    assert [each and each.credits for each in sums] == [3, 7, None, 3]
    assert total_overage([None, None]) is None


# What belongs to what.

GOOD = "Estimated Usage | resets on 2026-07-01 | KIRO PRO\nCredits (640.25 of 2000 covered in plan)\n████ 32%\n"
TIP = "\nTip: to see context window usage, run /context"


@pytest.mark.parametrize(
    "below",
    [
        "jira - 1/2 used (3 days left)",
        "1 of 2 used, expires Jun 18, 2027",
        "1 of 2 credits across 3 packs",
        "Credits used: 5.00",
        "Est. cost: $5.00 USD",
        "| KIRO FREE",
        "Overall: 3%",
        "█ Tools 11.8% (estimated)",
        "3%",
    ],
)
def test_words_outside_their_place_add_nothing(below: str) -> None:
    assert replace(read(f"{GOOD}\n{below}\n"), notes=()) == read(GOOD)


def figures_of(text: str) -> list[tuple[str, Decimal, Decimal | None, Decimal | None]]:
    return [(window.label, window.used, window.limit, window.reported_percent) for window in read(text).windows]


@pytest.mark.parametrize(
    "text",
    [
        "(12.50 of 50 covered in plan)",
        "████ 25%\n(12.50 of 50 covered in plan)",
        "████ 25%\nCredits (12.50 of 50 covered in plan)",
        "Credits (12.50 of 50 covered in plan)\n████ 25%",
        "Credits (12.50 of 50 covered in plan)\nsomething new\n████ 25%",
        "████ 25% (12.50 of 50 covered in plan)",
        "Credits (12.50 of 50 covered in plan) ████ 25%",
        "Credits ████ 25% (12.50 of 50 covered in plan)",
        "(12.50 of 50 covered in plan), 25.0%",
        "(12.50 of 50 covered in plan) 25% (resets on 07/01)",
        "▰▰▱▱ 25.0%\n(12.50 of 50 covered in plan)",
        "████ (12.50 of 50 covered in plan)",
        "████:\n(12.50 of 50 covered in plan)",
        "Credits (12.50 of 50 covered in plan), 25.0%, and more",
    ],
)
def test_figures_and_bar_are_read_in_any_order_and_without_a_title(text: str) -> None:
    for written in (text, f"Plan: KIRO FREE\n{text}", f"{text}\nEstimated Usage | resets on 07/01 | KIRO FREE\n{TIP}"):
        ((label, used, limit, percent),) = figures_of(written)
        assert (label, used, limit) == ("Credits", Decimal("12.50"), Decimal(50))
        assert percent in {None, Decimal(25)}
        assert (percent is None) == ("25" not in text)


@pytest.mark.parametrize(
    "bonus", ["Bonus credits: 5.00/10 credits used", "🎁 Bonus credits: 5.00/10 used (3 days left)"]
)
def test_a_bonus_that_names_itself_is_a_report(bonus: str) -> None:
    assert figures_of(bonus) == [("Bonus credits", Decimal("5.00"), Decimal(10), None)]


@pytest.mark.parametrize(
    "text",
    [
        "████ 25%",
        "| KIRO FREE |\n████ 25%",
        "Current context window (12.3% used)\n████ 12.3%",
        "Context window: 12.3% used (estimated)\n████ 12.3%\nContext files (1.00 used)",
        "> Your credits:\n\n(12.00 of 1000 covered in plan)\n████ 1%",
        "> Sure!\nBonus credits: 5.00/10 credits used",
        "Credits (320.00 used)",
        "jira - 1/2 used (3 days left)",
    ],
)
def test_less_than_that_is_no_report(text: str) -> None:
    with pytest.raises(NotRecognised):
        read(text)


@pytest.mark.parametrize(
    "text", ["Estimated Usage | KIRO FREE\n████ 25%", "┏━━━┓\n┃ Credits:   ┃\n┃ ████ 25% ┃\n┗━━━┛"]
)
def test_a_bar_without_figures_is_told_as_what_it_is(text: str) -> None:
    with pytest.raises(NoNumbers, match="25 % of the credits"):
        read(text)


def test_a_bar_of_the_context_window_above_a_report_is_not_the_credits() -> None:
    context = "Context window: 12.3% used (estimated)\n████ 12.3%\n"
    assert figures_of(f"{context}Credits (12.50 of 50 covered in plan)\n████ 25%") == figures_of(
        "Credits (12.50 of 50 covered in plan)\n████ 25%"
    )


@pytest.mark.parametrize("plan", ["KIRO FREE", "Kiro Pro+", "Q Developer Pro", "Free"])
@pytest.mark.parametrize("row", ["| {0}    |", "│ {0}  │", "┃ | {0}  ┃"])
def test_the_name_of_the_plan_may_stand_in_a_framed_row(plan: str, row: str) -> None:
    assert read(f"{row.format(plan)}\n████ 25%\n(12.50 of 50 covered in plan)").plan == plan


def test_a_framed_row_may_hold_the_reset_as_well() -> None:
    report = read("| KIRO FREE | resets on 07/01 |\nMonthly credits:\n████ 25%\n(12.50 of 50 covered in plan)")

    assert (report.plan, report.notes) == ("KIRO FREE", ())
    assert report.windows[0].label == "Monthly credits"
    assert report.windows[0].ends_at == datetime(2026, 7, 1, tzinfo=UTC)


def test_a_title_above_figures_without_a_title_row_is_theirs() -> None:
    ((label, _, _, percent),) = figures_of("Requests:\n████ 25%\n(12.50 of 50 covered in plan)")
    assert (label, percent) == ("Requests", 25)


def test_a_greeting_in_a_frame_is_no_plan() -> None:
    greeting = "╭────────╮\n│ Welcome to Kiro! │\n│ Kiro CLI 2 │\n╰────────╯\n"
    assert read(f"{greeting}(12.50 of 50 covered in plan)").plan is None


def test_a_failed_bar_or_a_failed_amount_costs_itself_and_is_noted() -> None:
    text = "Estimated Usage\nCredits (1.00 of 10 covered in plan)\n████ x%\n{0}\n{1}"
    report = read(text.format("Spec (nan of 5 covered in plan)\n██ 3%\nOverages: Disabled", TIP))

    assert [(window.label, window.reported_percent) for window in report.windows] == [("Credits", None)]
    (note,) = report.notes
    assert note.code is NoteCode.UNREAD_ROWS
    assert note.text == ("2 rows of the report were not understood: “███ x%”, “Spec (nan of 5 covered in plan)”.")


def test_overage_of_a_resource_that_cannot_be_read_is_not_another_ones() -> None:
    first = "Vibe (11.00 of 10 covered in plan)\n████ 110.0%\nOverages: Disabled\n"
    lost = "Spec (x of 10 covered in plan)\n████ 20%\nOverages: Enabled\nCredits used: 5.00\nEst. cost: $5.00 USD\n"
    report = read(f"Estimated Usage\n{first}{lost}")

    assert figures_of(f"Estimated Usage\n{first}{lost}") == [("Vibe", Decimal("11.00"), Decimal(10), Decimal("110.0"))]
    assert report.overage is not None
    assert report.overage.credits == 5


def test_secrets_in_a_row_that_was_not_understood_are_masked() -> None:
    (note,) = read(f"{GOOD}Billed to person@example.com at https://d-123.awsapps.com/start\n").notes

    assert "person" not in note.text
    assert "d-123" not in note.text


def test_a_note_names_three_rows_and_counts_the_others() -> None:
    (note,) = read(f"{GOOD}one\ntwo\nthree\nfour\nfive\n").notes

    assert note.text == "5 rows of the report were not understood: “one”, “two”, “three” and 2 more."


def test_overage_above_the_figures_is_theirs() -> None:
    text = "Estimated Usage\nOverages: Enabled billed at $0.04 per request\nCredits used: 5.00\nEst. cost: $0.20 USD\n"
    report = read(f"{text}Credits (1005.00 of 1000 covered in plan), 100.5%\n")

    assert report.windows[0].used == 1000
    assert report.overage is not None
    assert report.overage.credits == 5


@pytest.mark.parametrize("tiny", ["5.551115123125783e-17", "0.004", "1e-7"])
def test_what_floating_point_left_of_nothing_is_nothing(tiny: str) -> None:
    text = f"Estimated Usage\nCredits (1.00 of 2 covered in plan), 50.0%\nBonus Credits:\n  Trial: {tiny}/500\n{TIP}"
    assert figures_of(text)[1] == ("Trial", Decimal("0.00"), Decimal(500), None)


def test_a_bar_further_away_is_not_the_meters() -> None:
    text = "Estimated Usage\nCredits (640.25 of 2000 covered in plan)\nContext window: 12% used\n████ 12%\n"
    assert read(text).windows[0].reported_percent is None


def test_overage_figures_belong_to_the_block_above_them() -> None:
    first = "Vibe (1.00 of 10 covered in plan)\n████ 10%\nOverages: Disabled\n"
    second = "Spec (2.00 of 10 covered in plan)\n████ 20%\nCredits used: 5.00\nEst. cost: $5.00 USD\n"
    overage = read(f"Estimated Usage\n{first}{second}").overage
    assert overage is not None
    assert overage.credits is None


def test_overage_figures_below_the_foot_are_not_the_reports() -> None:
    report = f"{GOOD}Overages: Enabled  billed at $0.04 per request\nCredits used: 5.00\nEst. cost: $0.20 USD\n{TIP}\n"
    assert read(f"{report}Credits used: 9.00\nEst. cost: $9.00 USD\n") == read(report)


def test_a_report_below_a_managed_one_with_figures_is_a_new_one() -> None:
    managed = "Plan: Q Developer Pro\nYour plan is managed by admin\nCredits (1.00 of 10 covered in plan)\n██ 10%\n"
    assert read(managed).managed
    assert read(f"{managed}{TIP}\n{GOOD}") == read(GOOD)


def test_a_box_needs_no_header() -> None:
    box = (
        "┏━━━━━━━┓\n┃ Monthly credits:  ┃\n┃ ████ 25% (resets on 07/01) ┃\n┃ (12.50 of 50 covered in plan) ┃\n┗━━━━━┛\n"
    )
    window = read(box).windows[0]
    assert (window.label, window.used, window.reported_percent) == ("Monthly credits", Decimal("12.50"), Decimal(25))
    assert window.ends_at == datetime(2026, 7, 1, tzinfo=UTC)


def test_a_cost_that_may_go_on_is_not_taken() -> None:
    block = "Overages: Enabled  billed at $0.04 per request\nCredits used: 40.29\nEst. cost: $1.6"
    cut = read(f"{GOOD}{block}")
    assert cut.overage is not None
    assert (cut.overage.credits, cut.overage.cost) == (Decimal("40.29"), None)
    assert [note.code for note in cut.notes] == [NoteCode.UNREAD_ROWS]
    overage = read(f"{GOOD}{block}1 USD").overage
    assert overage is not None
    assert overage.cost == Decimal("1.61")


@pytest.mark.parametrize(
    "missing",
    [
        "Estimated Usage\nCredits (1.00 of 10 covered in plan)\n",
        f"{GOOD}Bonus Credits:\n",
        f"{GOOD}Additional credits\n",
    ],
)
def test_a_report_with_a_gap_is_not_whole(missing: str) -> None:
    assert is_whole(frame(GOOD + TIP), now=NOW)
    assert not is_whole(frame(missing + TIP), now=NOW)


def test_a_rule_across_the_screen_ends_its_line() -> None:
    assert is_whole(frame(f"{GOOD}\n{'─' * 120}\nAsk a question or describe a task ↵"), now=NOW)
    assert is_whole(frame(f"{GOOD}\n{'─' * 120}\n[agent] 3% λ !>"), now=NOW)


def test_an_endless_line_is_cut_into_pieces() -> None:
    lines = unwrap(frame("\n".join(["x" * 100] * 1000), columns=100), lambda _line, _row: False)
    assert max(map(len, lines)) < LONGEST_LINE + 100


# What is no report.


@pytest.mark.parametrize(
    "text", ["⠋ Opening browser...", " You are not logged in. Login now?", "Failed to initialize auth portal."]
)
def test_a_sign_in_screen_is_known_at_once(text: str) -> None:
    assert opens_browser(frame(f"noise\n{text}"))


def test_a_report_opens_no_browser() -> None:
    for name in NAMES:
        data, _, _ = load(name)
        opens = {"signed-out-auth-portal", "signed-out-login-now", "signed-out-opening-browser"}
        assert opens_browser(screen([data])) == (name in opens), name


def test_who_is_signed_out_is_known_from_plain_text() -> None:
    assert signed_out("noise\r\nNot logged in. Set the KIRO_API_KEY environment variable\r\n")
    assert signed_out("  Opening browser...\n")
    assert not signed_out("Logged in with Builder ID\nEmail: person@example.com\n")
    assert not signed_out("⚠ slack requires OAuth authentication. Use /mcp to see the auth link\n")


def test_the_summary_line_names_the_plan() -> None:
    with pytest.raises(NoNumbers, match=r"KIRO PRO MAX"):
        read("Plan: KIRO PRO MAX | 1 usage breakdowns")


def test_a_refused_flag_is_told_from_a_missing_number() -> None:
    with pytest.raises(FlagsRefused, match="--agent-engine"):
        read("error: unexpected argument '--agent-engine' found")


def test_the_unreadable_figure_is_quoted_without_control_characters() -> None:
    with pytest.raises(NotRecognised) as caught:
        read("Estimated Usage\n\u202eCredits (nan of 50 covered in plan)\n████ 100%\n")
    assert "nan of 50" in caught.value.message
    assert "\u202e" not in caught.value.message


SAID = json.loads((Path(__file__).parent / "golden" / "refusals.json").read_text(encoding="utf-8"))
"""Of each recording that is no report: what is said of it, and what to do."""


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_of_a_screen_that_is_no_report_is_to_the_letter_what_was_agreed(name: str) -> None:
    data, _, now = load(name)

    with pytest.raises(ProbeError) as caught:
        parse(screen([data]), now=now)

    assert [caught.value.message, caught.value.hint] == SAID[name]


def test_something_is_agreed_for_every_recording_that_is_no_report() -> None:
    assert set(SAID) == {name for name in NAMES if load(name)[1]["error"] is not None}


def test_a_bonus_that_names_its_day_ends_on_that_day() -> None:
    report = read(
        "Estimated Usage | resets on 2026-07-01 | KIRO FREE\n\n"
        "🎁 Bonus credits: 1/500 credits used, expires 2026-06-30\n\n"
        "Credits (0.17 of 50 covered in plan)\n" + "█" * 80 + " 0%\n"
    )

    (bonus,) = (window for window in report.windows if window.kind is WindowKind.BONUS)
    assert bonus.ends_at is not None
    assert f"{bonus.ends_at:%Y-%m-%d}" == "2026-06-30"
    assert bonus.ends_in_days is None


def test_a_long_line_is_quoted_shortly() -> None:
    with pytest.raises(ProbeError) as caught:
        read("error: " + "very " * 100 + "long\n")

    assert caught.value.message.endswith("…")
    assert len(caught.value.message) < 200
