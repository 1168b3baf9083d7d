from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from months import BEGINS, DAY, HOUR, MONTHS, NOW, RESET, Grant, Script, at_work, evenly, on, reading, readings

from kiro_tui.domain import forecast_wording as said
from kiro_tui.domain.burndown import burn_down
from kiro_tui.domain.forecast import (
    ExpectedOverage,
    Forecast,
    Lasts,
    NoLimit,
    RunOut,
    RunsOut,
    Span,
    TooLittleKnown,
    UsedUp,
    forecast,
)
from kiro_tui.domain.history import Reading
from kiro_tui.domain.month import Count, parse_workdays
from kiro_tui.domain.past import past_of
from kiro_tui.domain.usage import Note, NoteCode, Overage, Report, Window, WindowKind

D = Decimal
LAW = settings(deadline=None)
"""A law holds on a busy machine too."""


def foresee(month: Sequence[Reading], now: datetime, count: Count | None = None) -> Forecast:
    return forecast(past_of(month, now), now, count)


@dataclass(frozen=True)
class Row:
    """What must be said of a scripted month."""

    summary: str
    pace: str | None
    ahead: str = ""
    day: int | None = 60
    week: int | None = 60
    month: int | None = 60
    overage: str | None = None


TABLE: dict[str, Row] = {
    "even use": Row("60.0 a day · lasts beyond the reset · 79.0 a day to use", "7 % under pace", "2 days behind"),
    "even use, too much": Row(
        "90.0 a day · runs out Nov 23 · 23.3 a day to use", "23 % over pace", "7 days ahead", 90, 90, 90
    ),
    "idle fortnight": Row(
        "0 a day · lasts beyond the reset · 105 a day to use", "20 % under pace", "6 days behind", 0, 0, 46
    ),
    "weekend-free": Row(
        "71.4 a day · runs out Nov 26–28 · 53.3 a day to use", "7 % over pace", "2 days ahead", 100, 71, 74
    ),
    "bonus first": Row("60.0 a day · lasts beyond the reset · 165 a day to use", "52 % under pace", "15 days behind"),
    "bonus that lapses": Row(
        "60.0 a day · lasts beyond the reset · 136 a day to use", "37 % under pace", "11 days behind"
    ),
    "upgrade on the 15th": Row("60.0 a day · runs out Nov 27 · 39.0 a day to use", "15 % over pace", "4 days ahead"),
    "over the limit": Row("60.0 a day · used up", "52 % over pace", "16 days ahead"),
    "over the limit, overage on": Row(
        "60.0 a day · used up", "35 % over pace", "11 days ahead", overage="$32.00 of overage"
    ),
    "over the limit, clamped": Row("60.0 a day · used up", "35 % over pace", "11 days ahead", day=None),
    "reset while asleep": Row("60.0 a day · lasts beyond the reset · 67.8 a day to use", "2 % under pace"),
    "corrected figure": Row(
        "60.0 a day · lasts beyond the reset · 108 a day to use", "22 % under pace", "6 days behind"
    ),
    "sparse readings": Row(
        "60.0 a day · lasts beyond the reset · 87.6 a day to use", "11 % under pace", "3 days behind", day=None
    ),
    "pooled account": Row("60.0 a day · no limit", None),
    "first hours": Row("too little known · 79.0 a day to use", "7 % under pace", "2 days behind", None, None, None),
    "first day": Row(
        "60.0 a day · lasts beyond the reset · 79.0 a day to use", "7 % under pace", "2 days behind", 60, None, None
    ),
}


def at(name: str) -> datetime:
    return on(5, 12) if name == "reset while asleep" else NOW


@pytest.mark.parametrize("name", MONTHS)
def test_a_scripted_month_gives_the_forecast_that_the_table_says(name: str) -> None:
    found, row = foresee(MONTHS[name], at(name)), TABLE[name]

    assert said.summary(found, UTC) == row.summary
    assert (said.pace(found.pace) if found.pace else None) == row.pace
    assert (said.days_ahead(found.pace) if found.pace else "") == row.ahead
    rates = (found.burn.day, found.burn.week, found.burn.month)
    assert [rate and round(rate.per_day) for rate in rates] == [row.day, row.week, row.month]
    assert (said.overage(found.overage) if found.overage else None) == row.overage


