from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from months import HOUR, RESET, on, reading

from kiro_tui.domain.course import Use, believable, runs, sightings, uses
from kiro_tui.domain.usage import Note, NoteCode, Overage, Report, Window, WindowKind, used_this_month

D = Decimal
JANUARY = datetime.fromisoformat("2027-01-01T00:00:00+00:00")


def bonus(used: str, limit: str = "500", label: str = "Welcome bonus") -> Window:
    return Window(WindowKind.BONUS, label, D(used), D(limit), ends_in_days=9)


def report(used: str, *grants: Window, limit: str | None = "2000", ends: datetime | None = RESET) -> Report:
    plan = Window(WindowKind.PLAN, "Credits", D(used), D(limit) if limit else None, ends_at=ends)
    return Report("KIRO PRO+", (plan, *grants))


def known(*seen: tuple[datetime, Report]) -> list[Use]:
    """Return what is known of the time between sightings, without what only says that one figure held."""
    return [use for use in uses(runs(seen)) if use.start < use.end]


def between(before: Report, after: Report) -> list[Decimal]:
    return [use.credits for use in known((on(10), before), (on(11), after))]


@pytest.mark.parametrize(
    ("before", "after", "used"),
    [
        (report("100"), report("160"), "60"),
        (report("100"), report("100"), "0"),
        (report("100", bonus("10")), report("100", bonus("70")), "60"),
        (report("100", bonus("480")), report("140", bonus("500")), "60"),
        (report("100", bonus("500")), report("160"), "60"),
        (report("100"), report("160", bonus("0")), "60"),
        (report("100", limit=None), report("160", limit=None), "60"),
        (report("100", ends=None), report("160", ends=None), "60"),
        (report("0", bonus("1"), bonus("2")), report("0", bonus("3"), bonus("2")), "2"),
    ],
    ids=[
        "the plan",
        "nothing",
        "a bonus while the plan stands still",
        "the end of a bonus and then the plan",
        "a used up bonus is no longer listed",
        "a new grant",
        "no limit",
        "no reset said",
        "two bonuses of one name",
    ],
)
def test_use_is_what_plan_and_grants_grew_by(before: Report, after: Report, used: str) -> None:
    assert between(before, after) == [D(used)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (report("700", limit="1000"), report("700")),
        (report("700", limit="1000"), report("1050")),
        (report("700"), report("400")),
        (report("100", bonus("380")), report("160")),
        (report("100"), report("160", bonus("30"))),
        (report("100", bonus("380")), report("100", bonus("20"))),
        (report("100", bonus("1"), bonus("2")), report("160", bonus("2"))),
        (report("100", ends=None), report("160")),
    ],
    ids=[
        "an upgrade",
        "an upgrade that rates the month anew",
        "a corrected figure",
        "a bonus that lapsed",
        "a grant that came with something used",
        "one bonus in the place of another",
        "one of two alike",
        "a reset that was not said before",
    ],
)
def test_what_moves_the_figures_otherwise_is_no_use_and_no_idle_time_either(before: Report, after: Report) -> None:
    assert between(before, after) == []


def test_use_is_known_on_both_sides_of_an_upgrade() -> None:
    found = known(
        (on(10), report("100", limit="1000")),
        (on(11), report("160", limit="1000")),
        (on(12), report("320")),
        (on(13), report("380")),
    )

    assert found == [Use(on(10), on(11), D(60)), Use(on(12), on(13), D(60))]


def test_after_a_reset_the_use_is_known_from_the_reset_on() -> None:
    found = known((on(27), report("1800")), (on(33), report("90", ends=JANUARY)))

    assert found == [Use(RESET, on(33), D(90))]


def test_what_was_used_before_a_reset_is_not_taken_from_what_was_used_after_it() -> None:
    assert known((on(27), report("100")), (on(33), report("160", ends=JANUARY))) == [Use(RESET, on(33), D(160))]


def test_a_figure_that_lags_behind_the_reset_is_not_counted_twice() -> None:
    found = known((on(31, 1), report("1800")), (on(31, 3), report("90", ends=JANUARY)))

    assert found == [Use(on(31, 1), on(31, 3), D(90))]


def test_a_grant_that_was_used_across_the_reset_leaves_that_time_unknown() -> None:
    assert known((on(27), report("1800", bonus("10"))), (on(33), report("90", bonus("200"), ends=JANUARY))) == []


def test_a_bonus_that_lapses_at_the_reset_leaves_that_time_unknown() -> None:
    assert known((on(27), report("1800", bonus("10"))), (on(33), report("90", ends=JANUARY))) == []


def test_a_figure_that_is_read_again_is_one_run_and_what_comes_after_it_counts() -> None:
    course = runs([(on(9), report("1")), (on(10), report("1")), (on(11), report("2"))])

    assert [(run.first_at, run.last_at) for run in course] == [(on(9), on(10)), (on(11), on(11))]


