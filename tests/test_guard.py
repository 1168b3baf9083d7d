"""The guard: when it lets through, when it does not, and that it never does for a number that was not read."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from typing import Protocol

import pytest
from bar import Bar
from cards import NOW, bonus, reading, snapshots
from fakes import START, ScriptedSource
from hypothesis import given, settings
from hypothesis import strategies as st

from kiro_tui.cached import quick
from kiro_tui.clock import SystemClock
from kiro_tui.commands import guard
from kiro_tui.domain.carding import figures_of
from kiro_tui.domain.enough import WINDOWS, Minimum, decisive, minimum_of
from kiro_tui.domain.state import Failure, Snapshot
from kiro_tui.domain.usage import Overage, Window, WindowKind
from kiro_tui.errors import NoNumbers, ProbeError, TimedOut, UsageError
from kiro_tui.settings import Settings


def verdict(snapshot: Snapshot, minimum: str, window: str = "plan", now: float = NOW) -> bool | None:
    """True: enough is left; False: less; None: nothing can be said."""
    wanted = minimum_of(minimum)
    assert wanted is not None
    pot = decisive(figures_of(snapshot), window, wanted, now)
    return None if pot is None else pot.has(wanted)


def having(*windows: Window) -> Snapshot:
    return replace(reading(), report=replace(reading().report, windows=windows))


def plan(used: str, limit: str | None, bar: int | None = None) -> Window:
    """A plan; `bar` is a percent that contradicts the figures."""
    contradicts = bar is not None
    percent = Decimal(bar) if bar is not None else None
    amount = None if limit is None else Decimal(limit)
    return Window(WindowKind.PLAN, "Credits", Decimal(used), amount, percent, contradicts)


# What is enough -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "minimum", "enough"),
    [
        ("1800", "10%", True),
        ("1800.01", "10%", False),
        ("1975", "25", True),
        ("1975.01", "25", False),
        ("2000", "0", True),
        ("2240", "0%", True),
        ("2240", "0.01", False),
        ("0", "100%", True),
        ("0.01", "100%", False),
    ],
)
def test_exactly_that_much_is_enough_and_a_hundredth_less_is_not(used: str, minimum: str, *, enough: bool) -> None:
    assert verdict(having(plan(used, "2000")), minimum) is enough


def test_every_resource_of_the_plan_must_have_enough() -> None:
    assert verdict(having(plan("0", "2000"), plan("49", "50")), "10%") is False
    assert verdict(having(plan("0", "2000"), plan("45", "50")), "10%") is True


def test_bonuses_are_added_up_and_a_lapsed_one_holds_nothing() -> None:
    two = having(plan("2000", "2000"), bonus("490", "500"), bonus("80", "100"))
    assert (verdict(two, "30", "bonus"), verdict(two, "30.01", "bonus")) == (True, False)

    lapsing = Window(WindowKind.BONUS, "Bonus", Decimal(0), Decimal(100), ends_at=START + timedelta(hours=1))
    assert verdict(having(lapsing), "1", "bonus", NOW + 3599) is True
    assert verdict(having(lapsing), "1", "bonus", NOW + 3600) is False
    assert verdict(having(plan("0", "50")), "1", "bonus") is False


def test_any_is_enough_in_one_of_the_three() -> None:
    pack = Window(WindowKind.ADD_ON, "Pack", Decimal(10), Decimal(100))

    assert verdict(having(plan("2000", "2000"), bonus("500", "500"), pack), "90", "any") is True
    assert verdict(having(plan("2000", "2000"), bonus("500", "500"), pack), "91", "any") is False
    assert verdict(having(plan("5", None), bonus("10", "20")), "10", "any") is True


@pytest.mark.parametrize("window", WINDOWS)
def test_without_figures_there_is_no_verdict(window: str) -> None:
    assert verdict(having(), "0", window) is None


def test_without_a_limit_there_is_no_verdict() -> None:
    assert verdict(having(plan("5", None)), "0") is None
    assert verdict(having(plan("5", "10"), plan("5", None)), "0") is None


def test_where_bar_and_figures_contradict_each_other_the_one_that_leaves_less_counts() -> None:
    bar_leaves_less = plan("100", "2000", bar=95)
    bar_leaves_more = plan("1900", "2000", bar=5)

    for window in (bar_leaves_less, bar_leaves_more):
        assert (verdict(having(window), "5%"), verdict(having(window), "6%")) == (True, False)
        assert (verdict(having(window), "100"), verdict(having(window), "101")) == (True, False)


def test_overage_is_not_counted() -> None:
    assert verdict(reading("2000", overage=Overage(enabled=True)), "1") is False


minimums = st.builds(Minimum, st.decimals(0, 100, places=2), st.booleans())


@settings(max_examples=40)
@given(snapshots(), st.sampled_from(WINDOWS), minimums, st.decimals(0, 100, places=2))
def test_who_has_enough_for_more_has_enough_for_less(
    snapshot: Snapshot, window: str, minimum: Minimum, less: Decimal
) -> None:
    smaller = Minimum(min(less, minimum.amount), minimum.is_percent)
    one, other = (decisive(figures_of(snapshot), window, each, NOW) for each in (minimum, smaller))

    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert not one.has(minimum) or other.has(smaller)


@settings(max_examples=40)
@given(snapshots(), minimums)
def test_where_the_plan_has_enough_any_has(snapshot: Snapshot, minimum: Minimum) -> None:
    in_plan, in_any = (decisive(figures_of(snapshot), window, minimum, NOW) for window in ("plan", "any"))

    assert in_plan is None or not in_plan.has(minimum) or (in_any is not None and in_any.has(minimum))


@pytest.mark.parametrize(
    "text", ["", "%", "ten", "-1", "10 %", "1e3", "101%", "\u0663%", "1.2.3", ".", "nan", "9" * 20]
)
def test_what_is_no_amount_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="--min-remaining: expected"):
        guard.run(Settings(), guard.Asked(text))


def test_without_an_amount_there_is_no_guard() -> None:
    with pytest.raises(UsageError, match="must be told how much"):
        guard.run(Settings(), guard.Asked(None))


# How it ends ----------------------------------------------------------------------------------------------------------


class Ended(Protocol):
    """Runs a guard on a machine that knows nothing yet."""

    def __call__(self, outcome: Snapshot | Failure, asked: guard.Asked) -> int: ...


@pytest.fixture
def ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ended:
    def run(outcome: Snapshot | Failure, asked: guard.Asked) -> int:
        monkeypatch.setenv("XDG_STATE_HOME", mkdtemp(dir=tmp_path))
        return guard.run(Settings(), asked, open_source=lambda *_: ScriptedSource([outcome]))

    return run


def now_reading(used: str = "640.25") -> Snapshot:
    return reading(used, taken_at=SystemClock().now())


def test_enough_is_one_line_on_stdout_and_too_little_one_on_stderr(
    ended: Ended, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(now_reading(), guard.Asked("10%")) == 0
    assert capsys.readouterr() == ("Plan: 1359.75 of 2000 credits left (68.0 %).\n", "")

    assert ended(now_reading("1900"), guard.Asked("10%")) == 1
    told = "kiro-tui: Less than 10% left. Plan: 100.00 of 2000 credits left (5.0 %).\n"
    assert capsys.readouterr() == ("", told)


@pytest.mark.parametrize("kind", ProbeError.__subclasses__())
def test_a_failure_has_its_own_status_and_only_fail_open_lets_through(
    ended: Ended, kind: type[ProbeError], capsys: pytest.CaptureFixture[str]
) -> None:
    failure = Failure(kind("What happened.", "What to do."), SystemClock().now())
    assert ended(failure, guard.Asked("10%")) == kind.exit_status
    assert capsys.readouterr() == ("", "kiro-tui: What happened.\nWhat to do.\n")

    assert ended(failure, guard.Asked("10%", fail_open=True)) == 0
    assert capsys.readouterr() == ("", "kiro-tui: What happened. Let through all the same, as --fail-open says.\n")


def test_no_figures_are_a_failure_and_fail_open_opens_for_it(ended: Ended, capsys: pytest.CaptureFixture[str]) -> None:
    nothing = replace(having(), taken_at=SystemClock().now())

    assert ended(nothing, guard.Asked("10%")) == NoNumbers.exit_status
    assert ended(nothing, guard.Asked("10%", fail_open=True)) == 0
    assert "Let through" in capsys.readouterr().err


def test_too_little_is_never_let_through(ended: Ended, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(now_reading("1999"), guard.Asked("10%", fail_open=True)) == 1
    assert "Less than" in capsys.readouterr().err


def test_a_verdict_on_a_figure_from_before_says_how_old_it_is(ended: Ended, capsys: pytest.CaptureFixture[str]) -> None:
    now = SystemClock().now()
    as_of = now.replace(microsecond=0) - timedelta(hours=3)
    known = reading("2000", more=(replace(bonus("386.34", "500"), as_of=as_of),), taken_at=now)

    assert ended(known, guard.Asked("10%", "bonus")) == 0
    assert capsys.readouterr().out == "Bonuses: 113.66 of 500 credits left (22.7 %), as of 3 h ago.\n"
    assert ended(known, guard.Asked("200", "bonus")) == 1
    assert "credits left (22.7 %), as of 3 h ago." in capsys.readouterr().err
    ended(known, guard.Asked("10%", "bonus", json=True))
    assert json.loads(capsys.readouterr().out)["as_of"] == f"{as_of:%Y-%m-%dT%H:%M:%SZ}"
    ended(known, guard.Asked("10%", json=True))
    assert json.loads(capsys.readouterr().out)["as_of"] is None


def test_a_program_gets_the_verdict_as_json(ended: Ended, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(now_reading("1900"), guard.Asked("10%", json=True)) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["ok"], document["enough"], document["error"]) == (1, True, False, None)
    assert (document["remaining"], document["limit"], document["remaining_percent"]) == (100, 2000, 5)
    assert document["min_remaining"] == {"credits": None, "percent": 10}

    assert ended(Failure(TimedOut("Slow."), START), guard.Asked("10%", json=True)) == 6
    failed = json.loads(capsys.readouterr().out)
    assert set(failed) == set(document)
    assert (failed["ok"], failed["enough"], failed["remaining"], failed["error"]["code"]) == (
        False,
        None,
        None,
        "timed_out",
    )


# The short way and the long one ---------------------------------------------------------------------------------------


@pytest.fixture
def bar(tmp_path: Path) -> Bar:
    return Bar(tmp_path)


@pytest.mark.parametrize(
    "asked", [("10%",), ("1359.75",), ("1359.76",), ("1%", "--window", "bonus"), ("5", "--window=any")]
)
def test_the_short_way_decides_as_the_long_way(
    ended: Ended, bar: Bar, asked: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    bar.know(now_reading())
    long = guard.Asked(asked[0], asked[-1].removeprefix("--window=") if len(asked) > 1 else "plan")

    by_short = quick.answered(("guard", "--min-remaining", *asked), bar.env), capfd.readouterr()
    by_long = ended(now_reading(), long), capfd.readouterr()

    assert by_short == by_long
    assert by_short[0] is not None


@pytest.mark.parametrize(
    "asked",
    [
        ("guard",),
        ("guard", "--min-remaining"),
        ("guard", "--min-remaining", "x"),
        ("guard", "--min-remaining", "1%", "--window", "all"),
        ("guard", "--min-remaining", "1%", "--max-age", "0"),
        ("guard", "--min-remaining", "1%", "--max-age", "99999999"),
    ],
)
def test_mistakes_and_old_readings_go_the_long_way(
    bar: Bar, asked: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    bar.know(now_reading())

    assert quick.answered(asked, bar.env) is None
    assert capfd.readouterr() == ("", "")


def test_a_reading_of_today_is_no_excuse_for_a_failure_of_now(bar: Bar) -> None:
    bar.know(reading(taken_at=SystemClock().now() - timedelta(seconds=301)))
    bar.behave(failure="service")
    failed = bar.run("guard", "--min-remaining", "1%", short=False)
    opened = bar.run("guard", "--min-remaining", "1%", "--fail-open", short=False)

    assert (failed.returncode, failed.stdout) == (5, "")
    assert (opened.returncode, opened.stdout) == (0, "")
    assert "Let through" in opened.stderr
    assert bar.questions() >= 1


def test_after_a_guard_that_asked_the_next_one_takes_the_short_way(bar: Bar) -> None:
    first = bar.run("guard", "--min-remaining", "10%", short=False)
    second = bar.run("guard", "--min-remaining", "10%", short=True)

    assert (first.returncode, first.stdout) == (second.returncode, second.stdout) == (0, first.stdout)
    assert bar.questions() == 1


def test_a_young_reading_costs_no_question_and_no_sqlite(bar: Bar) -> None:
    bar.know(now_reading())
    imported = bar.imported("guard", "--min-remaining", "10%")

    assert not {"sqlite3", "asyncio", "argparse", "typing", "dataclasses"} & {name.split(".")[0] for name in imported}
    assert bar.questions() == 0