def test_the_table_has_a_row_for_every_scripted_month() -> None:
    assert TABLE.keys() == MONTHS.keys()


@pytest.mark.parametrize("name", MONTHS)
def test_readings_that_a_moved_clock_put_into_the_future_or_out_of_order_change_nothing(name: str) -> None:
    month, now = MONTHS[name], at(name)
    misread = reading(now + 9 * DAY, month[0].report, until=now + 10 * DAY)

    assert foresee((misread, *reversed(month)), now) == foresee(month, now)


def test_readings_of_two_accounts_are_never_mixed() -> None:
    other = reading(NOW - HOUR, MONTHS["even use"][0].report, account="b")

    with pytest.raises(ValueError, match="several accounts"):
        foresee((*MONTHS["even use"], other), NOW)


def test_of_no_readings_nothing_is_said() -> None:
    found = foresee((), NOW)

    assert found.run_out == TooLittleKnown()
    assert (found.pace, found.month, found.allowance, found.overage) == (None, None, None, None)
    assert found.burn.spread is None


def test_after_the_reset_nothing_is_said_of_the_new_month_until_it_is_read() -> None:
    found = foresee(MONTHS["even use, too much"], RESET)

    assert found.run_out == TooLittleKnown()
    assert (found.pace, found.month, found.allowance) == (None, None, None)


def test_the_dates_do_not_creep_while_nothing_is_read() -> None:
    early, late = (foresee(MONTHS["even use, too much"], NOW + after).run_out for after in (0 * HOUR, 6 * HOUR))

    assert early == late
    assert isinstance(early, RunsOut)


def test_what_should_have_run_out_meanwhile_runs_out_now_and_not_in_the_past() -> None:
    now = NOW + 3 * DAY

    assert foresee(MONTHS["even use, too much"], now).run_out == RunsOut(now, now)


def test_a_bonus_given_after_the_plan_is_used_up_is_still_to_be_used() -> None:
    grant = Grant("Goodwill", D(300), on(60), given=NOW - HOUR)
    found = foresee(readings(Script(evenly("60"), limit=D(1000), grants=(grant,))), NOW)

    assert isinstance(found.run_out, RunsOut)
    assert found.allowance is not None
    assert found.allowance > 20


def test_idle_weeks_before_a_busy_one_may_or_may_not_matter() -> None:
    def use(moment: datetime) -> Decimal:
        return D(0) if moment < NOW - 2 * DAY else D(20)

    found = foresee(readings(Script(use, limit=D(2500))), NOW)

    assert isinstance(found.run_out, RunsOut)
    assert found.run_out.earliest < RESET
    assert found.run_out.latest is None


@pytest.mark.parametrize(
    ("bonus", "ends", "allowance"),
    [
        ("0", None, "20"),
        ("1155", RESET, "130"),
        ("1155", on(60), "130"),
        ("1155", None, "130"),
        ("1050", on(30), "120"),
        ("760", on(21, 12), D(210) / D("9.5")),
    ],
    ids=[
        "the plan alone",
        "a bonus to the reset",
        "a bonus beyond it",
        "a bonus without an end",
        "a bonus that is used up before its end",
        "a bonus that ends too soon",
    ],
)
def test_the_allowance_is_what_lasts_exactly_to_the_reset(
    bonus: str, ends: datetime | None, allowance: str | Decimal
) -> None:
    plan = Window(WindowKind.PLAN, "Credits", D(790), D(1000), ends_at=RESET)
    gift = Window(WindowKind.BONUS, "Gift", D(0), D(bonus), ends_at=ends)

    assert foresee([reading(NOW, Report("KIRO PRO", (plan, gift)))], NOW).allowance == D(allowance)