@pytest.mark.parametrize("odd", ["6400", "0", "641"])
def test_a_figure_that_both_neighbours_contradict_is_left_out(odd: str) -> None:
    found = known((on(10), report("640")), (on(11), report(odd)), (on(12), report("640.50")))

    assert found == [Use(on(10), on(12), D("0.50"))]


def test_a_report_without_its_bonus_between_two_that_have_it_is_left_out() -> None:
    found = known((on(10), report("0", bonus("10"))), (on(11), report("0")), (on(12), report("0", bonus("30"))))

    assert found == [Use(on(10), on(12), D(20))]


def test_a_correction_that_stays_is_no_misreading() -> None:
    found = known((on(10), report("600")), (on(11), report("660")), (on(12), report("360")), (on(13), report("420")))

    assert [use.credits for use in found] == [60, 60]


def test_it_is_the_same_use_whether_the_source_parts_overage_from_the_plan_or_not() -> None:
    together = report("1458.82", limit="1000")
    parted = replace(report("1000", limit="1000"), overage=Overage(enabled=True, credits=D("460")))

    assert between(together, parted) == [D("1.18")]


@pytest.mark.parametrize(
    "what",
    [
        replace(report("1000", limit="1000"), notes=(Note(NoteCode.MAYBE_CLAMPED, "…"),)),
        replace(report("1000", limit="1000"), overage=Overage(enabled=True)),
        Report("KIRO FREE", (Window(WindowKind.PLAN, "Credits", D(0), D(50), D(100), bar_contradicts=True),)),
        Report("Q Developer Pro", managed=True),
    ],
    ids=["clamped", "overage of which nothing is said", "bar and figures disagree", "no figures"],
)
def test_a_report_that_may_hide_use_says_nothing_of_it(what: Report) -> None:
    assert not believable(what)
    assert runs([(on(10), what)]) == []
    assert [run.first_at for run in runs([(on(9), report("1")), (on(10), what), (on(11), report("2"))])] == [
        on(9),
        on(11),
    ]


def test_at_the_limit_with_overage_off_the_figure_is_all_there_is() -> None:
    assert believable(replace(report("1000", limit="1000"), overage=Overage(enabled=False)))


def test_below_the_limit_nothing_is_hidden_under_overage() -> None:
    assert believable(replace(report("999", limit="1000"), overage=Overage(enabled=True)))


def test_what_a_wrong_clock_read_in_the_future_is_left_out() -> None:
    early, late = reading(on(10), report("1")), reading(on(14), report("2"))
    across = reading(on(11), report("3"), until=on(15))

    seen = sightings([late, across, early], on(12))

    assert seen == [(on(10), report("1")), (on(11), report("3"))]


def test_of_two_reports_of_one_moment_the_one_with_more_use_is_taken_in_any_order() -> None:
    less, more = reading(on(10), report("1")), reading(on(10), report("2"))

    assert sightings([less, more], on(12)) == sightings([more, less], on(12)) == [(on(10), report("2"))]


def test_a_bonus_whose_days_pass_is_no_change() -> None:
    """Days count down by themselves: that is one run of the same figures."""
    tomorrow = replace(bonus("10"), ends_in_days=8)
    course = runs([(on(10), report("1", bonus("10"))), (on(11), report("1", tomorrow))])

    assert [(run.first_at, run.last_at) for run in course] == [(on(10), on(11))]
    assert course[0].report == report("1", tomorrow)


def test_readings_that_overlap_because_the_clock_moved_do_not_count_twice() -> None:
    kept = [
        reading(on(10), report("600"), until=on(12)),
        reading(on(11), report("630")),
        reading(on(12) + HOUR, report("660"), until=on(13)),
    ]

    found = list(uses(runs(sightings(kept, on(13)))))

    assert sum(use.credits for use in found) == 60
    assert (found[0].start, found[-1].end) == (on(10), on(13))


def test_a_reading_that_ends_in_the_future_counts_from_where_it_began() -> None:
    seen = [reading(on(day), report(str(day)), until=on(25) + hour * HOUR) for hour, day in enumerate(range(1, 15))]

    assert [at for at, _ in sightings(seen, on(20))] == [on(day) for day in range(1, 15)]


def test_all_that_was_used_in_a_month_is_plan_bonuses_and_what_came_on_top() -> None:
    grown = report("1000", bonus("30"), Window(WindowKind.ADD_ON, "Add-on credits", D(7), D(100)))

    assert used_this_month(grown) == 1030
    assert used_this_month(replace(grown, overage=Overage(enabled=True, credits=D("5.5")))) == D("1035.5")
    assert used_this_month(replace(grown, overage=Overage(enabled=True))) == 1030
    assert used_this_month(Report("Q Developer Pro", managed=True)) is None