def test_a_bonus_that_ended_since_the_reading_is_no_part_of_the_allowance() -> None:
    plan = Window(WindowKind.PLAN, "Credits", D(790), D(1000), ends_at=RESET)
    gift = Window(WindowKind.BONUS, "Gift", D(0), D(40), ends_at=on(20, 18))

    assert foresee([reading(NOW, Report("KIRO PRO", (plan, gift)))], on(21)).allowance == 21


def test_on_the_last_day_no_more_may_be_used_than_is_left() -> None:
    found = foresee(readings(Script(evenly("60")), until=RESET - HOUR), RESET - HOUR)

    assert found.allowance is not None
    assert round(found.allowance) == 2000 - round(60 * 30 - 60 / 24)


def test_the_allowance_can_be_counted_in_working_days() -> None:
    month = MONTHS["weekend-free"]
    calendar, working = (foresee(month, NOW, count) for count in (Count(), Count(parse_workdays("mon-fri"), UTC)))

    assert calendar.allowance == D(560) / D("10.5")
    assert working.allowance == D(560) / D("6.5")


def test_where_no_working_day_is_left_there_is_no_allowance_for_one() -> None:
    sunday = on(29, 12)
    found = foresee(readings(Script(at_work("50")), until=sunday), sunday, Count(parse_workdays("tue"), UTC))

    assert found.allowance is None


def test_overage_is_expected_as_a_range_with_its_cost() -> None:
    found = foresee(readings(Script(at_work("100"), limit=D(1000), overage=True)), NOW)

    assert found.overage is not None
    slow, fast = D(500) / 7, D(100)
    assert abs(found.overage.credits.low - (440 + slow * D("10.5"))) < D("0.001")
    assert abs(found.overage.credits.high - (440 + fast * D("10.5"))) < D("0.001")
    assert found.overage.cost == Span(found.overage.credits.low * D("0.04"), found.overage.credits.high * D("0.04"))
    assert found.overage.currency == "USD"


def with_overage(overage: Overage | None, used: str = "1000") -> Forecast:
    """Even use of 40 a day that stands at the limit, with the newest report's overage."""
    month = readings(Script(evenly("40"), limit=D(1000)))
    plan = Window(WindowKind.PLAN, "Credits", D(used), D(1000), ends_at=RESET)
    return foresee((*month, reading(NOW + timedelta(minutes=1), Report("KIRO PRO", (plan,), overage))), NOW + HOUR)


def test_overage_is_never_expected_beyond_its_cap() -> None:
    capped = with_overage(Overage(enabled=True, credits=D(40), rate=D("0.04"), cap=D(2), currency="USD"))

    assert capped.overage == ExpectedOverage(Span(D(50), D(50)), Span(D(2), D(2)), "USD")


def test_overage_that_is_beyond_its_cap_already_is_not_taken_back() -> None:
    over = with_overage(Overage(enabled=True, credits=D(80), rate=D("0.04"), cap=D(2), currency="USD"))

    assert over.overage is not None
    assert over.overage.credits == Span(D(80), D(80))


def test_overage_without_a_price_has_no_cost() -> None:
    found = with_overage(Overage(enabled=True, credits=D(40)))

    assert found.overage is not None
    assert found.overage.cost is None
    assert found.overage.credits.low >= 40
    assert found.overage.credits.high >= found.overage.credits.low


@pytest.mark.parametrize(
    "overage", [None, Overage(enabled=False, rate=D("0.04")), Overage(enabled=True, rate=D("0.04"))]
)
def test_no_overage_is_expected_where_it_is_off_or_how_much_it_is_unknown(overage: Overage | None) -> None:
    assert with_overage(overage).overage is None


def changed(month: tuple[Reading, ...], change: Callable[[Window], Window]) -> tuple[Reading, ...]:
    return tuple(
        replace(each, report=replace(each.report, windows=tuple(map(change, each.report.windows)))) for each in month
    )


def test_without_a_reset_neither_pace_nor_end_nor_allowance_is_said() -> None:
    found = foresee(changed(MONTHS["even use"], lambda window: replace(window, ends_at=None)), NOW)

    assert (found.pace, found.month, found.allowance, found.run_out) == (None, None, None, TooLittleKnown())
    assert found.burn.month is None
    assert found.burn.week is not None


def test_of_a_managed_plan_nothing_is_said() -> None:
    found = foresee([reading(NOW, Report("Q Developer Pro", managed=True))], NOW)

    assert (found.pace, found.run_out, found.allowance) == (None, TooLittleKnown(), None)


def test_where_bar_and_figures_disagree_nothing_is_reckoned_from_the_figures() -> None:
    odd = changed(MONTHS["even use"], lambda window: replace(window, reported_percent=D(100), bar_contradicts=True))
    found = foresee(odd, NOW)

    assert (found.run_out, found.allowance, found.burn.usual) == (TooLittleKnown(), None, None)


def test_a_figure_cut_off_at_the_limit_is_used_up() -> None:
    plan = Window(WindowKind.PLAN, "Credits", D(1000), D(1000), ends_at=RESET)
    cut = reading(NOW, Report("KIRO PRO", (plan,), notes=(Note(NoteCode.MAYBE_CLAMPED, "…"),)))

    assert foresee([cut], NOW).run_out == UsedUp()


# Laws, on any course that a month can take.

minutes = st.integers(1, 3 * 24 * 60)
hundredths = st.integers(0, 20_000)
steps = st.lists(st.tuples(minutes, hundredths), min_size=1, max_size=12)


@dataclass(frozen=True)
class Month:
    """Any month: used in steps, out of a bonus first where there is one."""

    steps: tuple[tuple[int, int], ...]
    limit: int
    bonus: int
    overage: bool
    reads_bonus_days: int

    def readings(self, begins: datetime = BEGINS, k: int = 1, more: tuple[int, int] = (0, 0)) -> tuple[Reading, ...]:
        """`more`: from this step on, so much more is used."""
        kept: list[Reading] = []
        moment, used = begins, 0
        for number, (minutes, hundredths) in enumerate(self.steps):
            moment += timedelta(minutes=minutes)
            used += hundredths + (more[1] if number == more[0] else 0)
            if moment >= begins + 28 * DAY:
                break
            kept.append(reading(moment, self._report(used, moment, begins, k)))
        return tuple(kept)

    def _report(self, used: int, moment: datetime, begins: datetime, k: int) -> Report:
        cents = D("0.01") * k
        end = (begins + 31 * DAY).replace(day=1)
        of_plan = max(used - self.bonus, 0)
        plan = Window(WindowKind.PLAN, "Credits", of_plan * cents, self.limit * cents, ends_at=end)
        days = (begins + self.reads_bonus_days * DAY - moment).days
        bonus = Window(
            WindowKind.BONUS, "Gift", min(used, self.bonus) * cents, self.bonus * cents, ends_in_days=max(days, 0)
        )
        overage = Overage(enabled=True, rate=D("0.04")) if self.overage else Overage(enabled=False)
        return Report("KIRO PRO", (plan, bonus) if self.bonus else (plan,), overage)


months = st.builds(
    Month,
    steps.map(tuple),
    st.integers(1, 300_000),
    st.one_of(st.just(0), st.integers(1, 50_000)),
    st.booleans(),
    st.integers(1, 40),
)
nows = st.integers(0, 27 * 24 * 60).map(lambda minute: BEGINS + timedelta(minutes=minute))


def same(one: Decimal | None, other: Decimal | None) -> bool:
    """Say whether two amounts are the same but for the rounding of divisions."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= D("1e-15") * max(abs(one), abs(other))


def bounds(end: RunOut) -> tuple[datetime, datetime]:
    """Return a run-out as two moments that can be compared: used up is long ago, lasting is never."""
    never, long_ago = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
    match end:
        case RunsOut(earliest, latest):
            return earliest, latest or never
        case UsedUp():
            return long_ago, long_ago
        case _:
            return never, never


MOMENT = timedelta(milliseconds=1)
"""What rounding may move a date by."""


@LAW
@given(months, nows, st.integers(2, 1000))
def test_so_many_times_the_amounts_give_so_many_times_the_rates_and_the_same_dates(
    month: Month, now: datetime, k: int
) -> None:
    small, big = foresee(month.readings(), now), foresee(month.readings(k=k), now)

    for one, other in zip(rates_of(small), rates_of(big), strict=True):
        assert same(one * k if one is not None else None, other)
    assert same(small.allowance * k if small.allowance is not None else None, big.allowance)
    assert small.pace == big.pace
    assert type(small.run_out) is type(big.run_out)
    for first, second in zip(bounds(small.run_out), bounds(big.run_out), strict=True):
        assert abs(first - second) <= MOMENT


def rates_of(found: Forecast) -> list[Decimal | None]:
    rates = (found.burn.day, found.burn.week, found.burn.month)
    return [rate.per_day if rate is not None else None for rate in rates]


@LAW
@given(months, nows, st.integers(0, 11), st.integers(1, 50_000))
def test_more_use_never_gives_a_later_end_nor_a_higher_allowance(
    month: Month, now: datetime, step: int, more: int
) -> None:
    assume(not month.overage)  # at the limit with overage on, a figure may hide use and is not reckoned with
    less_used, more_used = (foresee(month.readings(more=(step, extra)), now) for extra in (0, more))

    for first, second in zip(bounds(more_used.run_out), bounds(less_used.run_out), strict=True):
        assert first <= second + (MOMENT if second.year < 9999 else timedelta(0))
    if less_used.allowance is not None:
        assert more_used.allowance is not None
        assert more_used.allowance <= less_used.allowance


@LAW
@given(months, nows, st.randoms(use_true_random=False))
def test_neither_the_order_of_readings_nor_duplicates_mean_anything(
    month: Month, now: datetime, random: object
) -> None:
    once = month.readings()
    shuffled = [*once, *once[::2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random

    assert foresee(shuffled, now) == foresee(once, now)


@LAW
@given(months, nows, st.integers(0, 600), st.integers(0, 600))
def test_one_reading_that_held_for_long_is_as_good_as_many_of_the_same(
    month: Month, now: datetime, first: int, second: int
) -> None:
    many: list[Reading] = []
    held: list[Reading] = []
    for each, following in zip(month.readings(), (*month.readings()[1:], None), strict=True):
        until = following.first_at - timedelta(minutes=1) if following else each.first_at + 5 * HOUR
        until = max(until, each.first_at)
        held.append(replace(each, last_at=until))
        between = {min(each.first_at + timedelta(minutes=after), until) for after in (0, first, second)} | {until}
        many += [replace(each, first_at=moment, last_at=moment) for moment in sorted(between)]
    now = max([now, *(each.last_at for each in held)])

    assert foresee(held, now) == foresee(many, now)


@LAW
@given(months, nows)
def test_a_month_of_another_year_gives_the_same_forecast_a_year_later(month: Month, now: datetime) -> None:
    year = datetime(2027, 11, 1, tzinfo=UTC) - BEGINS
    this, next_one = foresee(month.readings(), now), foresee(month.readings(BEGINS + year), now + year)

    assert next_one.burn == this.burn
    assert (next_one.pace, next_one.allowance, next_one.overage) == (this.pace, this.allowance, this.overage)
    match this.run_out:
        case RunsOut(earliest, latest):
            assert next_one.run_out == RunsOut(earliest + year, latest + year if latest else None)
        case other:
            assert next_one.run_out == other


@LAW
@given(months, nows)
def test_a_month_of_another_length_gives_the_same_rates_of_day_and_week(month: Month, now: datetime) -> None:
    to_february = datetime(2027, 2, 1, tzinfo=UTC) - BEGINS
    there = foresee(month.readings(BEGINS + to_february), now + to_february)
    here = foresee(month.readings(), now)

    assert (there.burn.day, there.burn.week) == (here.burn.day, here.burn.week)


@LAW
@given(months, nows)
def test_an_end_is_a_range_between_now_and_the_reset(month: Month, now: datetime) -> None:
    found = foresee(month.readings(), now)

    if isinstance(found.run_out, RunsOut):
        assert now <= found.run_out.earliest < RESET
        assert found.run_out.latest is None or found.run_out.earliest <= found.run_out.latest < RESET
    if found.overage is not None:
        assert 0 <= found.overage.credits.low <= found.overage.credits.high


@LAW
@given(months, nows)
def test_without_a_limit_there_is_no_end_no_pace_and_no_allowance(month: Month, now: datetime) -> None:
    endless = changed(month.readings(), lambda window: replace(window, limit=None))
    found = foresee(endless, now)

    assert (found.pace, found.allowance, found.overage) == (None, None, None)
    assert found.run_out == (NoLimit() if any(each.first_at <= now for each in endless) else TooLittleKnown())


@LAW
@given(months, nows)
def test_with_fewer_than_three_hours_of_readings_no_end_is_foreseen(month: Month, now: datetime) -> None:
    few = [each for each in month.readings() if each.first_at > now - 3 * HOUR]
    found = foresee(few, now)

    assert rates_of(found) == [None, None, None]
    assert isinstance(found.run_out, TooLittleKnown | UsedUp)


@LAW
@given(months, nows)
def test_whoever_uses_just_the_allowance_has_nothing_left_at_the_reset(month: Month, now: datetime) -> None:
    now = max([now, *(each.first_at for each in month.readings()[:1])])
    kept = [replace(each, last_at=now) for each in month.readings() if each.first_at <= now][-1:]
    found = foresee(kept, now)
    assume(found.allowance)
    stock = past_of(kept, now).stock
    assert found.allowance is not None
    assert stock is not None

    assert stock.used_up_at(found.allowance * D("1.001"), RESET) is not None
    assert stock.used_up_at(found.allowance * D("0.999"), RESET) is None


def test_the_forecast_of_steady_use_lasts_when_the_allowance_is_higher() -> None:
    for name, month in MONTHS.items():
        found = foresee(month, at(name))
        if isinstance(found.run_out, Lasts) and found.allowance is not None and found.burn.spread is not None:
            assert found.burn.spread[1] <= found.allowance, name


# Whatever was read.

amounts = st.decimals(0, 10**12, places=2)
ends = st.sampled_from((None, RESET, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)))
windows = st.builds(
    Window,
    st.sampled_from(WindowKind),
    st.sampled_from(("Credits", "Gift")),
    amounts,
    st.one_of(st.none(), amounts),
    st.one_of(st.none(), st.decimals(0, 100, places=0)),
    st.booleans(),
    ends,
    st.one_of(st.none(), st.integers(0, 40), st.just(10**9)),
)
overages = st.builds(
    Overage, st.booleans(), *[st.one_of(st.none(), amounts)] * 4, currency=st.sampled_from((None, "USD"))
)
any_reports = st.builds(
    Report,
    st.none(),
    st.lists(windows, max_size=4).map(tuple),
    st.one_of(st.none(), overages),
    notes=st.sampled_from(((), (Note(NoteCode.MAYBE_CLAMPED, "…"),))),
)
any_readings = st.builds(
    lambda hours, held, report: reading(NOW - hours * HOUR, report, until=NOW - hours * HOUR + held * HOUR),
    st.integers(-5, 800),
    st.integers(0, 50),
    any_reports,
)


@LAW
@given(st.lists(any_readings, max_size=6))
def test_whatever_was_read_a_forecast_and_a_picture_come_of_it(month: list[Reading]) -> None:
    found = foresee(month, NOW)
    picture = burn_down(past_of(month, NOW), NOW)

    assert said.summary(found, UTC)
    assert found.overage is None or said.overage(found.overage)
    assert (picture is None) or found.month == picture.month
